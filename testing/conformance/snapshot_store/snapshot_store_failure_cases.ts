import { demand, type SnapshotStoreRequirement } from "./snapshot_store_requirement.ts";
import { failingStream, HeldStream, sampleState } from "./snapshot_store_samples.ts";
import type { StagedSnapshotStore } from "./snapshot_store_life.ts";
import type { SnapshotStoreStage } from "./snapshot_store_stage.ts";

/** What is owed to a publish that comes to nothing. */
export const FAILURE_CASES: readonly SnapshotStoreRequirement[] = [
  ["a publish whose stream fails rejects with the stream's error", failsWithStream],
  ["a publish whose stream fails leaves nothing", failureLeavesNothing],
  ["a publish that is aborted rejects with the signal's reason, at once", abortRejects],
  ["a publish that is aborted leaves nothing", abortLeavesNothing],
  ["a publish that was aborted before it began does not begin", abortedBefore],
  ["a stream that is given up is returned from", returnsFromStream],
  ["what failed can be published again", publishesAgain],
];

async function failsWithStream(stage: SnapshotStoreStage): Promise<void> {
  const life = await stage.open();
  const error = new Error("the source is gone");
  const publishing = life.start(10, failingStream(sampleState(10), error));
  const reason = await stage.rejects(publishing, "publishing a stream that fails");
  demand(reason === error, `it rejects with another error: ${String(reason)}`);
}

async function failureLeavesNothing(stage: SnapshotStoreStage): Promise<void> {
  const life = await stage.open();
  await life.publish(10);
  const publishing = life.start(21, failingStream(sampleState(21), new Error("gone")));
  await publishing.catch(() => {});
  await life.demandHolds(10);
  await (await stage.reopen()).demandHolds(10);
}

async function abortRejects(stage: SnapshotStoreStage): Promise<void> {
  const life = await stage.open();
  const { held, publishing, abort } = await heldUp(stage, life, 20);
  const reason = new Error("no longer wanted");
  abort(reason);
  try {
    const told = await stage.rejects(publishing, "publishing what was aborted");
    demand(told === reason, `it rejects with another reason: ${String(told)}`);
  } finally {
    held.release();
  }
}

async function abortLeavesNothing(stage: SnapshotStoreStage): Promise<void> {
  const life = await stage.open();
  await life.publish(10);
  const { held, publishing, abort } = await heldUp(stage, life, 22);
  abort(new Error("no longer wanted"));
  held.release();
  await publishing.catch(() => {});
  await life.demandHolds(10);
  await (await stage.reopen()).demandHolds(10);
}

async function abortedBefore(stage: SnapshotStoreStage): Promise<void> {
  const life = await stage.open();
  const held = new HeldStream(sampleState(23));
  held.release();
  const signal = AbortSignal.abort(new Error("not wanted"));
  await stage.rejects(life.start(23, held, { signal }), "publishing what was aborted before");
  demand(!held.isWaitedFor, "the stream was read");
  await life.demandHolds();
}

async function returnsFromStream(stage: SnapshotStoreStage): Promise<void> {
  const life = await stage.open();
  const { held, publishing, abort } = await heldUp(stage, life, 24);
  abort(new Error("no longer wanted"));
  held.release();
  await publishing.catch(() => {});
  demand(held.isReturnedFrom, "the stream was not told that no more of it is wanted");
}

async function publishesAgain(stage: SnapshotStoreStage): Promise<void> {
  const life = await stage.open();
  const failed = life.start(25, failingStream(sampleState(25), new Error("gone")));
  await failed.catch(() => {});
  await life.publish(25);
  await life.demandHolds(25);
}

/** Starts a publish, of which the store waits for the second half. */
async function heldUp(stage: SnapshotStoreStage, life: StagedSnapshotStore, index: number) {
  const held = new HeldStream(sampleState(index));
  const controller = new AbortController();
  const publishing = life.start(index, held, { signal: controller.signal });
  publishing.catch(() => {}); // Whoever waits for it is told.
  await stage.until(() => held.isWaitedFor, "the first half is taken");
  return { held, publishing, abort: (reason: Error) => controller.abort(reason) };
}
