import { demandSame } from "./snapshot_store_life.ts";
import { demand, type SnapshotStoreRequirement } from "./snapshot_store_requirement.ts";
import { largeState, sampleState, unevenStream } from "./snapshot_store_samples.ts";
import type { SnapshotStoreStage } from "./snapshot_store_stage.ts";

/** What is owed to readers. */
export const READING_CASES: readonly SnapshotStoreRequirement[] = [
  ["the bytes that were read are the reader's", bytesAreTheReaders],
  ["a snapshot can be read again after its reader has stopped early", stopsEarly],
  ["two readers do not disturb each other", twoReaders],
  ["a snapshot that is purged is read to its end by who has it open", purgedWhileRead],
  ["a snapshot that is replaced is read to its end by who has it open", replacedWhileRead],
];

async function bytesAreTheReaders(stage: SnapshotStoreStage): Promise<void> {
  const life = await stage.open();
  await life.publish(10);
  const { chunks } = await life.openNewest();
  const scribbled = (async () => {
    for await (const chunk of chunks) {
      chunk.fill(0xee);
    }
  })();
  await stage.resolves(scribbled, "reading");
  demandSame(await life.read(await life.openNewest()), sampleState(10), "the second reading");
}

async function stopsEarly(stage: SnapshotStoreStage): Promise<void> {
  const life = await stage.open();
  await stage.resolves(life.start(31, unevenStream()), "publish");
  for (let round = 0; round < 3; round += 1) {
    const { chunks } = await life.openNewest();
    const stopped = (async () => {
      for await (const _chunk of chunks) {
        break;
      }
    })();
    await stage.resolves(stopped, "stopping early");
  }
  const unread = await life.openNewest();
  await stage.resolves(unread.close(), "closing what was not read");
  demandSame(await life.read(await life.openNewest()), largeState(), "the last reading");
}

async function twoReaders(stage: SnapshotStoreStage): Promise<void> {
  const life = await stage.open();
  await life.publish(32);
  const readers = [await life.openNewest(), await life.openNewest()];
  const read = await Promise.all(readers.map((reader) => life.read(reader)));
  for (const bytes of read) {
    demandSame(bytes, sampleState(32), "a snapshot with two readers");
  }
}

async function purgedWhileRead(stage: SnapshotStoreStage): Promise<void> {
  const life = await stage.open();
  await life.publish(33);
  const opened = await life.openNewest();
  await life.publish(43);
  await stage.resolves(life.store.purge(1), "purge");
  demand(opened.meta.last.index === 33, "another one was opened");
  demandSame(await life.read(opened), sampleState(33), "a purged snapshot");
}

async function replacedWhileRead(stage: SnapshotStoreStage): Promise<void> {
  const life = await stage.open();
  await life.publish(34);
  const opened = await life.openNewest();
  await stage.resolves(life.start(34, unevenStream()), "publishing it again");
  demandSame(await life.read(opened), sampleState(34), "a replaced snapshot");
}
