import { type Entry, entryBytes, type EntryRange } from "./entry.ts";
import { invariant } from "./errors.ts";

/**
 * The newest entries of a log, in memory.
 *
 * Invariant: the entries are consecutive and end with `lastIndex`.
 */
export class LogTail {
  readonly #bytesMax: number;
  #entries: Entry[] = [];
  #lastIndex: number;
  #bytes = 0;

  constructor(lastIndex: number, bytesMax: number) {
    this.#lastIndex = lastIndex;
    this.#bytesMax = bytesMax;
  }

  get lastIndex(): number {
    return this.#lastIndex;
  }

  /** First index held; one more than the last if nothing is. */
  get firstIndex(): number {
    return this.#lastIndex - this.#entries.length + 1;
  }

  append(entry: Entry): void {
    invariant(entry.index === this.#lastIndex + 1, "entries follow on each other", entry.index);
    this.#entries.push(entry);
    this.#lastIndex = entry.index;
    this.#bytes += entry.data.length;
  }

  /** Drops the entries from `low` on. */
  truncate(low: number): void {
    const kept = Math.max(0, low - this.firstIndex);
    this.#bytes -= dataBytes(this.#entries, kept, this.#entries.length);
    this.#entries.length = Math.min(kept, this.#entries.length);
    this.#lastIndex = low - 1;
  }

  /** Drops the entries up to `index`. */
  drop(index: number): void {
    const count = Math.min(Math.max(0, index - this.firstIndex + 1), this.#entries.length);
    if (count > 0) {
      this.#bytes -= dataBytes(this.#entries, 0, count);
      this.#entries.splice(0, count);
    }
  }

  /**
   * Drops the oldest of the entries up to `index`, which can be read elsewhere,
   * if there are too many. Half is kept, so that this is done rarely; and where
   * most must stay, moving them for the sake of the others waits.
   */
  trim(index: number): void {
    let bytes = this.#bytes + this.#entries.length * ENTRY_BYTES;
    const countMax = Math.min(index - this.firstIndex + 1, this.#entries.length);
    if (bytes <= this.#bytesMax || 4 * countMax < this.#entries.length) {
      return;
    }
    const bytesWanted = this.#bytesMax / 2;
    let count = 0;
    while (count < countMax && bytes > bytesWanted) {
      bytes -= (this.#entries[count]?.data.length ?? 0) + ENTRY_BYTES;
      count += 1;
    }
    this.drop(this.firstIndex + count - 1);
  }

  /** Begins anew, with nothing, after `lastIndex`. */
  restore(lastIndex: number): void {
    this.#entries = [];
    this.#bytes = 0;
    this.#lastIndex = lastIndex;
  }

  /** Entries of `[low, high)`, of which the first is held: that, then as many as fit. */
  slice({ low, high, maxBytes }: EntryRange): Entry[] {
    const start = low - this.firstIndex;
    const stop = Math.min(high - this.firstIndex, this.#entries.length);
    let end = start;
    let bytes = 0;
    while (end < stop) {
      bytes += this.#entries[end]?.data.length ?? 0;
      if (bytes > maxBytes && end > start) {
        break;
      }
      end += 1;
    }
    return this.#entries.slice(start, end);
  }

  /** What the commands of `[low, high)` count, all of which are held. */
  commandBytes(low: number, high: number): number {
    const first = this.firstIndex;
    let bytes = 0;
    for (let index = low; index < high; index += 1) {
      const entry = this.#entries[index - first];
      invariant(entry !== undefined, "entries that are not committed are held", index, first);
      bytes += entry.kind === "command" ? entryBytes(entry) : 0;
    }
    return bytes;
  }
}

/** What an entry takes in memory beside its data, roughly. */
const ENTRY_BYTES = 100;

function dataBytes(entries: readonly Entry[], start: number, end: number): number {
  let bytes = 0;
  for (let at = start; at < end; at += 1) {
    bytes += entries[at]?.data.length ?? 0;
  }
  return bytes;
}
