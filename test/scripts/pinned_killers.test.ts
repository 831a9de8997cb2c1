import { availableParallelism } from "node:os";
import test from "ava";
import { ALL_MUTANTS } from "../../scripts/mutants/all_mutants.ts";
import { pinProblem } from "../../scripts/mutants/judge.ts";
import { KILLERS } from "../../scripts/mutants/killers.ts";

test("every seeded bug has a name of its own, and something that is known to catch it", (t) => {
  const ids = ALL_MUTANTS.map(({ id }) => id);
  t.is(new Set(ids).size, ids.length);
  t.deepEqual(ids.filter((id) => KILLERS[id] === undefined), []);
});

// Those that only test files catch take an AVA each: `npm run mutate` looks at them.
const pinned = ALL_MUTANTS.filter(({ id }) =>
  KILLERS[id]?.scenario !== undefined || KILLERS[id]?.seed !== undefined
);

test("the pinned scenario or seed of each seeded bug catches it", async (t) => {
  t.timeout(900_000);
  const queue = [...pinned];
  const work = async () => {
    for (let mutant = queue.shift(); mutant !== undefined; mutant = queue.shift()) {
      t.is(await pinProblem(mutant), null, mutant.id);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
});
