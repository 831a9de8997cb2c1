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

  open(): Promise<LogState> {
    return Promise.resolve({
      hardState: this.#hardState,
      marker: this.#marker,
      lastIndex: this.#nextIndex - 1,
      terms: termRunsOf(this.#entries),
      membershipEntries: this.#entries.filter(({ kind }) => kind === "membership"),
    });
  }

  async entries({ low, high, maxBytes }: EntryRange): Promise<Entry[]> {
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
    const [first] = entries;
    if (first !== undefined) {
      invariant(
        first.index > this.#marker.index && first.index <= this.#nextIndex,
        "entries follow those stored",
        first.index,
        this.#marker.index,
        this.#nextIndex,
      );
      this.#entries.length = first.index - this.#marker.index - 1;
      for (const entry of entries) {
        invariant(entry.index === this.#nextIndex, "indexes are consecutive", entry.index);
        this.#entries.push(entry);
      }
    }
    this.#hardState = hardState ?? this.#hardState;
    await Promise.resolve();
  }

  async compact(marker: CompactionMarker): Promise<void> {
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
    return Promise.resolve();
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
