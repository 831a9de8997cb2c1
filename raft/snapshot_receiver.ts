import type { Clock } from "./clock.ts";
import type { NodeId } from "./hard_state.ts";
import type { CompactionMarker } from "./log_store.ts";
import type { MachineTurns } from "./machine_turns.ts";
import type { MembershipHistory } from "./membership_history.ts";
import type { SnapshotMeta } from "./message.ts";
import type { RaftEffect } from "./raft_effect.ts";
import type { RaftEvent } from "./raft_event.ts";
import { ReceivedChunks } from "./received_chunks.ts";
import type { StateMachine } from "./state_machine.ts";
import type { IncomingSnapshot } from "./transport.ts";
import { Underway } from "./underway.ts";

/** What receiving snapshots needs of the driver. */
export interface SnapshotReceiverOptions {
  readonly stateMachine: Pick<StateMachine<unknown>, "restore">;
  readonly turns: MachineTurns;
  readonly memberships: Pick<MembershipHistory, "add">;
  readonly clock: Clock;
  /** How long offer and stream wait for each other. */
  readonly streamTimeoutMs: number;
  /** How long a stream may bring nothing. */
  readonly idleMs: number;
  readonly push: (event: RaftEvent) => void;
  /** Resolves once nothing waits to be written to the log. */
  readonly logIsWritten: () => Promise<void>;
  /** Makes the log begin after a snapshot, durably. */
  readonly resetLog: (marker: CompactionMarker) => Promise<void>;
  readonly onRestored: (index: number) => void;
  readonly onFailure: (error: unknown) => void;
}

type RestoreEffect = RaftEffect & { readonly type: "restoreSnapshot" };

/** Snapshots on their way into this member. */
export class SnapshotReceiver {
  readonly #options: SnapshotReceiverOptions;
  /** Streams that have come and that the core has not asked for yet, by sender. */
  readonly #incoming = new Map<NodeId, IncomingSnapshot>();
  /** What the core has asked for and whose stream has not come. */
  #awaited: { readonly effect: RestoreEffect; readonly cancel: () => void } | null = null;
  /** The stream that is being restored from. */
  #running: ReceivedChunks | null = null;
  /** Of the timers of streams that have come. */
  readonly #cancels = new Set<() => void>();
  readonly #underway = new Underway();
  #hasEnded = false;

  constructor(options: SnapshotReceiverOptions) {
    this.#options = options;
  }

  /** A stream has come. */
  onIncoming(incoming: IncomingSnapshot): void {
    if (this.#hasEnded) {
      incoming.reject("member stopped");
      return;
    }
    this.#incoming.get(incoming.from)?.reject("superseded by a newer one");
    this.#incoming.set(incoming.from, incoming);
    this.#maybeRestore();
    // Its offer may have been lost, or not be wanted. The sender waits for an end.
    const { clock, streamTimeoutMs } = this.#options;
    const cancel = clock.setTimer(streamTimeoutMs, () => {
      this.#cancels.delete(cancel);
      if (this.#incoming.get(incoming.from) === incoming) {
        this.#incoming.delete(incoming.from);
        incoming.reject("not asked for");
      }
    });
    this.#cancels.add(cancel);
  }

  /** The core wants a snapshot; its stream comes, or has come. */
  restore(effect: RestoreEffect): void {
    const { clock, streamTimeoutMs } = this.#options;
    const cancel = clock.setTimer(streamTimeoutMs, () => {
      if (this.#awaited?.effect === effect) {
        this.abort();
      }
    });
    this.#awaited = { effect, cancel };
    this.#maybeRestore();
  }

  /**
   * Gives up what the core has asked for. Where the state machine has taken the
   * whole stream already, it is restored nevertheless.
   */
  abort(): void {
    const awaited = this.#awaited;
    this.#awaited = null;
    this.#running?.stop("not wanted any more");
    if (awaited !== null) {
      awaited.cancel();
      this.#options.push({ type: "snapshotFailed", snapshot: awaited.effect.snapshot });
    }
  }

  /** Streams that nobody asked for hold memory at both ends. */
  onApplied(index: number): void {
    for (const [from, incoming] of this.#incoming) {
      if (incoming.snapshot.last.index <= index) {
        this.#incoming.delete(from);
        incoming.reject("not needed any more");
      }
    }
  }

  end(): void {
    this.#hasEnded = true;
    this.#awaited?.cancel();
    this.#awaited = null;
    this.#running?.stop("member stopped");
    this.#cancels.forEach((cancel) => cancel());
    this.#cancels.clear();
    this.#incoming.forEach((incoming) => incoming.reject("member stopped"));
    this.#incoming.clear();
  }

  /** Resolves when no restore is under way. */
  idle(): Promise<void> {
    return this.#underway.idle();
  }

  #maybeRestore(): void {
    const awaited = this.#awaited;
    const incoming = awaited === null ? undefined : this.#incoming.get(awaited.effect.from);
    if (awaited === null || incoming === undefined) {
      return;
    }
    const { snapshot } = awaited.effect;
    if (incoming.snapshot.last.index !== snapshot.last.index) {
      return;
    }
    awaited.cancel();
    this.#awaited = null;
    this.#incoming.delete(incoming.from);
    this.#underway.add(this.#run(snapshot, incoming));
  }

  async #run(snapshot: SnapshotMeta, incoming: IncomingSnapshot): Promise<void> {
    const { clock, idleMs, push, onFailure } = this.#options;
    const chunks = new ReceivedChunks(incoming, { clock, idleMs });
    this.#running = chunks;
    try {
      await this.#restore(snapshot, chunks);
    } catch (error) {
      this.#running = null;
      incoming.reject(error instanceof Error ? error.message : String(error));
      push({ type: "snapshotFailed", snapshot });
      return;
    }
    this.#running = null;
    try {
      await this.#resetLog(snapshot);
    } catch (error) {
      onFailure(error);
    }
  }

  async #restore(snapshot: SnapshotMeta, chunks: ReceivedChunks): Promise<void> {
    const { stateMachine, turns, logIsWritten } = this.#options;
    // The term in which the snapshot came must be durable first: a state
    // machine that is ahead of its log's term would look like a lost log.
    await logIsWritten();
    await new Promise<void>((resolve, reject) =>
      turns.take(() => stateMachine.restore(snapshot, chunks), { done: resolve, failed: reject })
    );
  }

  /** After the end it stays undone: the next start finds the state machine ahead, and does it. */
  async #resetLog(snapshot: SnapshotMeta): Promise<void> {
    const { memberships, resetLog, onRestored, push } = this.#options;
    const { last: { index, term }, membership } = snapshot;
    if (!this.#hasEnded) {
      await resetLog({ index, term, membership });
    }
    if (!this.#hasEnded) {
      memberships.add({ index, membership });
      onRestored(index);
      push({ type: "snapshotRestored", snapshot });
    }
  }
}
