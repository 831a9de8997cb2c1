/**
 * Something that was durable in the log does not check any more. Nothing was
 * changed: cutting the log here could lose what was acknowledged.
 */
export class WalCorruptError extends Error {
  readonly code = "WAL_CORRUPT";
  readonly file: string;
  /** Where in the file the damage was met. */
  readonly offset: number;

  constructor(file: string, offset: number, what: string, options?: ErrorOptions) {
    super(
      `Log damaged: ${file} at offset ${offset}: ${what}. ` +
        "Check the disk, then restore this file from a backup of the same member, or remove " +
        "this member from the group and add it again with an empty data directory",
      options,
    );
    this.name = "WalCorruptError";
    this.file = file;
    this.offset = offset;
  }
}

/** The log was written by a later release, in a format that this one does not know. */
export class WalVersionError extends Error {
  readonly code = "WAL_VERSION";
  readonly file: string;
  /** Format version of the file. */
  readonly version: number;

  constructor(file: string, version: number, supported: number) {
    super(
      `Log format version ${version} is newer than this release reads (${supported}): ${file}. ` +
        "Run the release that wrote it, or a later one",
    );
    this.name = "WalVersionError";
    this.file = file;
    this.version = version;
  }
}

/** The log belongs to somebody else, such as a member of another cluster. */
export class WalIdentityError extends Error {
  readonly code = "WAL_IDENTITY";
  readonly file: string;
  readonly expected: string;
  readonly actual: string;

  constructor(file: string, identity: { readonly expected: string; readonly actual: string }) {
    super(
      `Log of another owner: ${file} belongs to "${identity.actual}", not "${identity.expected}"`,
    );
    this.name = "WalIdentityError";
    this.file = file;
    this.expected = identity.expected;
    this.actual = identity.actual;
  }
}
