import type { Transaction } from "lmdb";
import type { BackendRecord, BackendScan, BackendView } from "../backend.ts";
import { StorageClosedError } from "../errors.ts";
import type { LayerReader } from "./layer.ts";
import type { LmdbDatabase } from "./lmdb_database.ts";
import { LmdbReader } from "./lmdb_reader.ts";

/** A read transaction, and the layers that were not in it. */
export class LmdbView implements BackendView {
  readonly #transaction: Transaction;
  readonly #onClose: (view: LmdbView) => void;
  #reader: LmdbReader | null;

  constructor(
    database: LmdbDatabase,
    layers: readonly LayerReader[],
    onClose: (view: LmdbView) => void,
  ) {
    this.#transaction = database.pin();
    this.#onClose = onClose;
    this.#reader = new LmdbReader(database, layers, this.#transaction);
  }

  get(bucket: string, key: Uint8Array): Uint8Array | undefined {
    return this.#open().get(bucket, key);
  }

  scan(bucket: string, scan: BackendScan = {}): Iterable<BackendRecord> {
    return this.#open().scan(bucket, scan);
  }

  close(): void {
    if (this.#reader !== null) {
      this.#reader = null;
      this.#transaction.done();
      this.#onClose(this);
    }
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #open(): LmdbReader {
    if (this.#reader === null) {
      throw new StorageClosedError("view of an LMDB backend");
    }
    return this.#reader;
  }
}
