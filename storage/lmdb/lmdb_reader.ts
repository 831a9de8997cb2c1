import type { Transaction } from "lmdb";
import { invariant } from "../../raft/mod.ts";
import type { BackendReader, BackendRecord, BackendScan } from "../backend.ts";
import type { LayerReader } from "./layer.ts";
import type { LmdbDatabase } from "./lmdb_database.ts";
import { mergeScan } from "./merge_scan.ts";

/** Reads the database as it looks through the layers in front of it. */
export class LmdbReader implements BackendReader {
  readonly #database: LmdbDatabase;
  /** Newest first. */
  readonly #layers: readonly LayerReader[];
  readonly #transaction: Transaction | null;

  constructor(
    database: LmdbDatabase,
    layers: readonly LayerReader[],
    transaction: Transaction | null,
  ) {
    this.#database = database;
    this.#layers = layers;
    this.#transaction = transaction;
  }

  get(bucket: string, key: Uint8Array): Uint8Array | undefined {
    for (const layer of this.#layers) {
      const value = layer.get(bucket)?.get(key);
      if (value !== undefined) {
        return value ?? undefined;
      }
    }
    return this.#database.get(bucket, key, this.#transaction);
  }

  scan(bucket: string, scan: BackendScan = {}): Iterable<BackendRecord> {
    invariant(this.#database.has(bucket), "the bucket was named at open", bucket);
    const { low, high, reverse = false } = scan;
    if (low !== undefined && low.length === 0) {
      // No key is empty, and LMDB would not look for one.
      return this.scan(bucket, { ...(high === undefined ? {} : { high }), reverse });
    }
    if (high !== undefined && high.length === 0) {
      return [];
    }
    const stored = this.#database.scan(bucket, scan, this.#transaction);
    const tables = this.#layers.map((layer) => layer.get(bucket)).filter((table) =>
      table !== undefined
    );
    return tables.length === 0
      ? stored
      : mergeScan([...tables.map((table) => table.scan(scan)), stored], { reverse });
  }
}
