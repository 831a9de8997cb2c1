import type { SnapshotStoreRequirement } from "./snapshot_store_requirement.ts";
import { HeldStream, sampleState } from "./snapshot_store_samples.ts";
import type { SnapshotStoreStage } from "./snapshot_store_stage.ts";

/** What is owed to the life after a close. */
export const CLOSE_CASES: readonly SnapshotStoreRequirement[] = [
  ["what was published is there after a close", survivesClose],
  ["close finishes a publish that is under way", closeFinishes],
];

/** What is owed to the life after a crash. */
export const CRASH_CASES: readonly SnapshotStoreRequirement[] = [
  ["what was published survives a crash", survivesCrash],
  ["a publish that a crash cuts off leaves what was there", cutOffLeavesOld],
  ["what was purged stays away after a crash", purgeSurvives],
];

async function survivesClose(stage: SnapshotStoreStage): Promise<void> {
  await (await stage.open()).publish(10, 20);
  await (await stage.reopen()).demandHolds(20, 10);
}

async function survivesCrash(stage: SnapshotStoreStage): Promise<void> {
  await (await stage.open()).publish(11, 21);
  await (await stage.crash()).demandHolds(21, 11);
}

async function cutOffLeavesOld(stage: SnapshotStoreStage): Promise<void> {
  const life = await stage.open();
  await life.publish(12);
  const held = new HeldStream(sampleState(22));
  life.start(22, held).catch(() => {}); // The crash need not answer.
  await stage.until(() => held.isWaitedFor, "the first half is taken");
  const next = await stage.crash();
  await next.demandHolds(12);
  // What is left of it is not in the way.
  await next.publish(22);
  await next.demandHolds(22, 12);
}

async function purgeSurvives(stage: SnapshotStoreStage): Promise<void> {
  const life = await stage.open();
  await life.publish(13, 23);
  await stage.resolves(life.store.purge(1), "purge");
  await (await stage.crash()).demandHolds(23);
}

async function closeFinishes(stage: SnapshotStoreStage): Promise<void> {
  const life = await stage.open();
  const held = new HeldStream(sampleState(14));
  const publishing = life.start(14, held);
  await stage.until(() => held.isWaitedFor, "the first half is taken");
  const reopening = stage.reopen();
  held.release();
  await stage.resolves(publishing, "a publish that was under way");
  await (await reopening).demandHolds(14);
}
