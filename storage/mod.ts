/**
 * Where a member keeps its log and its data: the interfaces, and
 * implementations in memory.
 *
 * `LogStore` holds the raft log, `Backend` the state that the log's commands
 * build: ordered byte keys in buckets, atomic batches, pinned views. A state
 * machine that lives in memory writes its state into a `SnapshotStore` instead.
 * `FileSystem` is what the stores on disk need of the machine.
 *
 * ```ts
 * import { MemoryBackend } from "kvorum/storage";
 *
 * const backend = new MemoryBackend();
 * const key = Uint8Array.of(1);
 * backend.write([{ bucket: "key", key, value: Uint8Array.of(42) }]);
 * using view = backend.view();
 * backend.write([{ bucket: "key", key, value: null }]);
 * console.log(view.get("key", key)?.[0], backend.get("key", key)); // 42 undefined
 * ```
 *
 * What it leaves to you: durability. `kvorum/storage/wal` has a log in files,
 * `kvorum/storage/snapshots` snapshots in files, `kvorum/storage/lmdb` a backend
 * on disk, `kvorum/storage/files` the file system of Node and Deno. This module
 * itself runs in a browser.
 *
 * @module
 */
export {
  type Backend,
  BACKEND_KEY_BYTES_MAX,
  type BackendOperation,
  type BackendReader,
  type BackendRecord,
  type BackendScan,
  type BackendSize,
  type BackendView,
} from "./backend.ts";
export {
  LockedError,
  NoUsableSnapshotError,
  SnapshotCorruptError,
  StorageClosedError,
  StorageFailedError,
} from "./errors.ts";
export type { FileLock, FileSystem, OpenFile, OpenOptions } from "./file_system.ts";
export { MemoryBackend } from "./memory_backend.ts";
export { MemoryLogStore } from "./memory_log_store.ts";
export { MemorySnapshotStore, type MemorySnapshotStoreOptions } from "./memory_snapshot_store.ts";
export type { OpenSnapshot, PublishOptions, SnapshotStore } from "./snapshot_store.ts";
export type {
  AppendBatch,
  CompactionMarker,
  Entry,
  EntryId,
  EntryRange,
  HardState,
  LogState,
  LogStore,
  Membership,
  SnapshotMeta,
  TermRun,
} from "../raft/mod.ts";
