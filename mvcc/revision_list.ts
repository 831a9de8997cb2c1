import type { Revision } from "./revision.ts";

/**
 * Revisions in ascending order, flat in one array: main, sub, main, sub, …
 * An object for each would take three times the memory.
 */
export type RevisionList = number[];

/** How many revisions the list holds. */
export function countOf(list: RevisionList): number {
  return list.length / 2;
}

/** Main part of the revision at `index`, which must be in the list. */
export function mainAt(list: RevisionList, index: number): number {
  return list[2 * index] ?? 0;
}

/** The revision at `index`, which must be in the list. */
export function revisionAt(list: RevisionList, index: number): Revision {
  return { main: mainAt(list, index), sub: list[2 * index + 1] ?? 0 };
}

/** How many revisions of the list have a main part of at most `main`: those before that index. */
export function countUpTo(list: RevisionList, main: number): number {
  let low = 0;
  let high = countOf(list);
  // Invariant: all before `low` are at most `main`, all from `high` on are above it.
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (mainAt(list, middle) <= main) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

/** Removes the first `count` revisions and returns them. */
export function takeFirst(list: RevisionList, count: number): RevisionList {
  return list.splice(0, 2 * count);
}
