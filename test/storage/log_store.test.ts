import test from "ava";
import { type Entry, membershipOf } from "../../raft/mod.ts";
import { logStoreCases } from "../../testing/mod.ts";
import { LOG_STORES } from "./log_store_testbeds.ts";

for (const [name, options] of Object.entries(LOG_STORES)) {
  for (const requirement of logStoreCases(options)) {
    test(`${name}: ${requirement.name}`, async (t) => {
      await t.notThrowsAsync(() => requirement.run());
    });
  }

  // More than the interface asks: what was refused was not begun, so nothing is poisoned.
  test(`${name} can be used after it has refused entries`, async (t) => {
    const testbed = await options.openTestbed();
    const log = await testbed.create();
    await log.open();
    await log.append({ hardState: null, entries: [1, 2, 3, 4].map(noop) });
    await log.compact({ index: 2, term: 1, membership: membershipOf(["a"]) });
    for (const indexes of [[6], [5, 7], [2, 3]]) {
      const refused = log.append({ hardState: null, entries: indexes.map(noop) });
      await t.throwsAsync(() => refused, { code: "INVARIANT" }, indexes.join());
    }
    await log.append({ hardState: null, entries: [5].map(noop) });
    const got = await log.entries({ low: 3, high: 6, maxBytes: Infinity });
    t.deepEqual(got, [3, 4, 5].map(noop), "what was refused has changed nothing");
    await log.close();
    await testbed.close();
  });
}

function noop(index: number): Entry {
  return { term: 1, index, kind: "noop", data: new Uint8Array() };
}
