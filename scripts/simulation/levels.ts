import { DISK_MARKS, type DiskMark, runFullStackSeed } from "../../testing/full_stack/mod.ts";
import {
  type CoreSimulationOptions,
  type CoreSimulationResult,
  type Mark,
  MARKS,
  simulateCore,
} from "../../testing/mod.ts";

/** `core`: `RaftCore` alone. `full`: whole members, with the log in files on a simulated disk. */
export const LEVELS = ["core", "full"] as const;

export type Level = (typeof LEVELS)[number];

/** One seed to run. */
export type SeedOptions = Pick<CoreSimulationOptions, "seed" | "events" | "onTrace">;

/** Runs one seed at a level. */
export async function simulate(
  level: Level,
  { seed, ...options }: SeedOptions,
): Promise<CoreSimulationResult> {
  return level === "core"
    ? simulateCore({ seed, ...options })
    : await runFullStackSeed(seed, options);
}

/** Places that many seeds of a level must get to, with what they mean. */
export function marksOf(level: Level): Readonly<Record<Mark | DiskMark, string> | typeof MARKS> {
  return level === "core" ? MARKS : { ...MARKS, ...DISK_MARKS };
}
