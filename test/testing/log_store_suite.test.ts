import test from "ava";
import { type LogStoreCase, logStoreCases, LogStoreRequirementError } from "../../testing/mod.ts";
import { BROKEN_LOG_COMPACTIONS } from "./broken_log_compactions.ts";
import { BROKEN_LOG_LIVES } from "./broken_log_lives.ts";
import { BROKEN_LOG_READS } from "./broken_log_reads.ts";
import { BROKEN_LOG_WRITES } from "./broken_log_writes.ts";
import { KeptLogStore, keptLogTestbed, type LogKeep } from "./kept_log_store.ts";

const BROKEN_LOG_STORES = [
  ...BROKEN_LOG_WRITES,
  ...BROKEN_LOG_COMPACTIONS,
  ...BROKEN_LOG_READS,
  ...BROKEN_LOG_LIVES,
];

/** The case that may notice anything, beside the one that must. */
const HISTORIES = "after any history a log holds what a plain list would hold";

function casesFor(Store: new (keep: LogKeep) => KeptLogStore): LogStoreCase[] {
  return logStoreCases({
    openTestbed: () => keptLogTestbed(Store),
    supports: ["powerCuts", "kills", "locks", "failures"],
  });
}

for (const requirement of casesFor(KeptLogStore)) {
  test(`KeptLogStore: ${requirement.name}`, async (t) => {
    await t.notThrowsAsync(() => requirement.run());
  });
}

for (const { what, breaks, Store } of BROKEN_LOG_STORES) {
  test(`logStoreCases rejects a log store that ${what}, by one case alone`, async (t) => {
    const failed: string[] = [];
    for (const requirement of casesFor(Store)) {
      try {
        await requirement.run();
      } catch (error) {
        t.true(error instanceof LogStoreRequirementError, String(error));
        failed.push(requirement.name);
      }
    }
    t.deepEqual(failed.filter((name) => name === breaks || name !== HISTORIES), [breaks]);
  });
}

test("logStoreCases has a broken log store for each requirement", (t) => {
  const requirements = casesFor(KeptLogStore).map(({ name }) => name);
  const broken = new Set(BROKEN_LOG_STORES.map(({ breaks }) => breaks));
  t.deepEqual([...broken].sort(), requirements.sort());
});

test("logStoreCases asks only for the abilities that a store declares", (t) => {
  const openTestbed = () => keptLogTestbed(KeptLogStore);
  const without = logStoreCases({ openTestbed }).map(({ name }) => name);
  t.deepEqual(without.filter((name) => /power cut|second|failed|failure/.test(name)), []);
  for (const [ability, more] of [["powerCuts", 10], ["locks", 3], ["failures", 6]] as const) {
    const names = logStoreCases({ openTestbed, supports: [ability] }).map(({ name }) => name);
    t.is(names.length, without.length + more, ability);
  }
});
