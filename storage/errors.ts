/** A lock is held by another process, or by this one. */
export class LockedError extends Error {
  readonly code = "LOCKED";
  /** File that the lock stands for. */
  readonly path: string;

  constructor(path: string, options?: ErrorOptions) {
    super(`Locked by a running process: ${path}`, options);
    this.name = "LockedError";
    this.path = path;
  }
}

/**
 * A write or a sync failed earlier, so what is on disk is no longer known. The
 * store refuses all use from then on; open it again, in a new process, to
 * carry on with what the disk holds. `cause` is the first failure.
 */
export class StorageFailedError extends Error {
  readonly code = "STORAGE_FAILED";
  /** File or directory that was written. */
  readonly path: string;

  constructor(path: string, cause: unknown) {
    super(`Write failed, storage is out of use: ${path}: ${messageOf(cause)}`, { cause });
    this.name = "StorageFailedError";
    this.path = path;
  }
}

/** A store is used before it was opened or after it was closed. */
export class StorageClosedError extends Error {
  readonly code = "STORAGE_CLOSED";

  constructor(what: string) {
    super(`Not open: ${what}`);
    this.name = "StorageClosedError";
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
