import { toIndexKey } from "./index_key.ts";
import { decodeKeyValue } from "./key_value_codec.ts";
import { decodeRevision, isTombstoneRevision } from "./revision.ts";
import type { Step } from "./step.ts";
import {
  FINISHED_COMPACT_KEY,
  KEY_BUCKET,
  META_BUCKET,
  SCHEDULED_COMPACT_KEY,
  type StoreState,
} from "./store_state.ts";

/** Bytes of a value that count as one more record: reading them takes as long. */
const RECORD_BYTES = 4 * 1024;

/**
 * Rebuilds the index and the revisions of a store from the records in its
 * backend, which must not change meanwhile. `onDone` gets the revision of a
 * compaction that was begun and not finished, or `null`.
 */
export class Restoration implements Step {
  readonly #state: StoreState;
  readonly #onDone: (unfinished: number | null) => void;
  // Where the next slice begins; `null` at the first record.
  #low: Uint8Array | null = null;
  #isDone = false;

  constructor(state: StoreState, onDone: (unfinished: number | null) => void) {
    this.#state = state;
    this.#onDone = onDone;
  }

  step(budget: number): "done" | "more" {
    if (this.#isDone) {
      return "done";
    }
    let handled = 0;
    for (
      const [key, value] of this.#state.backend.scan(
        KEY_BUCKET,
        this.#low === null ? {} : { low: this.#low },
      )
    ) {
      this.#restoreRecord(key, value);
      handled += 1 + Math.floor(value.length / RECORD_BYTES);
      if (handled >= budget) {
        this.#low = byteSuccessor(key);
        return "more";
      }
    }
    this.#isDone = true;
    this.#finish();
    return "done";
  }

  #restoreRecord(key: Uint8Array, value: Uint8Array): void {
    const { index } = this.#state;
    const revision = decodeRevision(key);
    const record = decodeKeyValue(value);
    if (isTombstoneRevision(key)) {
      index.restoreTombstone(toIndexKey(record.key), revision);
    } else {
      index.restorePut(toIndexKey(record.key), revision, record);
    }
    this.#state.currentRevision = revision.main;
  }

  #finish(): void {
    const finished = this.#readRevision(FINISHED_COMPACT_KEY);
    const scheduled = this.#readRevision(SCHEDULED_COMPACT_KEY);
    this.#state.compactRevision = Math.max(finished, scheduled);
    // Everything at and below the compact revision may be gone: then it is the newest that is known.
    this.#state.currentRevision = Math.max(
      this.#state.currentRevision,
      this.#state.compactRevision,
    );
    this.#onDone(scheduled > finished ? scheduled : null);
  }

  #readRevision(metaKey: Uint8Array): number {
    const bytes = this.#state.backend.get(META_BUCKET, metaKey);
    return bytes === undefined ? -1 : decodeRevision(bytes).main;
  }
}

/** The first key after `key`. */
function byteSuccessor(key: Uint8Array): Uint8Array {
  const next = new Uint8Array(key.length + 1);
  next.set(key);
  return next;
}
