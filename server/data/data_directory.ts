import { join, resolve } from "node:path";
import { pid as processId } from "node:process";
import { type FileLock, type FileSystem, LockedError } from "../../storage/mod.ts";
import { DataDirectoryError } from "./errors.ts";
import {
  type Founding,
  IDENTITY_FILE,
  type MemberIdentity,
  readMemberIdentity,
  writeMemberIdentity,
} from "./member_identity.ts";
import { readSmallFile, writeSmallFile } from "./small_file.ts";

/**
 * A member's data directory, locked for this process:
 *
 * ```text
 * kvorum.json   who the member is, and the format of all this
 * lock          held while the member runs
 * pid           whose process that is, for a message
 * wal/          the log
 * backend/      the key-value store
 * ```
 */
export interface DataDirectory {
  /** Absolute path. */
  readonly path: string;
  readonly identity: MemberIdentity;
  /** Directory of the log's segments. */
  readonly walPath: string;
  /** The backend's file. */
  readonly backendPath: string;
  /** Ends the use of the directory. */
  release(): Promise<void>;
}

/**
 * Opens a member's data directory, founding it if there is nothing in it.
 *
 * @throws {DataDirectoryError} if it cannot be used: it is not writable, a
 * running member has it, it holds something else, or a newer version wrote it.
 */
export async function openDataDirectory(
  fileSystem: FileSystem,
  directory: string,
  founding: Founding,
): Promise<DataDirectory> {
  const path = resolve(directory);
  await createDirectory(fileSystem, path);
  // Before anything is written: what is not ours stays as it is.
  await refuseForeign(fileSystem, path);
  const lock = await lockDirectory(fileSystem, path);
  try {
    const identity = await readMemberIdentity(fileSystem, path) ??
      await writeMemberIdentity(fileSystem, path, founding);
    const [walPath, backendDirectory] = OWN_DIRECTORIES.map((name) => join(path, name)) as [
      string,
      string,
    ];
    await fileSystem.createDirectory(walPath);
    await fileSystem.createDirectory(backendDirectory);
    await fileSystem.syncDirectory(path);
    const backendPath = join(backendDirectory, "data.mdb");
    return { path, identity, walPath, backendPath, release: () => lock.release() };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

async function createDirectory(fileSystem: FileSystem, path: string): Promise<void> {
  try {
    await fileSystem.createDirectory(path);
  } catch (error) {
    throw new DataDirectoryError(path, `cannot be created: ${reasonOf(error)}`, error);
  }
}

async function lockDirectory(fileSystem: FileSystem, path: string): Promise<FileLock> {
  let lock: FileLock;
  try {
    lock = await fileSystem.lock(join(path, LOCK_FILE));
  } catch (error) {
    if (error instanceof LockedError) {
      const holder = await readPid(fileSystem, path);
      throw new DataDirectoryError(
        path,
        `is in use by a running member${holder === null ? "" : ` (process ${holder})`}`,
        error,
      );
    }
    throw new DataDirectoryError(path, `is not writable: ${reasonOf(error)}`, error);
  }
  try {
    await writeSmallFile(fileSystem, join(path, PID_FILE), `${processId}\n`);
  } catch (error) {
    await lock.release();
    throw new DataDirectoryError(path, `is not writable: ${reasonOf(error)}`, error);
  }
  return lock;
}

async function refuseForeign(fileSystem: FileSystem, path: string): Promise<void> {
  const names = await fileSystem.list(path);
  const foreign = names.filter((name) => !OWN_BEFORE_FOUNDING.test(name));
  if (names.includes(IDENTITY_FILE) || foreign.length === 0) {
    return;
  }
  if (foreign.every((name) => OWN_DIRECTORIES.includes(name))) {
    throw new DataDirectoryError(
      path,
      `holds a member's data, but ${IDENTITY_FILE}, which says whose, is missing: restore it from a backup`,
    );
  }
  throw new DataDirectoryError(
    path,
    `holds data that is not Kvorum's (${foreign.slice(0, 3).join(", ")}): ` +
      "name an empty directory or one that does not exist",
  );
}

const LOCK_FILE = "lock";
const PID_FILE = "pid";

/** The log's and the backend's. */
const OWN_DIRECTORIES: readonly string[] = ["wal", "backend"];

/** What a start that was cut short leaves. */
const OWN_BEFORE_FOUNDING = /^(lock.*|pid(\.tmp)?|kvorum\.json\.tmp|lost\+found)$/;

/** The process that holds the directory, as far as it can be told: it is for a message only. */
async function readPid(fileSystem: FileSystem, path: string): Promise<number | null> {
  const content = await readSmallFile(fileSystem, join(path, PID_FILE)).catch(() => null);
  const pid = Number(content?.trim());
  return Number.isSafeInteger(pid) && pid > 0 ? pid : null;
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
