import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { open } from "lmdb";
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

/** The backend commits after so many operations, and so does the bare package here. */
const COMMIT_OPERATIONS = 10_000;

/** What is measured. All get the same records in the same order, and are asked for the same. */
interface Subject {
  /** Writes all records. Resolves once all are durable. */
  load(): Promise<void>;
  get(key: Uint8Array): Uint8Array | undefined;
  close(): Promise<void>;
}

const VALUE = new Uint8Array(VALUE_BYTES).fill(42);

/**
 * The backend on LMDB: loading records in the order of their keys, as revisions
 * come, until all are durable, and reading some of them at random. In turn with
 * it the bare `lmdb` package, with as many records in each of its own
 * asynchronous transactions, synced alike.
 */
export async function lmdb(): Promise<void> {
  const backend = { load: [] as number[], read: [] as number[] };
  const bare = { load: [] as number[], read: [] as number[] };
  for (let round = 0; round < ROUNDS; round += 1) {
    await measure(openBackend, backend);
    await measure(openBare, bare);
  }
  process.stdout.write(
    `${RECORDS.toLocaleString("en-US")} records of ${VALUE_BYTES} B, ` +
      `median of ${ROUNDS} alternating runs\n` +
      compared("load", "records/s", backend.load, bare.load) +
      compared("random point reads", "reads/s", backend.read, bare.read),
  );
}

function compared(
  what: string,
  unit: string,
  ofBackend: readonly number[],
  ofBare: readonly number[],
): string {
  const [backend, bare] = [medianOf(ofBackend), medianOf(ofBare)];
  return `${what}: backend ${rounded(backend)} ${unit}, bare package ${rounded(bare)} ${unit}, ` +
    `backend / bare ${(backend / bare).toFixed(2)}\n`;
}

async function measure(
  open: (path: string) => Promise<Subject> | Subject,
  rates: { readonly load: number[]; readonly read: number[] },
): Promise<void> {
  const directory = await mkdtemp(join(temporaryDirectory(), "kvorum-bench-"));
  try {
    const subject = await open(join(directory, "db"));
    const startMs = performance.now();
    await subject.load();
    rates.load.push(1000 * RECORDS / (performance.now() - startMs));
    rates.read.push(readRate(subject));
    await subject.close();
  } finally {
    await rm(directory, { recursive: true });
  }
}

async function openBackend(path: string): Promise<Subject> {
  const backend = await LmdbBackend.open({
    path,
    buckets: ["key"],
    commitOperationsMax: COMMIT_OPERATIONS,
  });
  return {
    async load() {
      let writes = 0;
      for (let first = 0; first < RECORDS; first += WRITE_OPERATIONS) {
        const operations: BackendOperation[] = [];
        for (let record = first; record < first + WRITE_OPERATIONS; record += 1) {
          operations.push({ bucket: "key", key: keyOf(record), value: VALUE });
        }
        backend.write(operations);
        writes += 1;
        if (writes % WRITES_PER_FLUSH === 0) {
          await backend.flush();
        }
      }
      await backend.flush();
    },
    get: (key) => backend.get("key", key),
    close: () => backend.close(),
  };
}

function openBare(path: string): Subject {
  // Synced as the backend's is: see the header of `kvorum/storage/lmdb`.
  const root = open<Uint8Array, Uint8Array>({
    path,
    noSubdir: true,
    encoding: "binary",
    keyEncoding: "binary",
    maxDbs: 2,
    overlappingSync: false,
    eventTurnBatching: false,
    noMemInit: true,
  });
  const bucket = root.openDB<Uint8Array, Uint8Array>("key", {
    encoding: "binary",
    keyEncoding: "binary",
  });
  return {
    async load() {
      let pending: Promise<unknown>[] = [];
      for (let first = 0; first < RECORDS; first += COMMIT_OPERATIONS) {
        pending.push(root.batch(() => {
          for (let record = first; record < first + COMMIT_OPERATIONS; record += 1) {
            // What this returns is settled with the batch.
            void bucket.put(keyOf(record), VALUE);
          }
        }));
        if (pending.length * COMMIT_OPERATIONS >= WRITES_PER_FLUSH * WRITE_OPERATIONS) {
          await Promise.all(pending);
          pending = [];
        }
      }
      await Promise.all(pending);
    },
    get: (key) => bucket.get(key),
    close: () => root.close(),
  };
}

function readRate(subject: Subject): number {
  // Park and Miller's generator: the same records in each run.
  let state = 1;
  const startMs = performance.now();
  for (let read = 0; read < READS; read += 1) {
    state = (state * 48_271) % 2_147_483_647;
    const value = subject.get(keyOf(state % RECORDS));
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
