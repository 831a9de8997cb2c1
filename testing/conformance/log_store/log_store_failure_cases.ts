import { demandEntries, demandHardState, demandMarker } from "./log_store_equality.ts";
import { demandRejects, type LogStoreRequirement } from "./log_store_requirement.ts";
import { commands, hardStateOf, SAMPLE_MEMBERSHIP } from "./log_store_samples.ts";
import type { LogStoreStage } from "./log_store_stage.ts";

/** What is owed when writes fail. Ability `failures`. */
export const FAILURE_CASES: readonly LogStoreRequirement[] = [
  ["an append that can not be written is rejected", appendIsRejected],
  ["a compaction that can not be written is rejected", compactionIsRejected],
  ["an append after a failed one is rejected, though it could be written", laterAppend],
  ["a compaction after a failed append is rejected", laterCompaction],
  ["a read after a failed append is rejected", laterRead],
  ["what was appended before a failure is there when the log is opened again", earlierAppends],
];

async function appendIsRejected(stage: LogStoreStage): Promise<void> {
  await stage.openWith(commands(1, 3));
  await failToAppend(stage);
  await stage.giveUp();
}

async function compactionIsRejected(stage: LogStoreStage): Promise<void> {
  await stage.openWith(commands(1, 3));
  await stage.failWrites(true);
  const compaction = stage.store.compact({ index: 2, term: 1, membership: SAMPLE_MEMBERSHIP });
  await demandRejects(compaction, "a compaction that can not be written");
  await stage.failWrites(false);
  await stage.giveUp();
}

async function laterAppend(stage: LogStoreStage): Promise<void> {
  await stage.openWith(commands(1, 3));
  await failToAppend(stage).catch(() => {}); // Whether it rejects is asked above.
  const { store } = stage;
  await demandRejects(store.append({ hardState: null, entries: commands(4, 4) }), "an append");
  await demandRejects(store.append({ hardState: hardStateOf(9), entries: [] }), "a second one");
  await stage.giveUp();
}

async function laterCompaction(stage: LogStoreStage): Promise<void> {
  await stage.openWith(commands(1, 3));
  await failToAppend(stage).catch(() => {});
  const compaction = stage.store.compact({ index: 2, term: 1, membership: SAMPLE_MEMBERSHIP });
  await demandRejects(compaction, "a compaction");
  await stage.giveUp();
}

async function laterRead(stage: LogStoreStage): Promise<void> {
  await stage.openWith(commands(1, 3));
  await failToAppend(stage).catch(() => {});
  await demandRejects(stage.store.entries({ low: 1, high: 3, maxBytes: Infinity }), "a read");
  await stage.giveUp();
}

async function earlierAppends(stage: LogStoreStage): Promise<void> {
  await stage.openWith(commands(1, 6), hardStateOf(1));
  const marker = { index: 2, term: 1, membership: SAMPLE_MEMBERSHIP };
  await stage.compact(marker);
  await failToAppend(stage).catch(() => {});
  await stage.giveUp();
  const state = await stage.open();
  demandMarker(state.marker, marker, "in the next life");
  // The failed append may have dropped what lies behind 3, and stored its own.
  demandEntries((await stage.held(state)).slice(0, 1), commands(3, 3), "in the next life");
  if (state.hardState.term !== FAILED_HARD_STATE.term) {
    demandHardState(state.hardState, hardStateOf(1), "in the next life");
  }
}

const FAILED_HARD_STATE = hardStateOf(2);

/** Appends from 4 on while writes fail, and lets them succeed again. */
async function failToAppend(stage: LogStoreStage): Promise<void> {
  await stage.failWrites(true);
  try {
    await demandRejects(
      stage.store.append({ hardState: FAILED_HARD_STATE, entries: commands(4, 5, 2) }),
      "an append that can not be written",
    );
  } finally {
    await stage.failWrites(false);
  }
}
