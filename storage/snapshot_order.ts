import { type EntryId, invariant } from "../raft/mod.ts";

/** How many are kept by default: as many as etcd keeps (`--max-snapshots`). */
export const SNAPSHOTS_MAX = 5;

/** Below 0 if `one` comes first, newest first. A later term never has a lower index. */
export function newestFirst(one: EntryId, other: EntryId): number {
  return other.term - one.term || other.index - one.index;
}

export function isSameEntry(one: EntryId, other: EntryId): boolean {
  return one.term === other.term && one.index === other.index;
}

/** Nobody can have a snapshot of anything else. */
export function assertEntryId({ term, index }: EntryId): void {
  for (const number of [term, index]) {
    invariant(
      Number.isSafeInteger(number) && number > 0,
      "a snapshot covers an entry",
      term,
      index,
    );
  }
}

export function assertKeep(keep: number): void {
  invariant(Number.isSafeInteger(keep) && keep > 0, "a purge leaves at least one snapshot", keep);
}
