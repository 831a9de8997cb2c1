import test from "ava";
import { logStoreCases } from "kvorum/testing";
import { sqliteTestbed } from "../../examples/sqlite_log_store_testbed.ts";

const supports = ["powerCuts", "locks", "failures"] as const;

for (const { name, run } of logStoreCases({ openTestbed: sqliteTestbed, supports })) {
  test(`SqliteLogStore: ${name}`, async (t) => {
    await t.notThrowsAsync(run);
  });
}
