import {
  COVERAGE_SEEDS,
  coverageProblems,
  type FailedSeed,
  type SwarmReport,
} from "../../testing/mod.ts";
import type { SimulationOrder } from "./arguments.ts";
import { type Level, marksOf } from "./levels.ts";

/** Prints a seed that failed, with the command that replays it. */
export function showFailure(
  { seed, message }: FailedSeed,
  { level, events }: Pick<SimulationOrder, "level" | "events">,
): void {
  const option = level === "core" ? "" : ` --level ${level}`;
  console.log(`\nseed ${seed} failed: ${message}`);
  console.log(`  npm run simulate -- --seed ${seed} --events ${events}${option}`);
}

/** How far a run is, in one line. */
export function progress(
  { seeds, events, virtualUs, failures }: SwarmReport,
  started: number,
): string {
  const seconds = (performance.now() - started) / 1000;
  return `${seeds} seeds, ${(virtualUs / 3.6e9).toFixed(2)} virtual hours, ${events} events, ` +
    `${Math.round(events / seconds)} events/s, ${failures.length} failed`;
}

/** Prints what a run came to. Returns the exit code. */
export function conclude(
  total: SwarmReport,
  { level, started, seeds }: {
    readonly level: Level;
    readonly started: number;
    /** How many were asked for. */
    readonly seeds: number;
  },
): number {
  console.log(progress(total, started));
  console.log(
    `${(total.commits / total.seeds).toFixed(0)} commits, ` +
      `${(total.acknowledged / total.seeds).toFixed(0)} writes and ` +
      `${(total.readsServed / total.seeds).toFixed(0)} reads served a seed; healed in at most ` +
      `${total.healedTimeoutsMax.toFixed(1)} election timeouts`,
  );
  const problems = [
    ...(total.seeds < seeds ? [`${seeds - total.seeds} seeds were not played`] : []),
    ...coverageProblems(total, marksOf(level)),
  ];
  if (seeds < COVERAGE_SEEDS) {
    console.log(`fewer than ${COVERAGE_SEEDS} seeds: marks and faults are not demanded`);
  }
  problems.forEach((problem) => console.log(problem));
  return total.failures.length + problems.length === 0 ? 0 : 1;
}
