import type { Entry } from "./entry.ts";
import type { Membership } from "./membership.ts";
import type { SnapshotMeta } from "./message.ts";

/** How far a state machine has got, as it says when it is opened. */
export interface StateMachineState {
  /** Last index whose effects it holds, 0 when it is empty. */
  readonly appliedIndex: number;
  /** Term of the entry at `appliedIndex`, 0 when it is empty. */
  readonly term: number;
  /** Membership as of `appliedIndex`; `null` when no membership entry was applied. */
  readonly membership: Membership | null;
}

/** A state machine's whole state at one point, to be streamed to another member. */
export interface StateMachineSnapshot {
  /** Last index whose effects it holds. */
  readonly appliedIndex: number;
  /**
   * The state, in pieces of a size that is sent at once. Read once, by one
   * reader, while entries are applied: it must come from a pinned view. It is
   * returned from (`return()`) when no more of it is wanted.
   */
  readonly chunks: AsyncIterable<Uint8Array>;
  /**
   * Gives back what the snapshot pins. Called once, after the last use of
   * `chunks`, which may have been read to their end, in part or not at all. In
   * that last case the `finally` of a generator never runs, `return()` or not:
   * what is pinned before the first piece is asked for is given back here.
   */
  readonly release?: () => void | Promise<void>;
}

/**
 * What the log is replicated for. Its one caller is `RaftNode`: `open` first,
 * then `apply`, `snapshot` and `restore` one at a time, `apply` with every
 * committed entry exactly once and in order, no-ops and memberships included.
 *
 * `apply` must give the same result on every member for the same entries: no
 * clock, no chance. If a call throws or rejects, the member stops, except for
 * `snapshot`, whose follower then waits for another, and `restore`, which has
 * left the old state in place. Streams of snapshots are read while other calls
 * are made.
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

  /** Pins the present state, for a follower whose log is too old to be completed. */
  snapshot(): StateMachineSnapshot | Promise<StateMachineSnapshot>;

  /**
   * Replaces the state by a snapshot of another member, and its membership by
   * the one in `meta`. Resolves once it would survive a power cut; a crash
   * before that leaves the old state or the new. Rejects, with the old state in
   * place, if the chunks end early or make no sense.
   */
  restore(meta: SnapshotMeta, chunks: AsyncIterable<Uint8Array>): Promise<void>;
}
