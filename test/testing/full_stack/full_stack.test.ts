import test from "ava";
import { runFullStackSeed } from "../../../testing/full_stack/mod.ts";

/** Seeds that every run of the tests plays. */
const SEEDS = Array.from({ length: 30 }, (_, at) => at + 1_000);

test("runFullStackSeed finds nothing wrong with the fixed seeds", async (t) => {
  for (const seed of SEEDS) {
    const { failure, events } = await runFullStackSeed(seed, {});
    t.is(failure, null, `seed ${seed}`);
    t.true(events > 100, `seed ${seed} did something`);
  }
});

test("runFullStackSeed does the same for the same seed, and something else for another", async (t) => {
  const traces: string[] = [];
  for (const seed of [7, 7, 8]) {
    traces.push((await runFullStackSeed(seed, {})).trace);
  }
  t.is(traces[0], traces[1]);
  t.not(traces[0], traces[2]);
});
