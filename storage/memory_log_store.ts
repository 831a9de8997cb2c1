import {
  type AppendBatch,
  CompactedError,
  type CompactionMarker,
  type Entry,
  type EntryRange,
  type HardState,
  INITIAL_HARD_STATE,
  invariant,
  type LogState,
  type LogStore,
  type TermRun,
  WHOLE_LOG,
} from "../raft/mod.ts";
import { StorageClosedError } from "./errors.ts";

/**
 * A raft log in memory: for tests, and for groups that may lose everything
 * together. Opened again after `close`, it still holds what was appended, so a
 * restart of a member can be tried without a disk.
 */
export class MemoryLogStore implements LogStore {
  #hardState: HardState = INITIAL_HARD_STATE;
  #marker: CompactionMarker = WHOLE_LOG;
  /** Invariant: indexes are consecutive and the first is one above the marker's. */
  #entries: Entry[] = [];
  #isClosed = false;

  open(): Promise<LogState> {
    this.#isClosed = false;
    return Promise.resolve({
      hardState: this.#hardState,
      marker: this.#marker,
      lastIndex: this.#nextIndex - 1,
      terms: termRunsOf(this.#entries),
      membershipEntries: this.#entries.filter(({ kind }) => kind === "membership"),
    });
  }

  async entries({ low, high, maxBytes }: EntryRange): Promise<Entry[]> {
    this.#assertOpen();
    if (low <= this.#marker.index) {
      throw new CompactedError(low, this.#marker.index);
    }
    // What an append has dropped meanwhile is missing at the end.
    const first = low - this.#marker.index - 1;
    const stored = this.#entries.slice(first, first + Math.max(0, high - low));
    let bytes = 0;
    const end = stored.findIndex(({ data }, position) => {
      bytes += data.length;
      return bytes > maxBytes && position > 0;
    });
    return await Promise.resolve(end === -1 ? stored : stored.slice(0, end));
  }

  async append({ hardState, entries }: AppendBatch): Promise<void> {
    this.#assertOpen();
    const [first] = entries;
    if (first !== undefined) {
      this.#assertFits(entries, first.index);
      this.#entries.length = first.index - this.#marker.index - 1;
      for (const entry of entries) {
        this.#entries.push(entry);
      }
    }
    this.#hardState = hardState ?? this.#hardState;
    await Promise.resolve();
  }

  async compact(marker: CompactionMarker): Promise<void> {
    this.#assertOpen();
    if (marker.index > this.#marker.index) {
      const dropped = marker.index - this.#marker.index;
      // Entries that contradict the marker belong to another history, and so do all behind them.
      const agrees = this.#entries[dropped - 1]?.term === marker.term;
      this.#entries = agrees ? this.#entries.slice(dropped) : [];
      this.#marker = marker;
    }
    await Promise.resolve();
  }

  close(): Promise<void> {
    this.#isClosed = true;
    return Promise.resolve();
  }

  /** Before anything is changed, so that what is refused leaves no trace. */
  #assertFits(entries: readonly Entry[], firstIndex: number): void {
    invariant(
      firstIndex > this.#marker.index && firstIndex <= this.#nextIndex,
      "entries follow those stored",
      firstIndex,
      this.#marker.index,
      this.#nextIndex,
    );
    for (const [position, { index }] of entries.entries()) {
      invariant(index === firstIndex + position, "indexes are consecutive", index);
    }
  }

  #assertOpen(): void {
    if (this.#isClosed) {
      throw new StorageClosedError("memory log");
    }
  }

  get #nextIndex(): number {
    return this.#marker.index + this.#entries.length + 1;
  }
}

function termRunsOf(entries: readonly Entry[]): TermRun[] {
  const runs: TermRun[] = [];
  for (const { index, term } of entries) {
    if (runs.at(-1)?.term !== term) {
      runs.push({ firstIndex: index, term });
    }
  }
  return runs;
}
