import type { Clock } from "./clock.ts";
import type { NodeId } from "./hard_state.ts";
import type { CompactionMarker } from "./log_store.ts";
import type { SnapshotMeta } from "./message.ts";
import type { RaftCore } from "./raft_core.ts";
import type { RaftEffect } from "./raft_effect.ts";
import type { RaftEvent } from "./raft_event.ts";
import type { StateMachine, StateMachineSnapshot } from "./state_machine.ts";
import type { IncomingSnapshot, Transport } from "./transport.ts";

/** What transfers need of the driver. */
export interface SnapshotTransfersOptions<Result> {
  readonly core: RaftCore;
  readonly stateMachine: StateMachine<Result>;
  readonly transport: Transport | null;
  readonly clock: Clock;
  /** How long offer and stream wait for each other. */
  readonly streamTimeoutMs: number;
  readonly push: (event: RaftEvent) => void;
  /** Resolves once nothing waits to be written to the log. */
  readonly logIsWritten: () => Promise<void>;
  /** Makes the log begin after a snapshot, durably. */
  readonly resetLog: (marker: CompactionMarker) => Promise<void>;
  readonly onRestored: (index: number) => void;
  readonly onFailure: (error: unknown) => void;
}

interface Made {
  readonly meta: SnapshotMeta;
  readonly snapshot: StateMachineSnapshot;
}

/** Snapshots on their way out of this member, and into it. */
export class SnapshotTransfers<Result> {
  readonly #options: SnapshotTransfersOptions<Result>;
  /** Made and not yet sent, by follower. */
  readonly #made = new Map<NodeId, Made>();
  /** Streams that have come and that the core has not asked for yet, by sender. */
  readonly #incoming = new Map<NodeId, IncomingSnapshot>();
  /** What the core has asked for and whose stream has not come. */
  #awaited: { readonly effect: RestoreEffect; readonly cancel: () => void } | null = null;
  /** Of the timers of streams that have come. */
  readonly #cancels = new Set<() => void>();
  #hasEnded = false;

  constructor(options: SnapshotTransfersOptions<Result>) {
    this.#options = options;
  }

  /** Pins a snapshot for a follower. Called while nothing is applied. */
  async make(to: NodeId): Promise<void> {
    const { core, stateMachine, push } = this.#options;
    try {
      // The membership of the last entry that is applied, and so of the snapshot.
      const { membership } = core.status;
      const snapshot = await stateMachine.snapshot();
      const index = snapshot.appliedIndex;
      const term = core.termAt(index);
      if (term === null || this.#hasEnded) {
        throw new Error(`no term is known for the snapshot's last entry ${index}`);
      }
      this.#discard(to);
      const meta = { last: { term, index }, membership };
      this.#made.set(to, { meta, snapshot });
      push({ type: "snapshotReady", to, snapshot: meta });
    } catch {
      // The follower is behind for longer; a later heartbeat's answer asks again.
      push({ type: "snapshotSent", to, succeeded: false });
    }
  }

  /** Streams what was made. */
  async send({ to, snapshot: wanted }: RaftEffect & { type: "sendSnapshot" }): Promise<void> {
    const { transport, push } = this.#options;
    const made = this.#made.get(to);
    this.#made.delete(to);
    let succeeded = false;
    if (made?.meta.last.index === wanted.last.index && transport !== null) {
      succeeded = await stream(transport, to, made).then(() => true, () => false);
    }
    push({ type: "snapshotSent", to, succeeded });
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
        this.#awaited = null;
        this.#options.push({ type: "snapshotFailed", snapshot: effect.snapshot });
      }
    });
    this.#awaited = { effect, cancel };
    this.#maybeRestore();
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
    this.#cancels.forEach((cancel) => cancel());
    this.#cancels.clear();
    this.#incoming.forEach((incoming) => incoming.reject("member stopped"));
    this.#incoming.clear();
    [...this.#made.keys()].forEach((to) => this.#discard(to));
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
    void this.#run(snapshot, incoming);
  }

  async #run(snapshot: SnapshotMeta, incoming: IncomingSnapshot): Promise<void> {
    const { stateMachine, logIsWritten, resetLog, push, onRestored, onFailure } = this.#options;
    try {
      // The term in which the snapshot came must be durable first: a state
      // machine that is ahead of its log's term would look like a lost log.
      await logIsWritten();
      await stateMachine.restore(snapshot, incoming.chunks);
    } catch (error) {
      incoming.reject(error instanceof Error ? error.message : String(error));
      push({ type: "snapshotFailed", snapshot });
      return;
    }
    try {
      const { last: { index, term }, membership } = snapshot;
      await resetLog({ index, term, membership });
      onRestored(index);
      push({ type: "snapshotRestored", snapshot });
    } catch (error) {
      onFailure(error);
    }
  }

  #discard(to: NodeId): void {
    const made = this.#made.get(to);
    this.#made.delete(to);
    made?.snapshot.chunks[Symbol.asyncIterator]().return?.().catch(() => {});
  }
}

type RestoreEffect = RaftEffect & { readonly type: "restoreSnapshot" };

async function stream(transport: Transport, to: NodeId, { meta, snapshot }: Made): Promise<void> {
  const sink = await transport.openSnapshot(to, meta);
  try {
    for await (const chunk of snapshot.chunks) {
      await sink.write(chunk);
    }
    await sink.finish();
  } catch (error) {
    sink.abort(error instanceof Error ? error.message : String(error));
    throw error;
  }
}
