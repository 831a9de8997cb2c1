/**
 * Snapshots in files: one file each, published whole or not at all.
 *
 * A snapshot is streamed into a file beside the others, synced, renamed, and
 * its directory synced: a crash at any step leaves the old or the new. Each
 * chunk carries its CRC and that of the one before, the end carries one of the
 * whole. Opening the newest one checks all of it first; a damaged one is
 * reported, and the one before is opened instead.
 *
 * ```ts
 * import { NodeFileSystem } from "kvorum/storage/files";
 * import { FileSnapshotStore } from "kvorum/storage/snapshots";
 * import { mkdtemp, rm } from "node:fs/promises";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 *
 * const parent = await mkdtemp(join(tmpdir(), "kvorum-"));
 * const store = new FileSnapshotStore({
 *   fileSystem: new NodeFileSystem(),
 *   directory: join(parent, "snapshots"),
 *   onDamage: ({ file, offset, what }) => console.warn("damaged", file, offset, what),
 * });
 * await store.open();
 * async function* state() {
 *   yield new TextEncoder().encode("the whole state, ");
 *   yield new TextEncoder().encode("piece by piece");
 * }
 * const membership = { voters: ["a"], learners: [], votersOutgoing: [], learnersNext: [] };
 * await store.publish({ last: { term: 1, index: 42 }, membership }, state());
 *
 * const snapshot = await store.openNewest();
 * const decoder = new TextDecoder();
 * let text = "";
 * for await (const chunk of snapshot?.chunks ?? []) text += decoder.decode(chunk, { stream: true });
 * console.log(snapshot?.meta.last.index, text); // 42 the whole state, piece by piece
 * await store.close();
 * await rm(parent, { recursive: true });
 * ```
 *
 * In memory it holds one chunk of each snapshot that is written or read.
 *
 * What it leaves to you: keeping the log from the oldest snapshot on, so that
 * the others are of use when the newest one is damaged; refusing to start where
 * the log no longer reaches back to the snapshot that was opened, as
 * `RaftNode.start` does; and stopping the member when a call rejects with
 * `StorageFailedError`. A write that fails,
 * as on a full disk, is no such case: the publish rejects and leaves nothing.
 *
 * @module
 */
export { FileSnapshotStore, type FileSnapshotStoreOptions } from "./file_snapshot_store.ts";
export type { SnapshotDamage } from "./snapshot_damage.ts";
export { SnapshotIdentityError, SnapshotVersionError } from "./errors.ts";
export {
  LockedError,
  NoUsableSnapshotError,
  SnapshotCorruptError,
  StorageClosedError,
  StorageFailedError,
} from "../errors.ts";
