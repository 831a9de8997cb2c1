/**
 * `npm run mutate`: puts each seeded bug into a copy of the source, and reports
 * which scenario or seed catches it, and how many seeds it takes from scratch.
 * Fails if a bug survives, does not apply, does not type-check or never runs.
 *
 * Names of mutants may follow. `--seeds N` gives up later or earlier than after
 * 2,000; `--pin` writes the killers that `npm test` runs and the table of
 * `testing/README.md`.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import process from "node:process";
import { parseArgs } from "node:util";
import { ALL_MUTANTS } from "./mutants/all_mutants.ts";
import { type Killer, KILLERS } from "./mutants/killers.ts";
import { MutatedCopy, runProbe } from "./mutants/mutation_run.ts";
import type { Mutant } from "./mutants/mutant.ts";
import type { ProbeResult } from "./mutants/probe.ts";
import { MutantTypeCheck } from "./mutants/type_check.ts";
import { repositoryPath } from "./repository.ts";

/** What became of a mutant. */
interface Verdict {
  readonly mutant: Mutant;
  readonly result: ProbeResult | null;
  /** Why it is no proof, `null` if it was caught. */
  readonly problem: string | null;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seeds: { type: "string", default: "2000" },
    pin: { type: "boolean", default: false },
  },
});
const chosen = ALL_MUTANTS.filter(({ id }) => positionals.length === 0 || positionals.includes(id));
const verdicts = await judgeAll(chosen, Number(values.seeds));
const survivors = verdicts.filter(({ problem }) => problem !== null);
survivors.forEach(({ mutant, problem }) => console.log(`${mutant.id}: ${problem}`));
console.log(`${verdicts.length - survivors.length} caught, ${survivors.length} not`);
if (values.pin) {
  pin(verdicts);
}
process.exitCode = survivors.length === 0 && chosen.length > 0 ? 0 : 1;

async function judgeAll(mutants: readonly Mutant[], seeds: number): Promise<Verdict[]> {
  const typeCheck = new MutantTypeCheck();
  const queue = [...mutants];
  const verdicts: Verdict[] = [];
  const work = async () => {
    for (let mutant = queue.shift(); mutant !== undefined; mutant = queue.shift()) {
      const verdict = await judge(mutant, seeds, typeCheck);
      console.log(describe(verdict));
      verdicts.push(verdict);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  return mutants.flatMap((mutant) => verdicts.filter((verdict) => verdict.mutant === mutant));
}

async function judge(mutant: Mutant, seeds: number, typeCheck: MutantTypeCheck): Promise<Verdict> {
  try {
    const complaints = typeCheck.problems(mutant);
    if (complaints.length > 0) {
      return { mutant, result: null, problem: `does not type-check: ${complaints[0]}` };
    }
    using copy = new MutatedCopy(mutant);
    const { directory } = copy;
    const result = await runProbe({
      directory,
      scenarios: "all",
      seeds: { from: 1, end: seeds + 1 },
    });
    if (result.scenarios.length > 0 || result.seed !== null) {
      return { mutant, result, problem: null };
    }
    const watched = await runProbe({
      directory,
      scenarios: "all",
      seeds: { from: 1, end: 31 },
      watch: { file: `raft/${mutant.file}`, offset: copy.offset },
    });
    const problem = watched.wasExecuted === true ? "survives" : "is never executed";
    return { mutant, result, problem };
  } catch (error) {
    return {
      mutant,
      result: null,
      problem: error instanceof Error ? error.message : String(error),
    };
  }
}

function describe({ mutant, result, problem }: Verdict): string {
  const [scenario] = result?.scenarios ?? [];
  const seed = result?.seed ?? null;
  const parts = [
    problem === null ? "" : problem.toUpperCase(),
    scenario === undefined
      ? ""
      : `${result?.scenarios.length} scenarios: ${scenario.title} [${scenario.message}]`,
    seed === null ? "" : `seed ${seed.seed}: ${seed.message}`,
  ];
  return `${mutant.id} -> ${parts.filter((part) => part !== "").join("; ")}`;
}

/** Keeps what catches each mutant: a seed if it takes few, or else a scenario. */
function pin(verdicts: readonly Verdict[]): void {
  const killers: Record<string, Killer> = { ...KILLERS };
  for (const { mutant, result } of verdicts) {
    const killer = result === null ? null : killerOf(result);
    if (killer !== null) {
      killers[mutant.id] = killer;
    }
  }
  const known = ALL_MUTANTS.flatMap(({ id }) =>
    killers[id] === undefined ? [] : [[id, killers[id]]]
  );
  writeFileSync(
    repositoryPath("scripts/mutants/killers.ts"),
    killersSource(Object.fromEntries(known)),
  );
  const readme = repositoryPath("testing/README.md");
  writeFileSync(readme, withTable(readFileSync(readme, "utf8"), killers));
}

function killerOf({ scenarios, seed }: ProbeResult): Killer | null {
  const [scenario] = scenarios;
  if (scenario === undefined && seed === null) {
    return null;
  }
  return {
    ...(scenario === undefined ? {} : { scenario: scenario.title }),
    ...(seed === null ? {} : { seed: seed.seed, check: seed.check }),
  };
}

function killersSource(killers: Readonly<Record<string, Killer>>): string {
  const lines = Object.entries(killers).map(([id, killer]) => {
    const fields = Object.entries(killer).map(([name, value]) =>
      `${name}: ${JSON.stringify(value)}`
    );
    return `  ${JSON.stringify(id)}: { ${fields.join(", ")} },`;
  });
  const source = readFileSync(repositoryPath("scripts/mutants/killers.ts"), "utf8");
  const head = source.slice(0, source.indexOf("export const KILLERS"));
  return `${head}export const KILLERS: Readonly<Record<string, Killer>> = {\n${
    lines.join("\n")
  }\n};\n`;
}

const TABLE_START = "<!-- mutants -->\n";
const TABLE_END = "<!-- /mutants -->";

function withTable(readme: string, killers: Readonly<Record<string, Killer>>): string {
  const rows = ALL_MUTANTS.map(({ id, bug, listed }) => {
    const { scenario, seed, check } = killers[id] ?? {};
    const seeds = seed === undefined ? "none of 2,000" : `${seed}: ${check}`;
    return `| ${listed ?? ""} | ${id} | ${bug} | ${scenario ?? "none"} | ${seeds} |`;
  });
  const table = [
    "| listed | mutant | bug | first scenario that fails | first seed that fails, and the check |",
    "| --- | --- | --- | --- | --- |",
    ...rows,
  ].join("\n");
  const [before = "", rest = ""] = readme.split(TABLE_START);
  const [, after = ""] = rest.split(TABLE_END);
  return `${before}${TABLE_START}\n${table}\n\n${TABLE_END}${after}`;
}
