import type { BackendOperation } from "../storage/mod.ts";
import { fromIndexKey, type IndexKey, toIndexKey } from "./index_key.ts";
import { invariant } from "./invariant.ts";
import { toKeyRange } from "./key_range.ts";
import type { KeyValue } from "./key_value.ts";
import { decodeKeyValue, encodeKeyValue, encodeTombstone } from "./key_value_codec.ts";
import { type RangeQuery, type RangeResult, runRangeQuery } from "./range_query.ts";
import { encodeRevision, encodeTombstoneRevision, type Revision } from "./revision.ts";
import { KEY_BUCKET, readStoredRecord, type StoreState } from "./store_state.ts";

/** What to put. The arrays are copied. */
export interface PutRequest {
  /** Not empty. */
  readonly key: Uint8Array;
  readonly value: Uint8Array;
  /** The lease to attach, 16 digits of hex. Default: empty, none, which detaches what there was. */
  readonly lease?: string | undefined;
}

/** What to delete: see `toKeyRange`. */
export interface DeleteRangeRequest {
  readonly key: Uint8Array;
  readonly rangeEnd?: Uint8Array | undefined;
}

/** What a write should return. */
export interface WriteOptions {
  /** Read what was there before. Default: false, since it costs reads from the backend. */
  readonly wantPrevious?: boolean;
}

export interface PutResult {
  /** What was there before, if it was asked for. */
  readonly previous: KeyValue | null;
}

export interface DeleteRangeResult {
  /** How many keys were deleted. */
  readonly deleted: number;
  /** What they were, in the order of the keys, if it was asked for. */
  readonly previous: KeyValue[];
}

/**
 * Changes that share one main revision and become visible together. Only its
 * own reads see them before `end`, after which it can do nothing more.
 *
 * There is no way back: who must not write half of something checks before.
 */
export class WriteTransaction {
  readonly #state: StoreState;
  readonly #onEnd: () => void;
  readonly #main: number;
  // The record of the change with sub n is at n.
  readonly #operations: BackendOperation[] = [];
  #ended = false;

  /** Made by `MvccStore.beginWrite`. */
  constructor(state: StoreState, onEnd: () => void) {
    this.#state = state;
    this.#onEnd = onEnd;
    this.#main = state.currentRevision + 1;
  }

  /** The revision that the transaction leads to so far: a new one once it has changed something. */
  get revision(): number {
    return this.#operations.length > 0 ? this.#main : this.#main - 1;
  }

  /** Puts a key. */
  put(
    { key, value, lease = "" }: PutRequest,
    { wantPrevious = false }: WriteOptions = {},
  ): PutResult {
    this.#assertOpen();
    invariant(key.length > 0, "a key is not empty");
    const indexKey = toIndexKey(key);
    const previous = wantPrevious ? this.#readNewest(indexKey) : null;
    const revision = { main: this.#main, sub: this.#operations.length };
    const { createRevision, version } = this.#state.index.put(indexKey, revision);
    this.#operations.push({
      bucket: KEY_BUCKET,
      key: encodeRevision(revision),
      value: encodeKeyValue({
        key,
        value,
        createRevision,
        modRevision: this.#main,
        version,
        lease,
      }),
    });
    return { previous };
  }

  /** Deletes the keys of a range. */
  deleteRange(
    request: DeleteRangeRequest,
    { wantPrevious = false }: WriteOptions = {},
  ): DeleteRangeResult {
    this.#assertOpen();
    const { index } = this.#state;
    const entries = index.range(toKeyRange(request), { atRevision: this.#main });
    const previous = wantPrevious ? entries.map(({ at }) => this.#readRecord(at.modRevision)) : [];
    for (const { key } of entries) {
      const revision = { main: this.#main, sub: this.#operations.length };
      const wasLive = index.tombstone(key, revision);
      invariant(wasLive, "a key that was found is live", key);
      this.#operations.push({
        bucket: KEY_BUCKET,
        key: encodeTombstoneRevision(revision),
        value: encodeTombstone(fromIndexKey(key)),
      });
    }
    return { deleted: entries.length, previous };
  }

  /**
   * Reads, with the transaction's own writes in sight.
   *
   * @throws {FutureRevisionError} if the revision is above `this.revision`.
   * @throws {CompactedRevisionError} if the revision is below the compact revision.
   */
  range(query: RangeQuery): RangeResult {
    this.#assertOpen();
    return runRangeQuery({
      index: this.#state.index,
      currentRevision: this.revision,
      compactRevision: this.#state.compactRevision,
      readRecord: (revision) => this.#readRecord(revision),
    }, query);
  }

  /**
   * Writes all changes, and `extra` with them, in one batch of the backend, and
   * makes them readable. Returns the current revision. A transaction that
   * changed nothing leaves the revision as it was, but still writes `extra`.
   */
  end(extra: readonly BackendOperation[] = []): number {
    this.#assertOpen();
    const { revision } = this;
    const operations = extra.length > 0 ? this.#operations.concat(extra) : this.#operations;
    if (operations.length > 0) {
      this.#state.backend.write(operations);
    }
    this.#state.currentRevision = revision;
    this.#ended = true;
    this.#onEnd();
    return revision;
  }

  #assertOpen(): void {
    invariant(!this.#ended, "the transaction is open");
  }

  #readNewest(indexKey: IndexKey): KeyValue | null {
    const at = this.#state.index.get(indexKey, this.#main);
    return at === null ? null : this.#readRecord(at.modRevision);
  }

  #readRecord(revision: Revision): KeyValue {
    if (revision.main !== this.#main) {
      return readStoredRecord(this.#state, revision);
    }
    const bytes = this.#operations[revision.sub]?.value;
    invariant(
      bytes !== undefined && bytes !== null,
      "the transaction has its own records",
      revision.sub,
    );
    return decodeKeyValue(bytes);
  }
}
