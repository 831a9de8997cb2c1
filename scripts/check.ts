/**
 * `npm run check`: reads everything, changes nothing, and reports all that is
 * wrong. Names of checks may follow: `npm run check -- boundaries purity`.
 */
import process from "node:process";
import { allChecks } from "./checks/all_checks.ts";
import type { Check } from "./checks/check.ts";

const checks = allChecks();
const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !checks.some((check) => check.name === name));
if (unknown.length > 0) {
  console.error(`Unknown check: ${unknown.join(", ")}`);
  console.error(`There are: ${checks.map(({ name }) => name).join(", ")}`);
  process.exit(1);
}

const failed: string[] = [];
for (const check of checks.filter(({ name }) => wanted.length === 0 || wanted.includes(name))) {
  if (!await passes(check)) {
    failed.push(check.name);
  }
}
console.log(failed.length === 0 ? "\nAll checks passed" : `\nFailed: ${failed.join(", ")}`);
process.exitCode = failed.length === 0 ? 0 : 1;

/** Runs a check and shows what it found. A check that throws has failed too. */
async function passes({ name, rule, run }: Check): Promise<boolean> {
  const startedAt = performance.now();
  const problems = await run().catch((error: Error) => [error.stack ?? error.message]);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.log(`${problems.length === 0 ? "✔" : "✘"} ${name}: ${rule} (${seconds} s)`);
  for (const problem of problems) {
    console.log(problem.replaceAll(/^/gm, "    "));
  }
  return problems.length === 0;
}
