import * as fs from "node:fs/promises";
import { dirname } from "node:path";
import type { FileSystem, OpenFile } from "../file_system.ts";
import { NodeFileSystem } from "../files/node_file_system.ts";
import { checkFile } from "./check_file.ts";
import { BackendMissingError, BackendUnusableError } from "./errors.ts";
import { LmdbDatabase } from "./lmdb_database.ts";
import { makeFoundDurable } from "./meta_rewrite.ts";

/** A database that is being created, beside the name that it will have. */
const NEW_SUFFIX = ".new";

/** A compacted copy that is being written. */
export const COPY_SUFFIX = ".compact";

/** LMDB's own, beside a database. What it holds counts only while a process has it open. */
const LOCK_SUFFIX = "-lock";

/** What is opened. */
export interface DatabaseFileOptions {
  readonly path: string;
  readonly buckets: readonly string[];
  /** Whether a database that is not there is refused rather than created. */
  readonly mustExist: boolean;
}

/**
 * Makes sure that there is a database which LMDB can open: removes what a crash
 * left of one that was in the making, checks the one that is there, or creates it.
 *
 * A new one gets its name once it is whole and synced, so under that name an
 * empty or a half-written file is never the remains of a crash.
 *
 * @throws {BackendDamagedError} if it does not check.
 * @throws {BackendMissingError} if it is not there and must be.
 * @throws {BackendUnusableError} if the operating system does not let it be opened.
 */
export async function prepareDatabase(
  { path, buckets, mustExist }: DatabaseFileOptions,
  fileSystem: FileSystem = new NodeFileSystem(),
): Promise<void> {
  await removeLeftovers(fileSystem, path);
  await assertLockIsFile(path + LOCK_SUFFIX);
  const file = await openIfThere(fileSystem, path);
  if (file !== null) {
    try {
      await checkFile(file, path);
      // What is read from now on counts as durable.
      await makeFoundDurable(file);
    } finally {
      await file.close();
    }
    await fileSystem.syncDirectory(dirname(path));
    return;
  }
  if (mustExist) {
    throw new BackendMissingError(path);
  }
  const temporary = path + NEW_SUFFIX;
  await new LmdbDatabase(temporary, buckets).close();
  await putInPlace(fileSystem, temporary, path);
}

/** Syncs a database that no one has open, and gives it its name. */
export async function putInPlace(
  fileSystem: FileSystem,
  temporary: string,
  path: string,
): Promise<void> {
  await syncFile(fileSystem, temporary);
  await renameDatabase(fileSystem, temporary, path);
}

export async function syncFile(fileSystem: FileSystem, path: string): Promise<void> {
  const file = await fileSystem.open(path, { mode: "write" });
  try {
    await file.dataSync();
  } finally {
    await file.close();
  }
}

/** Gives a database another name, without its lock file, and makes that durable. */
export async function renameDatabase(
  fileSystem: FileSystem,
  from: string,
  to: string,
): Promise<void> {
  await fileSystem.remove(from + LOCK_SUFFIX);
  await fileSystem.rename(from, to);
  await fileSystem.syncDirectory(dirname(to));
}

/** What a crash left of databases that did not get their name yet. */
async function removeLeftovers(fileSystem: FileSystem, path: string): Promise<void> {
  for (const suffix of [NEW_SUFFIX, COPY_SUFFIX]) {
    await fileSystem.remove(path + suffix);
    await fileSystem.remove(path + suffix + LOCK_SUFFIX);
  }
}

/** Opened for writing, as LMDB will do: where it may not, it would end the process. */
async function openIfThere(fileSystem: FileSystem, path: string): Promise<OpenFile | null> {
  try {
    return await fileSystem.open(path, { mode: "write" });
  } catch (error) {
    if (isMissing(error)) {
      return null;
    }
    throw unusable(path, error);
  }
}

/** It is not opened: to close it would drop the locks that this process has on it (POSIX). */
async function assertLockIsFile(path: string): Promise<void> {
  try {
    if ((await fs.stat(path)).isFile()) {
      await fs.access(path, fs.constants.R_OK | fs.constants.W_OK);
      return;
    }
  } catch (error) {
    if (isMissing(error)) {
      return;
    }
    throw unusable(path, error);
  }
  throw new BackendUnusableError(path, "it is not a file");
}

function unusable(path: string, error: unknown): BackendUnusableError {
  const why = error instanceof Error ? error.message : String(error);
  return new BackendUnusableError(path, why, { cause: error });
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
