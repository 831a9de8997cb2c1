import type { EntryId } from "../../raft/mod.ts";

const DIGITS = 16;
const NAME = /^([0-9a-f]{16})-([0-9a-f]{16})\.snapshot$/;
const TEMPORARY_SUFFIX = ".tmp";

/**
 * The name of a snapshot's file: term and index of its last entry in hex
 * digits, so that names sort by age. etcd's have the suffix `snap` and are
 * something else.
 */
export function snapshotName({ term, index }: EntryId): string {
  return `${hex(term)}-${hex(index)}.snapshot`;
}

/** The last entry in a snapshot's name, `null` for another file's name. */
export function entryOf(name: string): EntryId | null {
  const [, term, index] = NAME.exec(name) ?? [];
  if (term === undefined || index === undefined) {
    return null;
  }
  const last = { term: Number.parseInt(term, 16), index: Number.parseInt(index, 16) };
  // Larger numbers would be rounded: such a name was never given here.
  return snapshotName(last) === name ? last : null;
}

/** The name while it is written. */
export function temporaryName(last: EntryId): string {
  return `${snapshotName(last)}${TEMPORARY_SUFFIX}`;
}

/** Whether a crash left this file behind while a snapshot was written. */
export function isTemporaryName(name: string): boolean {
  return name.endsWith(TEMPORARY_SUFFIX) &&
    entryOf(name.slice(0, -TEMPORARY_SUFFIX.length)) !== null;
}

function hex(number: number): string {
  return number.toString(16).padStart(DIGITS, "0");
}
