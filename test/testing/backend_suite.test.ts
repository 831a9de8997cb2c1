import test from "ava";
import { type BackendCase, backendCases, BackendRequirementError } from "../../testing/mod.ts";
import { BROKEN_BACKEND_LIVES } from "./broken_backend_lives.ts";
import { BROKEN_BACKEND_READS } from "./broken_backend_reads.ts";
import { BROKEN_BACKEND_WRITES } from "./broken_backend_writes.ts";
import { type BackendKeep, KeptBackend, keptBackendTestbed } from "./kept_backend.ts";

const BROKEN_BACKENDS = [
  ...BROKEN_BACKEND_READS,
  ...BROKEN_BACKEND_WRITES,
  ...BROKEN_BACKEND_LIVES,
];

/** The case that may notice anything, beside the one that must. */
const HISTORIES = "after any history a backend and its views hold what plain maps would hold";

function casesFor(Kind: new (keep: BackendKeep) => KeptBackend): BackendCase[] {
  return backendCases({
    openTestbed: () => keptBackendTestbed(Kind),
    supports: ["durable", "failures"],
  });
}

for (const requirement of casesFor(KeptBackend)) {
  test(`KeptBackend: ${requirement.name}`, async (t) => {
    await t.notThrowsAsync(() => requirement.run());
  });
}

for (const { what, breaks, Kind } of BROKEN_BACKENDS) {
  test(`backendCases rejects a backend that ${what}, by one case alone`, async (t) => {
    const failed: string[] = [];
    for (const requirement of casesFor(Kind)) {
      try {
        await requirement.run();
      } catch (error) {
        t.true(error instanceof BackendRequirementError, String(error));
        failed.push(requirement.name);
      }
    }
    t.deepEqual(failed.filter((name) => name === breaks || name !== HISTORIES), [breaks]);
  });
}

test("backendCases has a broken backend for each requirement", (t) => {
  const requirements = casesFor(KeptBackend).map(({ name }) => name);
  const broken = new Set(BROKEN_BACKENDS.map(({ breaks }) => breaks));
  t.deepEqual([...broken].sort(), requirements.sort());
});

test("backendCases asks only for the abilities that a backend declares", (t) => {
  const openTestbed = () => keptBackendTestbed(KeptBackend);
  const without = backendCases({ openTestbed }).map(({ name }) => name);
  t.deepEqual(without.filter((name) => /power cut|opened again|failed|failure/.test(name)), []);
  for (const [ability, more] of [["durable", 8], ["failures", 6]] as const) {
    const names = backendCases({ openTestbed, supports: [ability] }).map(({ name }) => name);
    t.is(names.length, without.length + more, ability);
  }
});
