import { execFile } from "node:child_process";
import { availableParallelism } from "node:os";
import process from "node:process";
import { promisify } from "node:util";
import test from "ava";
import { ALL_MUTANTS } from "../../scripts/mutants/all_mutants.ts";
import { KILLERS } from "../../scripts/mutants/killers.ts";
import { repositoryPath } from "../../scripts/repository.ts";

test("every seeded bug has a name of its own, and something that is known to catch it", (t) => {
  const ids = ALL_MUTANTS.map(({ id }) => id);
  t.is(new Set(ids).size, ids.length);
  t.deepEqual(ids.filter((id) => KILLERS[id] === undefined), []);
});

/** Mutants that one process looks at: each keeps its own copy of all modules for good. */
const SHARE = 50;

// Those that only test files catch take an AVA each: `npm run mutate` looks at them.
const pinned = ALL_MUTANTS.map(({ id }) => id).filter((id) =>
  KILLERS[id]?.scenario !== undefined || KILLERS[id]?.seed !== undefined
);

test("the pinned scenario or seed of each seeded bug catches it", async (t) => {
  t.timeout(600_000);
  const shares = Array.from(
    { length: Math.ceil(pinned.length / SHARE) },
    (_, share) => pinned.slice(share * SHARE, (share + 1) * SHARE),
  );
  const problems: Record<string, string>[] = [];
  const work = async () => {
    for (let ids = shares.shift(); ids !== undefined; ids = shares.shift()) {
      problems.push(await problemsOf(ids));
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  t.deepEqual(Object.assign({}, ...problems), {});
  t.true(pinned.length > 100, `${pinned.length} are pinned`);
});

/** Those of some mutants whose pins catch nothing. */
async function problemsOf(ids: readonly string[]): Promise<Record<string, string>> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [
      "--conditions=kvorum-source",
      "--no-warnings",
      repositoryPath("scripts/mutants/check_pins.ts"),
      ...ids,
    ],
    { maxBuffer: 1 << 24 },
  );
  return JSON.parse(stdout) as Record<string, string>;
}
