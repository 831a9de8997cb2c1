import { setImmediate } from "node:timers";
import { type Database, open, type RootDatabase, type Transaction } from "lmdb";
import { invariant } from "../../raft/mod.ts";
import type { BackendRecord, BackendScan } from "../backend.ts";
import type { Layer } from "./layer.ts";

/** Owner alone: the file holds everything that clients stored. */
export const FILE_MODE = 0o600;

/**
 * States that can be pinned at once. LMDB's own 126 would be gone with as many
 * slow readers, and then every read fails; a slot takes 64 bytes of the lock file.
 */
export const PINS_MAX = 4096;

/** Before all keys, since none is empty. */
const FIRST_KEY = Uint8Array.of(0);

type Bucket = Database<Uint8Array, Uint8Array>;

/** Pages of the database, in bytes. */
export interface LmdbPages {
  /** Allocated in the file. */
  readonly totalBytes: number;
  /** Of the trees that hold records. */
  readonly inUseBytes: number;
}

/** What `getStats` of the npm package answers, as far as it is used here. */
interface Stats {
  readonly pageSize: number;
  readonly treeBranchPageCount: number;
  readonly treeLeafPageCount: number;
  readonly overflowPages: number;
  readonly lastPageNumber: number;
  readonly entryCount: number;
}

/** The npm package `lmdb`, narrowed to what the backend needs of it. */
export class LmdbDatabase {
  readonly #root: RootDatabase<Uint8Array, Uint8Array>;
  readonly #buckets = new Map<string, Bucket>();

  constructor(path: string, buckets: readonly string[]) {
    const options = {
      path,
      noSubdir: true,
      permissionsMode: FILE_MODE,
      encoding: "binary",
      keyEncoding: "binary",
      maxDbs: buckets.length + 1,
      // One for the reads that are not of a pinned state, one for a copy.
      maxReaders: PINS_MAX + 2,
      // Data pages are synced before the page that refers to them is written and
      // synced, in that order, by the thread that commits. See the module header.
      overlappingSync: false,
      // Only what is in one batch needs to be in one transaction.
      eventTurnBatching: false,
      // What was freed is never read again, so it need not be cleared first.
      noMemInit: true,
    } as const;
    this.#root = open<Uint8Array, Uint8Array>(options);
    for (const name of buckets) {
      const bucketOptions = { encoding: "binary", keyEncoding: "binary" } as const;
      this.#buckets.set(name, this.#root.openDB<Uint8Array, Uint8Array>(name, bucketOptions));
    }
  }

  has(bucket: string): boolean {
    return this.#buckets.has(bucket);
  }

  /** A copy of the value. */
  get(bucket: string, key: Uint8Array, transaction: Transaction | null): Uint8Array | undefined {
    const database = this.#bucket(bucket);
    const value = transaction === null ? database.get(key) : database.get(key, { transaction });
    return value === undefined ? undefined : plain(value);
  }

  /** Copies of the records. */
  scan(
    bucket: string,
    scan: BackendScan,
    transaction: Transaction | null,
  ): Iterable<BackendRecord> {
    const range = this.#bucket(bucket).getRange({
      ...(scan.reverse === true ? descending(scan) : ascending(scan)),
      ...(transaction === null ? {} : { transaction }),
    });
    return records(range);
  }

  /** Pins the present state of the database. To be ended by `done()`. */
  pin(): Transaction {
    return this.#root.useReadTransaction();
  }

  /**
   * Writes a layer in one transaction, on another thread. Resolves once it is
   * durable; reads see it from then on.
   */
  async commit(layer: Layer): Promise<void> {
    try {
      await this.#root.batch(() => this.#put(layer));
    } catch (error) {
      throw await causeOf(error);
    }
    // A read of this turn may have pinned the state before the commit.
    this.#root.resetReadTxn();
  }

  #put(layer: Layer): void {
    for (const [name, table] of layer.tables) {
      const bucket = this.#bucket(name);
      for (const [key, value] of table.scan({})) {
        // What these return is settled with the batch.
        if (value === null) {
          void bucket.remove(key);
        } else {
          void bucket.put(key, value);
        }
      }
    }
  }

  pages(): LmdbPages {
    const { lastPageNumber, pageSize } = this.#root.getStats() as Stats;
    let inUsePages = 0;
    for (const bucket of this.#buckets.values()) {
      const stats = bucket.getStats() as Stats;
      inUsePages += stats.treeBranchPageCount + stats.treeLeafPageCount + stats.overflowPages;
    }
    return { totalBytes: (lastPageNumber + 1) * pageSize, inUseBytes: inUsePages * pageSize };
  }

  /** Number of records in all buckets. */
  entries(): number {
    let count = 0;
    for (const bucket of this.#buckets.values()) {
      count += (bucket.getStats() as Stats).entryCount;
    }
    return count;
  }

  /** Writes the present state into a new file, without free pages, on another thread. */
  async copyTo(path: string): Promise<void> {
    await this.#root.backup(path, true);
  }

  close(): Promise<void> {
    return this.#root.close();
  }

  #bucket(name: string): Bucket {
    const bucket = this.#buckets.get(name);
    invariant(bucket !== undefined, "the bucket was named at open", name);
    return bucket;
  }
}

function ascending({ low, high }: BackendScan): object {
  return { start: low ?? FIRST_KEY, ...(high === undefined ? {} : { end: high }) };
}

/** Backwards, the package counts the start in and the end out, so both are turned around. */
function descending({ low, high }: BackendScan): object {
  return {
    reverse: true,
    end: low ?? FIRST_KEY,
    inclusiveEnd: true,
    ...(high === undefined ? {} : { start: high, exclusiveStart: true }),
  };
}

function* records(
  range: Iterable<{ readonly key: Uint8Array; readonly value: Uint8Array }>,
): Generator<BackendRecord> {
  for (const { key, value } of range) {
    yield [plain(key), plain(value)];
  }
}

/** The bytes of a `Buffer` as a `Uint8Array`, whose `slice` copies. */
function plain(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}

/**
 * The package rejects with an error that says nothing, and tells the reason by
 * a promise in it, which it rejects in the same turn.
 */
async function causeOf(error: unknown): Promise<unknown> {
  const { commitError } = error as { readonly commitError?: Promise<never> };
  const turn = new Promise((resolve) => setImmediate(() => resolve(error)));
  return await Promise.race([commitError?.catch((reason) => reason) ?? error, turn]);
}
