import { invariant } from "../raft/mod.ts";
import {
  type Backend,
  BACKEND_KEY_BYTES_MAX,
  type BackendOperation,
  type BackendRecord,
  type BackendScan,
  type BackendSize,
  type BackendView,
} from "./backend.ts";
import { StorageClosedError } from "./errors.ts";
import { type SortedReader, SortedTable } from "./sorted_table.ts";

/** Ordered byte keys in memory. A bucket exists as soon as it is written to. */
export class MemoryBackend implements Backend {
  readonly #buckets = new Map<string, SortedTable<Uint8Array>>();
  #bytes = 0;
  #isClosed = false;

  get(bucket: string, key: Uint8Array): Uint8Array | undefined {
    this.#assertOpen();
    return this.#buckets.get(bucket)?.get(key);
  }

  scan(bucket: string, scan: BackendScan = {}): Iterable<BackendRecord> {
    this.#assertOpen();
    return this.#buckets.get(bucket)?.scan(scan) ?? [];
  }

  write(operations: readonly BackendOperation[]): void {
    this.#assertOpen();
    for (const { key } of operations) {
      invariant(
        key.length > 0 && key.length <= BACKEND_KEY_BYTES_MAX,
        "a key has 1 byte or more, and not too many",
        key.length,
      );
    }
    for (const { bucket, key, value } of operations) {
      let table = this.#buckets.get(bucket);
      if (table === undefined) {
        table = new SortedTable();
        this.#buckets.set(bucket, table);
      }
      const previous = value === null ? table.delete(key) : table.set(key, value);
      this.#bytes -= previous === undefined ? 0 : key.length + previous.length;
      this.#bytes += value === null ? 0 : key.length + value.length;
    }
  }

  view(): BackendView {
    this.#assertOpen();
    const snapshots = new Map<string, SortedReader<Uint8Array>>();
    for (const [bucket, table] of this.#buckets) {
      snapshots.set(bucket, table.snapshot());
    }
    return new MemoryView(snapshots);
  }

  /** There is nothing that could survive a power cut: resolves at once. */
  flush(): Promise<void> {
    return this.#isClosed
      ? Promise.reject(new StorageClosedError("memory backend"))
      : Promise.resolve();
  }

  /** Keys and values, without what the structures around them take. */
  size(): BackendSize {
    return { totalBytes: this.#bytes, inUseBytes: this.#bytes };
  }

  close(): Promise<void> {
    this.#isClosed = true;
    return Promise.resolve();
  }

  #assertOpen(): void {
    if (this.#isClosed) {
      throw new StorageClosedError("memory backend");
    }
  }
}

class MemoryView implements BackendView {
  #snapshots: ReadonlyMap<string, SortedReader<Uint8Array>> | null;

  constructor(snapshots: ReadonlyMap<string, SortedReader<Uint8Array>>) {
    this.#snapshots = snapshots;
  }

  get(bucket: string, key: Uint8Array): Uint8Array | undefined {
    return this.#reader(bucket)?.get(key);
  }

  scan(bucket: string, scan: BackendScan = {}): Iterable<BackendRecord> {
    return this.#reader(bucket)?.scan(scan) ?? [];
  }

  close(): void {
    this.#snapshots = null;
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #reader(bucket: string): SortedReader<Uint8Array> | undefined {
    if (this.#snapshots === null) {
      throw new StorageClosedError("view of a memory backend");
    }
    return this.#snapshots.get(bucket);
  }
}
