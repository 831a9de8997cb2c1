/**
 * Looks whether the pinned scenario or seed of each of some mutants still catches
 * it, and writes what does not as JSON: problems by id. Their ids follow.
 */
import process from "node:process";
import type { runFullStackSeed } from "../../testing/full_stack/mod.ts";
import type { Scenario, simulateCore } from "../../testing/mod.ts";
import { ALL_MUTANTS } from "./all_mutants.ts";
import { type Killer, KILLERS } from "./killers.ts";
import type { Mutant } from "./mutant.ts";
import { MutantLoader } from "./mutant_loader.ts";
import { titleOf } from "./probe.ts";

const loader = new MutantLoader();
const ids = new Set(process.argv.slice(2));
const problems: Record<string, string> = {};
for (const mutant of ALL_MUTANTS.filter(({ id }) => ids.has(id))) {
  const problem = await problemOf(mutant, KILLERS[mutant.id] ?? {});
  if (problem !== null) {
    problems[mutant.id] = problem;
  }
}
console.log(JSON.stringify(problems));

async function problemOf(mutant: Mutant, { scenario, seed }: Killer): Promise<string | null> {
  if (scenario !== undefined) {
    return await scenarioProblem(mutant, scenario);
  }
  return seed === undefined ? "no scenario and no seed is pinned" : await seedProblem(mutant, seed);
}

async function scenarioProblem(mutant: Mutant, title: string): Promise<string | null> {
  const { ALL_SCENARIOS } = await loader.load<{ ALL_SCENARIOS: readonly Scenario[] }>(
    mutant,
    "test/raft/scenarios/all_scenarios.ts",
  );
  const scenario = ALL_SCENARIOS.find((each) => titleOf(each) === title);
  if (scenario === undefined) {
    return `there is no scenario "${title}"`;
  }
  try {
    scenario.run();
    return `passes "${title}"`;
  } catch (error) {
    const { code } = error as { readonly code?: string };
    return code === "VIOLATION" || code === "INVARIANT" ? null : `"${title}" broke: ${error}`;
  }
}

async function seedProblem(
  mutant: Mutant,
  { level, seed }: NonNullable<Killer["seed"]>,
): Promise<string | null> {
  const { failure } = level === "core"
    ? (await loader.load<{ simulateCore: typeof simulateCore }>(mutant, "testing/mod.ts"))
      .simulateCore({ seed })
    : await (await loader.load<{ runFullStackSeed: typeof runFullStackSeed }>(
      mutant,
      "testing/full_stack/mod.ts",
    )).runFullStackSeed(seed);
  return failure === null ? `passes seed ${seed} of the ${level} simulator` : null;
}
