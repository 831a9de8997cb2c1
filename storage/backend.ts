/**
 * Longest key in bytes. Keys have one byte at least. LMDB's pages of 4 KiB set
 * the bound; it leaves room for what an implementation puts in front.
 */
export const BACKEND_KEY_BYTES_MAX = 1024;

/**
 * One change in a batch: a value to store, or `null` to delete the key.
 * The backend keeps the arrays; nobody changes them afterwards. The key has
 * 1 to `BACKEND_KEY_BYTES_MAX` bytes, the value any number.
 */
export interface BackendOperation {
  readonly bucket: string;
  readonly key: Uint8Array;
  readonly value: Uint8Array | null;
}

/** Keys to walk over in one bucket: `[low, high)`. A bound need not be a key, and may be empty. */
export interface BackendScan {
  /** First key, inclusive; from the first one on when absent. */
  readonly low?: Uint8Array;
  /** End, exclusive; to the last one when absent. */
  readonly high?: Uint8Array;
  /** From the last key to the first. Default: false. */
  readonly reverse?: boolean;
}

/** A key with its value. Both are read-only for the caller. */
export type BackendRecord = readonly [key: Uint8Array, value: Uint8Array];

/** Reading, from a backend as it is now or from a view pinned at one point. */
export interface BackendReader {
  get(bucket: string, key: Uint8Array): Uint8Array | undefined;

  /**
   * Walks over the records in byte order of their keys. On a `Backend` (not a
   * view) the walk must end, or be left, before the next write.
   */
  scan(bucket: string, scan?: BackendScan): Iterable<BackendRecord>;
}

/**
 * A consistent view: later writes do not show. Must be closed, or it pins old
 * pages. May be closed again; every other call then throws.
 */
export interface BackendView extends BackendReader, Disposable {
  close(): void;
}

/** Size of a backend in bytes. */
export interface BackendSize {
  /** What is allocated, on disk where there is one. */
  readonly totalBytes: number;
  /** What live records occupy of it. Freed pages are not part of it. */
  readonly inUseBytes: number;
}

/**
 * Ordered byte keys in named buckets, with atomic batches.
 *
 * Writes are visible to reads at once and become durable later, in the order
 * of the calls: after a crash the backend holds all batches up to some point
 * and nothing of a later one. So a batch that carries the applied index beside
 * the data can never tell of data that is not there.
 *
 * A write takes the operations in memory and returns, so a caller that writes
 * faster than the disk must wait for a `flush` now and then.
 *
 * All calls but `flush` and `close` are synchronous. A failure to write poisons
 * the backend: `flush` rejects and every later call throws.
 */
export interface Backend extends BackendReader {
  /** Applies the operations in order, all of them in one transaction. */
  write(operations: readonly BackendOperation[]): void;

  /** Pins the present state, unflushed writes included. */
  view(): BackendView;

  /** Resolves once everything written before the call would survive a power cut. */
  flush(): Promise<void>;

  size(): BackendSize;

  /** Flushes and ends all use: later calls throw or reject. May be called again. */
  close(): Promise<void>;
}
