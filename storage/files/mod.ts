/**
 * The file system of the machine behind the `FileSystem` interface.
 *
 * No call blocks the event loop, and each is one trip to the thread pool. With
 * `dataSync` a write resolves once its data are durable (`O_DSYNC`), which
 * saves the second trip that a separate sync would cost.
 *
 * ```ts
 * import { NodeFileSystem } from "kvorum/storage/files";
 * import { mkdtemp, rm } from "node:fs/promises";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 *
 * const directory = await mkdtemp(join(tmpdir(), "kvorum-"));
 * const files = new NodeFileSystem();
 * const file = await files.open(join(directory, "greeting"), { mode: "create", dataSync: true });
 * await file.write(new TextEncoder().encode("hello"), 0);
 * await file.close();
 * await files.syncDirectory(directory);
 * console.log(await files.list(directory)); // ["greeting"]
 * await rm(directory, { recursive: true });
 * ```
 *
 * What it leaves to you: syncing the directory after files were created,
 * renamed or removed in it; and keeping away from the file of a lock, since
 * closing any descriptor of it would drop the lock.
 *
 * @module
 */
export { NodeFileSystem } from "./node_file_system.ts";
export { LockedError } from "../errors.ts";
export type { FileLock, FileSystem, OpenFile, OpenOptions } from "../file_system.ts";
