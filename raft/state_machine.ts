import type { Entry } from "./entry.ts";
import type { Membership } from "./membership.ts";

/** How far a state machine has got, as it says when it is opened. */
export interface StateMachineState {
  /** Last index whose effects it holds, 0 when it is empty. */
  readonly appliedIndex: number;
  /** Term of the entry at `appliedIndex`, 0 when it is empty. */
  readonly term: number;
  /** Membership as of `appliedIndex`; `null` when no membership entry was applied. */
  readonly membership: Membership | null;
}

/**
 * What the log is replicated for. Its one caller is `RaftNode`: `open` first,
 * then one `apply` at a time, with every committed entry exactly once and in
 * order, no-ops and memberships included.
 *
 * `apply` must give the same result on every member for the same entries: no
 * clock, no chance. If it throws or rejects, the member stops.
 */
export interface StateMachine<Result> {
  /** Opens the state that an earlier life left. */
  open(): Promise<StateMachineState>;

  /**
   * Applies entries and returns one result for each. A synchronous answer
   * saves a turn; a promise lets a long apply give way to other work.
   */
  apply(entries: readonly Entry[]): readonly Result[] | Promise<readonly Result[]>;

  /**
   * Last index whose effects would survive a power cut. The log is compacted
   * only up to here.
   */
  durableIndex(): number;
}
