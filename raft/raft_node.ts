import type { Clock } from "./clock.ts";
import type { Entry, EntryId } from "./entry.ts";
import { invariant, MemberStoppedError, ProposalDroppedError, ReadDroppedError } from "./errors.ts";
import type { NodeId } from "./hard_state.ts";
import type { LogState, LogStore } from "./log_store.ts";
import { type Membership, membershipOf } from "./membership.ts";
import { decodeMembership } from "./membership_codec.ts";
import { PersistQueue } from "./persist_queue.ts";
import { RaftCore, type RaftCoreStatus } from "./raft_core.ts";
import type { RaftEffect, SoftState } from "./raft_effect.ts";
import type { Proposal, RaftEvent } from "./raft_event.ts";
import type { StateMachine } from "./state_machine.ts";
import { Waiters } from "./waiters.ts";

/** What a member is made from. */
export interface RaftNodeOptions<Result> {
  readonly id: NodeId;
  /**
   * Voters that the group was founded with. Give the same at each start: it
   * holds until the log or the state machine has a membership of its own.
   */
  readonly initialVoters: readonly NodeId[];
  readonly logStore: LogStore;
  readonly stateMachine: StateMachine<Result>;
  readonly clock: Clock;
  /** Length of a tick. Default: 100 ms, etcd's heartbeat interval. */
  readonly tickMs?: number;
  /** Applied entries that are kept for slow followers when the log is compacted. Default: 5,000. */
  readonly compactionTail?: number;
  /** The log is compacted when it has this many entries beyond the tail. Default: 10,000. */
  readonly compactionThreshold?: number;
}

/** What became of a proposal. */
export interface Applied<Result> extends EntryId {
  readonly result: Result;
}

/**
 * Drives a `RaftCore`: performs its effects on a log store and a state machine,
 * feeds back their completions, and gives callers promises.
 *
 * All events go through one queue and one step function. Proposals and reads
 * of one turn of the event loop make one batch; while a batch is on its way to
 * the disk, the next one gathers.
 */
export class RaftNode<Result> implements AsyncDisposable {
  readonly #options: RaftNodeOptions<Result>;
  readonly #core: RaftCore;
  readonly #persistQueue: PersistQueue;
  readonly #events: RaftEvent[] = [];
  readonly #stopped = Promise.withResolvers<void>();
  readonly #softStateListeners = new Set<(softState: SoftState) => void>();

  readonly #proposals = new Waiters<Applied<Result>>();
  /** Proposals that are in the log, by index, until they are applied. */
  readonly #acceptedIds = new Map<number, number>();
  readonly #reads = new Waiters<number>();
  /** Confirmed reads that wait until their index is applied, in the order of the indexes. */
  #confirmedReads: { readonly ids: readonly number[]; readonly index: number }[] = [];

  #waitingProposals: Proposal[] = [];
  #waitingReads: number[] = [];
  #nextId = 1;
  #turnDeferred = false;
  #draining = false;
  #appliedIndex: number;
  #compactedIndex: number;
  #cancelTick: () => void = () => {};
  /** Why the member no longer takes part, once it does not. */
  #ended: MemberStoppedError | null = null;

  /** Opens the log and the state machine and starts to take part in the group. */
  static async start<Result>(options: RaftNodeOptions<Result>): Promise<RaftNode<Result>> {
    const [logState, machineState] = await Promise.all([
      options.logStore.open(),
      options.stateMachine.open(),
    ]);
    const membership = latestMembership(logState, machineState.membership) ??
      membershipOf(options.initialVoters);
    const core = new RaftCore({
      id: options.id,
      membership,
      logState,
      appliedIndex: machineState.appliedIndex,
    });
    return new RaftNode(options, core, logState.marker.index);
  }

  private constructor(options: RaftNodeOptions<Result>, core: RaftCore, compactedIndex: number) {
    this.#options = options;
    this.#core = core;
    this.#appliedIndex = core.status.appliedIndex;
    this.#compactedIndex = compactedIndex;
    this.#persistQueue = new PersistQueue(options.logStore, {
      onPersisted: (batch) => this.#push({ type: "persisted", ...batch }),
      onFailure: (error) => this.#end(error),
    });
    // Nobody may be listening; the error is told by every call as well.
    this.#stopped.promise.catch(() => {});
    this.#tick();
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
   * Puts a command into the log and resolves once it is applied here. The
   * bytes now belong to the log.
   *
   * @throws {ProposalDroppedError} if the command was not taken and never will be applied.
   * @throws {MemberStoppedError} if the member stopped; the command may still be applied.
   */
  propose(command: Uint8Array): Promise<Applied<Result>> {
    const { id, promise } = this.#open(this.#proposals);
    this.#waitingProposals.push({ id, data: command });
    this.#deferTurn();
    return promise;
  }

  /**
   * Resolves with an applied index that covers all that was acknowledged before
   * the call: a read of the state machine is linearizable from then on.
   *
   * @throws {ReadDroppedError} if no leader can confirm it.
   * @throws {MemberStoppedError} if the member stopped.
   */
  readBarrier(): Promise<number> {
    const { id, promise } = this.#open(this.#reads);
    this.#waitingReads.push(id);
    this.#deferTurn();
    return promise;
  }

  /** Resolves once a leader is known. Rejects if the member stops before. */
  async whenLeaderKnown(): Promise<void> {
    const known = Promise.withResolvers<void>();
    const listener = ({ leader }: SoftState) => leader !== null && known.resolve();
    this.#softStateListeners.add(listener);
    try {
      listener(this.#core.status);
      await Promise.race([
        known.promise,
        this.#stopped.promise.then(() => {
          throw new MemberStoppedError();
        }),
      ]);
    } finally {
      this.#softStateListeners.delete(listener);
    }
  }

  /** Ends the member's part. What is being written is finished; the log store stays open. */
  async stop(): Promise<void> {
    this.#end(null);
    await this.#persistQueue.idle();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  #open<Value>(waiters: Waiters<Value>): { id: number; promise: Promise<Value> } {
    const id = this.#nextId;
    this.#nextId += 1;
    return {
      id,
      promise: this.#ended === null ? waiters.open(id) : Promise.reject(this.#ended),
    };
  }

  #tick(): void {
    this.#cancelTick = this.#options.clock.setTimer(
      this.#options.tickMs ?? 100,
      () => this.#tick(),
    );
    this.#push({ type: "tick" });
  }

  #deferTurn(): void {
    if (this.#turnDeferred || this.#ended !== null) {
      return;
    }
    this.#turnDeferred = true;
    this.#options.clock.defer(() => {
      this.#turnDeferred = false;
      this.#pushTurn();
    });
  }

  /** Hands over what gathered in this turn, proposals before reads. */
  #pushTurn(): void {
    const proposals = this.#waitingProposals;
    const reads = this.#waitingReads;
    this.#waitingProposals = [];
    this.#waitingReads = [];
    if (proposals.length > 0) {
      this.#push({ type: "proposed", proposals });
    }
    if (reads.length > 0) {
      this.#push({ type: "readRequested", ids: reads });
    }
  }

  /** The one door: every event is queued here and stepped in order, never nested. */
  #push(event: RaftEvent): void {
    if (this.#ended !== null) {
      return;
    }
    this.#events.push(event);
    if (this.#draining) {
      return;
    }
    this.#draining = true;
    try {
      for (let next = this.#events.shift(); next !== undefined; next = this.#events.shift()) {
        for (const effect of this.#core.step(next)) {
          this.#perform(effect);
        }
      }
    } catch (error) {
      this.#end(error);
    } finally {
      this.#draining = false;
    }
  }

  #perform(effect: RaftEffect): void {
    switch (effect.type) {
      case "persist":
        this.#persistQueue.push(effect);
        break;
      case "accepted":
        effect.ids.forEach((id, offset) => this.#acceptedIds.set(effect.first.index + offset, id));
        break;
      case "proposalsDropped":
        this.#proposals.reject(effect.ids, new ProposalDroppedError(effect.reason));
        break;
      case "readsDropped":
        this.#reads.reject(effect.ids, new ReadDroppedError(effect.reason));
        break;
      case "readsConfirmed":
        this.#confirmedReads.push(effect);
        this.#settleReads();
        break;
      case "readEntries":
        this.#options.logStore.entries(effect.range).then(
          (entries) => this.#push({ type: "entriesRead", entries }),
          (error) => this.#end(error),
        );
        break;
      case "apply":
        this.#apply(effect.entries);
        break;
      case "softStateChanged":
        for (const listener of this.#softStateListeners) {
          listener(effect.softState);
        }
        break;
    }
  }

  #apply(entries: readonly Entry[]): void {
    const results = this.#options.stateMachine.apply(entries);
    if (results instanceof Promise) {
      results.then((settled) => this.#finishApply(entries, settled)).catch((error) =>
        this.#end(error)
      );
    } else {
      this.#finishApply(entries, results);
    }
  }

  #finishApply(entries: readonly Entry[], results: readonly Result[]): void {
    invariant(results.length === entries.length, "one result for each entry", results.length);
    entries.forEach((entry, position) => this.#settleProposal(entry, results[position] as Result));
    const last = entries.at(-1);
    invariant(last !== undefined, "an apply has entries");
    this.#appliedIndex = last.index;
    this.#push({ type: "applied", index: last.index });
    this.#settleReads();
    this.#maybeCompact();
  }

  #settleProposal({ index, term }: Entry, result: Result): void {
    const id = this.#acceptedIds.get(index);
    if (id !== undefined) {
      this.#acceptedIds.delete(index);
      this.#proposals.resolve(id, { index, term, result });
    }
  }

  #settleReads(): void {
    for (let next = this.#confirmedReads[0]; next !== undefined; next = this.#confirmedReads[0]) {
      if (next.index > this.#appliedIndex) {
        return;
      }
      this.#confirmedReads.shift();
      next.ids.forEach((id) => this.#reads.resolve(id, this.#appliedIndex));
    }
  }

  /** Compacts the log once it is long enough, up to what the state machine holds durably. */
  #maybeCompact(): void {
    const { compactionTail = 5_000, compactionThreshold = 10_000 } = this.#options;
    const appliedIndex = this.#appliedIndex;
    if (appliedIndex - this.#compactedIndex < compactionTail + compactionThreshold) {
      return;
    }
    const index = Math.min(
      appliedIndex - compactionTail,
      this.#options.stateMachine.durableIndex(),
    );
    if (index - this.#compactedIndex < compactionThreshold / 2) {
      return;
    }
    this.#compactedIndex = index;
    const { membership } = this.#core.status;
    this.#persistQueue.compact({ index, term: this.#core.termAt(index), membership });
  }

  #end(cause: unknown): void {
    if (this.#ended !== null) {
      return;
    }
    this.#ended = new MemberStoppedError(cause);
    this.#cancelTick();
    this.#events.length = 0;
    this.#proposals.rejectAll(this.#ended);
    this.#reads.rejectAll(this.#ended);
    if (cause === null) {
      this.#stopped.resolve();
    } else {
      this.#stopped.reject(cause);
    }
  }
}

/** The membership that the log or the state machine tells of, the newest first. */
function latestMembership(log: LogState, machine: Membership | null): Membership | null {
  const entry = log.membershipEntries.at(-1);
  return entry !== undefined ? decodeMembership(entry.data) : machine ?? log.marker.membership;
}
