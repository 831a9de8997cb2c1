/**
 * `npm run fix`: rewrites what `npm run check` complains about and a program can mend.
 */
import { spawnSync } from "node:child_process";
import process from "node:process";
import { repositoryPath } from "./repository.ts";

const STEPS: readonly (readonly [command: string, args: readonly string[], directory: string])[] = [
  ["buf", ["generate"], "proto"],
  ["deno", ["lint", "--fix", "--quiet"], ""],
  ["deno", ["fmt", "--quiet"], ""],
];

for (const [command, args, directory] of STEPS) {
  const { status } = spawnSync(command, args, { cwd: repositoryPath(directory), stdio: "inherit" });
  // The later steps are useful on their own.
  process.exitCode = status === 0 ? process.exitCode ?? 0 : 1;
}
