import type { EntryId } from "../raft/mod.ts";

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

/**
 * A snapshot was damaged while it was read, after it had been opened. Opening
 * the newest one again leads to the one before it.
 */
export class SnapshotCorruptError extends Error {
  readonly code = "SNAPSHOT_CORRUPT";
  /** Last entry that the snapshot covers. */
  readonly last: EntryId;

  constructor(last: EntryId, what: string, options?: ErrorOptions) {
    super(`Snapshot damaged: entry ${last.index} of term ${last.term}: ${what}`, options);
    this.name = "SnapshotCorruptError";
    this.last = last;
  }
}

/** There are snapshots, and all of them are damaged. Nothing was changed. */
export class NoUsableSnapshotError extends Error {
  readonly code = "NO_USABLE_SNAPSHOT";
  /** Last entries of the damaged ones, newest first. */
  readonly damaged: readonly EntryId[];

  /** `place` is where they are, `what` what is wrong with the newest one. */
  constructor(damaged: readonly EntryId[], { place, what }: {
    readonly place: string;
    readonly what: string;
  }) {
    super(
      `No usable snapshot: ${
        damaged.length === 1 ? "the only one is" : `all ${damaged.length} are`
      } damaged in ${place}, the newest one: ${what}. ` +
        "Check the disk, then restore a snapshot from a backup of the same member, or remove " +
        "this member from the group and add it again with an empty data directory",
    );
    this.name = "NoUsableSnapshotError";
    this.damaged = damaged;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
