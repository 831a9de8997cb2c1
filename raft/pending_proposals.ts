import type { Entry, EntryId } from "./entry.ts";
import { ProposalDroppedError, ProposalUnknownError } from "./errors.ts";

/** When a caller is answered. */
export type Ack = "committed" | "applied";

/** What became of a proposal: the entry that it is and, once applied, the result. */
export interface Outcome<Result> extends EntryId {
  readonly result?: Result;
}

/** What became of a proposal that was applied. */
export interface Applied<Result> extends EntryId {
  readonly result: Result;
}

interface Pending<Result> {
  readonly ack: Ack;
  readonly resolve: (outcome: Outcome<Result>) => void;
  readonly reject: (error: Error) => void;
  /** The entry that it became, once it is one. */
  entry: EntryId | null;
}

/** Proposals of this member's callers, from the call to its answer. */
export class PendingProposals<Result> {
  readonly #byId = new Map<number, Pending<Result>>();
  /** Ids of those that are entries of the log, by index. */
  readonly #byIndex = new Map<number, number>();
  /** Ids of those that are entries and wait for no more than a commit. */
  readonly #uncommitted = new Set<number>();
  /** Last committed index that they were held against. */
  #committedIndex = 0;
  /** Whether one of them became an entry that was committed already. */
  #hasLate = false;
  /** Term of the last committed entry that is known of. */
  #committedTerm = 0;

  open(id: number, ack: Ack): Promise<Outcome<Result>> {
    return new Promise((resolve, reject) => {
      this.#byId.set(id, { ack, resolve, reject, entry: null });
    });
  }

  /**
   * Proposals became consecutive entries. The word of a leader elsewhere may
   * come when entries up to `appliedIndex` are applied here already, and their
   * results are gone.
   */
  onAccepted(ids: readonly number[], first: EntryId, appliedIndex: number): void {
    ids.forEach((id, offset) => {
      const pending = this.#byId.get(id);
      if (pending === undefined || pending.entry !== null) {
        // Answered already, or told twice: the leader's word came again.
        return;
      }
      const index = first.index + offset;
      if (first.term < this.#committedTerm) {
        // The answer of an earlier leader came late: the entry may be applied already, or never.
        this.#take(id)?.reject(new ProposalUnknownError("its leader's answer came too late"));
        return;
      }
      if (index <= appliedIndex) {
        this.#take(id)?.reject(new ProposalUnknownError("its leader's answer came too late"));
        return;
      }
      this.#rejectAt(index, new ProposalDroppedError("superseded"));
      pending.entry = { term: first.term, index };
      this.#byIndex.set(index, id);
      if (pending.ack === "committed") {
        this.#uncommitted.add(id);
        this.#hasLate ||= index <= this.#committedIndex;
      }
    });
  }

  /**
   * Answers who waits for no more than the commit of what is now committed, and
   * those whose entry never will be: once an entry of a later term is committed,
   * no member that lacks it can lead, and all that have it lack theirs.
   */
  onCommitted(committedIndex: number, termAt: (index: number) => number | null): void {
    if (committedIndex <= this.#committedIndex && !this.#hasLate) {
      return;
    }
    const committedTerm = termAt(committedIndex) ?? 0;
    if (committedTerm > this.#committedTerm) {
      this.#committedTerm = committedTerm;
      this.#dropOutvoted(committedIndex, committedTerm);
    }
    for (const id of this.#newlyCommitted(committedIndex)) {
      const entry = this.#byId.get(id)?.entry;
      if (entry !== null && entry !== undefined) {
        const term = termAt(entry.index);
        if (term === entry.term) {
          this.#take(id)?.resolve(entry);
        } else if (term !== null) {
          this.#take(id)?.reject(new ProposalDroppedError("superseded"));
        }
      }
    }
    this.#committedIndex = committedIndex;
    this.#hasLate = false;
  }

  /**
   * Those that wait for a commit and now have it. Costs as much as was committed
   * since the last time, or as much as waits, whichever is less: this is asked
   * after each step, and many may wait for long.
   */
  #newlyCommitted(committedIndex: number): number[] {
    const first = this.#committedIndex + 1;
    if (this.#hasLate || committedIndex - first >= this.#uncommitted.size) {
      return [...this.#uncommitted].filter((id) =>
        (this.#byId.get(id)?.entry?.index ?? Infinity) <= committedIndex
      );
    }
    const ids: number[] = [];
    for (let index = first; index <= committedIndex; index += 1) {
      const id = this.#byIndex.get(index);
      if (id !== undefined && this.#uncommitted.has(id)) {
        ids.push(id);
      }
    }
    return ids;
  }

  #dropOutvoted(committedIndex: number, committedTerm: number): void {
    for (const [index, id] of this.#byIndex) {
      const term = this.#byId.get(id)?.entry?.term ?? committedTerm;
      if (index > committedIndex && term < committedTerm) {
        this.#take(id)?.reject(new ProposalDroppedError("superseded"));
      }
    }
  }

  /** An entry was applied: it is the one that was proposed, or another took its place. */
  onApplied({ index, term }: Entry, result: Result): void {
    const id = this.#byIndex.get(index);
    if (id === undefined) {
      return;
    }
    const pending = this.#take(id);
    if (pending?.entry?.term === term) {
      pending.resolve({ index, term, result });
    } else {
      pending?.reject(new ProposalDroppedError("superseded"));
    }
  }

  /** A snapshot took the state to `index`, so the results up to there will not be seen. */
  onRestored(index: number): void {
    for (const [at, id] of this.#byIndex) {
      if (at <= index) {
        this.#take(id)?.reject(new ProposalUnknownError("a snapshot overtook it"));
      }
    }
  }

  reject(ids: readonly number[], error: Error): void {
    ids.forEach((id) => this.#take(id)?.reject(error));
  }

  rejectAll(error: Error): void {
    this.reject([...this.#byId.keys()], error);
  }

  #rejectAt(index: number, error: Error): void {
    const id = this.#byIndex.get(index);
    if (id !== undefined) {
      this.#take(id)?.reject(error);
    }
  }

  #take(id: number): Pending<Result> | undefined {
    const pending = this.#byId.get(id);
    this.#byId.delete(id);
    this.#uncommitted.delete(id);
    if (pending?.entry !== null && pending?.entry !== undefined) {
      this.#byIndex.delete(pending.entry.index);
    }
    return pending;
  }
}
