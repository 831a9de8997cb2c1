/**
 * The file of a backend is not one, is cut short, cannot be read, or does not check. Nothing
 * was changed: LMDB did not get to see it, since that might have ended the process.
 */
export class BackendDamagedError extends Error {
  readonly code = "BACKEND_DAMAGED";
  readonly file: string;
  /** Where in the file the damage was met. */
  readonly offset: number;

  constructor(file: string, offset: number, what: string, options?: ErrorOptions) {
    super(
      `Backend damaged: ${file} at offset ${offset}: ${what}. ` +
        "Check the disk, then restore the whole data directory from a backup of the same member, " +
        "or remove this member from the group and add it again with an empty data directory",
      options,
    );
    this.name = "BackendDamagedError";
    this.file = file;
    this.offset = offset;
  }
}

/** The file of a backend is gone, though something tells that there was one. */
export class BackendMissingError extends Error {
  readonly code = "BACKEND_MISSING";
  readonly file: string;

  constructor(file: string) {
    super(
      `Backend missing: ${file} is not there, and there was one. ` +
        "Restore the whole data directory from a backup of the same member, " +
        "or remove this member from the group and add it again with an empty data directory",
    );
    this.name = "BackendMissingError";
    this.file = file;
  }
}

/** A file of a backend is something else, such as a directory, or may not be opened. */
export class BackendUnusableError extends Error {
  readonly code = "BACKEND_UNUSABLE";
  readonly file: string;

  constructor(file: string, why: string, options?: ErrorOptions) {
    super(`Backend cannot be opened: ${file}: ${why}`, options);
    this.name = "BackendUnusableError";
    this.file = file;
  }
}
