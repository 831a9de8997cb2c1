import { demand, type SnapshotStoreRequirement } from "./snapshot_store_requirement.ts";
import type { SnapshotStoreStage } from "./snapshot_store_stage.ts";

/** What is purged on demand. */
export const PURGE_CASES: readonly SnapshotStoreRequirement[] = [
  ["purge leaves the newest ones", leavesNewest],
  ["purge leaves all where there are fewer", leavesFew],
];

/** What a store purges by itself. */
export const KEEPING_CASES: readonly SnapshotStoreRequirement[] = [
  ["a publish leaves no more than are to be kept", keepsBounded],
  ["a publish keeps what it has published, though all that are kept are newer", keepsPublished],
];

async function leavesNewest(stage: SnapshotStoreStage): Promise<void> {
  const life = await stage.open();
  await life.publish(9, 10, 300);
  await stage.resolves(life.store.purge(2), "purge");
  await life.demandHolds(300, 10);
  await stage.resolves(life.store.purge(1), "purge");
  await life.demandHolds(300);
}

async function leavesFew(stage: SnapshotStoreStage): Promise<void> {
  const life = await stage.open();
  await stage.resolves(life.store.purge(1), "purging nothing");
  await life.publish(15, 25);
  await stage.resolves(life.store.purge(2), "purging none of two");
  await life.demandHolds(25, 15);
}

async function keepsBounded(stage: SnapshotStoreStage): Promise<void> {
  const life = await stage.open();
  const { snapshotsMax } = stage;
  const indexes = Array.from({ length: snapshotsMax + 2 }, (_, at) => 50 + at);
  await life.publish(...indexes);
  const listed = await life.list();
  demand(listed.length === snapshotsMax, `${listed.length} are kept instead of ${snapshotsMax}`);
  await life.demandHolds(...indexes.reverse().slice(0, snapshotsMax));
}

async function keepsPublished(stage: SnapshotStoreStage): Promise<void> {
  const life = await stage.open();
  const indexes = Array.from({ length: stage.snapshotsMax }, (_, at) => 70 + at);
  await life.publish(...indexes, 5);
  const listed = await life.list();
  demand(listed.includes(5), `[${listed}] without what was published last`);
}
