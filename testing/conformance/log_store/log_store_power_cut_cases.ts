import type { Entry, HardState, LogState } from "../../../raft/mod.ts";
import {
  demandEntries,
  demandHardState,
  demandMarker,
  demandTerms,
  isPrefix,
  sameHardState,
} from "./log_store_equality.ts";
import { demand, type LogStoreRequirement } from "./log_store_requirement.ts";
import {
  commandAt,
  commands,
  hardStateOf,
  membershipAt,
  SAMPLE_MEMBERSHIP,
} from "./log_store_samples.ts";
import { inRound, type LogStoreStage } from "./log_store_stage.ts";

/** What is owed when the power fails. Ability `powerCuts`. */
export const POWER_CUT_CASES: readonly LogStoreRequirement[] = [
  ["appended entries survive a power cut", entriesSurvive],
  ["an appended hard state survives a power cut", hardStateSurvives],
  ["what an append has dropped does not come back by a power cut", dropSurvives],
  ["a marker survives a power cut, with what is behind it", markerSurvives],
  ["a log that began anew does not go back by a power cut", anewSurvives],
  ["a log goes on after a power cut", goesOn],
  ["a power cut during an append takes nothing from before it", nothingFromBefore],
  ["a power cut during an append leaves a part of the log of before or after it", oneLog],
  ["a power cut during an append leaves the hard state of before or after it", oneHardState],
  ["a power cut during a compaction leaves the log of before or after it", oneMarker],
];

async function entriesSurvive(stage: LogStoreStage): Promise<void> {
  await stage.open();
  for (let last = 1; last <= 6; last += 1) {
    await inRound(`power cut ${last}`, async () => {
      await stage.append([commandAt(last)]);
      const state = await stage.reopen("lost");
      demandEntries(await stage.held(state), commands(1, last), "after a power cut");
    });
  }
}

async function hardStateSurvives(stage: LogStoreStage): Promise<void> {
  await stage.open();
  for (let term = 1; term <= 6; term += 1) {
    await stage.append([], hardStateOf(term));
    const { hardState } = await stage.reopen("lost");
    demandHardState(hardState, hardStateOf(term), "after a power cut");
  }
}

async function dropSurvives(stage: LogStoreStage): Promise<void> {
  await stage.openWith([...commands(1, 7), membershipAt(8)]);
  await stage.append(commands(5, 6, 2));
  const state = await stage.reopen("lost");
  const wanted = [...commands(1, 4), ...commands(5, 6, 2)];
  demandTerms(state, wanted, "after a power cut");
  demandEntries(await stage.held(state), wanted, "after a power cut");
  demandEntries(state.membershipEntries, [], "membership entries");
}

async function markerSurvives(stage: LogStoreStage): Promise<void> {
  await stage.openWith(commands(1, 9));
  const marker = { index: 5, term: 1, membership: SAMPLE_MEMBERSHIP };
  await stage.compact(marker);
  const state = await stage.reopen("lost");
  demandMarker(state.marker, marker, "after a power cut");
  demandEntries(await stage.held(state), commands(6, 9), "after a power cut");
}

async function anewSurvives(stage: LogStoreStage): Promise<void> {
  await stage.openWith(commands(1, 9));
  const marker = { index: 6, term: 4, membership: SAMPLE_MEMBERSHIP };
  await stage.compact(marker);
  const state = await stage.reopen("lost");
  demandMarker(state.marker, marker, "after a power cut");
  demandEntries(await stage.held(state), [], "after a power cut");
  demand(state.lastIndex === 6, `the log ends at ${state.lastIndex} instead of 6`);
}

async function goesOn(stage: LogStoreStage): Promise<void> {
  await stage.openWith(commands(1, 3));
  const { lastIndex } = await stage.reopen("lost");
  await stage.append(commands(lastIndex + 1, lastIndex + 3));
  demandEntries(
    await stage.held(await stage.reopen()),
    commands(1, lastIndex + 3),
    "after a power cut, an append and a close",
  );
}

async function nothingFromBefore(stage: LogStoreStage): Promise<void> {
  await cutDuringAppends(stage, async ({ state, before, first }) => {
    const kept = before.filter(({ index }) => index < first);
    const held = await stage.held(state);
    demandEntries(held.slice(0, kept.length), kept, "what was appended before");
  });
}

async function oneLog(stage: LogStoreStage): Promise<void> {
  await cutDuringAppends(stage, async ({ state, before, after, isDone }) => {
    const held = await stage.held(state);
    demandTerms(state, held, "after a power cut");
    const isOne = isPrefix(held, after) || (!isDone && isPrefix(held, before));
    const told = held.map(({ index, term }) => `${index} of term ${term}`).join(", ");
    demand(isOne, `after a power cut there is what was never in one log: ${told}`);
    demand(!isDone || held.length === after.length, `an append that resolved is in part: ${told}`);
  });
}

async function oneHardState(stage: LogStoreStage): Promise<void> {
  await cutDuringAppends(stage, async ({ state: { hardState }, hardStates, isDone }) => {
    const allowed = hardStates.slice(isDone ? 1 : 0);
    demand(
      allowed.some((one) => sameHardState(one, hardState)),
      `the hard state is ${JSON.stringify(hardState)}, one of ${JSON.stringify(allowed)} was left`,
    );
    await Promise.resolve();
  });
}

async function oneMarker(stage: LogStoreStage): Promise<void> {
  const last = 40;
  await stage.openWith(commands(1, last));
  for (let moments = 0; moments < 12; moments += 1) {
    await inRound(`power cut after ${moments} moments`, async () => {
      const index = 2 * moments + 2;
      const { outcome } = stage.beginCompact({ index, term: 1, membership: SAMPLE_MEMBERSHIP });
      await stage.pass(moments);
      const isDone = outcome.state === "resolved";
      const state = await stage.reopen("lost");
      const at = state.marker.index;
      demand(
        at === index || (!isDone && at === index - 2),
        `the marker is at ${at} instead of ${index - 2} or ${index}`,
      );
      demandEntries(await stage.held(state), commands(at + 1, last), `behind ${at}`);
      // What was left undone is done, so that the next round finds the same.
      await stage.compact({ index, term: 1, membership: SAMPLE_MEMBERSHIP });
    });
  }
}

/** What was there before an append, what would be after it, and what a power cut left. */
interface CutAppend {
  readonly state: LogState;
  readonly before: readonly Entry[];
  readonly after: readonly Entry[];
  /** First index that was appended. */
  readonly first: number;
  readonly hardStates: readonly [before: HardState, after: HardState];
  /** Whether the append had resolved. */
  readonly isDone: boolean;
}

/**
 * Cuts the power during appends which drop entries and add as many, at a later
 * moment each time.
 */
async function cutDuringAppends(
  stage: LogStoreStage,
  check: (cut: CutAppend) => Promise<void>,
): Promise<void> {
  await stage.open();
  for (let moments = 0; moments < 12; moments += 1) {
    await inRound(`power cut after ${moments} moments`, async () => {
      const term = 10 * (moments + 1);
      const before = commands(1, 8, term);
      const first = 6;
      const hardStates = [hardStateOf(term), hardStateOf(term + 1)] as const;
      await stage.append(before, hardStates[0]);
      const entries = commands(first, 9, term + 1);
      const { outcome } = stage.beginAppend({ hardState: hardStates[1], entries });
      await stage.pass(moments);
      const isDone = outcome.state === "resolved";
      const state = await stage.reopen("lost");
      const after = [...before.slice(0, first - 1), ...entries];
      await check({ state, before, after, first, hardStates, isDone });
    });
  }
}
