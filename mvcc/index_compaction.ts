import { type IndexKey, successorOf } from "./index_key.ts";
import type { DropRevisions } from "./key_index.ts";
import type { Step } from "./step.ts";
import type { TreeIndex } from "./tree_index.ts";

/** What an `IndexCompaction` does. */
export interface IndexCompactionOptions {
  readonly atRevision: number;
  readonly drop: DropRevisions;
}

/**
 * Compacts all histories of an index, in the order of the keys. Between two
 * slices the index may change: keys that come or go behind the walk's place
 * have nothing to drop, as all that is new is after the compact revision.
 */
export class IndexCompaction implements Step {
  readonly #index: TreeIndex;
  readonly #options: IndexCompactionOptions;
  // All keys below this one are done; `null` when all are.
  #next: IndexKey | null = "";

  constructor(index: TreeIndex, options: IndexCompactionOptions) {
    this.#index = index;
    this.#options = options;
  }

  step(budget: number): "done" | "more" {
    if (this.#next === null) {
      return "done";
    }
    const { atRevision, drop } = this.#options;
    const range = { low: this.#next, high: null };
    const emptied: IndexKey[] = [];
    let visited = 0;
    this.#next = null;
    this.#index.walk(range, (key, entry) => {
      entry.compact(atRevision, drop);
      if (entry.isEmpty) {
        emptied.push(key);
      }
      visited++;
      if (visited < budget) {
        return true;
      }
      this.#next = successorOf(key);
      return false;
    });
    for (const key of emptied) {
      this.#index.remove(key);
    }
    return this.#next === null ? "done" : "more";
  }
}
