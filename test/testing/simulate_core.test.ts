import { execFile } from "node:child_process";
import { promisify } from "node:util";
import test from "ava";
import { repositoryPath } from "../../scripts/repository.ts";
import {
  coverageProblems,
  EMPTY_REPORT,
  mergeReports,
  reportOf,
  simulateCore,
} from "../../testing/mod.ts";

/** Seeds that every run of the tests plays; `npm run simulate` plays as many others as one likes. */
const SEEDS = Array.from({ length: 400 }, (_, at) => at + 1);

const EVENTS = 5_000;

test("simulateCore finds nothing wrong with the fixed seeds, which get to every mark and fault", (t) => {
  let report = EMPTY_REPORT;
  for (const seed of SEEDS) {
    const result = simulateCore({ seed, events: EVENTS });
    if (result.failure !== null) {
      t.log(`replay with npm run simulate -- --seed ${seed} --events ${EVENTS}`);
    }
    t.is(result.failure, null);
    report = mergeReports(report, reportOf(result));
  }
  t.deepEqual(coverageProblems(report), []);
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

test("coverageProblems tells of marks that were not reached, faults that did not strike and idle seeds", (t) => {
  const many = { ...EMPTY_REPORT, seeds: 300, commits: 30_000 };
  t.deepEqual(coverageProblems(many, {}), []);
  t.deepEqual(coverageProblems(many, { "a mark": "what it means" }), [
    'never reached: "a mark" (what it means)',
  ]);
  t.deepEqual(coverageProblems({ ...many, faults: { crash: 0, pause: 1 } }, {}), [
    'configured, but never struck: "crash"',
  ]);
  t.deepEqual(coverageProblems({ ...many, crashPoints: { "vote sent": 0 } }, {}), [
    'configured, but never struck: "vote sent"',
  ]);
  t.is(coverageProblems({ ...many, commits: 29_000 }, {}).length, 1);
  t.is(coverageProblems({ ...many, idleSeeds: 16 }, {}).length, 1);
});
