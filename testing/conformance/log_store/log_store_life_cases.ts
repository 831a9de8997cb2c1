import { demandEntries } from "./log_store_equality.ts";
import {
  demandRejects,
  demandResolves,
  type LogStoreRequirement,
} from "./log_store_requirement.ts";
import { commandAt, commands, SAMPLE_MEMBERSHIP } from "./log_store_samples.ts";
import { inRound, type LogStoreStage } from "./log_store_stage.ts";

/** What is owed when a store is closed, and over many lives. */
export const LIFE_CASES: readonly LogStoreRequirement[] = [
  ["close finishes an append under way", closeFinishes],
  ["a closed store rejects appends", closedRejectsAppends],
  ["a closed store rejects compactions", closedRejectsCompactions],
  ["a closed store rejects reads", closedRejectsReads],
  ["a log goes on over many lives", manyLives],
];

async function closeFinishes(stage: LogStoreStage): Promise<void> {
  await stage.openWith(commands(1, 2));
  const append = stage.beginAppend({ hardState: null, entries: commands(3, 5) });
  await stage.finish("closed");
  await demandResolves(append.promise, "an append that was under way when close was called");
  demandEntries(await stage.held(await stage.open()), commands(1, 5), "in the next life");
}

async function closedRejectsAppends(stage: LogStoreStage): Promise<void> {
  await stage.openWith(commands(1, 3));
  const { store } = stage;
  await stage.finish("closed");
  const append = store.append({ hardState: null, entries: [commandAt(4)] });
  await demandRejects(append, "an append after close");
}

async function closedRejectsCompactions(stage: LogStoreStage): Promise<void> {
  await stage.openWith(commands(1, 3));
  const { store } = stage;
  await stage.finish("closed");
  const compaction = store.compact({ index: 2, term: 1, membership: SAMPLE_MEMBERSHIP });
  await demandRejects(compaction, "a compaction after close");
}

async function closedRejectsReads(stage: LogStoreStage): Promise<void> {
  await stage.openWith(commands(1, 3));
  const { store } = stage;
  await stage.finish("closed");
  await demandRejects(store.entries({ low: 1, high: 2, maxBytes: 1 }), "a read after close");
}

async function manyLives(stage: LogStoreStage): Promise<void> {
  await stage.open();
  for (let life = 1; life <= 8; life += 1) {
    await inRound(`life ${life}`, async () => {
      await stage.append(commands(2 * life - 1, 2 * life));
      const state = await stage.reopen();
      demandEntries(await stage.held(state), commands(1, 2 * life), "what was appended so far");
    });
  }
}
