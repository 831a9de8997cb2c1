import { invariant } from "../../raft/mod.ts";

const MIN_CAPACITY = 1024;

/** Where an entry is stored. */
export interface EntryPosition {
  /** Sequence of the segment. */
  readonly sequence: number;
  /** Offset of the entry's head in the segment. */
  readonly offset: number;
  /** Length of its data. */
  readonly length: number;
}

/** Entries from `firstIndex` on, up to the next run, are in one segment. */
interface SegmentRun {
  readonly firstIndex: number;
  readonly sequence: number;
}

/**
 * Where the entries of the log are stored: eight bytes for each, and one run
 * for each segment.
 *
 * ```text
 * entries 5 6 7 in segment 2, 8 9 in segment 3:
 *   first 5, offsets [o5 o6 o7 o8 o9], runs [{5, segment 2}, {8, segment 3}]
 * 7 is appended again, to segment 3:
 *   first 5, offsets [o5 o6 o7'], runs [{5, segment 2}, {7, segment 3}]
 * ```
 *
 * Invariant: sequences rise from run to run, since the files are append-only
 * and an entry appended again takes all behind it along.
 */
export class PositionTable {
  #offsets = new Uint32Array(MIN_CAPACITY);
  #lengths = new Uint32Array(MIN_CAPACITY);
  /** Where the first entry is in the arrays. */
  #start = 0;
  #count = 0;
  #firstIndex = 1;
  #runs: SegmentRun[] = [];

  /** Index of the first entry held, or the next one to come if none is. */
  get firstIndex(): number {
    return this.#firstIndex;
  }

  /** Index that comes after the last entry held. */
  get nextIndex(): number {
    return this.#firstIndex + this.#count;
  }

  /** Drops everything; the next entry will be `nextIndex`. */
  reset(nextIndex: number): void {
    this.#start = 0;
    this.#count = 0;
    this.#firstIndex = nextIndex;
    this.#runs = [];
  }

  /** Notes where an entry is. It follows the last one held. */
  append(sequence: number, offset: number, length: number): void {
    const slot = this.#start + this.#count;
    if (slot === this.#offsets.length) {
      this.#makeRoom();
      this.append(sequence, offset, length);
      return;
    }
    this.#offsets[slot] = offset;
    this.#lengths[slot] = length;
    if (this.#runs.at(-1)?.sequence !== sequence) {
      this.#runs.push({ firstIndex: this.nextIndex, sequence });
    }
    this.#count += 1;
  }

  /** Drops the entries from `index` on. An index before the first one moves the beginning there. */
  truncate(index: number): void {
    if (index <= this.#firstIndex) {
      this.reset(index);
      return;
    }
    this.#count = Math.min(this.#count, index - this.#firstIndex);
    while (this.#runs.length > 0 && (this.#runs.at(-1)?.firstIndex ?? 0) >= index) {
      this.#runs.pop();
    }
  }

  /** Drops the entries up to `index`. */
  dropUpTo(index: number): void {
    const dropped = index + 1 - this.#firstIndex;
    if (dropped <= 0) {
      return;
    }
    if (dropped >= this.#count) {
      this.reset(index + 1);
      return;
    }
    this.#start += dropped;
    this.#count -= dropped;
    this.#firstIndex = index + 1;
    while ((this.#runs[1]?.firstIndex ?? Infinity) <= this.#firstIndex) {
      this.#runs.shift();
    }
  }

  /** Sequence of the segment with the first entry held, `null` if none is. */
  get firstSequence(): number | null {
    return this.#runs[0]?.sequence ?? null;
  }

  at(index: number): EntryPosition {
    const slot = this.#start + index - this.#firstIndex;
    const offset = this.#offsets[slot];
    const length = this.#lengths[slot];
    invariant(
      index >= this.#firstIndex && index < this.nextIndex && offset !== undefined && length !== undefined,
      "entry is held",
      index,
      this.#firstIndex,
      this.nextIndex,
    );
    return { sequence: this.#sequenceOf(index), offset, length };
  }

  #sequenceOf(index: number): number {
    // From the end: what is read back is mostly recent.
    const run = this.#runs.findLast(({ firstIndex }) => firstIndex <= index);
    invariant(run !== undefined, "run is held", index);
    return run.sequence;
  }

  /** Moves the entries to the front when at least half of the room is free, else doubles the room. */
  #makeRoom(): void {
    const offsets = this.#offsets.subarray(this.#start, this.#start + this.#count);
    const lengths = this.#lengths.subarray(this.#start, this.#start + this.#count);
    if (this.#count > this.#offsets.length / 2) {
      const capacity = this.#offsets.length * 2;
      this.#offsets = new Uint32Array(capacity);
      this.#lengths = new Uint32Array(capacity);
    }
    this.#offsets.set(offsets);
    this.#lengths.set(lengths);
    this.#start = 0;
  }
}
