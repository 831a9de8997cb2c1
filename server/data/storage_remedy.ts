import { statfsSync } from "node:fs";
import { dirname } from "node:path";
import { StorageFailedError } from "../../storage/mod.ts";

/** With less than this, a write that failed did so for want of room: LMDB says only EIO then. */
const FULL_BELOW_BYTES = 64 * 1024;

/**
 * What an operator can do about a failure of a member's storage, as a sentence;
 * `null` if the failure is another.
 */
export function storageRemedy(error: unknown): string | null {
  const causes = causesOf(error);
  const failed = causes.find((cause) => cause instanceof StorageFailedError);
  if (failed === undefined) {
    return null;
  }
  const code = causes.map(codeOf).find((code) => code in REMEDIES) ?? "";
  const place = dirname(failed.path);
  const isFull = code === "ENOSPC" || (code !== "EDQUOT" && code !== "EROFS" && isFullAt(place));
  const remedy = isFull ? REMEDIES["ENOSPC"] : REMEDIES[code];
  return `${(remedy ?? OTHER).replaceAll("PLACE", place)}. ` +
    "Everything that was acknowledged is durable";
}

const REMEDIES: Readonly<Record<string, string>> = {
  ENOSPC: "The disk is full: free space on the file system of PLACE, and start the member again",
  EDQUOT: "The disk quota is used up: raise it for PLACE, and start the member again",
  EROFS: "The file system of PLACE is read-only: look for the reason in the system's log, check " +
    "the disk, mount it writable, and start the member again",
};

const OTHER = "Check the disk that holds PLACE, and start the member again";

function causesOf(error: unknown): Error[] {
  const causes: Error[] = [];
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    causes.push(cause);
  }
  return causes;
}

function codeOf(error: Error): string {
  return "code" in error ? String(error.code) : "";
}

function isFullAt(path: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(path);
    return bavail * bsize < FULL_BELOW_BYTES;
  } catch {
    return false; // What is not there has no free space to be told.
  }
}
