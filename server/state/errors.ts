/** The log holds a command that this member cannot apply. It must stop: skipping it would make members differ. */
export class UnknownCommandError extends Error {
  readonly code = "COMMAND_UNKNOWN";

  constructor(what: string) {
    super(`Unknown command in the log: ${what}`);
    this.name = "UnknownCommandError";
  }
}

/** Reasons for which a command is refused, the same on every member. */
export type RefusalCode =
  | "KEY_NOT_FOUND"
  | "LEASE_NOT_FOUND"
  | "REVISION_COMPACTED"
  | "REVISION_FUTURE";
