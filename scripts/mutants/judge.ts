import { KILLERS } from "./killers.ts";
import { hasScenarios, levelOf, type Mutant } from "./mutant.ts";
import { MutatedCopy } from "./mutated_copy.ts";
import { runProbe, runTests } from "./mutation_run.ts";
import type { ProbeResult } from "./probe.ts";
import type { MutantTypeCheck } from "./type_check.ts";

/** What noticed a mutant. */
export interface Findings extends Pick<ProbeResult, "scenarios" | "seed"> {
  /** Titles of the tests that failed. */
  readonly tests: readonly string[];
  /** Seeds that were played, if no one failed. */
  readonly seedsPassed: number;
}

/** What became of a mutant. */
export interface Verdict {
  readonly mutant: Mutant;
  readonly findings: Findings;
  /** Why it is no proof, `null` if it was caught. */
  readonly problem: string | null;
}

/** Seeds that are played to see whether a mutant that survives is executed at all. */
const WATCHED_SEEDS = 30;

const NOTHING: Findings = { scenarios: [], seed: null, tests: [], seedsPassed: 0 };

/** Puts a mutant to all that may notice it: scenarios, test files, and up to so many seeds. */
export async function judge(
  mutant: Mutant,
  { seeds, typeCheck }: { readonly seeds: number; readonly typeCheck: MutantTypeCheck },
): Promise<Verdict> {
  try {
    const complaints = typeCheck.problems(mutant);
    if (complaints.length > 0) {
      return uncaught(mutant, `does not type-check: ${complaints[0]}`);
    }
    using copy = new MutatedCopy(mutant);
    const findings = await search(mutant, copy.directory, seeds);
    if (findings.scenarios.length + findings.tests.length > 0 || findings.seed !== null) {
      return { mutant, findings, problem: null };
    }
    return uncaught(
      mutant,
      await isExecuted(mutant, copy) ? "survives" : "survives, and was not seen to be executed",
    );
  } catch (error) {
    return uncaught(mutant, error instanceof Error ? error.message : String(error));
  }
}

/**
 * Whether what is pinned for a mutant still catches it: the scenario, or else the
 * seed, or else the test. Returns what is wrong, `null` if it does.
 */
export async function pinProblem(mutant: Mutant): Promise<string | null> {
  const { scenario, seed, test } = KILLERS[mutant.id] ?? {};
  using copy = new MutatedCopy(mutant);
  const { directory } = copy;
  if (scenario !== undefined) {
    const scenarios = { title: scenario };
    const result = await runProbe({ directory, scenarios, seeds: null });
    return result.scenarios.length > 0 ? null : `passes "${scenario}"`;
  }
  if (seed !== undefined) {
    const seeds = { level: seed.level, from: seed.seed, end: seed.seed + 1 };
    const result = await runProbe({ directory, scenarios: "none", seeds });
    return result.seed !== null ? null : `passes seed ${seed.seed} of the ${seed.level} simulator`;
  }
  if (test !== undefined) {
    const failed = await runTests(directory, mutant.tests ?? []);
    return failed.includes(test) ? null : `passes "${test}"`;
  }
  return "nothing is pinned that catches it";
}

async function search(mutant: Mutant, directory: string, seeds: number): Promise<Findings> {
  const tests = mutant.tests === undefined ? [] : await runTests(directory, mutant.tests);
  const level = levelOf(mutant);
  if (level === null && !hasScenarios(mutant)) {
    return { ...NOTHING, tests };
  }
  const { scenarios, seed } = await runProbe({
    directory,
    scenarios: hasScenarios(mutant) ? "all" : "none",
    seeds: level === null ? null : { level, from: 1, end: seeds + 1 },
  });
  return { scenarios, seed, tests, seedsPassed: level === null || seed !== null ? 0 : seeds };
}

async function isExecuted(mutant: Mutant, copy: MutatedCopy): Promise<boolean> {
  const { wasExecuted } = await runProbe({
    directory: copy.directory,
    scenarios: hasScenarios(mutant) ? "all" : "none",
    seeds: { level: levelOf(mutant) ?? "full", from: 1, end: WATCHED_SEEDS + 1 },
    watch: { file: mutant.file, offset: copy.offset },
  });
  return wasExecuted === true;
}

function uncaught(mutant: Mutant, problem: string): Verdict {
  return { mutant, findings: NOTHING, problem };
}
