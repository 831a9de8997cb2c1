import type { BackendOperation } from "../backend.ts";
import { Slab } from "./slab.ts";
import { type SortedReader, SortedTable } from "../sorted_table.ts";

/** What a layer says of a key: its value, or `null` for a key that was deleted. */
export type LayerValue = Uint8Array | null;

/** Layers, newest first, each by bucket. The same for a backend and for its views. */
export type LayerReader = ReadonlyMap<string, SortedReader<LayerValue>>;

/**
 * Writes that the database does not hold yet, the last one of each key. One
 * layer becomes one transaction.
 */
export class Layer {
  readonly tables: Map<string, SortedTable<LayerValue>> = new Map();
  readonly #committed = Promise.withResolvers<void>();
  readonly #slab = new Slab();
  #operations = 0;
  #bytes = 0;

  constructor() {
    // Who flushes awaits it; without one a failure shows in the next call.
    this.#committed.promise.catch(() => {});
  }

  /** Operations taken in, also those that a later one replaced. */
  get operations(): number {
    return this.#operations;
  }

  /** Bytes of keys and values taken in. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Settles when the layer is durable, or never will be. */
  get committed(): Promise<void> {
    return this.#committed.promise;
  }

  write(operations: readonly BackendOperation[]): void {
    for (const { bucket, key, value } of operations) {
      let table = this.tables.get(bucket);
      if (table === undefined) {
        table = new SortedTable();
        this.tables.set(bucket, table);
      }
      table.set(this.#slab.copy(key), value === null ? null : this.#slab.copy(value));
      this.#bytes += key.length + (value?.length ?? 0);
    }
    this.#operations += operations.length;
  }

  /** The layer as it is now, whatever is written to it later. */
  snapshot(): LayerReader {
    const snapshot = new Map<string, SortedReader<LayerValue>>();
    for (const [bucket, table] of this.tables) {
      snapshot.set(bucket, table.snapshot());
    }
    return snapshot;
  }

  succeed(): void {
    this.#committed.resolve();
  }

  fail(error: Error): void {
    this.#committed.reject(error);
  }
}
