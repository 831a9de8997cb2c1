import { invariant } from "./errors.ts";
import type { CompactionMarker } from "./log_store.ts";
import type { Membership } from "./membership.ts";
import type { StateMachine } from "./state_machine.ts";

/** What a member's compaction goes by. */
export interface LogCompactionOptions {
  /** Applied entries that are kept for slow followers. */
  readonly tail: number;
  /** Entries beyond the tail at which the log is compacted. */
  readonly threshold: number;
  /** Last index that the log does not hold to begin with. */
  readonly compactedIndex: number;
  readonly membership: Membership;
  readonly stateMachine: Pick<StateMachine<unknown>, "durableIndex">;
  /** Term of an entry, `null` where it is not known any more. */
  readonly termAt: (index: number) => number | null;
}

/** A membership, and the index of the entry from which on it is in force. */
interface DatedMembership {
  readonly index: number;
  readonly membership: Membership;
}

/** Decides when a member's log is compacted, and up to where. */
export class LogCompaction {
  readonly #options: LogCompactionOptions;
  #compactedIndex: number;
  /** In order, as far back as the log may be compacted to. Invariant: never empty. */
  readonly #memberships: DatedMembership[];

  constructor(options: LogCompactionOptions) {
    const { compactedIndex, membership } = options;
    this.#options = options;
    this.#compactedIndex = compactedIndex;
    this.#memberships = [{ index: compactedIndex, membership }];
  }

  onMembershipChanged({ index, membership }: DatedMembership): void {
    this.#memberships.push({ index, membership });
  }

  /** A snapshot took the place of the log up to `index`. */
  onRestored(index: number): void {
    this.#compactedIndex = index;
  }

  /**
   * Where the log is to begin from now on, once it is long enough: after what
   * the state machine holds durably, less the tail. `null` to leave it alone.
   */
  takeDue(appliedIndex: number): CompactionMarker | null {
    const { tail, threshold, stateMachine, termAt } = this.#options;
    if (appliedIndex - this.#compactedIndex < tail + threshold) {
      return null;
    }
    const index = Math.min(appliedIndex - tail, stateMachine.durableIndex());
    const term = termAt(index);
    if (index - this.#compactedIndex < threshold / 2 || term === null) {
      return null;
    }
    this.#compactedIndex = index;
    return { index, term, membership: this.#takeMembershipAt(index) };
  }

  /** Returns the membership as of an index, and forgets those before it. */
  #takeMembershipAt(index: number): Membership {
    const current = this.#memberships.findLastIndex((change) => change.index <= index);
    this.#memberships.splice(0, Math.max(0, current));
    const [oldest] = this.#memberships;
    invariant(oldest !== undefined, "a membership is in force", index);
    return oldest.membership;
  }
}
