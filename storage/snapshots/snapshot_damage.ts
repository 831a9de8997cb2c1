import type { EntryId } from "../../raft/mod.ts";

/** A snapshot file that does not check. */
export interface SnapshotDamage {
  readonly file: string;
  /** Where in the file the damage was met. */
  readonly offset: number;
  readonly what: string;
  /** Last entry that the snapshot covers, by the name of its file. */
  readonly last: EntryId;
}

/** Thrown within this module where a file does not check. */
export class FileDamage extends Error {
  readonly code = "SNAPSHOT_FILE_DAMAGE";
  readonly offset: number;

  constructor(offset: number, what: string, options?: ErrorOptions) {
    super(what, options);
    this.name = "FileDamage";
    this.offset = offset;
  }
}
