import type { DatabaseSync } from "node:sqlite";
import * as fs from "node:fs/promises";
import { LockedError } from "../errors.ts";
import type { FileLock } from "../file_system.ts";

/** SQLite's result code for "somebody else has the lock". */
const SQLITE_BUSY = 5;

/**
 * Locks the file at `path` with SQLite, which holds a kernel lock that dies
 * with the process. Node has no file locks of its own, and Deno's are not Node's.
 *
 * Nothing else in this process may open the file: closing any descriptor of a
 * file drops all kernel locks that its process holds on it (POSIX).
 *
 * @throws {LockedError} if another process, or this one, holds the lock.
 */
export async function lockWithSqlite(path: string): Promise<FileLock> {
  // Imported here because Node before 24 prints a warning on import.
  const { DatabaseSync } = await import("node:sqlite");
  await createPrivate(path);
  const database = new DatabaseSync(path);
  try {
    // Nothing is ever written, so no journal file needs to exist beside it.
    database.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
  } catch (error) {
    database.close();
    throw isBusy(error) ? new LockedError(path, { cause: error }) : error;
  }
  return new SqliteLock(database);
}

class SqliteLock implements FileLock {
  #database: DatabaseSync | null;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  release(): Promise<void> {
    this.#database?.close();
    this.#database = null;
    return Promise.resolve();
  }
}

/** Creates the file readable by its owner alone, since SQLite would follow the umask. */
async function createPrivate(path: string): Promise<void> {
  try {
    const file = await fs.open(path, "wx", 0o600);
    await file.close();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") {
      throw error;
    }
  }
}

/** Deno gives no result code, only the message. */
function isBusy(error: unknown): boolean {
  const { errcode, message } = error as { errcode?: number; message?: string };
  return errcode === SQLITE_BUSY || (errcode === undefined && message === "database is locked");
}
