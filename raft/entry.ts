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

/** What an entry counts at least, wherever bytes of entries are bounded: empty ones are not free. */
export const ENTRY_BYTES_MIN = 32;

/** What an entry, or a command that is to be one, counts where bytes of entries are bounded. */
export function entryBytes({ data }: Pick<Entry, "data">): number {
  return data.length + ENTRY_BYTES_MIN;
}

/** A half-open range of indexes, `[low, high)`, read in pieces of bounded size. */
export interface EntryRange {
  readonly low: number;
  readonly high: number;
  /** Data bytes after which the answer ends early. The first entry always comes. */
  readonly maxBytes: number;
}
