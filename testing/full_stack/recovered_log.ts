import type { LogState } from "../../raft/mod.ts";
import type { SimulatedDisk } from "../simulation/simulated_disk.ts";
import { ViolationError } from "../violation.ts";

/** What became of what a crash met on its way to a disk, or had there. */
export type WriteFate = "survived" | "lost" | "damaged" | null;

/**
 * A log that is opened holds all that it had said to be durable, and of the one
 * write that may have been under way all or nothing. If the disk is rotten, the
 * newest write may be missing. Whatever was cut, the log says so. Takes it over
 * into `disk`, and says what became of the write, if there was one.
 */
export function assertRecovered(
  id: string,
  disk: SimulatedDisk,
  { opened, isCut }: { readonly opened: LogState; readonly isCut: boolean },
): WriteFate {
  const fate = takeOver(id, disk, opened);
  const isSuspect = opened.hardState.isSuspect === true;
  // It may have been cut in a life that ended before it could tell.
  if (isSuspect && fate !== "damaged" && (isCut || disk.isRotten || !disk.isSuspect)) {
    disk.tear();
  }
  if (!isSuspect && (isCut || disk.isSuspect || disk.isRotten)) {
    throw new ViolationError("durable log", `the log of ${id} comes back as if it were whole`);
  }
  return fate;
}

/** Whether a log that is opened is this one, whatever it has come to suspect of itself. */
function isSame(opened: LogState, expected: LogState): boolean {
  return describe(opened) === describe(expected) &&
    (opened.hardState.isSuspect === true || expected.hardState.isSuspect !== true);
}

function takeOver(id: string, disk: SimulatedDisk, opened: LogState): WriteFate {
  const hadWrite = disk.waiting.length > 0;
  const durable = describe(disk.open());
  if (isSame(opened, disk.open())) {
    disk.crash(0);
    return hadWrite ? "lost" : null;
  }
  if (disk.isRotten) {
    const copy = disk.copy();
    copy.crash(0);
    if (copy.damage() && isSame(opened, copy.open())) {
      disk.crash(0);
      disk.damage();
      return "damaged";
    }
  }
  disk.crash(1);
  if (!isSame(opened, disk.open())) {
    throw new ViolationError(
      "durable log",
      `the log of ${id} comes back as ${describe(opened)}; durable was ${durable}` +
        (hadWrite ? `, or with the write under way ${describe(disk.open())}` : ""),
    );
  }
  return "survived";
}

function describe({ hardState, marker, lastIndex, terms, membershipEntries }: LogState): string {
  const { term, vote, commit } = hardState;
  return JSON.stringify({
    hardState: { term, vote, commit },
    marker: [marker.index, marker.term],
    lastIndex,
    terms: lastIndex > marker.index
      ? terms.map(({ firstIndex, term }) => [Math.max(firstIndex, marker.index + 1), term])
      : [],
    memberships: membershipEntries.map(({ index }) => index),
  });
}
