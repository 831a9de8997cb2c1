import { invariant } from "./errors.ts";
import type { TermRun } from "./log_store.ts";

/**
 * Terms of a log, run by run, so that asking for the term of an index needs
 * neither the entry nor I/O. A log has few runs: one for each leader.
 *
 * Invariant: first indexes and terms both rise from run to run.
 */
export class TermRuns {
  #runs: TermRun[];

  constructor(runs: readonly TermRun[]) {
    this.#runs = [];
    for (const run of runs) {
      this.append(run.firstIndex, run.term);
    }
  }

  /** Notes that the entry at `index`, which follows all that are known, has this term. */
  append(index: number, term: number): void {
    const last = this.#runs.at(-1);
    if (last !== undefined && last.term === term) {
      return;
    }
    invariant(last === undefined || last.term < term, "terms rise", last?.term, term);
    invariant(
      last === undefined || last.firstIndex < index,
      "indexes rise",
      last?.firstIndex,
      index,
    );
    this.#runs.push({ firstIndex: index, term });
  }

  /** The term of the entry at `index`, which must not lie beyond the log's end; 0 before the first run. */
  termAt(index: number): number {
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
    return low === 0 ? 0 : this.#at(low - 1).term;
  }

  #at(position: number): TermRun {
    const run = this.#runs[position];
    invariant(run !== undefined, "run exists", position);
    return run;
  }
}
