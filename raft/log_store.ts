import type { Entry, EntryRange } from "./entry.ts";
import type { HardState } from "./hard_state.ts";
import type { Membership } from "./membership.ts";

/** Where a log begins: everything up to `index` is compacted away. */
export interface CompactionMarker {
  /** Last index that the log no longer holds, 0 for a whole log. */
  readonly index: number;
  /** Term of the entry at `index`, 0 for a whole log. */
  readonly term: number;
  /** Membership as of `index`; `null` while the log is whole. */
  readonly membership: Membership | null;
}

/** The marker of a log from which nothing was compacted. */
export const WHOLE_LOG: CompactionMarker = { index: 0, term: 0, membership: null };

/** A run of entries of one term: all from `firstIndex` up to the next run. */
export interface TermRun {
  readonly firstIndex: number;
  readonly term: number;
}

/** What a log holds when it is opened. */
export interface LogState {
  readonly hardState: HardState;
  readonly marker: CompactionMarker;
  /** Last index held, or the marker's index if none is. */
  readonly lastIndex: number;
  /** Terms of the entries held, run by run in order, so that asking for one needs no I/O. */
  readonly terms: readonly TermRun[];
  /** The entries of kind `membership` that are held, in order. */
  readonly membershipEntries: readonly Entry[];
}

/** What one append makes durable, all of it or, if the append is rejected, perhaps a part. */
export interface AppendBatch {
  /** New hard state, `null` if it did not change. Its term is never below the one before. */
  readonly hardState: HardState | null;
  /** Entries with consecutive indexes; stored entries from the first one on are dropped. */
  readonly entries: readonly Entry[];
}

/**
 * Durable raft log of one member. Its one caller is `RaftNode`, which opens it
 * first and never has two appends under way; reads may overlap an append.
 * A rejected append poisons the store: what is on disk is no longer known, so
 * every later call is rejected too and the member stops.
 */
export interface LogStore {
  /**
   * Reads what is stored and repairs what a crash left half written.
   * Called once, before anything else.
   *
   * A store that cannot tell what a crash left half written from damage to what
   * it had said to be durable, and cuts it, says so by `isSuspect` in the hard
   * state; that is durable before the promise resolves. It may lose entries so,
   * if they are not memberships, but never a change of term, vote or membership.
   */
  open(): Promise<LogState>;

  /**
   * Reads entries `[low, high)`: the first, then as many as fit in `maxBytes`.
   * The caller owns the array; the entries in it are shared and immutable.
   * What an append drops while the read is under way may be missing at the end
   * of the answer, down to an empty one, or be as it was before.
   *
   * @throws {CompactedError} if `low` is not above the last compacted index.
   */
  entries(range: EntryRange): Promise<Entry[]>;

  /**
   * Appends a batch, first dropping stored entries from its first index on.
   * Resolves once the batch would survive a power cut, and not before. The
   * caller no longer changes the bytes of the entries.
   */
  append(batch: AppendBatch): Promise<void>;

  /**
   * Drops the entries up to `marker.index`, or fewer where whole files are
   * dropped. If the log does not hold the marker's entry, because a snapshot
   * has brought what lies beyond it, all entries are dropped and the log begins
   * anew after the marker. The marker is durable before anything is dropped,
   * and once the promise resolves.
   */
  compact(marker: CompactionMarker): Promise<void>;

  /** Ends all use. Appends under way are finished first. */
  close(): Promise<void>;
}
