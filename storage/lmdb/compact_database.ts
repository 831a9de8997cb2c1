import * as fs from "node:fs/promises";
import { NodeFileSystem } from "../files/node_file_system.ts";
import { checkFile } from "./check_file.ts";
import { COPY_SUFFIX, prepareDatabase, renameDatabase, syncFile } from "./database_file.ts";
import { BackendDamagedError } from "./errors.ts";
import { FILE_MODE, LmdbDatabase } from "./lmdb_database.ts";

/**
 * What was just done:
 *
 * - `opened`: the copy is about to be written.
 * - `copied`: it is whole, but not yet durable.
 * - `synced`: it is durable, beside the old file.
 * - `renamed`: it has taken the old file's place, durably.
 */
export type CompactionStep = "opened" | "copied" | "synced" | "renamed";

/** What is compacted, and when. */
export interface CompactDatabaseOptions {
  /** A database that nothing has open. */
  readonly path: string;
  /** All its buckets. */
  readonly buckets: readonly string[];
  /** Bytes that must be free in the file; with fewer it is left as it is. */
  readonly freeBytesMin: number;
  /** Told of each step before the next one. Whoever crashes there finds the old file or the new. */
  readonly onStep?: (step: CompactionStep) => void | Promise<void>;
}

/** What a compaction brought. */
export interface CompactionResult {
  readonly bytesBefore: number;
  readonly bytesAfter: number;
}

/**
 * Replaces a database by a copy without free pages, if that saves enough.
 * Resolves with `null` where nothing was done.
 *
 * LMDB streams the copy from one state of the database into a file beside it,
 * which is checked, synced, and renamed over the old one, and the directory
 * synced. A crash at any point leaves the old file or the new one; the next
 * `LmdbBackend.open`, or compaction, removes a copy that was left over. So does
 * this when it fails, as it does when the disk has no room for the copy: then
 * the old file is as it was.
 *
 * @throws {BackendDamagedError} if the database does not check, or the copy.
 * @throws {BackendMissingError} if there is no database.
 */
export async function compactDatabase(
  options: CompactDatabaseOptions,
): Promise<CompactionResult | null> {
  const { path, buckets, onStep } = options;
  const fileSystem = new NodeFileSystem();
  const copy = path + COPY_SUFFIX;
  await prepareDatabase({ path, buckets, mustExist: true });
  try {
    const result = await copyDatabase(options, copy);
    if (result === null) {
      return null;
    }
    await onStep?.("copied");
    await syncFile(fileSystem, copy);
    await onStep?.("synced");
    await renameDatabase(fileSystem, copy, path);
    await onStep?.("renamed");
    return result;
  } catch (error) {
    await fileSystem.remove(copy);
    throw error;
  }
}

/** Writes the copy, if it saves enough, and checks it. */
async function copyDatabase(
  { path, buckets, freeBytesMin, onStep }: CompactDatabaseOptions,
  copy: string,
): Promise<CompactionResult | null> {
  const database = new LmdbDatabase(path, buckets);
  try {
    const { totalBytes, inUseBytes } = database.pages();
    if (totalBytes - inUseBytes < freeBytesMin) {
      return null;
    }
    await onStep?.("opened");
    await database.copyTo(copy);
    await fs.chmod(copy, FILE_MODE);
    const bytesAfter = await checkCopy(copy, { buckets, entries: database.entries() });
    return { bytesBefore: totalBytes, bytesAfter };
  } finally {
    await database.close();
  }
}

/** Checks that a copy is one, before it replaces anything. Resolves with its size. */
async function checkCopy(
  path: string,
  { buckets, entries }: { readonly buckets: readonly string[]; readonly entries: number },
): Promise<number> {
  const file = await new NodeFileSystem().open(path, { mode: "read" });
  try {
    await checkFile(file, path);
    const copy = new LmdbDatabase(path, buckets);
    const copied = copy.entries();
    await copy.close();
    if (copied !== entries) {
      throw new BackendDamagedError(path, 0, `the copy has ${copied} records of ${entries}`);
    }
    return await file.size();
  } finally {
    await file.close();
  }
}
