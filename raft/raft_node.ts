import type { Clock } from "./clock.ts";
import type { RaftTuning } from "./core_options.ts";
import type { Entry, EntryId } from "./entry.ts";
import {
  MemberStoppedError,
  ProposalDroppedError,
  ProposalUnknownError,
  ReadDroppedError,
  TransferError,
} from "./errors.ts";
import { EventStream } from "./event_stream.ts";
import type { NodeId } from "./hard_state.ts";
import type { LogStore } from "./log_store.ts";
import type { Membership } from "./membership.ts";
import { type MembershipChange, MembershipChangeError } from "./membership_change.ts";
import { type CallerEffect, NodeDriver } from "./node_driver.ts";
import { type Ack, type Outcome, PendingProposals } from "./pending_proposals.ts";
import type { RaftCore, RaftCoreStatus } from "./raft_core.ts";
import type { SoftState } from "./raft_effect.ts";
import type { Proposal } from "./raft_event.ts";
import type { Random } from "./random.ts";
import { startCore } from "./start_core.ts";
import type { StateMachine } from "./state_machine.ts";
import type { Transport } from "./transport.ts";
import { Waiters } from "./waiters.ts";

/** What a member is made from. */
export interface RaftNodeOptions<Result> {
  readonly id: NodeId;
  /**
   * Voters that the group was founded with, the same on each of them and at
   * each start: it holds until the log or the state machine has a membership of
   * its own. Empty for a member that joins a group that exists.
   */
  readonly initialVoters: readonly NodeId[];
  readonly logStore: LogStore;
  readonly stateMachine: StateMachine<Result>;
  /** How the members reach each other. Default: `null`, for a group of one. */
  readonly transport?: Transport | null;
  readonly clock: Clock;
  /** Chance for election timeouts. Default: `Math`. */
  readonly random?: Random;
  /** Length of a tick. Default: 100 ms, etcd's heartbeat interval. */
  readonly tickMs?: number;
  /** How the core behaves. */
  readonly tuning?: RaftTuning;
  /** Applied entries that are kept for slow followers when the log is compacted. Default: 5,000. */
  readonly compactionTail?: number;
  /** The log is compacted when it has this many entries beyond the tail. Default: 10,000. */
  readonly compactionThreshold?: number;
}

/** What became of a proposal that was applied. */
export interface Applied<Result> extends EntryId {
  readonly result: Result;
}

/** How a call may be ended by its caller. */
export interface CallOptions {
  /**
   * Ends the wait. A proposal that was under way may still be applied, and the
   * error says so.
   */
  readonly signal?: AbortSignal;
}

/** What happens in a member, for those who watch. */
export type RaftNodeEvent =
  /** Role, term or leader changed. */
  | ({ readonly type: "softStateChanged" } & SoftState)
  /** A membership is in force, as of the entry at `index`. */
  | { readonly type: "membershipChanged"; readonly membership: Membership; readonly index: number }
  /** A snapshot replaced the state, up to `index`. */
  | { readonly type: "snapshotRestored"; readonly index: number }
  /** The reader was too slow: that many events are missing here. */
  | { readonly type: "eventsDropped"; readonly count: number };

/** etcd's heartbeat interval. */
const TICK_MS = 100;

/** Events that wait for one reader; then the oldest are dropped. */
const WAITING_EVENTS_MAX = 1_000;

/**
 * A member of a group: a `RaftCore`, driven on a log store, a state machine and
 * a transport, with promises for those who use it.
 *
 * All proposals and reads of one turn of the event loop make one batch; while a
 * batch is on its way to the disk, the next one gathers.
 */
export class RaftNode<Result> implements AsyncDisposable {
  readonly #options: RaftNodeOptions<Result>;
  readonly #core: RaftCore;
  readonly #driver: NodeDriver<Result>;
  readonly #stopped = Promise.withResolvers<void>();
  readonly #events = new EventStream<RaftNodeEvent>({
    limit: WAITING_EVENTS_MAX,
    onDropped: (count) => ({ type: "eventsDropped", count }),
  });

  readonly #proposals = new PendingProposals<Result>();
  readonly #reads = new Waiters<number>();
  readonly #transfers = new Waiters<void>();
  /** Transfers that are under way, by id, with the term in which they were asked for. */
  readonly #transferTargets = new Map<number, { readonly to: NodeId; readonly term: number }>();
  /** Confirmed reads that wait until their index is applied. */
  #confirmedReads: { readonly ids: readonly number[]; readonly index: number }[] = [];

  #waitingProposals: Proposal[] = [];
  #waitingReads: number[] = [];
  #nextId = 1;
  #isTurnDeferred = false;
  #appliedIndex: number;
  #compactedIndex: number;
  /** Memberships in force from an index on, as far back as the log may be compacted to. */
  #memberships: { readonly index: number; readonly membership: Membership }[];
  /** Why the member no longer takes part, once it does not. */
  #ended: MemberStoppedError | null = null;

  /** Opens the log and the state machine and starts to take part in the group. */
  static async start<Result>(options: RaftNodeOptions<Result>): Promise<RaftNode<Result>> {
    const node = new RaftNode(options, await startCore(options));
    await node.#driver.start();
    return node;
  }

  private constructor(options: RaftNodeOptions<Result>, core: RaftCore) {
    this.#options = options;
    this.#core = core;
    this.#appliedIndex = core.status.appliedIndex;
    this.#compactedIndex = core.status.compactedIndex;
    this.#memberships = [{ index: this.#compactedIndex, membership: core.status.membership }];
    this.#driver = new NodeDriver({
      core,
      logStore: options.logStore,
      stateMachine: options.stateMachine,
      transport: options.transport ?? null,
      clock: options.clock,
      tickMs: options.tickMs ?? TICK_MS,
      // As long as a follower waits for its leader at most: then another may do better.
      streamTimeoutMs: 2 * (options.tuning?.electionTicks ?? 10) * (options.tickMs ?? TICK_MS),
    }, {
      onEffect: (effect) => this.#perform(effect),
      onApplied: (entries, results) => this.#onApplied(entries, results),
      onRestored: (index) => this.#onRestored(index),
      onStepped: () => this.#onStepped(),
      onEnded: (cause) => this.#end(cause),
    });
    // Nobody may be listening; the error is told by every call as well.
    this.#stopped.promise.catch(() => {});
  }

  /**
   * Resolves when the member was stopped, and rejects if it stopped by itself:
   * after an error of the disk or of the state machine.
   */
  get stopped(): Promise<void> {
    return this.#stopped.promise;
  }

  get status(): RaftCoreStatus {
    return this.#core.status;
  }

  /** The newest term that this member knows of. */
  get term(): number {
    return this.#core.term;
  }

  /** How many committed entries wait to be applied here. */
  get applyGap(): number {
    return this.#core.committedIndex - this.#appliedIndex;
  }

  /**
   * What happens from now on: changes of leader and membership, snapshots. Ends
   * when the member stops.
   */
  events(): AsyncGenerator<RaftNodeEvent, void, void> {
    return this.#events.read();
  }

  /**
   * Puts a command into the log and resolves once it is applied here, or, with
   * `ack: "committed"`, once it is certain that it will be. The bytes now belong
   * to the log.
   *
   * @throws {ProposalDroppedError} if the command certainly never will be applied.
   * @throws {ProposalUnknownError} if it may be.
   * @throws {MemberStoppedError} if the member stopped; it may be applied then too.
   */
  propose(
    command: Uint8Array,
    options?: CallOptions & { readonly ack?: "applied" },
  ): Promise<Applied<Result>>;
  propose(
    command: Uint8Array,
    options: CallOptions & { readonly ack: Ack },
  ): Promise<Outcome<Result>>;
  propose(
    command: Uint8Array,
    { ack = "applied", signal }: CallOptions & { readonly ack?: Ack } = {},
  ): Promise<Outcome<Result>> {
    if (this.#ended !== null) {
      return Promise.reject(this.#ended);
    }
    const id = this.#takeId();
    const outcome = this.#proposals.open(id, ack);
    this.#waitingProposals.push({ id, data: command });
    this.#deferTurn();
    return signal === undefined ? outcome : this.#abortable(outcome, signal, () => {
      this.#abortProposal(id, signal.reason);
    });
  }

  /**
   * Resolves with an applied index that covers all that was acknowledged before
   * the call: a read of the state machine is linearizable from then on.
   *
   * @throws {ReadDroppedError} if no leader could confirm it: try again.
   * @throws {MemberStoppedError} if the member stopped.
   */
  readBarrier({ signal }: CallOptions = {}): Promise<number> {
    if (this.#ended !== null) {
      return Promise.reject(this.#ended);
    }
    const id = this.#takeId();
    const confirmed = this.#reads.open(id);
    this.#waitingReads.push(id);
    this.#deferTurn();
    return signal === undefined ? confirmed : this.#abortable(confirmed, signal, () => {
      this.#reads.reject([id], abortError(signal));
    });
  }

  /**
   * Changes the membership, through a joint configuration where more than one
   * voter comes or goes. Resolves with the first entry's index once it is in
   * force here; a joint configuration is left by itself afterwards. Only the
   * leader takes it.
   *
   * @throws {MembershipChangeError} if it is not possible; nothing was proposed.
   * @throws {ProposalDroppedError} if it certainly never will be in force.
   */
  async changeMembership(
    changes: readonly MembershipChange[],
    { signal }: CallOptions = {},
  ): Promise<number> {
    if (this.#ended !== null) {
      throw this.#ended;
    }
    const id = this.#takeId();
    const outcome = this.#proposals.open(id, "applied");
    this.#driver.push({ type: "membershipChangeRequested", id, changes });
    const { index } =
      await (signal === undefined ? outcome : this.#abortable(outcome, signal, () => {
        this.#abortProposal(id, signal.reason);
      }));
    return index;
  }

  /**
   * Has another voter lead, and resolves once it does. Only the leader can.
   *
   * @throws {TransferError} if that did not come about within an election timeout.
   */
  async transferLeadership(to: NodeId, { signal }: CallOptions = {}): Promise<void> {
    if (this.#ended !== null) {
      throw this.#ended;
    }
    const id = this.#takeId();
    const done = this.#transfers.open(id);
    this.#transferTargets.set(id, { to, term: this.#core.term });
    try {
      this.#driver.push({ type: "transferRequested", to });
      await (signal === undefined ? done : this.#abortable(done, signal, () => {
        this.#transfers.reject([id], abortError(signal));
      }));
    } finally {
      this.#transferTargets.delete(id);
    }
  }

  /** Resolves once a leader is known. Rejects if the member stops before. */
  async whenLeaderKnown({ signal }: CallOptions = {}): Promise<void> {
    const changes = this.events();
    try {
      for (let leader = this.#core.status.leader; leader === null;) {
        const next = changes.next();
        const event = await (signal === undefined
          ? next
          : this.#abortable(next, signal, () =>
            void changes.return()));
        signal?.throwIfAborted();
        if (event.done === true) {
          throw this.#ended ?? new MemberStoppedError();
        }
        leader = this.#core.status.leader;
      }
    } finally {
      await changes.return();
    }
  }

  /** Ends the member's part. What is being written is finished; the log store stays open. */
  async stop(): Promise<void> {
    this.#driver.end(null);
    await this.#driver.idle();
    await this.#options.transport?.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  #takeId(): number {
    this.#nextId += 1;
    return this.#nextId - 1;
  }

  #deferTurn(): void {
    if (this.#isTurnDeferred || this.#ended !== null) {
      return;
    }
    this.#isTurnDeferred = true;
    this.#options.clock.defer(() => {
      this.#isTurnDeferred = false;
      this.#pushTurn();
    });
  }

  /** Hands over what gathered in this turn, proposals before reads. */
  #pushTurn(): void {
    const proposals = this.#waitingProposals;
    const ids = this.#waitingReads;
    this.#waitingProposals = [];
    this.#waitingReads = [];
    if (proposals.length > 0) {
      this.#driver.push({ type: "proposed", proposals });
    }
    if (ids.length > 0) {
      this.#driver.push({ type: "readRequested", ids });
    }
  }

  #abortProposal(id: number, reason: unknown): void {
    const waiting = this.#waitingProposals.findIndex((proposal) => proposal.id === id);
    if (waiting === -1) {
      this.#proposals.reject([id], new ProposalUnknownError("its caller gave up", reason));
    } else {
      this.#waitingProposals.splice(waiting, 1);
      this.#proposals.reject([id], new ProposalDroppedError("aborted", reason));
    }
  }

  /** Calls `abort`, which ends `answer`, when the signal says so. */
  async #abortable<Value>(
    answer: Promise<Value>,
    signal: AbortSignal,
    abort: () => void,
  ): Promise<Value> {
    if (signal.aborted) {
      abort();
    }
    signal.addEventListener("abort", abort, { once: true });
    try {
      return await answer;
    } finally {
      signal.removeEventListener("abort", abort);
    }
  }

  #perform(effect: CallerEffect): void {
    switch (effect.type) {
      case "accepted":
        this.#proposals.onAccepted(effect.ids, effect.first, this.#appliedIndex);
        return;
      case "proposalsDropped":
        this.#proposals.reject(effect.ids, new ProposalDroppedError(effect.reason));
        return;
      case "proposalsUnknown":
        this.#proposals.reject(effect.ids, new ProposalUnknownError("the leader did not answer"));
        return;
      case "membershipChangeRefused":
        this.#proposals.reject([effect.id], new MembershipChangeError(effect.reason));
        return;
      case "readsDropped":
        this.#reads.reject(effect.ids, new ReadDroppedError(effect.reason));
        return;
      case "readsConfirmed":
        this.#confirmedReads.push(effect);
        return;
      case "softStateChanged":
        this.#settleTransfers(effect.softState);
        this.#events.push({ type: "softStateChanged", ...effect.softState });
        return;
      case "membershipChanged":
        this.#memberships.push(effect);
        this.#events.push(effect);
        return;
      case "transferEnded":
        this.#endTransfers(effect.to, effect.succeeded);
        return;
    }
  }

  #onApplied(entries: readonly Entry[], results: readonly Result[]): void {
    entries.forEach((entry, at) => this.#proposals.onApplied(entry, results[at] as Result));
    this.#appliedIndex = entries.at(-1)?.index ?? this.#appliedIndex;
    this.#maybeCompact();
  }

  #onRestored(index: number): void {
    this.#appliedIndex = index;
    this.#compactedIndex = index;
    this.#proposals.onRestored(index);
    this.#events.push({ type: "snapshotRestored", index });
  }

  #onStepped(): void {
    this.#proposals.onCommitted(this.#core.committedIndex, (index) => this.#core.termAt(index));
    if (this.#confirmedReads.length > 0) {
      const isReadable = ({ index }: { readonly index: number }) => index <= this.#appliedIndex;
      const ready = this.#confirmedReads.filter(isReadable);
      this.#confirmedReads = this.#confirmedReads.filter((read) => !isReadable(read));
      ready.flatMap(({ ids }) => ids).forEach((id) => this.#reads.resolve(id, this.#appliedIndex));
    }
  }

  /** A transfer has succeeded when its target leads, and failed when another does. */
  #settleTransfers({ leader, term }: SoftState): void {
    if (leader === null) {
      return;
    }
    for (const [id, transfer] of this.#transferTargets) {
      if (leader === transfer.to) {
        this.#transfers.resolve(id, undefined);
      } else if (term > transfer.term) {
        this.#transfers.reject([id], new TransferError(transfer.to));
      }
    }
  }

  #endTransfers(to: NodeId, succeeded: boolean): void {
    for (const [id, transfer] of this.#transferTargets) {
      if (transfer.to === to && succeeded) {
        this.#transfers.resolve(id, undefined);
      } else if (transfer.to === to) {
        this.#transfers.reject([id], new TransferError(to));
      }
    }
  }

  /** Compacts the log once it is long enough, up to what the state machine holds durably. */
  #maybeCompact(): void {
    const { compactionTail = 5_000, compactionThreshold = 10_000, stateMachine } = this.#options;
    if (this.#appliedIndex - this.#compactedIndex < compactionTail + compactionThreshold) {
      return;
    }
    const index = Math.min(this.#appliedIndex - compactionTail, stateMachine.durableIndex());
    const term = this.#core.termAt(index);
    if (index - this.#compactedIndex < compactionThreshold / 2 || term === null) {
      return;
    }
    this.#compactedIndex = index;
    const current = this.#memberships.findLastIndex((change) => change.index <= index);
    this.#memberships.splice(0, Math.max(0, current));
    const membership = this.#memberships[0]?.membership ?? this.#core.status.membership;
    this.#driver.compact({ index, term, membership });
  }

  #end(cause: unknown): void {
    this.#ended = new MemberStoppedError(cause);
    this.#proposals.rejectAll(this.#ended);
    this.#reads.rejectAll(this.#ended);
    this.#transfers.rejectAll(this.#ended);
    this.#events.end();
    if (cause === null) {
      this.#stopped.resolve();
    } else {
      this.#stopped.reject(cause);
    }
  }
}

function abortError(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new Error(String(signal.reason));
}
