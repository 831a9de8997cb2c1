import { NoUsableSnapshotError, SnapshotCorruptError } from "../../../storage/mod.ts";
import { lastOf } from "./snapshot_store_life.ts";
import {
  demand,
  type SnapshotStoreRequirement,
  SnapshotStoreRequirementError,
} from "./snapshot_store_requirement.ts";
import { largeState, unevenStream } from "./snapshot_store_samples.ts";
import type { SnapshotStoreStage } from "./snapshot_store_stage.ts";
import { isSameBytes, isSameData } from "../transport/transport_equality.ts";

/** What is owed to readers where what was stored is damaged. */
export const DAMAGE_CASES: readonly SnapshotStoreRequirement[] = [
  ["a damaged newest one is passed over for the one before", passesOver],
  ["the reader is told which ones were passed over", tellsPassedOver],
  ["where all are damaged, opening is refused", refusesAll],
  ["where all are damaged, the next life refuses too", refusesAgain],
  ["a damaged one is no longer told of once there is a newer one", newerHeals],
  ["a damaged one that is published again is good", replacementHeals],
  ["purge does not count damaged ones", purgeCountsGood],
  ["purge hides no damage that readers are to be told of", purgeHidesNothing],
  ["a snapshot that is damaged while it is read does not end as if it were whole", neverWrong],
];

async function passesOver(stage: SnapshotStoreStage): Promise<void> {
  await (await stage.open()).publish(10, 20);
  const life = await stage.reopen(() => stage.damage(lastOf(20)));
  await life.demandNewest(10);
}

async function tellsPassedOver(stage: SnapshotStoreStage): Promise<void> {
  await (await stage.open()).publish(11, 21, 31);
  const life = await stage.reopen(async () => {
    await stage.damage(lastOf(21));
    await stage.damage(lastOf(31));
  });
  for (const time of ["first", "second"]) {
    const opened = await life.openNewest();
    const { passedOver } = opened;
    await opened.close();
    demand(
      isSameData(passedOver, [lastOf(31), lastOf(21)]),
      `the ${time} time it tells of [${passedOver.map(({ index }) => index)}]`,
    );
  }
}

async function refusesAll(stage: SnapshotStoreStage): Promise<void> {
  await (await stage.open()).publish(12, 22);
  const life = await stage.reopen(async () => {
    await stage.damage(lastOf(12));
    await stage.damage(lastOf(22));
  });
  const error = await stage.rejects(life.store.openNewest(), "opening what is all damaged");
  demand(error instanceof NoUsableSnapshotError, `it rejects with ${String(error)}`);
  demand(
    isSameData(error.damaged, [lastOf(22), lastOf(12)]),
    `it names [${error.damaged.map(({ index }) => index)}]`,
  );
}

async function refusesAgain(stage: SnapshotStoreStage): Promise<void> {
  await (await stage.open()).publish(13);
  const life = await stage.reopen(() => stage.damage(lastOf(13)));
  await life.store.openNewest().catch(() => {});
  await stage.resolves(life.store.purge(1), "purge");
  const next = await stage.reopen();
  await stage.rejects(next.store.openNewest(), "opening in the next life");
}

async function newerHeals(stage: SnapshotStoreStage): Promise<void> {
  await (await stage.open()).publish(14, 24);
  const life = await stage.reopen(() => stage.damage(lastOf(24)));
  await (await life.openNewest()).close();
  await life.publish(34);
  const opened = await life.openNewest();
  await opened.close();
  demand(opened.meta.last.index === 34, `${opened.meta.last.index} is opened instead of 34`);
  demand(opened.passedOver.length === 0, "older ones are told of");
}

async function replacementHeals(stage: SnapshotStoreStage): Promise<void> {
  await (await stage.open()).publish(15, 25);
  const life = await stage.reopen(() => stage.damage(lastOf(25)));
  await (await life.openNewest()).close();
  await life.publish(25);
  await life.demandNewest(25);
}

async function purgeCountsGood(stage: SnapshotStoreStage): Promise<void> {
  await (await stage.open()).publish(16, 26);
  const life = await stage.reopen(() => stage.damage(lastOf(26)));
  await (await life.openNewest()).close();
  await stage.resolves(life.store.purge(1), "purge");
  await life.demandNewest(16);
}

async function purgeHidesNothing(stage: SnapshotStoreStage): Promise<void> {
  await (await stage.open()).publish(18, 28);
  const life = await stage.reopen(() => stage.damage(lastOf(28)));
  await (await life.openNewest()).close();
  await stage.resolves(life.store.purge(2), "purge");
  const opened = await (await stage.reopen()).openNewest();
  await opened.close();
  demand(isSameData(opened.passedOver, [lastOf(28)]), "what was passed over is not told any more");
}

async function neverWrong(stage: SnapshotStoreStage): Promise<void> {
  const life = await stage.open();
  await stage.resolves(life.start(17, unevenStream()), "publish");
  const { chunks } = await life.openNewest();
  await stage.damage(lastOf(17));
  const state = largeState();
  let length = 0;
  const reading = (async () => {
    for await (const chunk of chunks) {
      const expected = state.subarray(length, length + chunk.length);
      if (!isSameBytes(chunk, expected)) {
        throw new SnapshotStoreRequirementError("wrong bytes were read");
      }
      length += chunk.length;
    }
  })();
  const error = await stage.resolves(reading.then(() => null, (reason) => reason), "reading");
  if (error instanceof SnapshotStoreRequirementError) {
    throw error;
  }
  // What was read ahead of the damage may well be whole.
  demand(
    error === null ? length === state.length : error instanceof SnapshotCorruptError,
    `after ${length} of ${state.length} bytes: ${error === null ? "the end" : String(error)}`,
  );
}
