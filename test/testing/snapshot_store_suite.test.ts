import { setImmediate as nextTurn } from "node:timers/promises";
import test from "ava";
import {
  type SnapshotStoreCase,
  snapshotStoreCases,
  SnapshotStoreRequirementError,
  type SnapshotStoreTestbed,
} from "../../testing/mod.ts";
import { BROKEN_LIVES } from "./broken_snapshot_lives.ts";
import { BROKEN_PUBLISHES, type BrokenSnapshotStore } from "./broken_snapshot_publishes.ts";
import { BROKEN_READINGS } from "./broken_snapshot_readings.ts";
import { KeptSnapshotStore, type SnapshotKeep, SNAPSHOTS_MAX } from "./kept_snapshot_store.ts";

const BROKEN_STORES = [...BROKEN_PUBLISHES, ...BROKEN_LIVES, ...BROKEN_READINGS];

for (const requirement of casesFor(KeptSnapshotStore)) {
  test(`KeptSnapshotStore: ${requirement.name}`, async (t) => {
    await t.notThrowsAsync(() => requirement.run());
  });
}

for (const { what, breaks, Store } of BROKEN_STORES) {
  test(`snapshotStoreCases rejects a store that ${what}, by one case alone`, async (t) => {
    const failed: string[] = [];
    for (const requirement of casesFor(Store)) {
      try {
        await requirement.run();
      } catch (error) {
        t.true(error instanceof SnapshotStoreRequirementError, String(error));
        failed.push(requirement.name);
      }
    }
    t.deepEqual(failed, [breaks]);
  });
}

test("snapshotStoreCases has a broken store for each requirement", (t) => {
  const requirements = casesFor(KeptSnapshotStore).map(({ name }) => name);
  t.deepEqual(BROKEN_STORES.map(({ breaks }) => breaks).sort(), requirements.sort());
});

test("snapshotStoreCases asks for abilities only where they are declared", (t) => {
  const openTestbed = () => testbedOf(KeptSnapshotStore);
  const without = snapshotStoreCases({ openTestbed }).map(({ name }) => name);
  t.deepEqual(without.filter((name) => /crash|damage|to be kept/.test(name)), []);
  t.true(casesFor(KeptSnapshotStore).length > without.length);
});

function casesFor(Store: BrokenSnapshotStore["Store"]): SnapshotStoreCase[] {
  return snapshotStoreCases({
    openTestbed: () => testbedOf(Store),
    supports: ["crash", "damage"],
    snapshotsMax: SNAPSHOTS_MAX,
    passesMax: 100,
  });
}

function testbedOf(Store: BrokenSnapshotStore["Store"]): SnapshotStoreTestbed {
  let keep: SnapshotKeep = { held: [] };
  return {
    create: () => new Store(keep),
    crash() {
      // What the dead store still does must not reach the next life.
      keep = { held: [...keep.held] };
    },
    pass: () => nextTurn(),
    damage(last) {
      const damaged = keep.held.find(({ meta }) => meta.last.index === last.index);
      if (damaged !== undefined) {
        const middle = damaged.bytes.length >> 1;
        damaged.bytes[middle] = 0xff ^ (damaged.bytes[middle] ?? 0);
        damaged.isDamaged = true;
      }
    },
    close() {},
  };
}
