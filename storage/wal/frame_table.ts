import { type EntryRange, invariant } from "../../raft/mod.ts";

const MIN_CAPACITY = 1024;

/** A frame of entries that is stored. */
export interface StoredFrame {
  /** Sequence of the segment. */
  readonly sequence: number;
  /** Offset of the frame in the segment. */
  readonly offset: number;
  /** Length before padding. */
  readonly length: number;
  readonly firstIndex: number;
  readonly entryCount: number;
  /** Bytes of data in all its entries. */
  readonly dataBytes: number;
}

/** Frames from the one with `firstIndex` on, up to the next run, are in one segment. */
interface SegmentRun {
  readonly firstIndex: number;
  readonly sequence: number;
}

/** A stored frame and which of its entries count. */
export interface FrameSpan {
  readonly sequence: number;
  readonly offset: number;
  readonly length: number;
  /** Index after the last entry that was not appended again later. */
  readonly endIndex: number;
}

/**
 * Where the entries of the log are stored: 20 bytes for each frame, and one
 * run for each segment.
 *
 * ```text
 * entries 5 6 7 in one frame, 8 9 in the next one, in segment 3:
 *   frames [{5, o1} {8, o2}]  runs [{5, segment 2} {8, segment 3}]  next 10
 * 7 is appended again:
 *   frames [{5, o1} {7, o3}]  runs [{5, segment 2} {7, segment 3}]  next 8
 * ```
 *
 * Invariant: first indexes rise from frame to frame, and sequences from run to
 * run, since an entry that is appended again takes all behind it along.
 */
export class FrameTable {
  #firstIndexes = new Float64Array(MIN_CAPACITY);
  #offsets = new Uint32Array(MIN_CAPACITY);
  #lengths = new Uint32Array(MIN_CAPACITY);
  #dataBytes = new Uint32Array(MIN_CAPACITY);
  /** The frames held are in the slots from `start` up to `end`. */
  #start = 0;
  #end = 0;
  #firstIndex = 1;
  #nextIndex = 1;
  #runs: SegmentRun[] = [];

  /** Index of the first entry held, or the next one to come if none is. */
  get firstIndex(): number {
    return this.#firstIndex;
  }

  /** Index that comes after the last entry held. */
  get nextIndex(): number {
    return this.#nextIndex;
  }

  /** Sequence of the segment with the first entry held, `null` if none is. */
  get firstSequence(): number | null {
    return this.#runs[0]?.sequence ?? null;
  }

  /** Drops everything; the next entry will be `nextIndex`. */
  reset(nextIndex: number): void {
    this.#start = 0;
    this.#end = 0;
    this.#firstIndex = nextIndex;
    this.#nextIndex = nextIndex;
    this.#runs = [];
  }

  /** Notes where a frame is. Its first entry follows the last one held. */
  append({ sequence, offset, length, firstIndex, entryCount, dataBytes }: StoredFrame): void {
    invariant(
      firstIndex === this.#nextIndex,
      "frames follow each other",
      firstIndex,
      this.#nextIndex,
    );
    if (this.#end === this.#offsets.length) {
      this.#makeRoom();
    }
    const slot = this.#end;
    this.#firstIndexes[slot] = firstIndex;
    this.#offsets[slot] = offset;
    this.#lengths[slot] = length;
    this.#dataBytes[slot] = dataBytes;
    this.#end = slot + 1;
    this.#nextIndex = firstIndex + entryCount;
    if (this.#runs.at(-1)?.sequence !== sequence) {
      this.#runs.push({ firstIndex, sequence });
    }
  }

  /** Drops the entries from `index` on. An index before the first one moves the beginning there. */
  truncate(index: number): void {
    if (index <= this.#firstIndex) {
      this.reset(index);
      return;
    }
    while (this.#first(this.#end - 1) >= index) {
      this.#end -= 1;
    }
    while ((this.#runs.at(-1)?.firstIndex ?? 0) >= index) {
      this.#runs.pop();
    }
    // How much of the last frame still counts is not known.
    this.#dataBytes[this.#end - 1] = 0;
    this.#nextIndex = index;
  }

  /** Drops the entries up to `index`. */
  dropUpTo(index: number): void {
    if (index < this.#firstIndex) {
      return;
    }
    if (index + 1 >= this.#nextIndex) {
      this.reset(Math.max(index + 1, this.#nextIndex));
      return;
    }
    this.#firstIndex = index + 1;
    this.#start = this.#slotOf(this.#firstIndex);
    while ((this.#runs[1]?.firstIndex ?? Infinity) <= this.#firstIndex) {
      this.#runs.shift();
    }
  }

  /**
   * The frames that hold the entries `[low, high)`, all of which are held, and
   * enough of them for the first entry and `maxBytes` of data.
   */
  covering({ low, high, maxBytes }: EntryRange): FrameSpan[] {
    invariant(low >= this.#firstIndex && high <= this.#nextIndex, "entries are held", low, high);
    const spans: FrameSpan[] = [];
    let slot = this.#slotOf(low);
    let run = this.#runs.findLastIndex(({ firstIndex }) => firstIndex <= low);
    // Of the first frame not all data count.
    let certainBytes = 0;
    for (let index = low; index < high && certainBytes <= maxBytes; slot += 1) {
      const endIndex = slot + 1 < this.#end ? this.#first(slot + 1) : this.#nextIndex;
      if ((this.#runs[run + 1]?.firstIndex ?? Infinity) <= index) {
        run += 1;
      }
      spans.push({
        sequence: this.#runs[run]?.sequence as number,
        offset: this.#offsets[slot] as number,
        length: this.#lengths[slot] as number,
        endIndex,
      });
      certainBytes += spans.length === 1 ? 0 : this.#dataBytes[slot] as number;
      index = endIndex;
    }
    return spans;
  }

  /** Slot of the last frame that begins at or before `index`. */
  #slotOf(index: number): number {
    let low = this.#start;
    let high = this.#end;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#first(middle) <= index) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low - 1;
  }

  #first(slot: number): number {
    return this.#firstIndexes[slot] as number;
  }

  /** Moves the frames to the front when at least half of the room is free, else doubles the room. */
  #makeRoom(): void {
    const [start, end] = [this.#start, this.#end];
    const capacity = end - start > this.#offsets.length / 2
      ? this.#offsets.length * 2
      : this.#offsets.length;
    const firstIndexes = new Float64Array(capacity);
    const offsets = new Uint32Array(capacity);
    const lengths = new Uint32Array(capacity);
    const dataBytes = new Uint32Array(capacity);
    firstIndexes.set(this.#firstIndexes.subarray(start, end));
    offsets.set(this.#offsets.subarray(start, end));
    lengths.set(this.#lengths.subarray(start, end));
    dataBytes.set(this.#dataBytes.subarray(start, end));
    this.#firstIndexes = firstIndexes;
    this.#offsets = offsets;
    this.#lengths = lengths;
    this.#dataBytes = dataBytes;
    this.#start = 0;
    this.#end = end - start;
  }
}
