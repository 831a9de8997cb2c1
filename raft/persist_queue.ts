import type { Entry, EntryId } from "./entry.ts";
import type { HardState } from "./hard_state.ts";
import type { CompactionMarker, LogStore } from "./log_store.ts";

/** A `persist` effect. */
export interface PersistRequest {
  readonly sequence: number;
  readonly hardState: HardState | null;
  readonly entries: readonly Entry[];
}

/** What became durable by one append. */
export interface PersistedBatch {
  /** Number of the last effect that it covers. */
  readonly sequence: number;
  readonly upTo: EntryId | null;
  readonly hardState: HardState | null;
}

/** Who is told. */
export interface PersistListener {
  onPersisted(batch: PersistedBatch): void;
  onCompacted(index: number): void;
  /** The log store is poisoned; nothing more will come. */
  onFailure(error: unknown): void;
}

/** A change of the log's beginning, which waits for its turn between appends. */
interface Rebase {
  readonly marker: CompactionMarker;
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

/**
 * Writes to a log store, one call at a time. What is pushed while a call is
 * under way is merged into one append: that is the group commit.
 */
export class PersistQueue {
  readonly #logStore: LogStore;
  readonly #listener: PersistListener;
  #sequence = 0;
  #hardState: HardState | null = null;
  #entries: Entry[] = [];
  #compaction: CompactionMarker | null = null;
  #reset: Rebase | null = null;
  #hasEnded = false;
  /** The call under way, if any. Never rejects. */
  #writing: Promise<void> | null = null;

  constructor(logStore: LogStore, listener: PersistListener) {
    this.#logStore = logStore;
    this.#listener = listener;
  }

  push({ sequence, hardState, entries }: PersistRequest): void {
    if (this.#hasEnded) {
      return;
    }
    this.#sequence = sequence;
    this.#hardState = hardState ?? this.#hardState;
    this.#entries = merged(this.#entries, entries);
    this.#maybeWrite();
  }

  /** Compacts before the next append. */
  compact(marker: CompactionMarker): void {
    if (!this.#hasEnded) {
      this.#compaction = marker;
      this.#maybeWrite();
    }
  }

  /** Resets the log after what was pushed before. Resolves once that is durable. */
  reset(marker: CompactionMarker): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#hasEnded) {
        reject(new Error("the log is written no more"));
        return;
      }
      this.#reset = { marker, done: resolve, failed: reject };
      this.#maybeWrite();
    });
  }

  /** Writes no more. The call under way is finished; what waits is dropped, as by a crash. */
  end(): void {
    this.#hasEnded = true;
    this.#hardState = null;
    this.#entries = [];
    this.#compaction = null;
    this.#reset?.failed(new Error("the log is written no more"));
    this.#reset = null;
  }

  /** Resolves when nothing is being written. */
  async idle(): Promise<void> {
    while (this.#writing !== null) {
      await this.#writing;
    }
  }

  #maybeWrite(): void {
    if (this.#writing !== null || this.#hasEnded) {
      return;
    }
    const write = this.#nextWrite();
    if (write === null) {
      return;
    }
    this.#writing = write.then(
      (tell) => {
        this.#writing = null;
        // The next batch is on its way before this one is dealt with.
        this.#maybeWrite();
        tell();
      },
      (error) => {
        this.#writing = null;
        this.end();
        this.#listener.onFailure(error);
      },
    );
  }

  /** Starts the next call, if there is one. It resolves with whom to tell. */
  #nextWrite(): Promise<() => void> | null {
    // First, since under load there is always something to append; it is rare.
    const marker = this.#compaction;
    if (marker !== null) {
      this.#compaction = null;
      return called(() => this.#logStore.compact(marker))
        .then(() => () => this.#listener.onCompacted(marker.index));
    }
    if (this.#hardState !== null || this.#entries.length > 0) {
      return this.#append();
    }
    const reset = this.#reset;
    if (reset !== null) {
      this.#reset = null;
      return called(() => this.#logStore.compact(reset.marker)).then(() => reset.done, (error) => {
        reset.failed(error);
        throw error;
      });
    }
    return null;
  }

  #append(): Promise<() => void> {
    const sequence = this.#sequence;
    const hardState = this.#hardState;
    const entries = this.#entries;
    this.#hardState = null;
    this.#entries = [];
    const last = entries.at(-1);
    const upTo = last === undefined ? null : { term: last.term, index: last.index };
    return called(() => this.#logStore.append({ hardState, entries }))
      .then(() => () => this.#listener.onPersisted({ sequence, upTo, hardState }));
  }
}

/** A call's promise, also if the call throws before there is one. */
function called(call: () => Promise<void>): Promise<void> {
  try {
    return call();
  } catch (error) {
    return Promise.reject(error);
  }
}

/** Two batches as one: what the second overwrites of the first is dropped. */
function merged(first: Entry[], second: readonly Entry[]): Entry[] {
  const start = second[0]?.index;
  const firstStart = first[0]?.index;
  if (start === undefined || firstStart === undefined) {
    return start === undefined ? first : [...second];
  }
  first.length = Math.max(0, Math.min(first.length, start - firstStart));
  for (const entry of second) {
    first.push(entry);
  }
  return first;
}
