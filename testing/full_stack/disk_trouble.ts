import type { SeededRandom } from "../seeded_random.ts";
import { CHANGING_CALLS, type FileCall } from "../simulated_file_system/file_call.ts";
import type { FailingDiskFault } from "../simulation/fault.ts";

/** What is to go wrong with a disk, from one of the calls on that it concerns. */
export type DiskTrouble =
  /** One call of this kind fails. */
  | {
    readonly type: "error";
    readonly call: FileCall;
    readonly code: "EIO" | "EDQUOT";
    /** Part of the bytes of a write that are written nevertheless. */
    readonly writtenPart: number;
    readonly callsBefore: number;
  }
  /** There is no room any more. */
  | { readonly type: "full"; readonly writtenPart: number; readonly callsBefore: number }
  /** The file system turns read-only, in the moment of so many calls. */
  | {
    readonly type: "readOnly";
    readonly momentCalls: number;
    /** Whether the first of them is a durable write into a hole. */
    readonly waitsForHole: boolean;
    readonly callsBefore: number;
  };

/** Calls of which one may fail: most often a write to the log, or a read, which is rare by itself. */
const FAILING_CALLS: readonly FileCall[] = [
  ...CHANGING_CALLS,
  "writeDurably",
  "writeDurably",
  "writeDurably",
  "read",
  "read",
  "read",
];

/** Draws the details of a fault. */
export function drawTrouble(fault: FailingDiskFault, random: SeededRandom): DiskTrouble {
  const writtenPart = random.pick([0, random.random(), 1]);
  switch (fault) {
    case "disk error":
      return {
        type: "error",
        call: random.pick(FAILING_CALLS),
        code: random.pick(["EIO", "EIO", "EDQUOT"]),
        writtenPart,
        callsBefore: random.below(4),
      };
    case "disk full":
      return { type: "full", writtenPart, callsBefore: random.below(10) };
    case "read-only disk":
      return {
        type: "readOnly",
        momentCalls: random.between(1, 3),
        // It is rare, and the only one of whose loss nothing tells.
        waitsForHole: random.chance(0.5),
        callsBefore: random.below(20),
      };
  }
}
