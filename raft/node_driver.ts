import type { Clock } from "./clock.ts";
import type { Entry } from "./entry.ts";
import { invariant } from "./errors.ts";
import type { CompactionMarker, LogStore } from "./log_store.ts";
import { MachineTurns } from "./machine_turns.ts";
import type { MembershipHistory } from "./membership_history.ts";
import type { Message } from "./message.ts";
import { PersistQueue } from "./persist_queue.ts";
import type { RaftCore } from "./raft_core.ts";
import type { RaftEffect } from "./raft_effect.ts";
import type { RaftEvent } from "./raft_event.ts";
import { SnapshotReceiver } from "./snapshot_receiver.ts";
import { SnapshotSender } from "./snapshot_sender.ts";
import type { StateMachine } from "./state_machine.ts";
import type { Transport } from "./transport.ts";
import { Underway } from "./underway.ts";

/** Effects that concern callers, not the disk, the network or the state machine. */
export type CallerEffect = Exclude<RaftEffect, {
  type:
    | "persist"
    | "send"
    | "readEntries"
    | "apply"
    | "makeSnapshot"
    | "sendSnapshot"
    | "restoreSnapshot"
    | "abortRestore";
}>;

/** Who is told what happens. */
export interface DriverListener<Result> {
  onEffect(effect: CallerEffect): void;
  onApplied(entries: readonly Entry[], results: readonly Result[]): void;
  /** A snapshot replaced the state. */
  onRestored(index: number): void;
  /** A step was taken, and its effects were performed. */
  onStepped(): void;
  /** The driver has ended: with `null` because it was asked to, else with the cause. */
  onEnded(cause: unknown): void;
}

/** What a driver drives, and with what. */
export interface DriverParts<Result> {
  readonly core: RaftCore;
  readonly logStore: LogStore;
  readonly stateMachine: StateMachine<Result>;
  /** Kept up to date here: what is applied, or restored, is noted. */
  readonly memberships: MembershipHistory;
  readonly transport: Transport | null;
  readonly clock: Clock;
  readonly tickMs: number;
  /** The shortest election timeout. */
  readonly electionTicks: number;
}

/**
 * Election timeouts for which the two halves of a snapshot's arrival, offer and
 * stream, wait for each other: as long as a follower waits for its leader at
 * most; then another may do better.
 */
const STREAM_TIMEOUTS = 2;

/**
 * Election timeouts for which a snapshot's stream may bring nothing: so long that
 * it is not slow, but dead.
 */
const IDLE_TIMEOUTS = 10;

/**
 * Performs a core's effects and feeds back their completions. Every event goes
 * through one queue and one step function, in order and never nested.
 */
export class NodeDriver<Result> {
  readonly #parts: DriverParts<Result>;
  readonly #listener: DriverListener<Result>;
  readonly #persistQueue: PersistQueue;
  readonly #turns = new MachineTurns();
  readonly #sender: SnapshotSender;
  readonly #receiver: SnapshotReceiver;
  readonly #reads = new Underway();
  #events: RaftEvent[] = [];
  /** Messages of the effects that are being performed: they go out together. */
  #outbox: Message[] = [];
  #isDraining = false;
  #hasEnded = false;
  #cancelTick: () => void = () => {};
  /** When the driver started, by the monotonic clock. */
  #startedAt = 0;
  /** Ticks since then that are dealt with. */
  #ticks = 0;

  constructor(parts: DriverParts<Result>, listener: DriverListener<Result>) {
    this.#parts = parts;
    this.#listener = listener;
    this.#persistQueue = new PersistQueue(parts.logStore, {
      onPersisted: (batch) => this.push({ type: "persisted", ...batch }),
      onCompacted: (index) => this.push({ type: "compacted", index }),
      onFailure: (error) => this.end(error),
    });
    const shared = {
      ...parts,
      turns: this.#turns,
      push: (event: RaftEvent) => this.push(event),
    };
    this.#sender = new SnapshotSender(shared);
    const electionMs = parts.electionTicks * parts.tickMs;
    this.#receiver = new SnapshotReceiver({
      ...shared,
      streamTimeoutMs: STREAM_TIMEOUTS * electionMs,
      idleMs: IDLE_TIMEOUTS * electionMs,
      logIsWritten: () => this.#persistQueue.idle(),
      resetLog: (marker) => this.#persistQueue.reset(marker),
      onRestored: (index) => listener.onRestored(index),
      onFailure: (error) => this.end(error),
    });
  }

  /** Starts to tick and to listen. */
  async start(): Promise<void> {
    this.#startedAt = this.#parts.clock.monotonic();
    await this.#parts.transport?.start({
      onMessage: (message) => this.push({ type: "received", message }),
      onUnreachable: (id) => this.push({ type: "unreachable", id }),
      onSnapshot: (incoming) => this.#receiver.onIncoming(incoming),
    });
    // It may have ended meanwhile, if what came had to be written and could not be.
    if (!this.#hasEnded) {
      // The first tick comes at once, so that a group of one need not wait for it.
      this.#ticks = Math.max(this.#ticks, this.#ticksUntilNow) + 1;
      this.#scheduleTick();
      this.#take({ type: "tick" });
    }
  }

  /** The one door. */
  push(event: RaftEvent): void {
    this.#take(...this.#owedTicks(), event);
  }

  compact(marker: CompactionMarker): void {
    this.#persistQueue.compact(marker);
  }

  /** Takes no more part. */
  end(cause: unknown): void {
    if (!this.#hasEnded) {
      this.#hasEnded = true;
      this.#cancelTick();
      this.#events = [];
      this.#persistQueue.end();
      this.#turns.end();
      this.#sender.end();
      this.#receiver.end();
      this.#listener.onEnded(cause);
    }
  }

  /** Resolves when neither log store nor state machine is at work any more. */
  async idle(): Promise<void> {
    await Promise.all(
      [this.#persistQueue, this.#turns, this.#sender, this.#receiver, this.#reads]
        .map((work) => work.idle()),
    );
  }

  #take(...events: readonly RaftEvent[]): void {
    if (this.#hasEnded) {
      return;
    }
    this.#events.push(...events);
    if (!this.#isDraining) {
      this.#isDraining = true;
      try {
        this.#drain();
      } catch (error) {
        this.end(error);
      } finally {
        this.#isDraining = false;
      }
    }
  }

  #scheduleTick(): void {
    const { clock, tickMs } = this.#parts;
    const dueMs = this.#startedAt + (this.#ticks + 1) * tickMs - clock.monotonic();
    // Not a moment before the tick is over, or the timer would come for nothing.
    this.#cancelTick = clock.setTimer(Math.max(1, Math.ceil(dueMs)), () => {
      const ticks = this.#owedTicks();
      this.#scheduleTick();
      this.#take(...ticks);
    });
  }

  /**
   * The ticks that have passed and that the core has not been told of. They come
   * before whatever happens now: a leader that was stopped must know first that
   * its time has passed, or it would go by a lease that has ended, and a
   * follower must not count time from before a heartbeat as time after it.
   *
   * Timers may be as late as they like: it is the clock that counts.
   */
  #owedTicks(): RaftEvent[] {
    const { core, electionTicks } = this.#parts;
    const now = this.#ticksUntilNow;
    const owed = now - this.#ticks;
    if (owed <= 0) {
      return [];
    }
    this.#ticks = now;
    // A leader that hears nobody has stepped down by then. The others have heard
    // nobody because they did not listen: what was said still waits to be read.
    const told = core.status.role === "leader" ? 2 * electionTicks : Math.ceil(electionTicks / 2);
    return Array.from({ length: Math.min(owed, told) }, () => ({ type: "tick" }));
  }

  get #ticksUntilNow(): number {
    const { clock, tickMs } = this.#parts;
    return Math.floor((clock.monotonic() - this.#startedAt) / tickMs);
  }

  #drain(): void {
    while (this.#events.length > 0) {
      const events = this.#events;
      this.#events = [];
      for (const event of events) {
        for (const effect of this.#parts.core.step(event)) {
          this.#perform(effect);
        }
        if (event.type === "snapshotReady") {
          this.#sender.onOffered(event.to, event.snapshot);
        }
      }
      this.#sendOutbox();
      this.#listener.onStepped();
    }
  }

  #sendOutbox(): void {
    if (this.#outbox.length > 0) {
      const messages = this.#outbox;
      this.#outbox = [];
      this.#parts.transport?.send(messages);
    }
  }

  #perform(effect: RaftEffect): void {
    switch (effect.type) {
      case "persist":
        this.#persistQueue.push(effect);
        return;
      case "send":
        this.#outbox.push(effect.message);
        return;
      case "readEntries":
        this.#readEntries(effect);
        return;
      case "apply":
        this.#apply(effect.entries);
        return;
      case "makeSnapshot":
        this.#sender.make(effect.to);
        return;
      case "sendSnapshot":
        this.#sender.send(effect);
        return;
      case "restoreSnapshot":
        this.#receiver.restore(effect);
        return;
      case "abortRestore":
        this.#receiver.abort();
        return;
      case "softStateChanged":
        if (effect.softState.role !== "leader") {
          this.#sender.abort("no longer the leader");
        }
        this.#listener.onEffect(effect);
        return;
      default:
        this.#listener.onEffect(effect);
    }
  }

  #readEntries({ purpose, range }: RaftEffect & { type: "readEntries" }): void {
    this.#reads.add(
      this.#parts.logStore.entries(range).then(
        (entries) => this.push({ type: "entriesRead", purpose, entries }),
        (error) => {
          if (error instanceof Error && "code" in error && error.code === "LOG_COMPACTED") {
            this.push({ type: "entriesRead", purpose, entries: null });
          } else {
            this.end(error);
          }
        },
      ),
    );
  }

  #apply(entries: readonly Entry[]): void {
    const { stateMachine, memberships } = this.#parts;
    // Before anybody can ask for the one as of an entry that is applied.
    memberships.addOf(entries);
    this.#turns.take(() => stateMachine.apply(entries), {
      done: (results) => this.#finishApply(entries, results),
      failed: (error) => this.end(error),
    });
  }

  #finishApply(entries: readonly Entry[], results: readonly Result[]): void {
    if (this.#hasEnded) {
      return;
    }
    invariant(results.length === entries.length, "one result for each entry", results.length);
    const last = entries.at(-1);
    invariant(last !== undefined, "an apply has entries");
    this.#receiver.onApplied(last.index);
    // Told first: what steps now answers the reads that waited for just this.
    this.#listener.onApplied(entries, results);
    this.push({ type: "applied", index: last.index });
  }
}
