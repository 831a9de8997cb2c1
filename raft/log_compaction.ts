import type { CompactionMarker } from "./log_store.ts";
import type { MembershipHistory } from "./membership_history.ts";
import type { StateMachine } from "./state_machine.ts";

/** What a member's compaction goes by. */
export interface LogCompactionOptions {
  /** Applied entries that are kept for slow followers. */
  readonly tail: number;
  /** Entries beyond the tail at which the log is compacted. */
  readonly threshold: number;
  /** Last index that the log does not hold to begin with. */
  readonly compactedIndex: number;
  /** Of what was applied; what is compacted is forgotten there. */
  readonly memberships: MembershipHistory;
  readonly stateMachine: Pick<StateMachine<unknown>, "durableIndex">;
  /** Term of an entry, `null` where it is not known any more. */
  readonly termAt: (index: number) => number | null;
}

/** Decides when a member's log is compacted, and up to where. */
export class LogCompaction {
  readonly #options: LogCompactionOptions;
  #compactedIndex: number;

  constructor(options: LogCompactionOptions) {
    this.#options = options;
    this.#compactedIndex = options.compactedIndex;
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
    const { tail, threshold, stateMachine, memberships, termAt } = this.#options;
    if (appliedIndex - this.#compactedIndex < tail + threshold) {
      return null;
    }
    const index = Math.min(appliedIndex - tail, stateMachine.durableIndex());
    const term = termAt(index);
    const membership = memberships.at(index);
    if (index - this.#compactedIndex < threshold / 2 || term === null || membership === null) {
      return null;
    }
    this.#compactedIndex = index;
    memberships.forgetBefore(index);
    return { index, term, membership };
  }
}
