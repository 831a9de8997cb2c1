import type { BackendOperation } from "../storage/mod.ts";
import { encodeRevision, encodeTombstoneRevision } from "./revision.ts";
import { countOf, revisionAt, type RevisionList } from "./revision_list.ts";
import type { Step } from "./step.ts";
import { FINISHED_COMPACT_KEY, KEY_BUCKET, META_BUCKET, type StoreState } from "./store_state.ts";

/**
 * Drops what became unreadable at a compact revision, from the index and then
 * from the backend. Writes and reads may come between the slices: they have
 * nothing to do with what is dropped. Nor does it read the backend, since the
 * index knows all that is in there.
 *
 * A crash leaves records that have no reader. The next start brings them back
 * into the index, and a new compaction at the same revision ends the work.
 */
export class Compaction implements Step {
  readonly #state: StoreState;
  readonly #revision: number;
  readonly #index: Step;
  // What has left the index but not yet the backend.
  #dropped: Dropped[] = [];
  // Of the first list in `#dropped`, how many revisions have left the backend too.
  #position = 0;
  // The compaction that must be done before this one; `null` once it is.
  #before: Compaction | null;
  #isDone = false;

  constructor(state: StoreState, { revision, before }: CompactionOptions) {
    this.#state = state;
    this.#revision = revision;
    this.#before = before;
    this.#index = state.index.compact(revision, (revisions, kind) => {
      this.#dropped.push({ revisions, kind });
    });
  }

  get isDone(): boolean {
    return this.#isDone;
  }

  step(budget: number): "done" | "more" {
    if (this.#isDone) {
      return "done";
    }
    if (this.#before !== null) {
      if (this.#before.step(budget) === "done") {
        this.#before = null;
      }
      return "more";
    }
    const isIndexDone = this.#dropped.length > 0 ? false : this.#index.step(budget) === "done";
    const operations = this.#deletes(budget);
    if (isIndexDone && this.#dropped.length === 0) {
      operations.push({
        bucket: META_BUCKET,
        key: FINISHED_COMPACT_KEY,
        value: encodeRevision({ main: this.#revision, sub: 0 }),
      });
      this.#isDone = true;
    }
    if (operations.length > 0) {
      this.#state.backend.write(operations);
    }
    return this.#isDone ? "done" : "more";
  }

  #deletes(budget: number): BackendOperation[] {
    const operations: BackendOperation[] = [];
    let lists = 0;
    for (const { revisions, kind } of this.#dropped) {
      const encode = kind === "put" ? encodeRevision : encodeTombstoneRevision;
      const count = countOf(revisions);
      while (this.#position < count && operations.length < budget) {
        operations.push({
          bucket: KEY_BUCKET,
          key: encode(revisionAt(revisions, this.#position)),
          value: null,
        });
        this.#position++;
      }
      if (this.#position < count) {
        break;
      }
      this.#position = 0;
      lists++;
    }
    this.#dropped = this.#dropped.slice(lists);
    return operations;
  }
}

export interface CompactionOptions {
  readonly revision: number;
  /** An earlier compaction that is still under way. */
  readonly before: Compaction | null;
}

interface Dropped {
  readonly revisions: RevisionList;
  readonly kind: "put" | "tombstone";
}
