import type { Clock } from "./clock.ts";
import type { Entry } from "./entry.ts";
import { invariant } from "./errors.ts";
import type { CompactionMarker, LogStore } from "./log_store.ts";
import type { Message } from "./message.ts";
import { PersistQueue } from "./persist_queue.ts";
import type { RaftCore } from "./raft_core.ts";
import type { RaftEffect } from "./raft_effect.ts";
import type { RaftEvent } from "./raft_event.ts";
import { SnapshotTransfers } from "./snapshot_transfers.ts";
import type { StateMachine } from "./state_machine.ts";
import type { Transport } from "./transport.ts";

/** Effects that concern callers, not the disk, the network or the state machine. */
export type CallerEffect = Exclude<RaftEffect, {
  type:
    | "persist"
    | "send"
    | "readEntries"
    | "apply"
    | "makeSnapshot"
    | "sendSnapshot"
    | "restoreSnapshot";
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
  readonly transport: Transport | null;
  readonly clock: Clock;
  readonly tickMs: number;
  /** How long the two halves of a snapshot's arrival, offer and stream, wait for each other. */
  readonly streamTimeoutMs: number;
}

/** More is not needed: by then a leader that hears nobody has stepped down. */
const CATCH_UP_TICKS_MAX = 100;

/**
 * Performs a core's effects and feeds back their completions. Every event goes
 * through one queue and one step function, in order and never nested.
 */
export class NodeDriver<Result> {
  readonly #parts: DriverParts<Result>;
  readonly #listener: DriverListener<Result>;
  readonly #persistQueue: PersistQueue;
  readonly #transfers: SnapshotTransfers<Result>;
  #events: RaftEvent[] = [];
  /** Messages of the effects that are being performed: they go out together. */
  #outbox: Message[] = [];
  #isDraining = false;
  #isApplying = false;
  /** Waits for the state machine to stand still. */
  #afterApply: (() => void)[] = [];
  #hasEnded = false;
  #cancelTick: () => void = () => {};
  /** When the core last got a tick, by the monotonic clock. */
  #tickedAt: number;

  constructor(parts: DriverParts<Result>, listener: DriverListener<Result>) {
    this.#parts = parts;
    this.#tickedAt = parts.clock.monotonic();
    this.#listener = listener;
    this.#persistQueue = new PersistQueue(parts.logStore, {
      onPersisted: (batch) => this.push({ type: "persisted", ...batch }),
      onCompacted: (index) => this.push({ type: "compacted", index }),
      onFailure: (error) => this.end(error),
    });
    this.#transfers = new SnapshotTransfers({
      ...parts,
      push: (event) => this.push(event),
      logIsWritten: () => this.#persistQueue.idle(),
      resetLog: (marker) => this.#persistQueue.reset(marker),
      onRestored: (index) => listener.onRestored(index),
      onFailure: (error) => this.end(error),
    });
  }

  /** Starts to tick and to listen. */
  async start(): Promise<void> {
    await this.#parts.transport?.start({
      onMessage: (message) => this.push({ type: "received", message }),
      onUnreachable: (id) => this.push({ type: "unreachable", id }),
      onSnapshot: (incoming) => this.#transfers.onIncoming(incoming),
    });
    this.#tick();
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** The one door. */
  push(event: RaftEvent): void {
    if (this.#hasEnded) {
      return;
    }
    this.#catchUp();
    this.#events.push(event);
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

  compact(marker: CompactionMarker): void {
    this.#persistQueue.compact(marker);
  }

  /** Takes no more part. */
  end(cause: unknown): void {
    if (!this.#hasEnded) {
      this.#hasEnded = true;
      this.#cancelTick();
      this.#events = [];
      this.#transfers.end();
      this.#listener.onEnded(cause);
    }
  }

  /** Resolves when nothing is being written any more. */
  idle(): Promise<void> {
    return this.#persistQueue.idle();
  }

  #tick(): void {
    const { clock, tickMs } = this.#parts;
    this.#cancelTick = clock.setTimer(tickMs, () => this.#tick());
    this.#tickedAt = clock.monotonic();
    this.push({ type: "tick" });
  }

  /**
   * After a pause (the process was stopped, or the event loop blocked) what
   * waited is read before the timer comes due. A leader must know first that its
   * time has passed, or it would go by a lease that has ended.
   */
  #catchUp(): void {
    const { clock, tickMs, core } = this.#parts;
    const now = clock.monotonic();
    const missed = Math.floor((now - this.#tickedAt) / tickMs) - 1;
    if (missed > 0 && core.status.role === "leader") {
      this.#tickedAt = now;
      for (let tick = 0; tick < Math.min(missed, CATCH_UP_TICKS_MAX); tick += 1) {
        this.#events.push({ type: "tick" });
      }
    }
  }

  #drain(): void {
    while (this.#events.length > 0) {
      const events = this.#events;
      this.#events = [];
      for (const event of events) {
        for (const effect of this.#parts.core.step(event)) {
          this.#perform(effect);
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
        this.#betweenApplies(() => void this.#transfers.make(effect.to));
        return;
      case "sendSnapshot":
        void this.#transfers.send(effect);
        return;
      case "restoreSnapshot":
        this.#transfers.restore(effect);
        return;
      default:
        this.#listener.onEffect(effect);
    }
  }

  #readEntries({ purpose, range }: RaftEffect & { type: "readEntries" }): void {
    this.#parts.logStore.entries(range).then(
      (entries) => this.push({ type: "entriesRead", purpose, entries }),
      (error) => {
        if (error instanceof Error && "code" in error && error.code === "LOG_COMPACTED") {
          this.push({ type: "entriesRead", purpose, entries: null });
        } else {
          this.end(error);
        }
      },
    );
  }

  /** Calls back while the state machine, and so the core's membership, is as of one entry. */
  #betweenApplies(callback: () => void): void {
    if (this.#isApplying) {
      this.#afterApply.push(callback);
    } else {
      callback();
    }
  }

  #apply(entries: readonly Entry[]): void {
    this.#isApplying = true;
    const results = this.#parts.stateMachine.apply(entries);
    if (results instanceof Promise) {
      results.then((settled) => this.#finishApply(entries, settled))
        .catch((error) => this.end(error));
    } else {
      this.#finishApply(entries, results);
    }
  }

  #finishApply(entries: readonly Entry[], results: readonly Result[]): void {
    invariant(results.length === entries.length, "one result for each entry", results.length);
    const last = entries.at(-1);
    invariant(last !== undefined, "an apply has entries");
    this.#isApplying = false;
    this.#afterApply.splice(0).forEach((callback) => callback());
    this.#transfers.onApplied(last.index);
    // Told first: what steps now answers the reads that waited for just this.
    this.#listener.onApplied(entries, results);
    this.push({ type: "applied", index: last.index });
  }
}
