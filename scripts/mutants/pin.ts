import { readFileSync, writeFileSync } from "node:fs";
import { repositoryPath } from "../repository.ts";
import { ALL_MUTANTS } from "./all_mutants.ts";
import type { Findings, Verdict } from "./judge.ts";
import { type Killer, KILLERS } from "./killers.ts";
import { levelOf, type Mutant } from "./mutant.ts";

const KILLERS_FILE = "scripts/mutants/killers.ts";
const README = "testing/README.md";

const TABLE_START = "<!-- mutants -->\n";
const TABLE_END = "<!-- /mutants -->";

/** Keeps what catches each mutant, for `npm test`, and writes the table of `testing/README.md`. */
export function pin(verdicts: readonly Verdict[]): void {
  const killers: Record<string, Killer> = { ...KILLERS };
  for (const { mutant, findings, problem } of verdicts) {
    if (problem === null) {
      killers[mutant.id] = killerOf(mutant, findings);
    }
  }
  writeFileSync(repositoryPath(KILLERS_FILE), killersSource(killers));
  const readme = repositoryPath(README);
  writeFileSync(readme, withTable(readFileSync(readme, "utf8"), killers));
}

function killerOf(mutant: Mutant, { scenarios, seed, tests, seedsPassed }: Findings): Killer {
  const [scenario] = scenarios;
  const [test] = tests;
  const level = levelOf(mutant);
  return {
    ...(scenario === undefined ? {} : { scenario: scenario.title }),
    ...(seed === null || level === null
      ? {}
      : { seed: { level, seed: seed.seed, check: seed.check } }),
    ...(seedsPassed === 0 ? {} : { seedsPassed }),
    ...(test === undefined ? {} : { test }),
  };
}

function killersSource(killers: Readonly<Record<string, Killer>>): string {
  const source = readFileSync(repositoryPath(KILLERS_FILE), "utf8");
  const head = source.slice(0, source.indexOf("export const KILLERS"));
  const lines = ALL_MUTANTS.flatMap(({ id }) => {
    const killer = killers[id];
    return killer === undefined ? [] : [`  ${JSON.stringify(id)}: ${literal(killer)},`];
  });
  return `${head}export const KILLERS: Readonly<Record<string, Killer>> = {\n${
    lines.join("\n")
  }\n};\n`;
}

function literal(value: object): string {
  const fields = Object.entries(value).map(([name, field]) =>
    `${name}: ${typeof field === "object" ? literal(field) : JSON.stringify(field)}`
  );
  return `{ ${fields.join(", ")} }`;
}

function withTable(readme: string, killers: Readonly<Record<string, Killer>>): string {
  const rows = ALL_MUTANTS.map((mutant) => {
    const { id, bug, listed, file } = mutant;
    const { scenario, seed, seedsPassed = 0, test } = killers[id] ?? {};
    const seedCell = seed === undefined
      ? seedsPassed === 0 ? "not asked" : `none of ${seedsPassed.toLocaleString("en-US")}`
      : `${seed.level} ${seed.seed}: ${seed.check}`;
    const cells = [listed ?? "", id, file, bug, scenario ?? test ?? "none", seedCell];
    return `| ${cells.map((cell) => String(cell).replaceAll("|", "\\|")).join(" | ")} |`;
  });
  const table = [
    "| listed | mutant | file | bug | first scenario or test that fails | first seed that fails, and its check |",
    "| --- | --- | --- | --- | --- | --- |",
    ...rows,
  ].join("\n");
  const [before = "", rest = ""] = readme.split(TABLE_START);
  const [, after = ""] = rest.split(TABLE_END);
  return `${before}${TABLE_START}\n${table}\n\n${TABLE_END}${after}`;
}
