import { abortable, abortError, type CallOptions } from "./abortable.ts";
import { withDefaults } from "./core_options.ts";
import type { Entry } from "./entry.ts";
import {
  MemberStoppedError,
  ProposalDroppedError,
  ProposalUnknownError,
  ReadDroppedError,
} from "./errors.ts";
import { type EventReader, EventStream } from "./event_stream.ts";
import type { NodeId } from "./hard_state.ts";
import { LogCompaction } from "./log_compaction.ts";
import type { Membership } from "./membership.ts";
import { type MembershipChange, MembershipChangeError } from "./membership_change.ts";
import { type CallerEffect, NodeDriver } from "./node_driver.ts";
import { type Ack, type Applied, type Outcome, PendingProposals } from "./pending_proposals.ts";
import { PendingReads } from "./pending_reads.ts";
import { PendingTransfers } from "./pending_transfers.ts";
import { allMembers } from "./quorum.ts";
import type { RaftCore, RaftCoreStatus } from "./raft_core.ts";
import type { RaftNodeEvent } from "./raft_node_event.ts";
import type { RaftNodeOptions } from "./raft_node_options.ts";
import { startCore, type StartedCore } from "./start_core.ts";
import { TurnBatch } from "./turn_batch.ts";

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
 *
 * A member that is removed from its group tells so by an event, answers nothing
 * any more, and bothers nobody; it is up to its user to stop it. A member that
 * stops by itself, after an error, is to be stopped all the same: only `stop`
 * closes its transport.
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
  readonly #reads = new PendingReads();
  readonly #transfers: PendingTransfers;
  readonly #batch: TurnBatch;
  readonly #compaction: LogCompaction;
  #nextId = 1;
  #appliedIndex: number;
  /** As far as entries have been handed out to apply. */
  #membership: Membership;
  /** The entry that removed this member, until it is applied. */
  #removal: number | null = null;
  /** Why the member no longer takes part, once it does not. */
  #ended: MemberStoppedError | null = null;

  /**
   * Opens the log and the state machine and starts to take part in the group.
   * Where that fails, the transport is closed again.
   *
   * @throws {StartError} if log and state machine do not fit together.
   */
  static async start<Result>(options: RaftNodeOptions<Result>): Promise<RaftNode<Result>> {
    const node = new RaftNode(options, await startCore(options));
    try {
      await node.#driver.start();
    } catch (error) {
      await node.stop();
      throw error;
    }
    return node;
  }

  private constructor(options: RaftNodeOptions<Result>, { core, memberships }: StartedCore) {
    this.#options = options;
    this.#core = core;
    const { appliedIndex, compactedIndex, membership } = core.status;
    const { electionTicks } = withDefaults(options.tuning ?? {});
    const tickMs = options.tickMs ?? TICK_MS;
    this.#appliedIndex = appliedIndex;
    this.#membership = membership;
    this.#transfers = new PendingTransfers({
      clock: options.clock,
      // One for the leader to give up, one for the election that it may have called for.
      timeoutMs: 2 * electionTicks * tickMs,
    });
    this.#compaction = new LogCompaction({
      tail: options.compactionTail ?? 5_000,
      threshold: options.compactionThreshold ?? 10_000,
      compactedIndex,
      memberships,
      stateMachine: options.stateMachine,
      termAt: (index) => core.termAt(index),
    });
    this.#batch = new TurnBatch({
      clock: options.clock,
      push: (event) => this.#driver.push(event),
    });
    this.#driver = new NodeDriver({
      core,
      logStore: options.logStore,
      stateMachine: options.stateMachine,
      memberships,
      transport: options.transport ?? null,
      clock: options.clock,
      tickMs,
      electionTicks,
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

  /** Where this member stands. */
  status(): RaftCoreStatus {
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
   * What happens from this call on: changes of leader and membership, snapshots.
   * Ends when the member stops. Of what waits to be read, the newest 1,000 events
   * are kept; `return` ends the reading, also one that waits.
   */
  events(): EventReader<RaftNodeEvent> {
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
    this.#batch.addProposal({ id, data: command });
    return abortable(outcome, signal, (reason) => this.#abortProposal(id, reason));
  }

  /**
   * Resolves with an applied index that covers all that was acknowledged before
   * the call: a read of the state machine is linearizable from then on.
   *
   * @throws {ReadDroppedError} if no leader could confirm it: try again, unless
   * the member was removed.
   * @throws {MemberStoppedError} if the member stopped.
   */
  readBarrier({ signal }: CallOptions = {}): Promise<number> {
    if (this.#ended !== null) {
      return Promise.reject(this.#ended);
    }
    const id = this.#takeId();
    const confirmed = this.#reads.open(id);
    this.#batch.addRead(id);
    return abortable(confirmed, signal, (reason) => this.#reads.reject([id], abortError(reason)));
  }

  /**
   * Changes the membership, through a joint configuration where more than one
   * voter comes or goes. Resolves with the first entry's index once it is in
   * force here; a joint configuration is left by itself afterwards. Only the
   * leader takes it.
   *
   * @throws {MembershipChangeError} if it is not possible; nothing was proposed.
   * @throws {ProposalDroppedError} if it certainly never will be in force.
   * @throws {ProposalUnknownError} if it may be.
   * @throws {MemberStoppedError} if the member stopped; it may be in force then too.
   */
  async changeMembership(
    changes: readonly MembershipChange[],
    { signal }: CallOptions = {},
  ): Promise<number> {
    if (this.#ended !== null) {
      throw this.#ended;
    }
    if (signal?.aborted === true) {
      throw new ProposalDroppedError("aborted", signal.reason);
    }
    const id = this.#takeId();
    const outcome = this.#proposals.open(id, "applied");
    this.#driver.push({ type: "membershipChangeRequested", id, changes });
    const { index } = await abortable(
      outcome,
      signal,
      (reason) => this.#abortProposal(id, reason),
    );
    return index;
  }

  /**
   * Has another voter lead, and resolves once it does. Only the leader can.
   *
   * @throws {TransferError} if this member does not lead, if `to` is no voter, or
   * if another member leads instead. After two election timeouts without an
   * outcome too; then `to` may still come to lead.
   * @throws {MemberStoppedError} if the member stopped.
   */
  async transferLeadership(to: NodeId, { signal }: CallOptions = {}): Promise<void> {
    if (this.#ended !== null) {
      throw this.#ended;
    }
    if (signal?.aborted === true) {
      throw abortError(signal.reason);
    }
    const id = this.#takeId();
    const done = this.#transfers.open(id, { to, term: this.#core.term });
    this.#driver.push({ type: "transferRequested", to });
    await abortable(done, signal, (reason) => this.#transfers.reject(id, abortError(reason)));
  }

  /** Resolves once a leader is known. Rejects if the member stops before. */
  async whenLeaderKnown({ signal }: CallOptions = {}): Promise<void> {
    const changes = this.events();
    try {
      for (let leader = this.#core.status.leader; leader === null;) {
        const event = await abortable(changes.next(), signal, () => void changes.return());
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

  /**
   * Ends the member's part and closes the transport. Resolves once neither log
   * store nor state machine is at work: what they were doing is finished, nothing
   * new is begun. Both stay open. If one of them hangs, so does this promise, but
   * the transport is closed by then.
   */
  async stop(): Promise<void> {
    this.#driver.end(null);
    try {
      await this.#options.transport?.close();
    } finally {
      await this.#driver.idle();
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  #takeId(): number {
    this.#nextId += 1;
    return this.#nextId - 1;
  }

  #abortProposal(id: number, reason: unknown): void {
    const error = this.#batch.removeProposal(id)
      ? new ProposalDroppedError("aborted", reason)
      : new ProposalUnknownError("its caller gave up", reason);
    this.#proposals.reject([id], error);
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
        this.#reads.onConfirmed(effect);
        return;
      case "confirmed":
        this.#events.push(effect);
        return;
      case "softStateChanged":
        this.#transfers.onSoftState(effect.softState);
        this.#events.push({ type: "softStateChanged", ...effect.softState });
        return;
      case "membershipChanged":
        this.#onMembershipChanged(effect);
        return;
      case "transferEnded":
        this.#transfers.onEnded(effect.to, effect.succeeded);
        return;
    }
  }

  #onApplied(entries: readonly Entry[], results: readonly Result[]): void {
    entries.forEach((entry, at) => this.#proposals.onApplied(entry, results[at] as Result));
    this.#appliedIndex = entries.at(-1)?.index ?? this.#appliedIndex;
    this.#maybeLeave();
    const marker = this.#compaction.takeDue(this.#appliedIndex);
    if (marker !== null) {
      this.#driver.compact(marker);
    }
  }

  #onRestored(index: number): void {
    this.#appliedIndex = index;
    this.#compaction.onRestored(index);
    this.#proposals.onRestored(index);
    this.#events.push({ type: "snapshotRestored", index });
  }

  #onStepped(): void {
    this.#proposals.onCommitted(this.#core.committedIndex, (index) => this.#core.termAt(index));
    this.#reads.answerAt(this.#appliedIndex);
  }

  #onMembershipChanged(effect: CallerEffect & { readonly type: "membershipChanged" }): void {
    const { id } = this.#options;
    const wasMember = allMembers(this.#membership).includes(id);
    const isMember = allMembers(effect.membership).includes(id);
    this.#membership = effect.membership;
    this.#events.push(effect);
    if (isMember) {
      this.#removal = null;
    } else if (wasMember) {
      this.#removal = effect.index;
      this.#maybeLeave();
    }
  }

  /**
   * Answers all that waits once the entry that removed this member is applied:
   * what comes after it does not come here. The entry may be what was waited for.
   */
  #maybeLeave(): void {
    const index = this.#removal;
    if (index === null || index > this.#appliedIndex) {
      return;
    }
    this.#removal = null;
    const unsent = this.#batch.takeAll();
    this.#proposals.reject(unsent, new ProposalDroppedError("removed"));
    const reason = "this member was removed from the group";
    this.#proposals.rejectAll(new ProposalUnknownError(reason));
    this.#reads.rejectAll(new ReadDroppedError("removed"));
    this.#transfers.fail(reason);
    this.#events.push({ type: "removed", index });
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
