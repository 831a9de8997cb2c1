import test from "ava";
import { MemorySnapshotStore } from "kvorum/storage";
import { stateMachineCases } from "kvorum/testing";
import { SnapshotMap } from "../../examples/snapshot_map.ts";
import type { Entry } from "../../raft/mod.ts";
import { StorageFailedError } from "../../storage/mod.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";
import { snapshotMapTestbed } from "./snapshot_map_testbed.ts";

const parent = await temporaryDirectory();
test.after.always(() => parent[Symbol.asyncDispose]());

const cases = stateMachineCases({ openTestbed: () => snapshotMapTestbed(parent.path) });
for (const { name, run } of cases) {
  test(`SnapshotMap: ${name}`, async (t) => {
    await t.notThrowsAsync(run);
  });
}

function entriesFrom(first: number, count: number): Entry[] {
  return Array.from({ length: count }, (_, at) => ({
    term: 1,
    index: first + at,
    kind: "command",
    data: SnapshotMap.put(`key ${(first + at) % 700}`, `value ${first + at}`),
  }));
}

/** Refuses to publish while it is told to. */
class FailingStore extends MemorySnapshotStore {
  error: Error | null = null;

  override publish(...args: Parameters<MemorySnapshotStore["publish"]>): Promise<void> {
    return this.error === null ? super.publish(...args) : Promise.reject(this.error);
  }
}

test("SnapshotMap lets go of the log up to its oldest snapshot, once it has another", async (t) => {
  const snapshots = new MemorySnapshotStore({ snapshotsMax: 3 });
  const map = new SnapshotMap({ snapshots, initialVoters: ["a"], snapshotEntries: 1_000 });
  await map.open();
  const told: number[] = [];
  for (let first = 1; first <= 5_000; first += 1_000) {
    map.apply(entriesFrom(first, 1_000));
    await map.idle();
    told.push(map.durableIndex());
  }
  t.deepEqual(told, [0, 1_000, 1_000, 2_000, 3_000]);
  const next = new SnapshotMap({ snapshots, initialVoters: ["a"] });
  t.like(await next.open(), { appliedIndex: 5_000, term: 1, membership: { voters: ["a"] } });
  t.deepEqual(next.pairs(), map.pairs());
  t.is(next.durableIndex(), 3_000);
});

test("SnapshotMap goes on without the snapshot that the disk had no room for", async (t) => {
  const snapshots = new FailingStore();
  const failures: unknown[] = [];
  const map = new SnapshotMap({
    snapshots,
    initialVoters: ["a"],
    snapshotEntries: 10,
    onSnapshotFailed: (error) => failures.push(error),
  });
  await map.open();
  snapshots.error = new Error("no space left");
  map.apply(entriesFrom(1, 10));
  await map.idle();
  t.deepEqual(failures, [snapshots.error]);
  snapshots.error = null;
  map.apply(entriesFrom(11, 10));
  await map.idle();
  t.deepEqual((await snapshots.list()).map(({ last }) => last.index), [20]);
});

test("SnapshotMap applies nothing more once its snapshots are out of use", async (t) => {
  const snapshots = new FailingStore();
  const map = new SnapshotMap({ snapshots, initialVoters: ["a"], snapshotEntries: 10 });
  await map.open();
  snapshots.error = new StorageFailedError("snapshots", new Error("the disk is ill"));
  map.apply(entriesFrom(1, 10));
  await map.idle();
  t.throws(() => map.apply(entriesFrom(11, 1)), { code: "STORAGE_FAILED" });
});
