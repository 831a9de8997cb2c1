import type { CoreSimulationResult } from "./simulate_core.ts";
import { MARKS } from "./marks.ts";

/** A seed that broke something. */
export interface FailedSeed {
  readonly seed: number;
  readonly check: string;
  readonly message: string;
  readonly events: number;
}

/** What many runs came to: plain data, so that it may cross threads. */
export interface SwarmReport {
  readonly seeds: number;
  readonly events: number;
  readonly virtualUs: number;
  readonly commits: number;
  readonly acknowledged: number;
  readonly readsServed: number;
  /** The longest that a group took to heal, in election timeouts. */
  readonly healedTimeoutsMax: number;
  /** Seeds in which hardly anything was committed. */
  readonly idleSeeds: number;
  readonly marks: Readonly<Record<string, number>>;
  readonly faults: Readonly<Record<string, number>>;
  readonly crashPoints: Readonly<Record<string, number>>;
  readonly failures: readonly FailedSeed[];
}

/** Seeds from which on a set of them must reach every mark and fire every fault. */
export const COVERAGE_SEEDS = 300;

/** Commits per seed, on average, below which faults are too dense to test anything. */
export const COMMITS_PER_SEED_MIN = 100;

/** Commits below which a single seed counts as idle, and the part of the seeds that may be. */
const IDLE_COMMITS = 10;
const IDLE_PART_MAX = 0.05;

export const EMPTY_REPORT: SwarmReport = {
  seeds: 0,
  events: 0,
  virtualUs: 0,
  commits: 0,
  acknowledged: 0,
  readsServed: 0,
  healedTimeoutsMax: 0,
  idleSeeds: 0,
  marks: {},
  faults: {},
  crashPoints: {},
  failures: [],
};

/** What one run came to. */
export function reportOf(result: CoreSimulationResult): SwarmReport {
  const { seed, failure, events } = result;
  return {
    seeds: 1,
    events,
    virtualUs: result.virtualUs,
    commits: result.commits,
    acknowledged: result.acknowledged,
    readsServed: result.readsServed,
    healedTimeoutsMax: result.healedTimeouts,
    idleSeeds: failure === null && result.commits < IDLE_COMMITS ? 1 : 0,
    marks: result.marks,
    faults: Object.fromEntries(result.faults),
    crashPoints: Object.fromEntries(result.crashPoints),
    failures: failure === null
      ? []
      : [{ seed, check: failure.check, message: failure.message, events }],
  };
}

/** Two reports as one. */
export function mergeReports(one: SwarmReport, other: SwarmReport): SwarmReport {
  return {
    seeds: one.seeds + other.seeds,
    events: one.events + other.events,
    virtualUs: one.virtualUs + other.virtualUs,
    commits: one.commits + other.commits,
    acknowledged: one.acknowledged + other.acknowledged,
    readsServed: one.readsServed + other.readsServed,
    healedTimeoutsMax: Math.max(one.healedTimeoutsMax, other.healedTimeoutsMax),
    idleSeeds: one.idleSeeds + other.idleSeeds,
    marks: addCounts(one.marks, other.marks),
    faults: addCounts(one.faults, other.faults),
    crashPoints: addCounts(one.crashPoints, other.crashPoints),
    failures: [...one.failures, ...other.failures],
  };
}

/**
 * Why a run over many seeds proves less than it seems to, beside its failures:
 * one line each. `wanted` are the marks of its level.
 */
export function coverageProblems(
  report: SwarmReport,
  wanted: Readonly<Record<string, string>> = MARKS,
): string[] {
  const { seeds, commits, idleSeeds, marks, faults, crashPoints } = report;
  if (seeds < COVERAGE_SEEDS) {
    return [];
  }
  const problems = Object.entries(wanted)
    .filter(([mark]) => (marks[mark] ?? 0) === 0)
    .map(([mark, meaning]) => `never reached: "${mark}" (${meaning})`);
  for (const [fault, count] of [...Object.entries(faults), ...Object.entries(crashPoints)]) {
    if (count === 0) {
      problems.push(`configured, but never struck: "${fault}"`);
    }
  }
  if (commits / seeds < COMMITS_PER_SEED_MIN) {
    problems.push(
      `${Math.round(commits / seeds)} commits a seed, fewer than ${COMMITS_PER_SEED_MIN}`,
    );
  }
  if (idleSeeds / seeds > IDLE_PART_MAX) {
    problems.push(`${idleSeeds} of ${seeds} seeds committed fewer than ${IDLE_COMMITS} entries`);
  }
  return problems;
}

function addCounts(
  one: Readonly<Record<string, number>>,
  other: Readonly<Record<string, number>>,
): Record<string, number> {
  const sum: Record<string, number> = { ...one };
  for (const [name, count] of Object.entries(other)) {
    sum[name] = (sum[name] ?? 0) + count;
  }
  return sum;
}
