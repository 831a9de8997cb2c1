import { INITIAL_HARD_STATE, WHOLE_LOG } from "../../../raft/mod.ts";
import { demandEntries, demandHardState, demandMarker, demandTerms } from "./log_store_equality.ts";
import { demand, type LogStoreRequirement } from "./log_store_requirement.ts";
import {
  commandAt,
  commands,
  hardStateOf,
  membershipAt,
  noopAt,
  SAMPLE_MEMBERSHIP,
} from "./log_store_samples.ts";
import { inRound, type LogStoreStage } from "./log_store_stage.ts";

/** What `open` tells. */
export const OPEN_CASES: readonly LogStoreRequirement[] = [
  ["a new log is whole and empty", newIsEmpty],
  ["open tells the hard state that was appended last", tellsHardState],
  ["a hard state may hold a vote of any text, and none", votesOfAnyText],
  ["open tells the last index", tellsLastIndex],
  ["open tells the term of each entry", tellsTerms],
  ["open tells the membership entries in order", tellsMemberships],
  ["open tells the marker with its membership", tellsMarker],
  ["a log that is opened and closed stays as it was", openingChangesNothing],
];

async function newIsEmpty(stage: LogStoreStage): Promise<void> {
  const { hardState, marker, lastIndex, terms, membershipEntries } = await stage.open();
  demandHardState(hardState, INITIAL_HARD_STATE, "a new log");
  demandMarker(marker, WHOLE_LOG, "a new log");
  demand(lastIndex === 0, `a new log ends at ${lastIndex}`);
  demand(terms.length === 0, `a new log tells ${terms.length} terms`);
  demand(membershipEntries.length === 0, "a new log tells memberships");
}

async function tellsHardState(stage: LogStoreStage): Promise<void> {
  await stage.open();
  for (const term of [3, 4, 7]) {
    await stage.append([], hardStateOf(term));
  }
  const { hardState } = await stage.reopen();
  demandHardState(hardState, hardStateOf(7), "after three were appended");
}

async function votesOfAnyText(stage: LogStoreStage): Promise<void> {
  await stage.open();
  const votes = [
    "a",
    null,
    "8e9e05c52164694d",
    "\ufeffbyte order mark",
    "zero\0inside",
    "quote ' \" \\ \u2028",
    "__proto__",
    "null",
    "\u00e9\u4e2d\u{1f980}".repeat(50),
  ];
  for (const vote of votes) {
    const hardState = { term: 5, vote, commit: 0 };
    await stage.append([], hardState);
    const state = await stage.reopen();
    demandHardState(state.hardState, hardState, "with this vote");
  }
}

async function tellsLastIndex(stage: LogStoreStage): Promise<void> {
  await stage.openWith(commands(1, 3));
  await stage.append(commands(4, 9));
  const { lastIndex } = await stage.reopen();
  demand(lastIndex === 9, `the log ends at ${lastIndex} instead of 9`);
}

async function tellsTerms(stage: LogStoreStage): Promise<void> {
  const entries = [commandAt(1, 1), ...commands(2, 4, 2), ...commands(5, 6, 9), commandAt(7, 12)];
  await stage.openWith(entries.slice(0, 3));
  await stage.append(entries.slice(3));
  demandTerms(await stage.reopen(), entries, "after two appends");
}

async function tellsMemberships(stage: LogStoreStage): Promise<void> {
  await stage.openWith([membershipAt(1), commandAt(2), membershipAt(3), noopAt(4)]);
  await stage.append([membershipAt(5, 2), commandAt(6, 2)]);
  const { membershipEntries } = await stage.reopen();
  demandEntries(
    membershipEntries,
    [membershipAt(1), membershipAt(3), membershipAt(5, 2)],
    "the membership entries",
  );
}

async function tellsMarker(stage: LogStoreStage): Promise<void> {
  await stage.openWith(commands(1, 5, 3));
  const marker = { index: 4, term: 3, membership: SAMPLE_MEMBERSHIP };
  await stage.compact(marker);
  demandMarker((await stage.reopen()).marker, marker, "after a compaction");
}

async function openingChangesNothing(stage: LogStoreStage): Promise<void> {
  const entries = [...commands(1, 4), membershipAt(5), commandAt(6, 2)];
  await stage.openWith(entries, hardStateOf(2));
  const marker = { index: 2, term: 1, membership: SAMPLE_MEMBERSHIP };
  await stage.compact(marker);
  for (let life = 2; life <= 5; life += 1) {
    await inRound(`life ${life}`, async () => {
      const state = await stage.reopen();
      demandHardState(state.hardState, hardStateOf(2), "on open");
      demandMarker(state.marker, marker, "on open");
      demandTerms(state, entries.slice(2), "on open");
      demandEntries(await stage.held(state), entries.slice(2), "what is held");
    });
  }
}
