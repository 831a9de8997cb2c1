import { basename, dirname } from "node:path";
import type { Clock } from "../../raft/mod.ts";
import type { FileSystem } from "../../storage/mod.ts";
import type { DataDirectory } from "./data_directory.ts";
import { DataDirectoryError } from "./errors.ts";
import { hasLog } from "./log_files.ts";
import { readMemberIdentity } from "./member_identity.ts";

/** How long a member may go on writing to files that nobody will find. */
const CHECK_INTERVAL_MS = 1_000;

export interface DirectoryGuardOptions {
  readonly fileSystem: FileSystem;
  readonly directory: DataDirectory;
  readonly clock: Pick<Clock, "setTimer">;
  /** Told once, and then nothing is looked at any more. */
  readonly onLost: (error: DataDirectoryError) => void;
}

/**
 * Looks every second whether the files that a member has open can still be
 * found. The system lets a process write to files that were deleted, or over
 * which another file system was mounted, as if nothing had happened: all that
 * is acknowledged from then on is gone when the process ends.
 *
 * Returns what ends it.
 */
export function guardDirectory(options: DirectoryGuardOptions): () => void {
  let hasEnded = false;
  let stopTimer = (): void => {};
  const look = async (): Promise<void> => {
    const loss = await lossOf(options);
    if (hasEnded) {
      return;
    }
    if (loss === null) {
      stopTimer = options.clock.setTimer(CHECK_INTERVAL_MS, look);
    } else {
      hasEnded = true;
      options.onLost(loss);
    }
  };
  stopTimer = options.clock.setTimer(CHECK_INTERVAL_MS, look);
  return () => {
    hasEnded = true;
    stopTimer();
  };
}

/** What is no longer where the member has it, `null` if all is, or if that cannot be told. */
async function lossOf(
  { fileSystem, directory }: DirectoryGuardOptions,
): Promise<DataDirectoryError | null> {
  const { path, identity, walPath, backendPath } = directory;
  try {
    const found = await readMemberIdentity(fileSystem, path);
    if (found === null) {
      return lost(path, "its kvorum.json is gone");
    }
    if (found.incarnation !== identity.incarnation) {
      return lost(path, "another member's data is in its place");
    }
    if (!await hasLog(fileSystem, walPath)) {
      return lost(path, `the log in ${walPath} is gone`);
    }
    if (!(await fileSystem.list(dirname(backendPath))).includes(basename(backendPath))) {
      return lost(path, `${backendPath} is gone`);
    }
    return null;
  } catch (error) {
    // Others, such as too many open files, say nothing of the directory.
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    return LOST.has(code) ? lost(path, (error as Error).message, error) : null;
  }
}

const LOST: ReadonlySet<string> = new Set(["ENOENT", "ENOTDIR", "EACCES", "EPERM", "ESTALE"]);

function lost(path: string, what: string, cause?: unknown): DataDirectoryError {
  return new DataDirectoryError(
    path,
    `was taken from under the running member: ${what}. What was written since may be lost. ` +
      "Put the directory back as it was, or restore it from a backup of the same member, or " +
      "remove this member from the cluster and add it again with an empty data directory",
    cause,
  );
}
