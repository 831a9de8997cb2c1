import type { TermRun } from "../../raft/mod.ts";

/** Terms of the entries held, run by run. The positions beside it say which are held. */
export class TermTable {
  #runs: TermRun[] = [];

  /** The runs, in order. */
  get runs(): readonly TermRun[] {
    return this.#runs;
  }

  /** Term of the last run, 0 if none is. */
  get lastTerm(): number {
    return this.#runs.at(-1)?.term ?? 0;
  }

  reset(): void {
    this.#runs = [];
  }

  /** Notes the term of an entry that follows the last one held. */
  append(index: number, term: number): void {
    if (this.#runs.length === 0 || this.lastTerm !== term) {
      this.#runs.push({ firstIndex: index, term });
    }
  }

  /** Drops the entries from `index` on. */
  truncate(index: number): void {
    while (this.#runs.length > 0 && (this.#runs.at(-1)?.firstIndex ?? 0) >= index) {
      this.#runs.pop();
    }
  }

  /** Drops the entries up to `index`, which is held, as is the one after it. */
  dropUpTo(index: number): void {
    while ((this.#runs[1]?.firstIndex ?? Infinity) <= index + 1) {
      this.#runs.shift();
    }
    const first = this.#runs[0];
    if (first !== undefined && first.firstIndex <= index) {
      this.#runs[0] = { firstIndex: index + 1, term: first.term };
    }
  }

  /** The term of an entry that is held; 0 before the first. */
  termAt(index: number): number {
    return this.#runs.findLast(({ firstIndex }) => firstIndex <= index)?.term ?? 0;
  }
}
