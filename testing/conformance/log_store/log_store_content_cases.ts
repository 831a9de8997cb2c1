import type { Entry } from "../../../raft/mod.ts";
import { demandEntries, demandHardState, demandMarker, demandTerms } from "./log_store_equality.ts";
import type { LogStoreRequirement } from "./log_store_requirement.ts";
import {
  commandAt,
  commands,
  membershipAt,
  noopAt,
  SAMPLE_MEMBERSHIP,
} from "./log_store_samples.ts";
import type { LogStoreStage } from "./log_store_stage.ts";

/** Which entries and numbers a log must be able to hold. */
export const CONTENT_CASES: readonly LogStoreRequirement[] = [
  ["entries of each kind are kept", eachKind],
  ["entries without data are kept", withoutData],
  ["data of any bytes are kept", anyBytes],
  ["data that are a part of a larger buffer are kept", partOfBuffer],
  ["a large entry is kept", largeEntry],
  ["a batch of many entries is kept", manyEntries],
  ["numbers up to the largest safe integer are kept", largestNumbers],
];

async function eachKind(stage: LogStoreStage): Promise<void> {
  await isKept(stage, [noopAt(1), membershipAt(2), commandAt(3), noopAt(4), membershipAt(5)]);
}

async function withoutData(stage: LogStoreStage): Promise<void> {
  const empty = new Uint8Array();
  await isKept(stage, [
    { index: 1, term: 1, kind: "command", data: empty },
    { index: 2, term: 1, kind: "noop", data: empty },
    { index: 3, term: 1, kind: "command", data: empty },
  ]);
}

async function anyBytes(stage: LogStoreStage): Promise<void> {
  const data = Uint8Array.from({ length: 512 }, (_, position) => position);
  const reversed = data.toReversed();
  await isKept(stage, [
    { index: 1, term: 1, kind: "command", data },
    { index: 2, term: 1, kind: "command", data: reversed },
  ]);
}

async function partOfBuffer(stage: LogStoreStage): Promise<void> {
  const buffer = Uint8Array.from({ length: 100 }, (_, position) => position);
  await isKept(stage, [
    { index: 1, term: 1, kind: "command", data: buffer.subarray(3, 10) },
    { index: 2, term: 1, kind: "command", data: buffer.subarray(50) },
    { index: 3, term: 1, kind: "command", data: buffer.subarray(7, 7) },
  ]);
}

async function largeEntry(stage: LogStoreStage): Promise<void> {
  const data = Uint8Array.from({ length: 3 << 20 }, (_, position) => position ^ (position >> 11));
  await isKept(stage, [commandAt(1), { index: 2, term: 1, kind: "command", data }, commandAt(3)]);
}

async function manyEntries(stage: LogStoreStage): Promise<void> {
  await isKept(stage, commands(1, 3_000));
}

async function largestNumbers(stage: LogStoreStage): Promise<void> {
  const largest = Number.MAX_SAFE_INTEGER;
  await stage.openWith(commands(1, 2));
  const marker = { index: largest - 5, term: 2 ** 52 + 1, membership: SAMPLE_MEMBERSHIP };
  await stage.compact(marker);
  // The end of a range is above its last index, and must be safe too.
  const entries = [
    ...commands(largest - 4, largest - 3, 2 ** 52 + 1),
    ...commands(largest - 2, largest - 1, largest),
  ];
  const hardState = { term: largest, vote: "a", commit: largest - 1 };
  await stage.append(entries, hardState);
  const state = await stage.reopen();
  demandHardState(state.hardState, hardState, "with the largest numbers");
  demandMarker(state.marker, marker, "with the largest numbers");
  demandTerms(state, entries, "with the largest numbers");
  demandEntries(await stage.held(state), entries, "with the largest numbers");
}

/** Appends entries to a new log, and demands them in this life and the next. */
async function isKept(stage: LogStoreStage, entries: readonly Entry[]): Promise<void> {
  await stage.openWith(entries);
  demandEntries(await stage.read(1, entries.length + 1), entries, "in the same life");
  demandEntries(await stage.held(await stage.reopen()), entries, "in the next life");
}
