import type { Backend, FileSystem } from "../../storage/mod.ts";
import { compactDatabase, LmdbBackend } from "../../storage/lmdb/mod.ts";
import type { DataDirectory } from "./data_directory.ts";
import { hasLog } from "./log_files.ts";

/** What a defragmentation at the start came to. */
export type Defragmentation =
  | { readonly type: "done"; readonly bytesBefore: number; readonly bytesAfter: number }
  /** The backend is as it was. */
  | { readonly type: "failed"; readonly error: unknown };

/** How a member's backend is opened. */
export interface BackendFileOptions {
  readonly buckets: readonly string[];
  /** Megabytes that must be free for the file to be compacted first; 0 for never. */
  readonly defragThresholdMegabytes: number;
  readonly onDefragmented: (outcome: Defragmentation) => void;
  readonly onFailure: (error: Error) => void;
}

const MEGABYTE = 1024 * 1024;

/**
 * Opens the backend of a member, and creates it for one that has no log yet.
 *
 * @throws {BackendMissingError} if there is a log and no backend.
 * @throws {BackendDamagedError} if its file does not check.
 * @throws {BackendUnusableError} if its file cannot be opened.
 */
export async function openBackendFile(
  fileSystem: FileSystem,
  { backendPath, walPath }: DataDirectory,
  { buckets, defragThresholdMegabytes, onDefragmented, onFailure }: BackendFileOptions,
): Promise<Backend> {
  // The backend is created, durably, before the log is.
  const mustExist = await hasLog(fileSystem, walPath);
  if (mustExist && defragThresholdMegabytes > 0) {
    const outcome = await defragment(backendPath, {
      buckets,
      freeBytesMin: defragThresholdMegabytes * MEGABYTE,
    });
    if (outcome !== null) {
      onDefragmented(outcome);
    }
  }
  return await LmdbBackend.open({ path: backendPath, buckets, mustExist, onFailure });
}

/** A failure, such as for want of room for the copy, is no reason not to start with what there is. */
async function defragment(
  path: string,
  options: { readonly buckets: readonly string[]; readonly freeBytesMin: number },
): Promise<Defragmentation | null> {
  try {
    const result = await compactDatabase({ path, ...options });
    return result === null ? null : { type: "done", ...result };
  } catch (error) {
    return { type: "failed", error };
  }
}
