import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import type { Entry } from "../raft/mod.ts";
import { NodeFileSystem } from "../storage/files/mod.ts";
import { WalLogStore } from "../storage/wal/mod.ts";
import { medianOf, temporaryDirectory } from "./measuring.ts";

const ENTRY_BYTES = 256;

/** Entries in one commit, and how many commits make a run. */
const LOADS = [
  { entries: 1, commits: 1_500 },
  { entries: 10, commits: 1_500 },
  { entries: 100, commits: 800 },
  { entries: 1_000, commits: 250 },
];

const ROUNDS = 5;

/** Entries of the log whose opening is timed, and how many are in one of its commits. */
const REPLAYED = { entries: 1_000_000, batch: 1_000 };

/**
 * Appends of the log against the bare bytes: the same number of them, at the
 * same offsets of a file as large, through the same asynchronous calls, once
 * with a sync after each write and once with `O_DSYNC`. Both limits and the log
 * take turns. Then the opening of a long log.
 */
export async function wal(): Promise<void> {
  process.stdout.write(
    `commits a second, ${ENTRY_BYTES} B an entry, median of ${ROUNDS} alternating runs\n`,
  );
  for (const load of LOADS) {
    const rates = { log: [] as number[], plain: [] as number[], dataSync: [] as number[] };
    for (let round = 0; round < ROUNDS; round += 1) {
      rates.log.push(await inDirectory((directory) => logRate(directory, load)));
      rates.plain.push(await inDirectory((directory) => bareRate(directory, load, false)));
      rates.dataSync.push(await inDirectory((directory) => bareRate(directory, load, true)));
    }
    const [log, plain, dataSync] = [rates.log, rates.plain, rates.dataSync].map(medianOf);
    const limit = Math.max(plain ?? NaN, dataSync ?? NaN);
    process.stdout.write(
      `${load.entries} entries: log ${rounded(log)}, write and fdatasync ${rounded(plain)}, ` +
        `O_DSYNC ${rounded(dataSync)}, log / better limit ${((log ?? NaN) / limit).toFixed(2)}\n`,
    );
  }
  await replay();
}

async function replay(): Promise<void> {
  await inDirectory(async (directory) => {
    const { entries, batch } = REPLAYED;
    const written = await open(directory);
    for (let index = 1; index <= entries; index += batch) {
      await written.append({ hardState: null, entries: entriesFrom(index, batch) });
    }
    await written.close();
    const times: number[] = [];
    for (let round = 0; round < 3; round += 1) {
      const startMs = performance.now();
      const log = new WalLogStore({ fileSystem: new NodeFileSystem(), directory });
      const { lastIndex } = await log.open();
      times.push((performance.now() - startMs) / 1000);
      if (lastIndex !== entries) {
        throw new Error(`${lastIndex} of ${entries} entries came back`);
      }
      await log.close();
    }
    process.stdout.write(
      `opening a log of ${entries} entries: ${medianOf(times).toFixed(2)} s\n`,
    );
  });
}

async function logRate(
  directory: string,
  { entries, commits }: (typeof LOADS)[number],
): Promise<number> {
  const log = await open(directory);
  let appendingMs = 0;
  for (let commit = 0; commit < commits; commit += 1) {
    const batch = entriesFrom(1 + commit * entries, entries);
    const startMs = performance.now();
    await log.append({ hardState: null, entries: batch });
    appendingMs += performance.now() - startMs;
  }
  await log.close();
  return 1000 * commits / appendingMs;
}

async function bareRate(
  directory: string,
  { entries, commits }: (typeof LOADS)[number],
  dataSync: boolean,
): Promise<number> {
  const file = await new NodeFileSystem().open(join(directory, "bare"), {
    mode: "create",
    dataSync,
  });
  const bytes = new Uint8Array(entries * ENTRY_BYTES).fill(42);
  await file.truncate(64 * 1024 * 1024);
  await file.dataSync();
  const startMs = performance.now();
  for (let commit = 0; commit < commits; commit += 1) {
    await file.write(bytes, commit * bytes.length);
    if (!dataSync) {
      await file.dataSync();
    }
  }
  const rate = 1000 * commits / (performance.now() - startMs);
  await file.close();
  return rate;
}

async function open(directory: string): Promise<WalLogStore> {
  const log = new WalLogStore({ fileSystem: new NodeFileSystem(), directory });
  await log.open();
  return log;
}

/** What entries hold is made once: whoever appends has it already. */
const DATA = Array.from({ length: 1_000 }, (_, at) => new Uint8Array(ENTRY_BYTES).fill(at));

function entriesFrom(first: number, count: number): Entry[] {
  return DATA.slice(0, count).map((data, at) => ({
    term: 1,
    index: first + at,
    kind: "command",
    data,
  }));
}

async function inDirectory<Value>(use: (directory: string) => Promise<Value>): Promise<Value> {
  const directory = await mkdtemp(join(temporaryDirectory(), "kvorum-bench-"));
  try {
    return await use(directory);
  } finally {
    await rm(directory, { recursive: true });
  }
}

function rounded(rate: number | undefined): string {
  return Math.round(rate ?? NaN).toLocaleString("en-US");
}
