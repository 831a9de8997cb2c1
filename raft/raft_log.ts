import { type Entry, ENTRY_BYTES_MIN, type EntryId, type EntryRange } from "./entry.ts";
import { invariant } from "./errors.ts";
import type { LogState } from "./log_store.ts";
import { LogTail } from "./log_tail.ts";
import type { Membership } from "./membership.ts";
import { decodeMembership } from "./membership_codec.ts";
import { TermRuns } from "./term_runs.ts";

/** Where a log was cut, by the `persist` effect that will make it so on disk. */
interface Truncation {
  readonly sequence: number;
  /** First index that was dropped. */
  readonly low: number;
}

/**
 * The log as the core sees it: all positions and terms, and of the entries a
 * bounded tail: what is not yet durable or not yet committed, and some more for
 * the state machine and for followers that are a little behind. Older ones are
 * in the log store.
 *
 * Invariant: marker ≤ applying ≤ committed ≤ last, applying ≤ persisted ≤ last.
 */
export class RaftLog {
  readonly #terms: TermRuns;
  readonly #tail: LogTail;
  #marker: EntryId;
  #persistedIndex: number;
  #committedIndex: number;
  #applyingIndex: number;
  /** Cuts that are not known to be durable, oldest first. */
  #truncations: Truncation[] = [];
  /** The membership entries above `#applyingIndex`, rising. */
  #pendingMemberships: Entry[];

  constructor(state: LogState, appliedIndex: number, tailBytesMax: number) {
    const { marker, lastIndex } = state;
    invariant(marker.index <= appliedIndex, "marker ≤ applied", marker.index, appliedIndex);
    invariant(appliedIndex <= lastIndex, "applied ≤ last index", appliedIndex, lastIndex);
    this.#marker = { term: marker.term, index: marker.index };
    this.#terms = new TermRuns(this.#marker, state.terms);
    this.#tail = new LogTail(lastIndex, tailBytesMax);
    this.#persistedIndex = lastIndex;
    this.#applyingIndex = appliedIndex;
    // A commit beyond the last entry can only come from a log that lost its
    // end: what is left of it is what can be applied.
    this.#committedIndex = Math.max(appliedIndex, Math.min(state.hardState.commit, lastIndex));
    this.#pendingMemberships = state.membershipEntries.filter(({ index }) => index > appliedIndex);
  }

  get lastIndex(): number {
    return this.#tail.lastIndex;
  }

  /** The last entry's identity. */
  get last(): EntryId {
    const index = this.lastIndex;
    return { term: this.#terms.termAt(index), index };
  }

  /** The last committed entry's identity. */
  get committed(): EntryId {
    return { term: this.#terms.termAt(this.#committedIndex), index: this.#committedIndex };
  }

  /** Last entry that is compacted away, index 0 if none is. */
  get marker(): EntryId {
    return this.#marker;
  }

  get persistedIndex(): number {
    return this.#persistedIndex;
  }

  get committedIndex(): number {
    return this.#committedIndex;
  }

  /** Last index that was handed out to be applied. */
  get applyingIndex(): number {
    return this.#applyingIndex;
  }

  /** Whether a membership stands in the log that is not yet in force. */
  get hasPendingMembership(): boolean {
    return this.#pendingMemberships.length > 0;
  }

  /** The memberships that stand in the log and are not yet in force, oldest first. */
  get pendingMemberships(): Membership[] {
    return this.#pendingMemberships.map(({ data }) => decodeMembership(data));
  }

  /** Whether such a membership is known to be committed. */
  get hasCommittedMembership(): boolean {
    const [first] = this.#pendingMemberships;
    return first !== undefined && first.index <= this.#committedIndex;
  }

  /** The term of an entry, `null` where the log does not tell: compacted, or beyond the end. */
  termAt(index: number): number | null {
    return index < this.#marker.index || index > this.lastIndex ? null : this.#terms.termAt(index);
  }

  /** Whether the log holds this entry, as far as it can tell. */
  holds({ term, index }: EntryId): boolean {
    return this.termAt(index) === term;
  }

  /** Whether a log that ends with `other` is at least as new (Raft thesis §3.6.1). */
  isUpToDate(other: EntryId): boolean {
    const { term, index } = this.last;
    return other.term > term || (other.term === term && other.index >= index);
  }

  /**
   * The last entry at or before `index` whose term is at most `term`: where a
   * log that has `term` at `index` may agree with this one. Skips whole terms,
   * so that logs are compared in rounds that grow with the terms, not the entries.
   * `null` where all of that is compacted.
   */
  lastAtMost({ term, index }: EntryId): EntryId | null {
    if (index < this.#marker.index) {
      return null;
    }
    return this.#terms.lastAtMost({ term, index: Math.min(index, this.lastIndex) });
  }

  /** Appends entries that follow on the last one. */
  append(entries: readonly Entry[]): void {
    for (const entry of entries) {
      this.#terms.append(entry);
      this.#tail.append(entry);
      if (entry.kind === "membership") {
        this.#pendingMemberships.push(entry);
      }
    }
  }

  /**
   * Drops the entries from `low` on, because a leader has others there. The
   * `persist` effect with that sequence does the same on disk.
   */
  truncate(low: number, sequence: number): void {
    invariant(
      low > this.#committedIndex,
      "nothing committed is dropped",
      low,
      this.#committedIndex,
    );
    this.#terms.truncate(low);
    this.#tail.truncate(low);
    this.#pendingMemberships = this.#pendingMemberships.filter(({ index }) => index < low);
    this.#persistedIndex = Math.min(this.#persistedIndex, low - 1);
    this.#truncations.push({ sequence, low });
  }

  /**
   * Notes what became durable with the `persist` effects up to `sequence`. An
   * entry that was dropped and written anew is not durable before the new one
   * is, even if it has the same index and term.
   */
  maybePersistTo({ term, index }: EntryId, sequence: number): boolean {
    this.#truncations = this.#truncations.filter((cut) => cut.sequence > sequence);
    const bound = Math.min(...this.#truncations.map(({ low }) => low - 1), index);
    if (!this.holds({ term, index }) && bound === index) {
      return false;
    }
    if (bound <= this.#persistedIndex) {
      return false;
    }
    this.#persistedIndex = bound;
    return true;
  }

  /** What the commands of `[low, high)` count, none of which is committed. */
  commandBytes(low: number, high: number): number {
    return this.#tail.commandBytes(low, high);
  }

  /** Commits up to `index`. */
  commitTo(index: number): void {
    invariant(index >= this.#committedIndex, "commit never goes back", this.#committedIndex, index);
    invariant(index <= this.lastIndex, "committed ≤ last index", index, this.lastIndex);
    this.#committedIndex = index;
  }

  /** Whether entries wait to be applied. Only what is durable here is applied. */
  get hasApplicable(): boolean {
    return this.#applyingIndex < this.#applicableIndex;
  }

  /** The next entries to apply, at least one, or the range to read first. */
  nextToApply(maxBytes: number): readonly Entry[] | EntryRange {
    return this.slice({ low: this.#applyingIndex + 1, high: this.#applicableIndex + 1, maxBytes });
  }

  /**
   * Entries of a range that is not empty and not compacted: at least the first,
   * or, if the tail does not hold it, the range to read from the log store.
   */
  slice({ low, high, maxBytes }: EntryRange): readonly Entry[] | EntryRange {
    invariant(low < high && low > this.#marker.index, "the range is there", low, high);
    // Empty commands have a size too.
    const bounded = Math.min(high, low + Math.ceil(maxBytes / ENTRY_BYTES_MIN));
    return low < this.#tail.firstIndex
      ? { low, high: Math.min(bounded, this.#tail.firstIndex), maxBytes }
      : this.#tail.slice({ low, high: bounded, maxBytes });
  }

  /** Notes that the entries up to `index` were handed out to be applied. */
  applyingTo(index: number): void {
    invariant(index > this.#applyingIndex, "applying rises", this.#applyingIndex, index);
    invariant(index <= this.#applicableIndex, "applying ≤ applicable", index);
    this.#applyingIndex = index;
    while ((this.#pendingMemberships[0]?.index ?? Infinity) <= index) {
      this.#pendingMemberships.shift();
    }
  }

  /** Lets go of the oldest entries that the log store has for good, if there are too many. */
  trim(): void {
    this.#tail.trim(this.#applicableIndex);
  }

  /** Notes that the log store holds nothing up to `index` any more. */
  compactTo(index: number): void {
    if (index <= this.#marker.index) {
      return;
    }
    invariant(index <= this.#applyingIndex, "only what is applied is compacted", index);
    this.#marker = { term: this.#terms.termAt(index), index };
    this.#terms.compact(this.#marker);
    this.#tail.drop(index);
  }

  /** Begins anew after a snapshot that ends with `last`. */
  restore(last: EntryId): void {
    invariant(last.index > this.#committedIndex, "a snapshot is newer than the log", last.index);
    this.#marker = last;
    this.#terms.restore(last);
    this.#tail.restore(last.index);
    this.#truncations = [];
    this.#pendingMemberships = [];
    this.#persistedIndex = last.index;
    this.#committedIndex = last.index;
    this.#applyingIndex = last.index;
  }

  get #applicableIndex(): number {
    return Math.min(this.#committedIndex, this.#persistedIndex);
  }
}
