import type { Revision } from "./revision.ts";
import { countUpTo, mainAt, type RevisionList } from "./revision_list.ts";

/** A generation of a key that a tombstone has ended. */
export interface ClosedGeneration {
  /** Main revision of the put that began it; 0 if no put of it was left at a restart. */
  readonly createRevision: number;
  /** Version of its last put. */
  readonly version: number;
  /** Its puts, as far as they are not compacted. */
  readonly puts: RevisionList;
  readonly tombstone: Revision;
}

/** Of generations in order, how many had ended at `revision` or before. */
export function endedUpTo(generations: readonly ClosedGeneration[], revision: number): number {
  let low = 0;
  let high = generations.length;
  // Invariant: all before `low` have ended by `revision`, all from `high` on have not.
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((generations[middle]?.tombstone.main ?? Infinity) <= revision) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

/**
 * Of generations in order, how many a compaction at `atRevision` drops whole:
 * those that ended before it, and those that ended at it while a later one
 * began at it too, as when one transaction deletes a key and puts it again.
 */
export function compactedUpTo(
  generations: readonly ClosedGeneration[],
  atRevision: number,
): number {
  let count = endedUpTo(generations, atRevision - 1);
  for (let next = generations[count + 1]; next !== undefined; next = generations[count + 1]) {
    if (mainAt(next.puts, 0) > atRevision) {
      break;
    }
    count++;
  }
  return count;
}

/** How many puts of a generation a compaction at `atRevision` drops. */
export function compactedPuts({ puts, tombstone }: ClosedGeneration, atRevision: number): number {
  const upTo = countUpTo(puts, atRevision);
  // The last of them is what the key was at `atRevision`, unless it was deleted by then.
  return tombstone.main <= atRevision ? upTo : Math.max(0, upTo - 1);
}
