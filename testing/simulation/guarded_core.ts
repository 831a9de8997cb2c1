import {
  InvariantError,
  RaftCore,
  type RaftCoreOptions,
  type RaftEffect,
  type RaftEvent,
} from "../../raft/mod.ts";
import type { MemberView } from "../invariants/group_invariant.ts";
import { ViolationError } from "../violation.ts";

/** A `RaftCore` whose own assertions count as checks: what they throw is a `ViolationError`. */
export class GuardedCore {
  readonly #id: string;
  readonly #core: RaftCore;

  constructor(options: RaftCoreOptions) {
    this.#id = options.id;
    try {
      this.#core = new RaftCore(options);
    } catch (error) {
      throw asViolation(options.id, error);
    }
  }

  get term(): number {
    return this.#core.term;
  }

  get committedIndex(): number {
    return this.#core.committedIndex;
  }

  /** Messages that the core dropped. */
  get droppedMessages(): number {
    return this.#core.status.droppedMessages;
  }

  /** What the core itself believes; slow, for full comparisons. */
  get believed(): MemberView["believed"] {
    const { lastIndex, committedIndex, term, membership } = this.#core.status;
    return {
      lastIndex,
      committedIndex,
      term,
      membership,
      termAt: (index: number) => this.#core.termAt(index),
    };
  }

  step(event: RaftEvent): RaftEffect[] {
    try {
      return this.#core.step(event);
    } catch (error) {
      throw asViolation(this.#id, error);
    }
  }
}

/** What an assertion of the core comes to; any other error is a bug here, and stays as it is. */
function asViolation(id: string, error: unknown): unknown {
  return error instanceof InvariantError
    ? new ViolationError("core's own assertion", `${id}: ${error.message}`, { cause: error })
    : error;
}
