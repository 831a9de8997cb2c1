import type { Entry, EntryId } from "./entry.ts";
import type { HardState } from "./hard_state.ts";
import type { AppendBatch, CompactionMarker, LogStore } from "./log_store.ts";

/** What became durable by one append. */
export interface PersistedBatch {
  readonly upTo: EntryId | null;
  readonly hardState: HardState | null;
}

/** Who is told. */
export interface PersistListener {
  onPersisted(batch: PersistedBatch): void;
  /** The log store is poisoned; nothing more will come. */
  onFailure(error: unknown): void;
}

/**
 * Writes to a log store, one append at a time. What is pushed while an append
 * is under way is merged into the next one: that is the group commit.
 */
export class PersistQueue {
  readonly #logStore: LogStore;
  readonly #listener: PersistListener;
  #hardState: HardState | null = null;
  #entries: Entry[] = [];
  #marker: CompactionMarker | null = null;
  #failed = false;
  /** The write under way, if any. Never rejects. */
  #writing: Promise<void> | null = null;

  constructor(logStore: LogStore, listener: PersistListener) {
    this.#logStore = logStore;
    this.#listener = listener;
  }

  push(batch: AppendBatch): void {
    this.#hardState = batch.hardState ?? this.#hardState;
    this.#entries = merged(this.#entries, batch.entries);
    this.#maybeWrite();
  }

  /** Compacts before the next append. */
  compact(marker: CompactionMarker): void {
    this.#marker = marker;
    this.#maybeWrite();
  }

  /** Resolves when nothing is being written. */
  async idle(): Promise<void> {
    while (this.#writing !== null) {
      await this.#writing;
    }
  }

  #maybeWrite(): void {
    if (this.#writing !== null || this.#failed) {
      return;
    }
    const write = this.#nextWrite();
    if (write === null) {
      return;
    }
    this.#writing = write.then(
      (persisted) => {
        this.#writing = null;
        // The next batch is on its way before this one is dealt with.
        this.#maybeWrite();
        if (persisted !== null) {
          this.#listener.onPersisted(persisted);
        }
      },
      (error) => {
        this.#writing = null;
        this.#failed = true;
        this.#listener.onFailure(error);
      },
    );
  }

  #nextWrite(): Promise<PersistedBatch | null> | null {
    // First, since under load there is always something to append; it is rare.
    const marker = this.#marker;
    if (marker !== null) {
      this.#marker = null;
      return this.#logStore.compact(marker).then(() => null);
    }
    const hardState = this.#hardState;
    const entries = this.#entries;
    if (hardState !== null || entries.length > 0) {
      this.#hardState = null;
      this.#entries = [];
      const last = entries.at(-1);
      const upTo = last === undefined ? null : { term: last.term, index: last.index };
      return this.#logStore.append({ hardState, entries }).then(() => ({ upTo, hardState }));
    }
    return null;
  }
}

/** Two batches as one: what the second overwrites of the first is dropped. */
function merged(first: Entry[], second: readonly Entry[]): Entry[] {
  const start = second[0]?.index;
  const firstStart = first[0]?.index;
  if (start === undefined || firstStart === undefined) {
    return start === undefined ? first : [...second];
  }
  const kept = Math.max(0, Math.min(first.length, start - firstStart));
  first.length = kept;
  first.push(...second);
  return first;
}
