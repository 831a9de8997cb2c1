import { type FileErrorCode, FileSystemError } from "../simulated_file_system/file_errors.ts";
import { ViolationError } from "../violation.ts";

/** Codes by which a disk says that it fails; a simulated one has them from its faults alone. */
const FAILURES: ReadonlySet<FileErrorCode> = new Set<FileErrorCode>([
  "EDQUOT",
  "EIO",
  "ENOSPC",
  "EROFS",
]);

/** The failure of a disk that an error comes from, `null` if it comes from something else. */
export function diskErrorOf(error: unknown): FileSystemError | null {
  if (error instanceof FileSystemError && FAILURES.has(error.code)) {
    return error;
  }
  return error instanceof Error && !(error instanceof ViolationError)
    ? diskErrorOf(error.cause)
    : null;
}
