import type { Entry, EntryId, RaftEffect } from "../../raft/mod.ts";
import type { MemberView } from "../invariants/group_invariant.ts";
import type { ClientLedger } from "./client_ledger.ts";
import type { MarkCounts } from "./marks.ts";
import type { StoredLog } from "./stored_log.ts";

/** Effects of a core that say what became of requests. */
export type Answer = RaftEffect & {
  readonly type:
    | "accepted"
    | "proposalsDropped"
    | "proposalsUnknown"
    | "membershipChangeRefused"
    | "readsDropped"
    | "readsConfirmed";
};

interface Accepted {
  readonly term: number;
  readonly id: number;
}

/**
 * Requests of the clients of one member, in one of its lives: the part of a
 * driver that tells each what became of it.
 *
 * Clients with an odd number are told once their command is committed, the
 * others once it is applied here.
 */
export class PendingRequests {
  readonly #ledger: ClientLedger;
  readonly #marks: MarkCounts;
  /** Proposed, and not yet accepted nor refused. */
  readonly #proposed = new Set<number>();
  /** Accepted, by the index that the entry has. */
  readonly #accepted = new Map<number, Accepted>();
  /** Wanted memberships of which the core has not said whether it proposes them. */
  readonly #changing = new Set<number>();
  readonly #reading = new Set<number>();
  /** Confirmed reads that wait until their index is applied. */
  #waiting: { readonly id: number; readonly index: number }[] = [];

  constructor(ledger: ClientLedger, marks: MarkCounts) {
    this.#ledger = ledger;
    this.#marks = marks;
  }

  /** Whether a request with a lower number than this has not been answered at all. */
  isOwing(beforeId: number): boolean {
    return [...this.#proposed, ...this.#changing, ...this.#reading].some((id) => id < beforeId);
  }

  propose(commands: readonly { readonly id: number }[]): void {
    for (const { id } of commands) {
      this.#proposed.add(id);
      this.#ledger.onProposed(id);
    }
  }

  change(id: number): void {
    this.#changing.add(id);
    this.#ledger.onChangeRequested(id);
  }

  read(ids: readonly number[]): void {
    for (const id of ids) {
      this.#reading.add(id);
      this.#ledger.onReadBegun(id);
    }
  }

  /** The core of this member says what became of requests. */
  answer(answer: Answer, { role, machine }: MemberView): void {
    const marks = this.#marks;
    switch (answer.type) {
      case "accepted":
        return this.#onAccepted(answer.ids, answer.first, machine.state.appliedIndex);
      case "proposalsDropped":
        marks.hit("proposal dropped");
        if (answer.reason === "uncommittedLimit") {
          marks.hit("proposal over the limit");
        }
        return this.#onDropped(answer.ids);
      case "proposalsUnknown":
        marks.hit("proposal unknown");
        return this.#onUnknown(answer.ids);
      case "membershipChangeRefused":
        marks.hit("membership refused");
        this.#changing.delete(answer.id);
        return this.#ledger.onChangeAnswered(answer.id, "refused");
      case "readsDropped":
        marks.hit("read dropped");
        return this.#onReadsDropped(answer.ids);
      case "readsConfirmed":
        marks.hit("read confirmed");
        if (role !== "leader") {
          marks.hit("read forwarded");
        }
        return this.#onReadsConfirmed(answer.ids, answer.index, machine.state.appliedIndex);
    }
  }

  onCommitted(log: StoredLog, before: number, committed: number): void {
    if (this.#accepted.size === 0) {
      return;
    }
    for (let index = before + 1; index <= committed; index += 1) {
      const accepted = this.#accepted.get(index);
      if (accepted !== undefined && accepted.id % 2 === 1 && log.termAt(index) === accepted.term) {
        this.#accepted.delete(index);
        this.#ledger.onAcknowledged(accepted.id, index);
      }
    }
  }

  /** Returns how many clients were told that their command is done. */
  onApplied(entries: readonly Entry[]): number {
    let count = 0;
    if (this.#accepted.size > 0) {
      for (const { index, term } of entries) {
        const accepted = this.#accepted.get(index);
        if (accepted === undefined) {
          continue;
        }
        this.#accepted.delete(index);
        if (accepted.term === term) {
          count += 1;
          this.#ledger.onAcknowledged(accepted.id, index);
        } else {
          // Another entry is committed in its place, for ever.
          this.#marks.hit("proposal overwritten");
          this.#ledger.onDropped(accepted.id);
        }
      }
    }
    this.#serveReads(entries.at(-1)?.index ?? 0);
    return count;
  }

  /** A snapshot took the state machine to `index`: what became of what it skipped is not known. */
  onRestored(index: number): void {
    for (const [at, { id }] of this.#accepted) {
      if (at <= index) {
        this.#accepted.delete(at);
        this.#ledger.onUnknown(id);
      }
    }
    this.#serveReads(index);
  }

  /** The member crashes: nobody here will be told anything. */
  abandon(): void {
    this.#proposed.forEach((id) => this.#ledger.onUnknown(id));
    this.#accepted.forEach(({ id }) => this.#ledger.onUnknown(id));
    this.#changing.forEach((id) => this.#ledger.onChangeAnswered(id, "abandoned"));
    this.#reading.forEach((id) => this.#ledger.onReadDropped(id));
    this.#waiting.forEach(({ id }) => this.#ledger.onReadDropped(id));
  }

  #onAccepted(ids: readonly number[], first: EntryId, appliedIndex: number): void {
    ids.forEach((id, position) => {
      if (this.#changing.delete(id)) {
        return this.#ledger.onChangeAnswered(id, "proposed");
      }
      // An answer may come twice or too late.
      if (!this.#proposed.delete(id)) {
        return;
      }
      const index = first.index + position;
      const other = this.#accepted.get(index);
      if (other !== undefined) {
        this.#ledger.onUnknown(other.id);
      }
      if (index <= appliedIndex) {
        // Applied before the leader's answer came: only the log could tell.
        this.#ledger.onUnknown(id);
        this.#accepted.delete(index);
      } else {
        this.#accepted.set(index, { term: first.term, id });
      }
    });
  }

  #onDropped(ids: readonly number[]): void {
    for (const id of ids) {
      if (this.#proposed.delete(id)) {
        this.#ledger.onDropped(id);
      }
    }
  }

  #onUnknown(ids: readonly number[]): void {
    for (const id of ids) {
      if (this.#proposed.delete(id)) {
        this.#ledger.onUnknown(id);
      }
    }
  }

  #onReadsConfirmed(ids: readonly number[], index: number, appliedIndex: number): void {
    for (const id of ids) {
      if (!this.#reading.delete(id)) {
        continue;
      }
      this.#ledger.onReadConfirmed(id, index);
      if (index <= appliedIndex) {
        this.#ledger.onReadServed(id, appliedIndex);
      } else {
        this.#waiting.push({ id, index });
      }
    }
  }

  #onReadsDropped(ids: readonly number[]): void {
    for (const id of ids) {
      if (this.#reading.delete(id)) {
        this.#ledger.onReadDropped(id);
      }
    }
  }

  #serveReads(appliedIndex: number): void {
    if (this.#waiting.length === 0) {
      return;
    }
    const waiting = this.#waiting;
    this.#waiting = waiting.filter(({ index }) => index > appliedIndex);
    for (const { id, index } of waiting) {
      if (index <= appliedIndex) {
        this.#ledger.onReadServed(id, appliedIndex);
      }
    }
  }
}
