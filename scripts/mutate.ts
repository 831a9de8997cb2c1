/**
 * `npm run mutate`: puts each seeded bug into a copy of the source, and reports
 * which scenario, test or seed catches it, and how many seeds it takes from
 * scratch. Fails if a bug survives, does not apply, does not type-check or never
 * runs.
 *
 * Names of mutants or of files may follow. `--seeds N` gives up later or earlier
 * than after 2,000; `--pin` writes the killers that `npm test` runs and the table
 * of `testing/README.md`.
 */
import { availableParallelism } from "node:os";
import process from "node:process";
import { parseArgs } from "node:util";
import { ALL_MUTANTS } from "./mutants/all_mutants.ts";
import { judge, type Verdict } from "./mutants/judge.ts";
import type { Mutant } from "./mutants/mutant.ts";
import { pin } from "./mutants/pin.ts";
import { MutantTypeCheck } from "./mutants/type_check.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seeds: { type: "string", default: "2000" },
    pin: { type: "boolean", default: false },
  },
});
const unknown = positionals.filter((name) => !ALL_MUTANTS.some((mutant) => isNamed(mutant, name)));
if (unknown.length > 0) {
  console.error(`No seeded bug and no file with one is called ${unknown.join(", ")}`);
  process.exitCode = 2;
} else {
  const chosen = ALL_MUTANTS.filter((mutant) =>
    positionals.length === 0 || positionals.some((name) => isNamed(mutant, name))
  );
  const verdicts = await judgeAll(chosen, Number(values.seeds));
  const survivors = verdicts.filter(({ problem }) => problem !== null);
  survivors.forEach(({ mutant, problem }) => console.log(`${mutant.id}: ${problem}`));
  console.log(`${verdicts.length - survivors.length} caught, ${survivors.length} not`);
  if (values.pin) {
    pin(verdicts);
  }
  process.exitCode = survivors.length === 0 ? 0 : 1;
}

/** By its id, its file, or the beginning of its path. */
function isNamed({ id, file }: Mutant, name: string): boolean {
  return id === name || file === name || (name.endsWith("/") && file.startsWith(name));
}

async function judgeAll(mutants: readonly Mutant[], seeds: number): Promise<Verdict[]> {
  const typeCheck = new MutantTypeCheck();
  const queue = [...mutants];
  const verdicts: Verdict[] = [];
  const work = async () => {
    for (let mutant = queue.shift(); mutant !== undefined; mutant = queue.shift()) {
      const verdict = await judge(mutant, { seeds, typeCheck });
      console.log(`${verdicts.length + 1}/${mutants.length} ${describe(verdict)}`);
      verdicts.push(verdict);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  return mutants.flatMap((mutant) => verdicts.filter((verdict) => verdict.mutant === mutant));
}

function describe({ mutant, findings, problem }: Verdict): string {
  const { scenarios, seed, tests } = findings;
  const [scenario] = scenarios;
  const parts = [
    problem === null ? "" : problem.toUpperCase(),
    scenario === undefined
      ? ""
      : `${scenarios.length} scenarios: ${scenario.title} [${scenario.message}]`,
    tests.length === 0 ? "" : `${tests.length} tests: ${tests[0]}`,
    seed === null ? "" : `seed ${seed.seed}: ${seed.message}`,
  ];
  return `${mutant.id} -> ${parts.filter((part) => part !== "").join("; ")}`;
}
