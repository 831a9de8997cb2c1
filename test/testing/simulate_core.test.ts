import { execFile } from "node:child_process";
import { promisify } from "node:util";
import test from "ava";
import { repositoryPath } from "../../scripts/repository.ts";
import { simulateCore } from "../../testing/mod.ts";

/** Seeds that every run of the tests plays; `npm run simulate` plays as many others as one likes. */
const SEEDS = Array.from({ length: 300 }, (_, at) => at + 1);

const EVENTS = 5_000;

test("simulateCore finds nothing wrong with the fixed seeds, and all of them commit something", (t) => {
  let commits = 0;
  for (const seed of SEEDS) {
    const result = simulateCore({ seed, events: EVENTS });
    if (result.failure !== null) {
      t.log(`replay with npm run simulate -- --seed ${seed} --events ${EVENTS}`);
    }
    t.is(result.failure, null);
    commits += result.commits;
  }
  t.true(commits > 100 * SEEDS.length, `${commits} commits`);
});

test("simulateCore does the same for the same seed, and something else for another", (t) => {
  const traces = [7, 7, 8].map((seed) => simulateCore({ seed, events: EVENTS }).trace);
  t.is(traces[0], traces[1]);
  t.not(traces[0], traces[2]);
});

test("simulateCore does the same on Node and on Deno", async (t) => {
  const program = `
    import { simulateCore } from "kvorum/testing";
    console.log([3, 4, 5].map((seed) => simulateCore({ seed, events: ${EVENTS} }).trace).join());
  `;
  const { stdout } = await promisify(execFile)(
    repositoryPath("node_modules/.bin/deno"),
    ["eval", program],
    { cwd: repositoryPath(".") },
  );
  t.is(
    stdout.trim(),
    [3, 4, 5].map((seed) => simulateCore({ seed, events: EVENTS }).trace).join(),
  );
});
