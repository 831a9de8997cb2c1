import type { EntryId } from "./entry.ts";
import { invariant } from "./errors.ts";
import type { TermRun } from "./log_store.ts";

/**
 * Terms of a log, run by run, so that asking for the term of an index needs
 * neither the entry nor I/O. A log has few runs: one for each leader.
 *
 * The first run begins at the marker, so that its term is known as well.
 *
 * Invariant: first indexes and terms both rise from run to run.
 */
export class TermRuns {
  #runs: TermRun[];

  constructor(marker: EntryId, runs: readonly TermRun[]) {
    this.#runs = [{ firstIndex: marker.index, term: marker.term }];
    for (const { firstIndex, term } of runs) {
      this.append({ index: firstIndex, term });
    }
  }

  /** Notes an entry that follows all that are known. */
  append({ index, term }: EntryId): void {
    const last = this.#at(this.#runs.length - 1);
    invariant(last.term <= term, "terms rise", last.term, term);
    if (last.term < term) {
      invariant(last.firstIndex < index, "indexes rise", last.firstIndex, index);
      this.#runs.push({ firstIndex: index, term });
    }
  }

  /** The term of an entry between the marker and the log's end. */
  termAt(index: number): number {
    return this.#at(this.#runAt(index)).term;
  }

  /** See `RaftLog.lastAtMost`. */
  lastAtMost({ term, index }: EntryId): EntryId | null {
    let run = this.#runAt(index);
    let at = index;
    while (run > 0 && this.#at(run).term > term) {
      at = this.#at(run).firstIndex - 1;
      run -= 1;
    }
    const found = { term: this.#at(run).term, index: at };
    return found.term > term ? null : found;
  }

  /** Forgets the entries from `low` on. */
  truncate(low: number): void {
    while (this.#at(this.#runs.length - 1).firstIndex >= low && this.#runs.length > 1) {
      this.#runs.pop();
    }
  }

  /** Forgets the entries before `marker`. */
  compact(marker: EntryId): void {
    const run = this.#runAt(marker.index);
    this.#runs.splice(0, run + 1, { firstIndex: marker.index, term: marker.term });
  }

  /** Begins anew at `marker`. */
  restore(marker: EntryId): void {
    this.#runs = [{ firstIndex: marker.index, term: marker.term }];
  }

  /** Position of the run that `index` lies in. */
  #runAt(index: number): number {
    let low = 0;
    let high = this.#runs.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#at(middle).firstIndex <= index) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    invariant(low > 0, "index is not below the marker", index);
    return low - 1;
  }

  #at(position: number): TermRun {
    const run = this.#runs[position];
    invariant(run !== undefined, "run exists", position);
    return run;
  }
}
