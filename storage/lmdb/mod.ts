/**
 * A backend on LMDB, through the npm package `lmdb`.
 *
 * Writes go into a layer in memory, which reads look through, and are
 * committed in the background as etcd does it: after 100 ms or 10,000
 * operations, all operations of one `write` in one transaction, in order. The
 * event loop only hands the records over; another thread writes and syncs.
 *
 * ```ts
 * import { LmdbBackend } from "kvorum/storage/lmdb";
 * import { mkdtemp, rm } from "node:fs/promises";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 *
 * const directory = await mkdtemp(join(tmpdir(), "kvorum-"));
 * const backend = await LmdbBackend.open({ path: join(directory, "db"), buckets: ["key"] });
 * backend.write([{ bucket: "key", key: Uint8Array.of(1), value: Uint8Array.of(42) }]);
 * console.log(backend.get("key", Uint8Array.of(1))?.[0]); // 42
 * await backend.flush(); // now it would survive a power cut
 * await backend.close();
 * await rm(directory, { recursive: true });
 * ```
 *
 * Sync options: none of LMDB's are relaxed (no `noSync`, no `noMetaSync`, no
 * `overlappingSync`, no write map). A commit syncs its pages before it writes
 * and syncs the page that refers to them, and never overwrites a page of the
 * last two commits. So a power cut leaves the state after some commit: the
 * last one that `flush` has told of, or a later one, and nothing in between.
 * The killing of the process leaves the same. The map grows by itself.
 *
 * Opening checks the file before LMDB does, which believes what it reads and
 * would end the process over it: the meta pages, the free list, the main tree
 * and the root of each bucket. What is missing, cut short, damaged or unreadable there is
 * refused by name, with file and offset, and left as it was. What was found is
 * made durable, which after a failed sync another sync alone would not do. A new file gets its name once it is whole.
 *
 * A failed write poisons the backend, as the interface says; so does a commit
 * that takes more than a minute, since LMDB never tells of one that it could
 * not begin. Freed pages are used again from the second commit after, by which
 * the file stays as large as it once had to be; `compactDatabase` writes it
 * anew, while nobody has it open.
 *
 * What it leaves to you: keeping a second process away (lock the directory);
 * replaying from the log what was not durable yet; closing views, which
 * otherwise keep freed pages from being used again; waiting for `flush` while
 * loading more than memory should hold; and rot below the roots, which may end
 * the process or show in what is read, since LMDB's pages have no checksums.
 *
 * @module
 */
export { LmdbBackend, type LmdbBackendOptions } from "./lmdb_backend.ts";
export { CommitTimeoutError } from "./commit_watch.ts";
export {
  compactDatabase,
  type CompactDatabaseOptions,
  type CompactionResult,
  type CompactionStep,
} from "./compact_database.ts";
export { BackendDamagedError, BackendMissingError, BackendUnusableError } from "./errors.ts";
export { StorageClosedError, StorageFailedError } from "../errors.ts";
