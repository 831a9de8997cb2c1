/**
 * A key-value store with revisions, as etcd's: each transaction makes a new
 * revision, and every revision can be read until a compaction drops it.
 *
 * `MvccStore` keeps its records in a `Backend` and an index of them in memory.
 * `TreeIndex` and `KeyIndex` are of use alone too.
 *
 * ```ts
 * import { MemoryBackend } from "kvorum/storage";
 * import { MvccStore } from "kvorum/mvcc";
 *
 * const store = new MvccStore({ backend: new MemoryBackend() });
 * const restore = store.restore();
 * while (restore.step(10_000) === "more");
 *
 * const bytes = (text: string) => new TextEncoder().encode(text);
 * const first = store.beginWrite();
 * first.put({ key: bytes("chen"), value: bytes("good") });
 * console.log(first.end()); // 2
 *
 * const second = store.beginWrite();
 * second.put({ key: bytes("chen"), value: bytes("perfect") });
 * console.log(second.end()); // 3
 *
 * for (const revision of [2, 3]) {
 *   const { kvs: [kv] } = store.range({ key: bytes("chen"), revision });
 *   console.log(new TextDecoder().decode(kv?.value)); // "good", then "perfect"
 * }
 * ```
 *
 * Everything is synchronous and deterministic. Long work is a `Step`, driven in
 * slices by the caller, whose part it also is to flush the backend, to grant
 * leases, and to check what a request may do before it begins a transaction.
 *
 * @module
 */
export { CompactedRevisionError, FutureRevisionError, MalformedRecordError } from "./errors.ts";
export { fromIndexKey, type IndexKey, successorOf, toIndexKey } from "./index_key.ts";
export { InvariantError } from "./invariant.ts";
export { type DropRevisions, KeyIndex, type KeyVersion } from "./key_index.ts";
export { type KeyInterval, type KeyRange, toKeyRange } from "./key_range.ts";
export type { KeyValue } from "./key_value.ts";
export { decodeKeyValue, encodeKeyValue, encodeTombstone } from "./key_value_codec.ts";
export { MvccStore, type MvccStoreOptions } from "./mvcc_store.ts";
export type { RangeQuery, RangeResult, SortTarget } from "./range_query.ts";
export {
  compareRevisions,
  decodeRevision,
  encodeRevision,
  encodeTombstoneRevision,
  isTombstoneRevision,
  type Revision,
} from "./revision.ts";
export type { RevisionList } from "./revision_list.ts";
export type { Step } from "./step.ts";
export { type IndexEntry, type IndexRangeOptions, TreeIndex } from "./tree_index.ts";
export type { Visit } from "./tree_walk.ts";
export type {
  DeleteRangeRequest,
  DeleteRangeResult,
  PutRequest,
  PutResult,
  WriteOptions,
  WriteTransaction,
} from "./write_transaction.ts";
