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

const ROUNDS = 11;

/** Entries of the log whose opening is timed, and how many are in one of its commits. */
const REPLAYED = { entries: 1_000_000, batch: 1_000 };

/** Bytes that are read, or filled with zeros, at once. */
const CHUNK_BYTES = 1024 * 1024;

/** Size of the files that bare bytes are written to, which is that of a segment. */
const FILE_BYTES = 64 * CHUNK_BYTES;

/** How bare bytes are written. */
interface BareLimit {
  readonly name: string;
  /** `O_DSYNC`, instead of a sync after each write. */
  readonly dataSync: boolean;
  /** Over zeros that were written before, instead of into a hole. */
  readonly overZeros: boolean;
}

/**
 * The log is measured against the best of these, and against the better one of
 * those without zeros, as files grow without special care. To write the zeros
 * is work, too, and is not counted here; the log's own is.
 */
const LIMITS: readonly BareLimit[] = [
  { name: "write and fdatasync", dataSync: false, overZeros: false },
  { name: "O_DSYNC", dataSync: true, overZeros: false },
  { name: "O_DSYNC over zeros", dataSync: true, overZeros: true },
];

/**
 * Appends of the log against the bare bytes: the same number of writes, each of
 * what the entries of one commit hold, one behind the other in a file of a
 * segment's size, through the same asynchronous calls. (The log writes more: each
 * frame and each entry has a head.) The limits and the log take turns. Then the
 * opening of a long log, against reading the same files from end to end.
 */
export async function wal(): Promise<void> {
  process.stdout.write(
    `commits a second, ${ENTRY_BYTES} B an entry, medians of ${ROUNDS} alternating runs, ` +
      "of the rates and of their ratios\n",
  );
  for (const load of LOADS) {
    const ofLog: number[] = [];
    const ofLimits = LIMITS.map((): number[] => []);
    for (let round = 0; round < ROUNDS; round += 1) {
      ofLog.push(await inDirectory((directory) => logRate(directory, load)));
      for (const [at, limit] of LIMITS.entries()) {
        ofLimits[at]?.push(await inDirectory((directory) => bareRate(directory, load, limit)));
      }
    }
    report(load.entries, ofLog, ofLimits);
  }
  await replay();
}

/**
 * What a ratio compares was measured one after the other, in the same round: the
 * disk of a machine with other work is not the same a minute later.
 */
function report(
  entries: number,
  ofLog: readonly number[],
  ofLimits: readonly (readonly number[])[],
): void {
  const rates = LIMITS.map(({ name }, at) => `${name} ${rounded(medianOf(ofLimits[at] ?? []))}`);
  const ratios = ofLimits.map((ofLimit) =>
    medianOf(ofLog.map((rate, round) => rate / (ofLimit[round] ?? NaN)))
  );
  const withoutZeros = ratios.filter((_, at) => LIMITS[at]?.overZeros === false);
  process.stdout.write(
    `${entries} entries: log ${rounded(medianOf(ofLog))}, ${rates.join(", ")}; ` +
      `log / best limit ${Math.min(...ratios).toFixed(2)}, ` +
      `log / better limit without zeros ${Math.min(...withoutZeros).toFixed(2)}\n`,
  );
}

async function replay(): Promise<void> {
  await inDirectory(async (directory) => {
    const { entries, batch } = REPLAYED;
    const written = await open(directory);
    for (let index = 1; index <= entries; index += batch) {
      await written.append({ hardState: null, entries: entriesFrom(index, batch) });
    }
    await written.close();
    const opening: number[] = [];
    const reading: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      opening.push(await openingSeconds(directory));
      reading.push(await readingSeconds(directory));
    }
    process.stdout.write(
      `opening a log of ${entries.toLocaleString("en-US")} entries: ` +
        `${medianOf(opening).toFixed(2)} s, reading its files ${medianOf(reading).toFixed(2)} s\n`,
    );
  });
}

async function openingSeconds(directory: string): Promise<number> {
  const startMs = performance.now();
  const log = new WalLogStore({ fileSystem: new NodeFileSystem(), directory });
  const { lastIndex } = await log.open();
  const seconds = (performance.now() - startMs) / 1000;
  if (lastIndex !== REPLAYED.entries) {
    throw new Error(`${lastIndex} of ${REPLAYED.entries} entries came back`);
  }
  await log.close();
  return seconds;
}

async function readingSeconds(directory: string): Promise<number> {
  const files = new NodeFileSystem();
  const startMs = performance.now();
  const bytes = new Uint8Array(CHUNK_BYTES);
  for (const name of await files.list(directory)) {
    if (!name.endsWith(".wal")) {
      continue;
    }
    const file = await files.open(join(directory, name), { mode: "read" });
    for (let offset = 0, bytesRead = -1; bytesRead !== 0; offset += bytesRead) {
      bytesRead = await file.read(bytes, offset);
    }
    await file.close();
  }
  return (performance.now() - startMs) / 1000;
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
  { dataSync, overZeros }: BareLimit,
): Promise<number> {
  const file = await new NodeFileSystem().open(join(directory, "bare"), {
    mode: "create",
    dataSync,
  });
  const bytes = new Uint8Array(entries * ENTRY_BYTES).fill(42);
  await file.truncate(FILE_BYTES);
  const zerosEnd = overZeros ? commits * bytes.length : 0;
  for (let offset = 0; offset < zerosEnd; offset += CHUNK_BYTES) {
    await file.write(new Uint8Array(Math.min(CHUNK_BYTES, FILE_BYTES - offset)), offset);
  }
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
