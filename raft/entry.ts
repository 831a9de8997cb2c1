/**
 * What an entry of the log carries.
 *
 * - `command`: a command for the state machine, opaque to Raft.
 * - `noop`: the empty entry by which a new leader commits what came before it
 *   (Raft thesis §6.4).
 * - `membership`: a membership, encoded by `encodeMembership`.
 */
export type EntryKind = "command" | "noop" | "membership";

/** One entry of the log. Entries are shared between readers and never changed. */
export interface Entry {
  /** Term of the leader that created the entry. */
  readonly term: number;
  /** Position in the log, from 1 on, without gaps. */
  readonly index: number;
  readonly kind: EntryKind;
  /** The command. Empty for a no-op. */
  readonly data: Uint8Array;
}

/**
 * The identity of an entry. Two entries with the same index and term are the
 * same entry, and so are all before them (log matching, Raft thesis §3.5).
 */
export interface EntryId {
  readonly term: number;
  readonly index: number;
}

/** A half-open range of indexes, `[low, high)`, read in pieces of bounded size. */
export interface EntryRange {
  readonly low: number;
  readonly high: number;
  /** Data bytes after which the answer ends early. The first entry always comes. */
  readonly maxBytes: number;
}
