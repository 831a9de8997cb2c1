import { CompactedError, type Entry } from "../../../raft/mod.ts";
import { demandEntries, isPrefix } from "./log_store_equality.ts";
import { demand, demandResolves, type LogStoreRequirement } from "./log_store_requirement.ts";
import { commandAt, commands, SAMPLE_MEMBERSHIP } from "./log_store_samples.ts";
import type { CallUnderWay, LogStoreStage } from "./log_store_stage.ts";

/** What `entries` reads, also while something is written. */
export const READ_CASES: readonly LogStoreRequirement[] = [
  ["a read gets the entries from low up to high, without high", readsHalfOpen],
  ["a read of an empty range gets nothing", readsNothing],
  ["a read gets as many entries as fit in maxBytes", readsWhatFits],
  ["a read gets its first entry whatever its size", readsFirst],
  ["a read of what is compacted is rejected with CompactedError", readsNothingCompacted],
  ["several reads may be under way at once", readsAtOnce],
  ["a read that overlaps an append gets the log of before or after it", readsOneLog],
  ["a read that overlaps an append misses nothing that it keeps", readsWhatStays],
  ["a read that overlaps a compaction gets what it keeps", readsWhatIsKept],
  ["a read that a compaction overtakes gets all or CompactedError", readsAllOrNothing],
  ["the array that a read returned is its caller's", arrayIsCallers],
  ["entries that were read stay as they are", readStays],
];

async function readsHalfOpen(stage: LogStoreStage): Promise<void> {
  await stage.openWith(commands(1, 3));
  await stage.append(commands(4, 10));
  for (const [low, high] of [[1, 2], [2, 4], [3, 5], [4, 11], [10, 11], [1, 11]] as const) {
    demandEntries(await stage.read(low, high), commands(low, high - 1), `[${low}, ${high})`);
  }
}

async function readsNothing(stage: LogStoreStage): Promise<void> {
  await stage.openWith(commands(1, 5));
  for (const at of [1, 3, 6]) {
    demandEntries(await stage.read(at, at), [], `[${at}, ${at})`);
  }
}

async function readsWhatFits(stage: LogStoreStage): Promise<void> {
  const entries = [100, 50, 0, 0, 30, 0, 1].map((length, at) => commandAt(at + 1, 1, length));
  await stage.openWith(entries.slice(0, 2));
  await stage.append(entries.slice(2));
  for (
    const { low, maxBytes, count } of [
      { low: 1, maxBytes: 149, count: 1 },
      { low: 1, maxBytes: 150, count: 4 },
      { low: 1, maxBytes: 179, count: 4 },
      { low: 1, maxBytes: 180, count: 6 },
      { low: 1, maxBytes: 181, count: 7 },
      { low: 3, maxBytes: 0, count: 2 },
      { low: 3, maxBytes: 30, count: 4 },
    ]
  ) {
    demandEntries(
      await stage.read(low, 8, maxBytes),
      entries.slice(low - 1, low - 1 + count),
      `from ${low} on in ${maxBytes} bytes`,
    );
  }
}

async function readsFirst(stage: LogStoreStage): Promise<void> {
  const entries = [commandAt(1, 1, 5_000), commandAt(2, 1, 40), commandAt(3, 1, 5_000)];
  await stage.openWith(entries);
  for (const [low, maxBytes] of [[1, 0], [1, 100], [2, 0], [2, 39], [3, 4_999]] as const) {
    demandEntries(
      await stage.read(low, 4, maxBytes),
      entries.slice(low - 1, low),
      `from ${low} on in ${maxBytes} bytes`,
    );
  }
}

async function readsNothingCompacted(stage: LogStoreStage): Promise<void> {
  await stage.openWith(commands(1, 9));
  await demandCompacted(stage, { low: 0, high: 3 });
  await stage.compact({ index: 5, term: 1, membership: SAMPLE_MEMBERSHIP });
  for (const low of [1, 4, 5]) {
    await demandCompacted(stage, { low, high: 8 });
  }
  await stage.reopen();
  await demandCompacted(stage, { low: 5, high: 8 });
}

async function readsAtOnce(stage: LogStoreStage): Promise<void> {
  await stage.openWith(commands(1, 20));
  const ranges = Array.from({ length: 10 }, (_, at) => ({ low: at + 1, high: 2 * at + 3 }));
  const answers = await Promise.all(ranges.map(({ low, high }) => stage.read(low, high)));
  for (const [at, { low, high }] of ranges.entries()) {
    demandEntries(answers[at] ?? [], commands(low, high - 1), `[${low}, ${high})`);
  }
}

async function readsOneLog(stage: LogStoreStage): Promise<void> {
  for (const answer of await readsOverAppend(stage)) {
    const isOne = isPrefix(answer, BEFORE) || isPrefix(answer, AFTER);
    const told = answer.map(({ index, term }) => `${index} of term ${term}`).join(", ");
    demand(isOne, `a read got what was never in one log: ${told}`);
  }
}

async function readsWhatStays(stage: LogStoreStage): Promise<void> {
  for (const answer of await readsOverAppend(stage)) {
    demandEntries(answer.slice(0, 4), commands(2, 5), "an append drops 6, and a read has 2 to 5");
  }
}

async function readsWhatIsKept(stage: LogStoreStage): Promise<void> {
  await stage.openWith(commands(1, 12));
  const reads = await readsDuring(
    stage,
    { low: 7, high: 13 },
    () => stage.beginCompact({ index: 6, term: 1, membership: SAMPLE_MEMBERSHIP }),
  );
  for (const read of reads) {
    const answer = await demandResolves(read, "a read of [7, 13)");
    demandEntries(answer, commands(7, 12), "[7, 13) while 6 is compacted");
  }
}

async function readsAllOrNothing(stage: LogStoreStage): Promise<void> {
  await stage.openWith(commands(1, 12));
  const reads = await readsDuring(
    stage,
    { low: 3, high: 11 },
    () => stage.beginCompact({ index: 6, term: 1, membership: SAMPLE_MEMBERSHIP }),
  );
  for (const answer of await Promise.allSettled(reads)) {
    if (answer.status === "fulfilled") {
      demandEntries(answer.value, commands(3, 10), "[3, 11) while 6 is compacted");
    } else {
      const { reason } = answer;
      demand(reason instanceof CompactedError, `a read rejects with ${String(reason)}`);
    }
  }
}

async function arrayIsCallers(stage: LogStoreStage): Promise<void> {
  await stage.openWith(commands(1, 6));
  const first = await stage.read(2, 6);
  first.reverse();
  first.length = 1;
  first.push(commandAt(99));
  demandEntries(await stage.read(2, 6), commands(2, 5), "a read after the caller changed another");
}

async function readStays(stage: LogStoreStage): Promise<void> {
  await stage.openWith(commands(1, 6));
  const before = await stage.read(1, 7);
  await stage.append(commands(3, 6, 2));
  await stage.read(1, 7);
  await stage.compact({ index: 6, term: 2, membership: SAMPLE_MEMBERSHIP });
  await stage.append(commands(7, 12, 3));
  await stage.read(7, 13);
  demandEntries(before, commands(1, 6), "what was read earlier");
}

/** What a read of `[2, 10)` may find. */
const BEFORE: readonly Entry[] = commands(2, 9);
const AFTER: readonly Entry[] = [...commands(2, 5), ...commands(6, 7, 2)];

/** Answers to reads of `[2, 10)` while an append drops 6 to 9. */
async function readsOverAppend(stage: LogStoreStage): Promise<Entry[][]> {
  await stage.openWith(commands(1, 9));
  const reads = await readsDuring(
    stage,
    { low: 2, high: 10 },
    () => stage.beginAppend({ hardState: null, entries: commands(6, 7, 2) }),
  );
  const answers: Entry[][] = [];
  for (const read of reads) {
    answers.push(await demandResolves(read, "a read of [2, 10)"));
  }
  return answers;
}

/** Begins a read before a write begins, and others until it has ended. Waits for the write. */
async function readsDuring(
  stage: LogStoreStage,
  { low, high }: { readonly low: number; readonly high: number },
  begin: () => CallUnderWay,
): Promise<Promise<Entry[]>[]> {
  const reads: Promise<Entry[]>[] = [];
  const read = () => {
    const answer = stage.store.entries({ low, high, maxBytes: Infinity });
    answer.catch(() => {}); // Who waits for it later is told.
    reads.push(answer);
  };
  read();
  const { promise, outcome } = begin();
  for (let moment = 0; moment < 8 && outcome.state === "pending"; moment += 1) {
    read();
    await stage.pass(1);
  }
  await demandResolves(promise, "the write");
  return reads;
}

async function demandCompacted(
  stage: LogStoreStage,
  { low, high }: { readonly low: number; readonly high: number },
): Promise<void> {
  const [answer] = await Promise.allSettled([
    stage.store.entries({ low, high, maxBytes: Infinity }),
  ]);
  demand(answer.status === "rejected", `a read of [${low}, ${high}) resolves`);
  const { reason } = answer;
  demand(reason instanceof CompactedError, `a read rejects with ${String(reason)}`);
}
