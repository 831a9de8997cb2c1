/** A snapshot was written by a later release, in a format that this one does not know. */
export class SnapshotVersionError extends Error {
  readonly code = "SNAPSHOT_VERSION";
  readonly file: string;
  /** Format version of the file. */
  readonly version: number;

  constructor(file: string, version: number, supported: number) {
    super(
      `Snapshot format version ${version} is newer than this release reads (${supported}): ` +
        `${file}. Run the release that wrote it, or a later one`,
    );
    this.name = "SnapshotVersionError";
    this.file = file;
    this.version = version;
  }
}

/** A snapshot belongs to somebody else, such as a member of another cluster. */
export class SnapshotIdentityError extends Error {
  readonly code = "SNAPSHOT_IDENTITY";
  readonly file: string;
  readonly expected: string;
  readonly actual: string;

  constructor(file: string, identity: { readonly expected: string; readonly actual: string }) {
    super(
      `Snapshot of another owner: ${file} belongs to "${identity.actual}", ` +
        `not "${identity.expected}"`,
    );
    this.name = "SnapshotIdentityError";
    this.file = file;
    this.expected = identity.expected;
    this.actual = identity.actual;
  }
}
