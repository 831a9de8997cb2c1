import { ViolationError } from "../violation.ts";

/** A failure as a violation, unless it is one. */
export function asViolation(check: string, what: string, error: unknown): ViolationError {
  return error instanceof ViolationError ? error : new ViolationError(
    check,
    `${what}: ${error instanceof Error ? error.stack ?? error.message : error}`,
    {
      cause: error,
    },
  );
}
