import type { AppendBatch, Entry } from "../../../raft/mod.ts";
import { demandEntries, demandHardState, demandTerms, sameBytes } from "./log_store_equality.ts";
import { demand, demandRejects, type LogStoreRequirement } from "./log_store_requirement.ts";
import {
  commandAt,
  commands,
  hardStateOf,
  membershipAt,
  SAMPLE_MEMBERSHIP,
} from "./log_store_samples.ts";
import type { LogStoreStage } from "./log_store_stage.ts";

/** What an append stores and drops. */
export const APPEND_CASES: readonly LogStoreRequirement[] = [
  ["appended entries are read back in order", readBack],
  ["appended entries are there when the log is opened again", thereAgain],
  ["a hard state alone leaves the entries as they were", hardStateAlone],
  ["entries alone leave the hard state as it was", entriesAlone],
  ["one append stores a hard state and entries", bothAtOnce],
  ["an append of nothing changes nothing", nothingAtAll],
  ["an append drops the entries from its first index on", dropsFromFirst],
  ["an append may replace all entries", replacesAll],
  ["what an append has dropped does not come back", droppedStaysAway],
  ["open tells no membership that an append has dropped", droppedMembership],
  ["an append leaves alone what it was given", leavesInputAlone],
  ["an append that would leave a gap is rejected, and not stored", gapIsRejected],
  ["an append with a gap within is rejected, and not stored", gapWithinIsRejected],
  ["an append below the marker is rejected, and not stored", belowMarkerIsRejected],
];

async function readBack(stage: LogStoreStage): Promise<void> {
  await stage.openWith(commands(1, 1));
  await stage.append(commands(2, 5));
  await stage.append(commands(6, 7, 2));
  demandEntries(await stage.read(1, 8), [...commands(1, 5), ...commands(6, 7, 2)], "a read");
}

async function thereAgain(stage: LogStoreStage): Promise<void> {
  await stage.openWith(commands(1, 4));
  await stage.append(commands(5, 10, 2));
  const state = await stage.reopen();
  demandEntries(
    await stage.held(state),
    [...commands(1, 4), ...commands(5, 10, 2)],
    "in the next life",
  );
}

async function hardStateAlone(stage: LogStoreStage): Promise<void> {
  await stage.openWith(commands(1, 3), hardStateOf(1));
  await stage.append([], hardStateOf(5));
  demandEntries(await stage.read(1, 4), commands(1, 3), "in the same life");
  demandEntries(await stage.held(await stage.reopen()), commands(1, 3), "in the next life");
}

async function entriesAlone(stage: LogStoreStage): Promise<void> {
  await stage.openWith([], hardStateOf(6));
  await stage.append(commands(1, 3, 6));
  demandHardState((await stage.reopen()).hardState, hardStateOf(6), "after entries alone");
}

async function bothAtOnce(stage: LogStoreStage): Promise<void> {
  await stage.openWith(commands(1, 2, 4), hardStateOf(4));
  const state = await stage.reopen();
  demandHardState(state.hardState, hardStateOf(4), "from one append");
  demandEntries(await stage.held(state), commands(1, 2, 4), "from one append");
}

async function nothingAtAll(stage: LogStoreStage): Promise<void> {
  await stage.openWith(commands(1, 2, 8), hardStateOf(8));
  await stage.append([]);
  const state = await stage.reopen();
  demandHardState(state.hardState, hardStateOf(8), "after nothing was appended");
  demandEntries(await stage.held(state), commands(1, 2, 8), "after nothing was appended");
}

async function dropsFromFirst(stage: LogStoreStage): Promise<void> {
  await stage.openWith(commands(1, 9));
  await stage.append(commands(4, 5, 2));
  demandEntries(await stage.read(1, 6), [...commands(1, 3), ...commands(4, 5, 2)], "a read");
}

async function replacesAll(stage: LogStoreStage): Promise<void> {
  await stage.openWith(commands(1, 5));
  await stage.append(commands(1, 2, 3));
  demandEntries(await stage.read(1, 3), commands(1, 2, 3), "in the same life");
  demandEntries(await stage.held(await stage.reopen()), commands(1, 2, 3), "in the next life");
}

async function droppedStaysAway(stage: LogStoreStage): Promise<void> {
  await stage.openWith([...commands(1, 6), ...commands(7, 12, 2)]);
  await stage.append([commandAt(5, 3)]);
  const wanted = [...commands(1, 4), commandAt(5, 3)];
  const state = await stage.reopen();
  demand(state.lastIndex === 5, `the log ends at ${state.lastIndex} instead of 5`);
  demandTerms(state, wanted, "in the next life");
  demandEntries(await stage.held(state), wanted, "in the next life");
}

async function droppedMembership(stage: LogStoreStage): Promise<void> {
  await stage.openWith([membershipAt(1), commandAt(2), membershipAt(3), membershipAt(4)]);
  await stage.append([commandAt(3, 2), membershipAt(4, 2)]);
  const { membershipEntries } = await stage.reopen();
  demandEntries(membershipEntries, [membershipAt(1), membershipAt(4, 2)], "the memberships");
}

async function leavesInputAlone(stage: LogStoreStage): Promise<void> {
  await stage.open();
  const batch: AppendBatch = Object.freeze({
    hardState: Object.freeze(hardStateOf(2)),
    entries: Object.freeze([...commands(1, 5), membershipAt(6)].map((one) => Object.freeze(one))),
  });
  const before = batch.entries.map(({ data }) => data.slice());
  await stage.append(batch.entries, batch.hardState);
  await stage.append([commandAt(4, 2)]);
  const isSame = batch.entries.every(({ data }, position) => {
    const bytes = before[position];
    return bytes !== undefined && sameBytes(data, bytes);
  });
  demand(isSame, "the bytes of appended entries were changed");
}

async function gapIsRejected(stage: LogStoreStage): Promise<void> {
  await refuses(stage, [commandAt(6)]);
}

async function gapWithinIsRejected(stage: LogStoreStage): Promise<void> {
  await refuses(stage, [commandAt(5), commandAt(7)]);
}

async function belowMarkerIsRejected(stage: LogStoreStage): Promise<void> {
  await refuses(stage, [commandAt(2), commandAt(3)]);
}

/** On a log of which 3 and 4 are held. Whether it can be used afterwards is not asked. */
async function refuses(stage: LogStoreStage, entries: readonly Entry[]): Promise<void> {
  await stage.openWith(commands(1, 4));
  await stage.compact({ index: 2, term: 1, membership: SAMPLE_MEMBERSHIP });
  const indexes = entries.map(({ index }) => index).join(" and ");
  await demandRejects(
    stage.store.append({ hardState: null, entries }),
    `an append of ${indexes} to a log of 3 and 4`,
  );
  await stage.giveUp();
  demandEntries(await stage.held(await stage.open()), commands(3, 4), "in the next life");
}
