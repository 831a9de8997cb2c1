import { CompactedError, type CompactionMarker } from "../../../raft/mod.ts";
import { demandEntries, demandHardState, demandMarker, demandTerms } from "./log_store_equality.ts";
import { demand, demandRejects, type LogStoreRequirement } from "./log_store_requirement.ts";
import {
  commandAt,
  commands,
  hardStateOf,
  membershipAt,
  SAMPLE_MEMBERSHIP,
} from "./log_store_samples.ts";
import type { LogStoreStage } from "./log_store_stage.ts";

/** What a compaction drops and keeps. */
export const COMPACT_CASES: readonly LogStoreRequirement[] = [
  ["a compaction drops the entries up to its marker", dropsUpToMarker],
  ["a compaction keeps the entries behind its marker", keepsBehind],
  ["a compaction at the end leaves an empty log that goes on behind it", atTheEnd],
  ["a compaction beyond the end begins the log anew behind its marker", beyondTheEnd],
  ["a compaction at an entry of another term drops all entries", ofAnotherTerm],
  ["a compaction at the same marker again changes nothing", repeated],
  ["a compaction backwards changes nothing", backwards],
  ["a log can be compacted again and again", furtherAndFurther],
  ["a compaction leaves the hard state as it was", hardStateStays],
  ["open tells no membership entry up to the marker", noMembershipBelow],
  ["open tells the terms of the entries behind the marker alone", termsBehind],
  ["a compacted log is replaced from anywhere behind its marker", replacedBehind],
];

async function dropsUpToMarker(stage: LogStoreStage): Promise<void> {
  await stage.openWith(commands(1, 9));
  await stage.compact(markerAt(4));
  await demandLow(stage, 5);
  const { marker } = await stage.reopen();
  demandMarker(marker, markerAt(4), "in the next life");
}

async function keepsBehind(stage: LogStoreStage): Promise<void> {
  const entries = [...commands(1, 5), ...commands(6, 9, 2)];
  await stage.openWith(entries.slice(0, 4));
  await stage.append(entries.slice(4));
  await stage.compact(markerAt(3));
  demandEntries(await stage.read(4, 10), entries.slice(3), "in the same life");
  const state = await stage.reopen();
  demand(state.lastIndex === 9, `the log ends at ${state.lastIndex} instead of 9`);
  demandEntries(await stage.held(state), entries.slice(3), "in the next life");
}

async function atTheEnd(stage: LogStoreStage): Promise<void> {
  await stage.openWith(commands(1, 6));
  await stage.compact(markerAt(6));
  const { lastIndex, terms } = await stage.reopen();
  demand(lastIndex === 6 && terms.length === 0, `the empty log ends at ${lastIndex}`);
  await stage.append(commands(7, 8, 2));
  demandEntries(await stage.read(7, 9), commands(7, 8, 2), "what was appended then");
}

async function beyondTheEnd(stage: LogStoreStage): Promise<void> {
  await stage.openWith(commands(1, 6));
  await stage.compact(markerAt(20, 4));
  await demandLow(stage, 21);
  await stage.append(commands(21, 23, 4));
  demandEntries(await stage.read(21, 24), commands(21, 23, 4), "in the same life");
  const state = await stage.reopen();
  demandMarker(state.marker, markerAt(20, 4), "in the next life");
  demandEntries(await stage.held(state), commands(21, 23, 4), "in the next life");
}

async function ofAnotherTerm(stage: LogStoreStage): Promise<void> {
  await stage.openWith([...commands(1, 6), membershipAt(7), ...commands(8, 9)]);
  await stage.compact(markerAt(5, 3));
  await demandLow(stage, 6);
  const { marker, lastIndex, terms, membershipEntries } = await stage.reopen();
  demandMarker(marker, markerAt(5, 3), "in the next life");
  demand(lastIndex === 5, `the log ends at ${lastIndex} instead of 5`);
  demand(terms.length === 0, `terms of dropped entries: ${JSON.stringify(terms)}`);
  demand(membershipEntries.length === 0, "a dropped membership is told");
  await stage.append(commands(6, 7, 3));
  demandEntries(await stage.read(6, 8), commands(6, 7, 3), "what was appended then");
}

async function repeated(stage: LogStoreStage): Promise<void> {
  await stage.openWith(commands(1, 9));
  await stage.compact(markerAt(4));
  await stage.compact(markerAt(4));
  demandEntries(await stage.read(5, 10), commands(5, 9), "in the same life");
  const state = await stage.reopen();
  demandMarker(state.marker, markerAt(4), "in the next life");
  demandEntries(await stage.held(state), commands(5, 9), "in the next life");
}

async function backwards(stage: LogStoreStage): Promise<void> {
  await stage.openWith(commands(1, 9));
  await stage.compact(markerAt(6));
  await stage.compact(markerAt(2));
  await demandLow(stage, 7);
  demandEntries(await stage.read(7, 10), commands(7, 9), "in the same life");
  const state = await stage.reopen();
  demandMarker(state.marker, markerAt(6), "in the next life");
  demandEntries(await stage.held(state), commands(7, 9), "in the next life");
}

async function furtherAndFurther(stage: LogStoreStage): Promise<void> {
  await stage.openWith(commands(1, 12));
  for (const index of [1, 2, 7, 8, 11]) {
    await stage.compact(markerAt(index));
    demandEntries(await stage.read(index + 1, 13), commands(index + 1, 12), `behind ${index}`);
  }
  const state = await stage.reopen();
  demandMarker(state.marker, markerAt(11), "in the next life");
  demandEntries(await stage.held(state), commands(12, 12), "in the next life");
}

async function hardStateStays(stage: LogStoreStage): Promise<void> {
  await stage.openWith(commands(1, 5, 2), hardStateOf(2));
  await stage.compact(markerAt(3, 2));
  demandHardState((await stage.reopen()).hardState, hardStateOf(2), "after a compaction");
  await stage.compact(markerAt(30, 2));
  demandHardState((await stage.reopen()).hardState, hardStateOf(2), "in a log begun anew");
}

async function noMembershipBelow(stage: LogStoreStage): Promise<void> {
  await stage.openWith([membershipAt(1), commandAt(2), membershipAt(3), membershipAt(4)]);
  await stage.compact(markerAt(3));
  const { membershipEntries } = await stage.reopen();
  demandEntries(membershipEntries, [membershipAt(4)], "membership entries behind 3");
}

async function termsBehind(stage: LogStoreStage): Promise<void> {
  const entries = [...commands(1, 2), ...commands(3, 7, 2), ...commands(8, 9, 5)];
  await stage.openWith(entries);
  await stage.compact(markerAt(5, 2));
  demandTerms(await stage.reopen(), entries.slice(5), "behind 5");
}

async function replacedBehind(stage: LogStoreStage): Promise<void> {
  await stage.openWith(commands(1, 9));
  await stage.compact(markerAt(4));
  await stage.append(commands(7, 8, 2));
  demandEntries(await stage.read(5, 9), [...commands(5, 6), ...commands(7, 8, 2)], "from 7 on");
  await stage.append(commands(5, 6, 3));
  demandEntries(await stage.read(5, 7), commands(5, 6, 3), "from the first on");
  demandEntries(await stage.held(await stage.reopen()), commands(5, 6, 3), "in the next life");
}

function markerAt(index: number, term = 1): CompactionMarker {
  return { index, term, membership: { ...SAMPLE_MEMBERSHIP, learners: [`of ${index}`] } };
}

/** Demands that the first entry that can be read is at `low`. */
async function demandLow(stage: LogStoreStage, low: number): Promise<void> {
  const read = stage.store.entries({ low: low - 1, high: low, maxBytes: Infinity });
  const reason = await demandRejects(read, `a read of entry ${low - 1}, which is compacted,`);
  demand(reason instanceof CompactedError, `a read rejects with ${String(reason)}`);
}
