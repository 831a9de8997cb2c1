/** A revision was asked for that compaction has made unreadable. */
export class CompactedRevisionError extends Error {
  readonly code = "REVISION_COMPACTED";
  /** What was asked for. */
  readonly revision: number;
  /** The oldest revision that can still be read. */
  readonly compactRevision: number;

  constructor(revision: number, compactRevision: number) {
    super(`Revision is compacted: ${revision}, compact revision is ${compactRevision}`);
    this.name = "CompactedRevisionError";
    this.revision = revision;
    this.compactRevision = compactRevision;
  }
}

/** A revision was asked for that no write has reached yet. */
export class FutureRevisionError extends Error {
  readonly code = "REVISION_FUTURE";
  /** What was asked for. */
  readonly revision: number;
  /** The newest revision there is. */
  readonly currentRevision: number;

  constructor(revision: number, currentRevision: number) {
    super(`Revision is in the future: ${revision}, current revision is ${currentRevision}`);
    this.name = "FutureRevisionError";
    this.revision = revision;
    this.currentRevision = currentRevision;
  }
}

/** Bytes in the backend are not what this module writes: damage, or another program's work. */
export class MalformedRecordError extends Error {
  readonly code = "RECORD_MALFORMED";

  constructor(message: string) {
    super(`Malformed record: ${message}`);
    this.name = "MalformedRecordError";
  }
}
