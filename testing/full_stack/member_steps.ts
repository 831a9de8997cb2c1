import type { AppendBatch, LogState } from "../../raft/mod.ts";
import type { CrashPoint } from "../simulation/crash_point.ts";
import type { SimulatedDisk } from "../simulation/simulated_disk.ts";
import { ViolationError } from "../violation.ts";

/** The steps of the protocol that a write is, once it is on its way and once it is durable. */
export function crashPointsOf(
  { hardState, entries }: AppendBatch,
  stage: "queued" | "durable",
): CrashPoint[] {
  const points: CrashPoint[] = [];
  if (hardState !== null && hardState.vote !== null) {
    points.push(stage === "queued" ? "vote decided" : "vote durable");
  }
  if (entries.length > 0) {
    points.push(stage === "queued" ? "entries queued" : "entries durable");
  }
  if (stage === "queued" && entries.some(({ kind }) => kind === "membership")) {
    points.push("membership proposed");
  }
  return points;
}

/**
 * A log that is opened holds all that it had said to be durable, and of the one
 * write that may have been under way all or nothing. Takes it over into `disk`,
 * and says what became of that write, if there was one.
 */
export function assertRecovered(
  id: string,
  disk: SimulatedDisk,
  opened: LogState,
): "survived" | "lost" | null {
  const hadWrite = disk.waiting.length > 0;
  const durable = describe(disk.open());
  const found = describe(opened);
  if (durable === found) {
    disk.crash(0);
    return hadWrite ? "lost" : null;
  }
  disk.crash(1);
  if (describe(disk.open()) !== found) {
    throw new ViolationError(
      "durable log",
      `the log of ${id} comes back as ${found}; durable was ${durable}` +
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
