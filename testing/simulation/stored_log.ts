import { type CompactionMarker, type Entry, invariant, WHOLE_LOG } from "../../raft/mod.ts";

/** A log, entry by entry: what a simulated disk holds, or what a core is known to hold. */
export class StoredLog {
  #marker: CompactionMarker = WHOLE_LOG;
  /** Invariant: indexes are consecutive and the first is one above the marker's. */
  #entries: Entry[] = [];

  get marker(): CompactionMarker {
    return this.#marker;
  }

  get entries(): readonly Entry[] {
    return this.#entries;
  }

  get lastIndex(): number {
    return this.#marker.index + this.#entries.length;
  }

  get lastTerm(): number {
    return this.#entries.at(-1)?.term ?? this.#marker.term;
  }

  /** The entry at `index`, if it is held. */
  entryAt(index: number): Entry | undefined {
    return this.#entries[index - this.#marker.index - 1];
  }

  /** The term of the entry at `index`, `null` where it is not known. */
  termAt(index: number): number | null {
    return index === this.#marker.index ? this.#marker.term : this.entryAt(index)?.term ?? null;
  }

  /** Appends entries, first dropping what is held from the first of them on. */
  append(entries: readonly Entry[]): void {
    const [first] = entries;
    if (first === undefined) {
      return;
    }
    const kept = first.index - this.#marker.index - 1;
    invariant(kept >= 0 && kept <= this.#entries.length, "no gap in a log", first.index);
    if (kept < this.#entries.length) {
      this.#entries.length = kept;
    }
    for (const entry of entries) {
      this.#entries.push(entry);
    }
  }

  /** Drops the entries from `low` on, and returns them. */
  truncate(low: number): Entry[] {
    return this.#entries.splice(Math.max(0, low - this.#marker.index - 1));
  }

  /** Drops the entries up to the marker. */
  compact(marker: CompactionMarker): void {
    if (marker.index > this.#marker.index) {
      this.#entries.splice(0, marker.index - this.#marker.index);
      this.#marker = marker;
    }
  }

  /** Begins anew, with nothing, after the marker. */
  reset(marker: CompactionMarker): void {
    this.#marker = marker;
    this.#entries = [];
  }

  /** Another log that holds the same. */
  copy(): StoredLog {
    const copy = new StoredLog();
    copy.#marker = this.#marker;
    copy.#entries = [...this.#entries];
    return copy;
  }
}
