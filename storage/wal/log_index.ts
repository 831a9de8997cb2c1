import {
  type CompactionMarker,
  type HardState,
  INITIAL_HARD_STATE,
  WHOLE_LOG,
} from "../../raft/mod.ts";
import { FormatError } from "../byte_reader.ts";
import { FrameTable, type StoredFrame } from "./frame_table.ts";
import { TermTable } from "./term_table.ts";

/**
 * What the log holds, in memory: all but the data of its entries. Replay and
 * appends change it by the same methods, so both come to the same state.
 *
 * While a log is replayed whose oldest segments were deleted, the first index
 * held may lie above the marker's; a later marker closes that gap.
 */
export class LogIndex {
  hardState: HardState = INITIAL_HARD_STATE;
  #marker: CompactionMarker = WHOLE_LOG;
  readonly frames: FrameTable = new FrameTable();
  readonly terms: TermTable = new TermTable();

  get marker(): CompactionMarker {
    return this.#marker;
  }

  get lastIndex(): number {
    return this.frames.nextIndex - 1;
  }

  /** Begins with what the header of the oldest segment says. */
  begin(marker: CompactionMarker, firstIndex: number): void {
    this.#marker = marker;
    this.frames.reset(firstIndex);
    this.terms.reset();
  }

  /**
   * Takes a frame of entries in; those from its first index on are dropped
   * first. Their terms come after it, one by one.
   *
   * @throws {FormatError} if it does not fit in.
   */
  appendFrame(frame: StoredFrame): void {
    const { firstIndex } = frame;
    if (firstIndex <= this.#marker.index || firstIndex > this.frames.nextIndex) {
      throw new FormatError(
        `entry ${firstIndex} does not follow ${this.lastIndex} (compacted up to ${this.#marker.index})`,
      );
    }
    if (firstIndex < this.frames.nextIndex) {
      this.frames.truncate(firstIndex);
      this.terms.truncate(firstIndex);
    }
    this.frames.append(frame);
  }

  /**
   * Takes in the term of an entry of the frame before.
   *
   * @throws {FormatError} if it is below the one before.
   */
  appendTerm(index: number, term: number): void {
    const { lastTerm } = this.terms;
    if (term !== lastTerm) {
      if (term < lastTerm) {
        throw new FormatError(`entry ${index} has term ${term}, below ${lastTerm}`);
      }
      this.terms.append(index, term);
    }
  }

  /** Whether the entries held belong to another history than the marker. */
  contradicts({ index, term }: CompactionMarker): boolean {
    return index > this.lastIndex || this.terms.termAt(index) !== term;
  }

  /** Drops the entries up to the marker, or all of them. */
  compact(marker: CompactionMarker, dropAll: boolean): void {
    this.#marker = marker;
    if (dropAll) {
      this.frames.reset(marker.index + 1);
      this.terms.reset();
      return;
    }
    this.frames.dropUpTo(marker.index);
    if (this.frames.nextIndex === this.frames.firstIndex) {
      this.terms.reset();
    } else {
      this.terms.dropUpTo(marker.index);
    }
  }
}
