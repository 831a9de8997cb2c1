import type { Entry, EntryId, EntryKind, EntryRange } from "./entry.ts";
import { invariant } from "./errors.ts";
import type { LogState } from "./log_store.ts";
import { TermRuns } from "./term_runs.ts";

/**
 * The log as the core sees it: all positions and terms, and of the entries
 * only the tail that something still needs: what is not yet durable or not yet
 * applied. Older ones are in the log store.
 *
 * Invariant: marker ≤ applying ≤ committed, applying ≤ persisted ≤ last.
 */
export class RaftLog {
  readonly #terms: TermRuns;
  /** Consecutive entries that end with the last one. */
  #tail: Entry[] = [];
  #lastIndex: number;
  #persistedIndex: number;
  #committedIndex: number;
  #applyingIndex: number;

  constructor(state: LogState, appliedIndex: number) {
    const { marker, lastIndex } = state;
    invariant(marker.index <= appliedIndex, "marker ≤ applied", marker.index, appliedIndex);
    invariant(appliedIndex <= lastIndex, "applied ≤ last index", appliedIndex, lastIndex);
    this.#terms = new TermRuns(
      marker.index === 0 || state.terms[0]?.term === marker.term
        ? state.terms
        : [{ firstIndex: marker.index, term: marker.term }, ...state.terms],
    );
    this.#lastIndex = lastIndex;
    this.#persistedIndex = lastIndex;
    this.#applyingIndex = appliedIndex;
    // A commit beyond the last entry can only come from a log that lost its
    // end: what is left of it is what can be applied.
    this.#committedIndex = Math.max(appliedIndex, Math.min(state.hardState.commit, lastIndex));
  }

  get lastIndex(): number {
    return this.#lastIndex;
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

  /** The term of an entry that is not compacted. */
  termAt(index: number): number {
    invariant(index <= this.#lastIndex, "index ≤ last index", index, this.#lastIndex);
    return this.#terms.termAt(index);
  }

  /** Appends an entry of a leader's own term. */
  append(term: number, kind: EntryKind, data: Uint8Array): Entry {
    const entry: Entry = { term, index: this.#lastIndex + 1, kind, data };
    this.#terms.append(entry.index, term);
    this.#tail.push(entry);
    this.#lastIndex = entry.index;
    return entry;
  }

  /**
   * Notes what became durable. A completion for an entry that the log no longer
   * holds says nothing about what stands there now, and is ignored.
   */
  maybePersistTo({ term, index }: EntryId): boolean {
    if (index <= this.#persistedIndex || index > this.#lastIndex || this.termAt(index) !== term) {
      return false;
    }
    this.#persistedIndex = index;
    return true;
  }

  /** Commits up to `index`. Returns the data bytes of what the tail holds of it. */
  commitTo(index: number): number {
    invariant(index >= this.#committedIndex, "commit never goes back", this.#committedIndex, index);
    invariant(index <= this.#lastIndex, "committed ≤ last index", index, this.#lastIndex);
    const tailFirst = this.#lastIndex - this.#tail.length + 1;
    let bytes = 0;
    for (let at = Math.max(this.#committedIndex + 1, tailFirst); at <= index; at += 1) {
      bytes += this.#tail[at - tailFirst]?.data.length ?? 0;
    }
    this.#committedIndex = index;
    return bytes;
  }

  /** Whether entries wait to be applied. Only what is durable here is applied. */
  get hasApplicable(): boolean {
    return this.#applyingIndex < this.#applicableIndex;
  }

  /**
   * The next entries to apply, at least one, or the range to read first if the
   * tail no longer holds them.
   */
  nextToApply(maxBytes: number): readonly Entry[] | EntryRange {
    const low = this.#applyingIndex + 1;
    const high = this.#applicableIndex + 1;
    invariant(low < high, "something can be applied", low, high);
    const tailFirst = this.#lastIndex - this.#tail.length + 1;
    if (low < tailFirst) {
      return { low, high: Math.min(high, tailFirst), maxBytes };
    }
    return takeBytes(this.#tail, low - tailFirst, high - tailFirst, maxBytes);
  }

  /** Notes that the entries up to `index` were handed out, and lets go of them. */
  applyingTo(index: number): void {
    invariant(index > this.#applyingIndex, "applying rises", this.#applyingIndex, index);
    invariant(
      index <= this.#applicableIndex,
      "applying ≤ applicable",
      index,
      this.#applicableIndex,
    );
    this.#applyingIndex = index;
    const tailFirst = this.#lastIndex - this.#tail.length + 1;
    if (index >= tailFirst) {
      this.#tail.splice(0, index - tailFirst + 1);
    }
  }

  get #applicableIndex(): number {
    return Math.min(this.#committedIndex, this.#persistedIndex);
  }
}

/** `entries[low, high)`: the first, then as many as fit. */
function takeBytes(
  entries: readonly Entry[],
  low: number,
  high: number,
  maxBytes: number,
): Entry[] {
  let end = low;
  let bytes = 0;
  while (end < high) {
    bytes += entries[end]?.data.length ?? 0;
    if (bytes > maxBytes && end > low) {
      break;
    }
    end += 1;
  }
  return entries.slice(low, end);
}
