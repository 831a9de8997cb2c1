import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { LmdbBackend } from "../storage/lmdb/mod.ts";
import type { BackendOperation } from "../storage/mod.ts";
import { medianOf, temporaryDirectory } from "./measuring.ts";

const RECORDS = 1_000_000;
const VALUE_BYTES = 256;
const READS = 300_000;
const ROUNDS = 3;

/** Operations in one `write`, and how many writes wait for a flush. */
const WRITE_OPERATIONS = 100;
const WRITES_PER_FLUSH = 1_000;

/**
 * The backend on LMDB: loading records in the order of their keys, as revisions
 * come, until all are durable, and reading some of them at random.
 */
export async function lmdb(): Promise<void> {
  const rates = { load: [] as number[], read: [] as number[] };
  for (let round = 0; round < ROUNDS; round += 1) {
    const directory = await mkdtemp(join(temporaryDirectory(), "kvorum-bench-"));
    try {
      const backend = await LmdbBackend.open({ path: join(directory, "db"), buckets: ["key"] });
      rates.load.push(await loadRate(backend));
      rates.read.push(readRate(backend));
      await backend.close();
    } finally {
      await rm(directory, { recursive: true });
    }
  }
  process.stdout.write(
    `${RECORDS.toLocaleString("en-US")} records of ${VALUE_BYTES} B, median of ${ROUNDS} runs: ` +
      `load ${rounded(medianOf(rates.load))} records/s, ` +
      `random point reads ${rounded(medianOf(rates.read))}/s\n`,
  );
}

async function loadRate(backend: LmdbBackend): Promise<number> {
  const value = new Uint8Array(VALUE_BYTES).fill(42);
  const startMs = performance.now();
  let writes = 0;
  for (let first = 0; first < RECORDS; first += WRITE_OPERATIONS) {
    const operations: BackendOperation[] = [];
    for (let record = first; record < first + WRITE_OPERATIONS; record += 1) {
      operations.push({ bucket: "key", key: keyOf(record), value });
    }
    backend.write(operations);
    writes += 1;
    if (writes % WRITES_PER_FLUSH === 0) {
      await backend.flush();
    }
  }
  await backend.flush();
  return 1000 * RECORDS / (performance.now() - startMs);
}

function readRate(backend: LmdbBackend): number {
  // Park and Miller's generator: the same records in each run.
  let state = 1;
  const startMs = performance.now();
  for (let read = 0; read < READS; read += 1) {
    state = (state * 48_271) % 2_147_483_647;
    const value = backend.get("key", keyOf(state % RECORDS));
    if (value?.length !== VALUE_BYTES) {
      throw new Error(`record ${state % RECORDS} is not there`);
    }
  }
  return 1000 * READS / (performance.now() - startMs);
}

/** 17 bytes, like those of a revision. */
function keyOf(record: number): Uint8Array {
  const key = new Uint8Array(17);
  new DataView(key.buffer).setUint32(4, record);
  key[8] = 0x5f;
  return key;
}

function rounded(rate: number): string {
  return Math.round(rate).toLocaleString("en-US");
}
