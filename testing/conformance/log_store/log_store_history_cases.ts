import {
  type AppendBatch,
  type CompactionMarker,
  encodeMembership,
  type Entry,
  type HardState,
  INITIAL_HARD_STATE,
  type LogState,
  membershipOf,
  WHOLE_LOG,
} from "../../../raft/mod.ts";
import { demandEntries, demandHardState, demandMarker, demandTerms } from "./log_store_equality.ts";
import type { LogStoreRequirement } from "./log_store_requirement.ts";
import { inRound, type LogStoreStage } from "./log_store_stage.ts";
import { SeededRandom } from "../../seeded_random.ts";

/** What is owed whatever happens, in whatever order. */
export const HISTORY_CASES: readonly LogStoreRequirement[] = [
  ["after any history a log holds what a plain list would hold", playHistories],
];

/** Calls in one history. */
const STEPS = 30;

/** A log as plain as can be. */
interface PlainLog {
  readonly hardState: HardState;
  readonly marker: CompactionMarker;
  readonly entries: readonly Entry[];
}

async function playHistories(stage: LogStoreStage): Promise<void> {
  let plain: PlainLog = { hardState: INITIAL_HARD_STATE, marker: WHOLE_LOG, entries: [] };
  await stage.open();
  for (let seed = 1; seed <= stage.histories; seed += 1) {
    const random = new SeededRandom(seed);
    for (let step = 1; step <= STEPS; step += 1) {
      // One log lives through all of them, so that it also grows old.
      await inRound(`history ${seed}, step ${step}`, async () => {
        plain = await playStep(stage, random, plain);
        await demandReads(stage, random, plain);
      });
    }
  }
}

async function playStep(
  stage: LogStoreStage,
  random: SeededRandom,
  plain: PlainLog,
): Promise<PlainLog> {
  const kind = random.below(12);
  if (kind < 2) {
    const how = stage.canLose && random.chance(0.5) ? "lost" : "closed";
    demandState(await stage.reopen(how), plain, `when it is opened after it was ${how}`);
    return plain;
  }
  if (kind < 4) {
    const marker = drawMarker(random, plain);
    await stage.compact(marker);
    return compacted(plain, marker);
  }
  const batch = drawBatch(random, plain);
  await stage.append(batch.entries, batch.hardState);
  return appended(plain, batch);
}

async function demandReads(
  stage: LogStoreStage,
  random: SeededRandom,
  { marker, entries }: PlainLog,
): Promise<void> {
  const low = marker.index + 1;
  const high = low + entries.length;
  demandEntries(await stage.read(low, high), entries, "everything");
  const first = random.between(low, high);
  const end = random.between(first, high);
  const maxBytes = random.pick([0, random.below(600), 5_100]);
  demandEntries(
    await stage.read(first, end, maxBytes),
    fitting(entries.slice(first - low, end - low), maxBytes),
    `[${first}, ${end}) in ${maxBytes} bytes`,
  );
}

function demandState(state: LogState, plain: PlainLog, where: string): void {
  demandHardState(state.hardState, plain.hardState, where);
  demandMarker(state.marker, plain.marker, where);
  demandTerms(state, plain.entries, where);
  demandEntries(
    state.membershipEntries,
    plain.entries.filter(({ kind }) => kind === "membership"),
    `membership entries ${where}`,
  );
}

function drawBatch(random: SeededRandom, { hardState, marker, entries }: PlainLog): AppendBatch {
  const back = random.chance(0.6) ? 0 : random.below(20);
  const index = Math.max(marker.index + 1, marker.index + entries.length + 1 - back);
  const before = entries[index - marker.index - 2]?.term ?? marker.term;
  const term = Math.max(before, 1) + (random.chance(0.3) ? 1 : 0);
  return {
    hardState: random.chance(0.4)
      ? {
        term: Math.max(term, hardState.term),
        vote: random.pick([null, `node ${index} \u00e9`]),
        commit: hardState.commit + 1,
      }
      : null,
    entries: Array.from(
      { length: random.below(8) },
      (_, offset) => drawEntry(random, { index: index + offset, term }),
    ),
  };
}

function drawEntry(
  random: SeededRandom,
  id: { readonly index: number; readonly term: number },
): Entry {
  const kind = random.pick(["command", "command", "command", "noop", "membership"] as const);
  switch (kind) {
    case "membership":
      return { ...id, kind, data: encodeMembership(membershipOf([`n${id.index}`])) };
    case "noop":
      return { ...id, kind, data: new Uint8Array() };
    case "command": {
      const lengthBytes = random.chance(0.1) ? 5_000 : random.below(90);
      return { ...id, kind, data: new Uint8Array(lengthBytes).fill(random.below(256)) };
    }
  }
}

/** Within the log or beyond its end, and of a term that agrees with it or not. */
function drawMarker(random: SeededRandom, { marker, entries }: PlainLog): CompactionMarker {
  const ahead = random.chance(0.1) ? 60 : random.between(-1, 12);
  const index = Math.max(0, marker.index + ahead);
  const held = entries[index - marker.index - 1]?.term;
  const higher = (entries.at(-1)?.term ?? marker.term) + 1;
  const term = random.chance(0.8) ? held ?? higher : higher;
  return { index, term, membership: membershipOf([`m${index}`]) };
}

function appended(plain: PlainLog, { hardState, entries }: AppendBatch): PlainLog {
  const [first] = entries;
  const kept = first === undefined
    ? plain.entries
    : plain.entries.filter(({ index }) => index < first.index);
  return {
    ...plain,
    hardState: hardState ?? plain.hardState,
    entries: [...kept, ...entries],
  };
}

function compacted(plain: PlainLog, marker: CompactionMarker): PlainLog {
  if (marker.index <= plain.marker.index) {
    return plain;
  }
  const { entries } = plain;
  const agrees = entries.some(({ index, term }) => index === marker.index && term === marker.term);
  return {
    ...plain,
    marker,
    entries: agrees ? entries.filter(({ index }) => index > marker.index) : [],
  };
}

function fitting(entries: readonly Entry[], maxBytes: number): Entry[] {
  let bytes = 0;
  const end = entries.findIndex(({ data }, position) => {
    bytes += data.length;
    return position > 0 && bytes > maxBytes;
  });
  return end === -1 ? [...entries] : entries.slice(0, end);
}
