import { execFile } from "node:child_process";
import process from "node:process";
import { promisify } from "node:util";
import test from "ava";
import { repositoryPath } from "../../scripts/repository.ts";

test("whole members survive 1300 seeds, which get to every mark and fault", async (t) => {
  t.timeout(600_000);
  // It ends with 1 for a seed that failed as well as for a mark that was not reached.
  const run = promisify(execFile)(
    process.execPath,
    ["scripts/run.mjs", "simulate", "--level", "full", "--seeds", "1300", "--from", "1"],
    { cwd: repositoryPath() },
  );
  const { stdout } = await run.catch(({ stdout, stderr }) => ({ stdout: `${stdout}\n${stderr}` }));
  t.log(stdout.trim());
  t.regex(stdout, /^1300 seeds, .*, 0 failed\n[^\n]* election timeouts\n$/m);
});

test("whole members do the same for a seed on Node and on Deno", async (t) => {
  t.timeout(120_000);
  const program = `
    import { runFullStackSeed } from "kvorum/testing/full_stack";
    for (const seed of [3, 4, 5]) {
      console.log((await runFullStackSeed(seed, { events: 3_000 })).trace);
    }
  `;
  const traces: string[] = [];
  for (
    const [command, args] of [
      [process.execPath, ["--conditions=kvorum-source", "--input-type=module", "-e", program]],
      [repositoryPath("node_modules/.bin/deno"), ["eval", program]],
    ] as const
  ) {
    const { stdout } = await promisify(execFile)(command, args, { cwd: repositoryPath() });
    t.regex(stdout, /^([0-9a-f]{16}\n){3}$/);
    traces.push(stdout);
  }
  t.is(traces[0], traces[1]);
});
