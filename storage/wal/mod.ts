/**
 * A raft log in files: append-only segments with one durable write per append.
 *
 * An append is one frame, written by one call to a file that was opened with
 * `O_DSYNC`. Frames carry the CRC of the one before, and the position before
 * which all was durable when they were written (the watermark). So `open` can
 * tell a write that a crash tore, which it cuts and reports, from damage to
 * something that was acknowledged, which it refuses to touch. What is cut may
 * still have been acknowledged, if the damage is to the very last batch: the
 * hard state then says `isSuspect`, durably, and the core takes no part until a
 * leader has confirmed its log. Only entries can be lost so: a change of term,
 * vote, membership or compaction marker goes to the end of its sector of 4 KiB and
 * is followed at once by a watermark in the next one, so that no single bad sector
 * takes both, and a damaged one is refused. What no log in files can tell is a disk
 * that gives back zeros for all that it was last given: that looks like a log that
 * ends there. (A file that is shorter than its header says is refused.)
 *
 * A segment has its full size from the start and is filled with zeros ahead of
 * the frames, 1 MiB at a time, so that an append changes no metadata of the file
 * system. That is faster (measured on ext4: 1.3 to 1.6 times at 3 to 27 KB), and
 * what an append needs to be durable: in the moment in which ext4 turns read-only
 * it can answer a synced write into a hole, or into space set aside by
 * `fallocate`, as if it were on the disk (measured on Linux 6.18: 25 of 500 such
 * moments lost one; none of 250 where zeros had been written). A frame of 64 KiB
 * or more (a sixteenth of what is filled at once) is not worth filling for: where it
 * goes into a hole, a change of metadata after it is awaited.
 *
 * ```ts
 * import { NodeFileSystem } from "kvorum/storage/files";
 * import { WalLogStore } from "kvorum/storage/wal";
 * import { mkdtemp, rm } from "node:fs/promises";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 *
 * const parent = await mkdtemp(join(tmpdir(), "kvorum-"));
 * const log = new WalLogStore({
 *   fileSystem: new NodeFileSystem(),
 *   directory: join(parent, "wal"),
 *   onRepair: ({ file, offset, bytes }) => console.warn("cut", file, offset, bytes),
 * });
 * await log.open();
 * await log.append({
 *   hardState: { term: 1, vote: "a", commit: 0 },
 *   entries: [{ term: 1, index: 1, kind: "command", data: Uint8Array.of(42) }],
 * });
 * const [entry] = await log.entries({ low: 1, high: 2, maxBytes: 1024 });
 * console.log(entry?.data[0]); // 42
 * await log.close();
 * await rm(parent, { recursive: true });
 * ```
 *
 * In memory it keeps twenty bytes for each batch of entries; the entries are
 * read back from the files.
 *
 * What it leaves to you: telling an operator what was cut (`onRepair`), and
 * stopping the member when a call rejects with `StorageFailedError`.
 *
 * @module
 */
export { WalLogStore } from "./wal_log_store.ts";
export type { WalLogStoreOptions, WalRepair } from "./wal_options.ts";
export { WalCorruptError, WalIdentityError, WalVersionError } from "./errors.ts";
export { LockedError, StorageClosedError, StorageFailedError } from "../errors.ts";
