import {
  type CompactionMarker,
  type HardState,
  INITIAL_HARD_STATE,
  WHOLE_LOG,
} from "../../raft/mod.ts";
import { FormatError } from "./byte_reader.ts";
import { PositionTable } from "./position_table.ts";
import { TermTable } from "./term_table.ts";

/** An entry, without its data. */
export interface StoredEntry {
  readonly term: number;
  readonly index: number;
  readonly sequence: number;
  readonly offset: number;
  readonly length: number;
}

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
  readonly positions: PositionTable = new PositionTable();
  readonly terms: TermTable = new TermTable();

  get marker(): CompactionMarker {
    return this.#marker;
  }

  get lastIndex(): number {
    return this.positions.nextIndex - 1;
  }

  /** Begins with what the header of the oldest segment says. */
  begin(marker: CompactionMarker, firstIndex: number): void {
    this.#marker = marker;
    this.positions.reset(firstIndex);
    this.terms.reset();
  }

  /**
   * Takes an entry in; those from its index on are dropped first.
   *
   * @throws {FormatError} if it does not fit in.
   */
  append({ index, term, sequence, offset, length }: StoredEntry): void {
    if (index <= this.#marker.index || index > this.positions.nextIndex) {
      throw new FormatError(
        `entry ${index} does not follow ${this.lastIndex} (compacted up to ${this.#marker.index})`,
      );
    }
    if (index < this.positions.nextIndex) {
      this.positions.truncate(index);
      this.terms.truncate(index);
    }
    if (term < this.terms.lastTerm) {
      throw new FormatError(`entry ${index} has term ${term}, below ${this.terms.lastTerm}`);
    }
    this.positions.append(sequence, offset, length);
    this.terms.append(index, term);
  }

  /** Whether the entries held belong to another history than the marker. */
  contradicts({ index, term }: CompactionMarker): boolean {
    return index > this.lastIndex || this.terms.termAt(index) !== term;
  }

  /** Drops the entries up to the marker, or all of them. */
  compact(marker: CompactionMarker, dropAll: boolean): void {
    this.#marker = marker;
    if (dropAll) {
      this.positions.reset(marker.index + 1);
      this.terms.reset();
      return;
    }
    this.positions.dropUpTo(marker.index);
    if (this.positions.nextIndex === this.positions.firstIndex) {
      this.terms.reset();
    } else {
      this.terms.dropUpTo(marker.index);
    }
  }
}
