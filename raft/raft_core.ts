import type { Entry } from "./entry.ts";
import { invariant } from "./errors.ts";
import type { HardState, NodeId } from "./hard_state.ts";
import type { LogState } from "./log_store.ts";
import type { Membership } from "./membership.ts";
import type { DropReason, RaftEffect, Role, SoftState } from "./raft_effect.ts";
import type { Proposal, RaftEvent } from "./raft_event.ts";
import { RaftLog } from "./raft_log.ts";

/** What a core is made from. */
export interface RaftCoreOptions {
  readonly id: NodeId;
  /** The membership in force: the last one in the log, or that of the state machine. */
  readonly membership: Membership;
  readonly logState: LogState;
  /** Last index that the state machine holds. */
  readonly appliedIndex: number;
  /**
   * Data bytes handed out for one apply. Default: 1 MiB, some milliseconds of
   * work for a key-value store.
   */
  readonly applyBytesMax?: number;
  /**
   * Data bytes of entries that may wait to be committed; proposals beyond are
   * dropped. Default: 64 MiB, seconds of a disk's throughput.
   */
  readonly uncommittedBytesMax?: number;
}

/** A core's position, for people and metrics. */
export interface RaftCoreStatus extends SoftState {
  readonly id: NodeId;
  readonly membership: Membership;
  readonly lastIndex: number;
  readonly committedIndex: number;
  readonly appliedIndex: number;
}

/**
 * The decisions of Raft for one member: events go in, effects come out.
 *
 * Synchronous and deterministic: no clock, no chance, no I/O. The driver
 * performs the effects in their order and feeds their completions back.
 *
 * For now a group has one voter, which elects itself. It keeps to the rules
 * all the same: the vote is durable before it counts, an entry is durable
 * before it is committed, and only an entry of the own term commits (Raft
 * thesis §3.6.2).
 */
export class RaftCore {
  readonly #id: NodeId;
  readonly #membership: Membership;
  readonly #log: RaftLog;
  readonly #applyBytesMax: number;
  readonly #uncommittedBytesMax: number;

  #role: Role = "follower";
  #leader: NodeId | null = null;
  #hardState: HardState;
  #appliedIndex: number;
  /** Whether an `apply` or the `readEntries` before it is under way. */
  #applying = false;
  /** Index of the no-op of this leader's term: nothing is readable before it is committed. */
  #noopIndex = 0;
  /** Reads that wait for the no-op. */
  #pendingReads: number[] = [];
  /** Data bytes of the entries above the committed index that this leader appended. */
  #uncommittedBytes = 0;
  #effects: RaftEffect[] = [];

  constructor(options: RaftCoreOptions) {
    const { id, membership, logState, appliedIndex } = options;
    invariant(
      membership.voters.length === 1 && membership.voters[0] === id &&
        membership.votersOutgoing.length === 0,
      "the group has this one voter",
      id,
      membership.voters,
    );
    this.#id = id;
    this.#membership = membership;
    this.#hardState = logState.hardState;
    this.#appliedIndex = appliedIndex;
    this.#log = new RaftLog(logState, appliedIndex);
    this.#applyBytesMax = options.applyBytesMax ?? 1 << 20;
    this.#uncommittedBytesMax = options.uncommittedBytesMax ?? 64 << 20;
  }

  /** Takes one event and returns what must now happen. The driver owns the array. */
  step(event: RaftEvent): RaftEffect[] {
    switch (event.type) {
      case "tick":
        this.#stepTick();
        break;
      case "proposed":
        this.#stepProposed(event.proposals);
        break;
      case "readRequested":
        this.#stepReadRequested(event.ids);
        break;
      case "persisted":
        this.#stepPersisted(event);
        break;
      case "entriesRead":
        this.#stepEntriesRead(event.entries);
        break;
      case "applied":
        this.#stepApplied(event.index);
        break;
    }
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }

  get status(): RaftCoreStatus {
    return {
      id: this.#id,
      role: this.#role,
      term: this.#hardState.term,
      leader: this.#leader,
      membership: this.#membership,
      lastIndex: this.#log.lastIndex,
      committedIndex: this.#log.committedIndex,
      appliedIndex: this.#appliedIndex,
    };
  }

  get term(): number {
    return this.#hardState.term;
  }

  get committedIndex(): number {
    return this.#log.committedIndex;
  }

  /** The term of an entry that is not compacted. */
  termAt(index: number): number {
    return this.#log.termAt(index);
  }

  #stepTick(): void {
    // With nobody to wait for, an election timeout would only delay the start.
    if (this.#role === "follower") {
      this.#becomeCandidate();
    }
  }

  #becomeCandidate(): void {
    this.#role = "candidate";
    this.#hardState = {
      term: this.#hardState.term + 1,
      vote: this.#id,
      commit: this.#log.committedIndex,
    };
    this.#effects.push({ type: "persist", hardState: this.#hardState, entries: [] });
    this.#emitSoftState();
  }

  #becomeLeader(): void {
    this.#role = "leader";
    this.#leader = this.#id;
    const noop = this.#log.append(this.#hardState.term, "noop", new Uint8Array(0));
    this.#noopIndex = noop.index;
    this.#effects.push({ type: "persist", hardState: null, entries: [noop] });
    this.#emitSoftState();
  }

  #stepProposed(proposals: readonly Proposal[]): void {
    if (this.#role !== "leader") {
      this.#dropProposals(proposals, "noLeader");
      return;
    }
    const taken = this.#countWithinLimit(proposals);
    if (taken > 0) {
      this.#appendProposals(proposals.slice(0, taken));
    }
    if (taken < proposals.length) {
      this.#dropProposals(proposals.slice(taken), "uncommittedLimit");
    }
  }

  /** How many of the proposals fit. One always does when nothing waits, or it never could. */
  #countWithinLimit(proposals: readonly Proposal[]): number {
    let bytes = this.#uncommittedBytes;
    let count = 0;
    for (const { data } of proposals) {
      if (bytes > 0 && bytes + data.length > this.#uncommittedBytesMax) {
        break;
      }
      bytes += data.length;
      count += 1;
    }
    return count;
  }

  #appendProposals(proposals: readonly Proposal[]): void {
    const term = this.#hardState.term;
    const ids: number[] = [];
    const entries: Entry[] = [];
    for (const { id, data } of proposals) {
      ids.push(id);
      entries.push(this.#log.append(term, "command", data));
      this.#uncommittedBytes += data.length;
    }
    const first = { term, index: this.#log.lastIndex - entries.length + 1 };
    this.#effects.push({ type: "accepted", ids, first });
    this.#effects.push({ type: "persist", hardState: null, entries });
  }

  #dropProposals(proposals: readonly Proposal[], reason: DropReason): void {
    this.#effects.push({ type: "proposalsDropped", ids: proposals.map(({ id }) => id), reason });
  }

  #stepReadRequested(ids: readonly number[]): void {
    if (this.#role !== "leader") {
      this.#effects.push({ type: "readsDropped", ids, reason: "noLeader" });
      return;
    }
    this.#pendingReads.push(...ids);
    this.#maybeConfirmReads();
  }

  /**
   * Confirms waiting reads. A leader does not know how far its predecessors had
   * committed until an entry of its own term is (Raft thesis §6.4).
   */
  #maybeConfirmReads(): void {
    if (this.#pendingReads.length === 0 || this.#log.committedIndex < this.#noopIndex) {
      return;
    }
    const ids = this.#pendingReads;
    this.#pendingReads = [];
    this.#effects.push({ type: "readsConfirmed", ids, index: this.#log.committedIndex });
  }

  #stepPersisted({ upTo, hardState }: RaftEvent & { readonly type: "persisted" }): void {
    if (upTo !== null && this.#log.maybePersistTo(upTo)) {
      this.#maybeCommit();
    }
    // The own vote counts once it is durable, and only for the term it was given in.
    if (
      hardState !== null && this.#role === "candidate" &&
      hardState.term === this.#hardState.term && hardState.vote === this.#id
    ) {
      this.#becomeLeader();
    }
  }

  /** Commits what the one voter holds durably, once that is of the leader's own term. */
  #maybeCommit(): void {
    const { persistedIndex, committedIndex } = this.#log;
    if (
      this.#role !== "leader" || persistedIndex <= committedIndex ||
      this.#log.termAt(persistedIndex) !== this.#hardState.term
    ) {
      return;
    }
    this.#uncommittedBytes -= this.#log.commitTo(persistedIndex);
    // It goes to disk with the next record: by itself it is not worth a sync.
    this.#hardState = { ...this.#hardState, commit: persistedIndex };
    this.#maybeApply();
    this.#maybeConfirmReads();
  }

  #maybeApply(): void {
    if (this.#applying || !this.#log.hasApplicable) {
      return;
    }
    this.#applying = true;
    const next = this.#log.nextToApply(this.#applyBytesMax);
    if ("low" in next) {
      this.#effects.push({ type: "readEntries", range: next });
    } else {
      this.#emitApply(next);
    }
  }

  #stepEntriesRead(entries: readonly Entry[]): void {
    const first = entries[0];
    invariant(this.#applying, "a read of entries is under way");
    invariant(
      first !== undefined && first.index === this.#log.applyingIndex + 1,
      "the entries asked for are read",
      first?.index,
      this.#log.applyingIndex + 1,
    );
    this.#emitApply(entries);
  }

  #emitApply(entries: readonly Entry[]): void {
    const last = entries.at(-1);
    invariant(last !== undefined, "an apply has entries");
    this.#log.applyingTo(last.index);
    this.#effects.push({ type: "apply", entries });
  }

  #stepApplied(index: number): void {
    invariant(index === this.#log.applyingIndex, "applied what was handed out", index);
    this.#appliedIndex = index;
    this.#applying = false;
    this.#maybeApply();
  }

  #emitSoftState(): void {
    const softState: SoftState = {
      role: this.#role,
      term: this.#hardState.term,
      leader: this.#leader,
    };
    this.#effects.push({ type: "softStateChanged", softState });
  }
}
