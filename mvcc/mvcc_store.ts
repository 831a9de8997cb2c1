import type { Backend, BackendOperation } from "../storage/mod.ts";
import { Compaction } from "./compaction.ts";
import { CompactedRevisionError, FutureRevisionError } from "./errors.ts";
import { invariant } from "./invariant.ts";
import { type RangeQuery, type RangeResult, runRangeQuery } from "./range_query.ts";
import { Restoration } from "./restoration.ts";
import { encodeRevision } from "./revision.ts";
import type { Step } from "./step.ts";
import {
  META_BUCKET,
  readStoredRecord,
  SCHEDULED_COMPACT_KEY,
  type StoreState,
} from "./store_state.ts";
import { TreeIndex } from "./tree_index.ts";
import { WriteTransaction } from "./write_transaction.ts";

/** What a store works on. */
export interface MvccStoreOptions {
  /** Its buckets `key` and `meta` hold the store. Nobody else writes to `key`. */
  readonly backend: Backend;
}

/**
 * A key-value store that keeps the past: each transaction that changes
 * something makes a new revision, and each revision can be read until a
 * compaction drops it. Revisions, records and rules are etcd's.
 *
 * The store must be restored before any other use. It is synchronous, has one
 * caller and one open transaction at a time.
 *
 * Invariant: compactRevision ≤ currentRevision, and neither ever decreases.
 */
export class MvccStore {
  readonly #state: StoreState;
  #restoration: "none" | "begun" | "done" = "none";
  #transaction: WriteTransaction | null = null;
  #compaction: Compaction | null = null;

  constructor({ backend }: MvccStoreOptions) {
    this.#state = { backend, index: new TreeIndex(), currentRevision: 1, compactRevision: -1 };
  }

  /** Main revision of the last transaction that changed something; 1 in a new store. */
  get currentRevision(): number {
    return this.#state.currentRevision;
  }

  /** The oldest revision that can be read; -1 if there never was a compaction. */
  get compactRevision(): number {
    return this.#state.compactRevision;
  }

  /** A compaction that is under way, or that a crash has left unfinished, if there is one. */
  get unfinishedCompaction(): Step | null {
    return this.#compaction?.isDone === false ? this.#compaction : null;
  }

  /**
   * Rebuilds the index from the backend, in steps that count records. Once they
   * are done, `unfinishedCompaction` may hold work that a crash interrupted.
   *
   * A step throws `MalformedRecordError` if the backend holds something else.
   */
  restore(): Step {
    invariant(this.#restoration === "none", "a store is restored once", this.#restoration);
    this.#restoration = "begun";
    return new Restoration(this.#state, (unfinished) => {
      this.#restoration = "done";
      if (unfinished !== null) {
        this.#compaction = new Compaction(this.#state, { revision: unfinished, before: null });
      }
    });
  }

  /**
   * Reads a range of keys at one revision. What an open transaction has written
   * does not show.
   *
   * @throws {FutureRevisionError} if the revision is above the current one.
   * @throws {CompactedRevisionError} if the revision is below the compact revision.
   */
  range(query: RangeQuery): RangeResult {
    this.#assertRestored();
    const { index, currentRevision, compactRevision } = this.#state;
    return runRangeQuery({
      index,
      currentRevision,
      compactRevision,
      readRecord: (revision) => readStoredRecord(this.#state, revision),
    }, query);
  }

  /** Begins a transaction. The one before must have ended. */
  beginWrite(): WriteTransaction {
    this.#assertRestored();
    invariant(this.#transaction === null, "one transaction at a time");
    this.#transaction = new WriteTransaction(this.#state, () => {
      this.#transaction = null;
    });
    return this.#transaction;
  }

  /**
   * Makes `revision` the oldest that can be read, at once, and writes that to
   * the backend in one batch with `extra`. The returned step drops the
   * history before it, and may be driven whenever there is time.
   *
   * Revision 0 is allowed only while there never was a compaction.
   *
   * @throws {CompactedRevisionError} if that revision or a later one is compacted.
   * @throws {FutureRevisionError} if the revision is above the current one.
   */
  compact(revision: number, extra: readonly BackendOperation[] = []): Step {
    this.#assertRestored();
    invariant(this.#transaction === null, "no compaction within a transaction");
    const { currentRevision, compactRevision, backend } = this.#state;
    if (revision <= compactRevision) {
      throw new CompactedRevisionError(revision, compactRevision);
    }
    if (revision > currentRevision) {
      throw new FutureRevisionError(revision, currentRevision);
    }
    const scheduled = {
      bucket: META_BUCKET,
      key: SCHEDULED_COMPACT_KEY,
      value: encodeRevision({ main: revision, sub: 0 }),
    };
    backend.write([scheduled, ...extra]);
    this.#state.compactRevision = revision;
    const before = this.#compaction?.isDone === false ? this.#compaction : null;
    this.#compaction = new Compaction(this.#state, { revision, before });
    return this.#compaction;
  }

  #assertRestored(): void {
    invariant(this.#restoration === "done", "the store is restored before use", this.#restoration);
  }
}
