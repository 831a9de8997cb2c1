import { demandSame } from "./snapshot_store_life.ts";
import { demand, type SnapshotStoreRequirement } from "./snapshot_store_requirement.ts";
import {
  HeldStream,
  largeState,
  sampleState,
  streamOf,
  unevenStream,
} from "./snapshot_store_samples.ts";
import type { SnapshotStoreStage } from "./snapshot_store_stage.ts";
import { isSameData } from "../transport/transport_equality.ts";
import { snapshotMeta } from "../transport/transport_samples.ts";

/** What is owed to a publish that nothing disturbs. */
export const PUBLISH_CASES: readonly SnapshotStoreRequirement[] = [
  ["a new store holds nothing", newHoldsNothing],
  ["what was published is read back, byte for byte", readsBack],
  ["a state of no bytes can be published", emptyState],
  ["a snapshot comes with its last entry and its membership", isDescribed],
  ["the newest of several is opened", opensNewest],
  ["list names all of them, newest first", listsNewestFirst],
  ["until a snapshot is whole, the one before is opened", oldUntilWhole],
  ["publishes that overlap do not mix", overlapping],
  ["a snapshot that is published again is replaced", replaces],
  ["the bytes of a chunk are the caller's when the next one is asked for", reusesBytes],
  ["chunks are asked for one at a time", oneAtATime],
];

async function newHoldsNothing(stage: SnapshotStoreStage): Promise<void> {
  const { store } = await stage.open();
  const listed = await stage.resolves(store.list(), "list");
  demand(listed.length === 0, `${listed.length} snapshots in a new store`);
  const opened = await stage.resolves(store.openNewest(), "openNewest");
  demand(opened === null, "there is a snapshot in a new store");
}

async function readsBack(stage: SnapshotStoreStage): Promise<void> {
  const life = await stage.open();
  await stage.resolves(life.start(10, unevenStream()), "publish");
  demandSame(await life.read(await life.openNewest()), largeState(), "the snapshot");
}

async function emptyState(stage: SnapshotStoreStage): Promise<void> {
  const life = await stage.open();
  await stage.resolves(life.start(10, streamOf(new Uint8Array(0))), "publish");
  const bytes = await life.read(await life.openNewest());
  demand(bytes.length === 0, `${bytes.length} bytes of none`);
}

async function isDescribed(stage: SnapshotStoreStage): Promise<void> {
  const life = await stage.open();
  const index = 2 ** 40;
  await stage.resolves(life.start(index, streamOf(sampleState(1))), "publish");
  const opened = await life.openNewest();
  demand(isSameData(opened.meta, snapshotMeta(index)), "the description is another one");
  const [listed] = await life.metas();
  demand(isSameData(listed, snapshotMeta(index)), "the description in the list is another one");
  await opened.close();
}

async function opensNewest(stage: SnapshotStoreStage): Promise<void> {
  const life = await stage.open();
  await life.publish(9, 10, 300);
  await life.demandNewest(300);
}

async function listsNewestFirst(stage: SnapshotStoreStage): Promise<void> {
  const life = await stage.open();
  await life.publish(9, 10, 300);
  const listed = await life.list();
  demand(isSameData(listed, [300, 10, 9]), `the list is [${listed}]`);
}

async function oldUntilWhole(stage: SnapshotStoreStage): Promise<void> {
  const life = await stage.open();
  await life.publish(10);
  const held = new HeldStream(sampleState(20));
  const publishing = life.start(20, held);
  await stage.until(() => held.isWaitedFor, "the first half is taken");
  try {
    await life.demandHolds(10);
  } finally {
    held.release();
  }
  await stage.resolves(publishing, "publish");
  await life.demandNewest(20);
}

async function overlapping(stage: SnapshotStoreStage): Promise<void> {
  const life = await stage.open();
  const indexes = [11, 12, 13];
  const publishes = indexes.map((index) => life.start(index, streamOf(sampleState(index))));
  await stage.resolves(Promise.all(publishes), "publishing three at once");
  await life.demandHolds(13, 12, 11);
}

async function replaces(stage: SnapshotStoreStage): Promise<void> {
  const life = await stage.open();
  await life.publish(10);
  await stage.resolves(life.start(10, streamOf(sampleState(77))), "publishing it again");
  const listed = await life.list();
  demand(isSameData(listed, [10]), `there are [${listed}] instead of [10]`);
  demandSame(await life.read(await life.openNewest()), sampleState(77), "the second one");
}

async function reusesBytes(stage: SnapshotStoreStage): Promise<void> {
  const life = await stage.open();
  const state = sampleState(10);
  const reused = async function* () {
    const buffer = new Uint8Array(50);
    for (let at = 0; at < state.length; at += buffer.length) {
      const part = state.subarray(at, at + buffer.length);
      buffer.fill(0xee);
      buffer.set(part);
      yield await Promise.resolve(buffer.subarray(0, part.length));
    }
    buffer.fill(0xee);
  };
  await stage.resolves(life.start(10, reused()), "publish");
  demandSame(await life.read(await life.openNewest()), state, "a snapshot from one buffer");
}

async function oneAtATime(stage: SnapshotStoreStage): Promise<void> {
  const life = await stage.open();
  const chunks = streamOf(sampleState(10));
  let asked = 0;
  let askedMost = 0;
  const counted: AsyncIterable<Uint8Array> = {
    [Symbol.asyncIterator]: () => ({
      async next() {
        asked += 1;
        askedMost = Math.max(askedMost, asked);
        await Promise.resolve();
        const result = await chunks.next();
        asked -= 1;
        return result;
      },
    }),
  };
  await stage.resolves(life.start(10, counted), "publish");
  demand(askedMost === 1, `${askedMost} chunks were asked for at once`);
}
