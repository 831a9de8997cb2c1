import type { NodeId } from "./hard_state.ts";
import type { MachineTurns } from "./machine_turns.ts";
import type { MembershipHistory } from "./membership_history.ts";
import type { SnapshotMeta } from "./message.ts";
import type { RaftCore } from "./raft_core.ts";
import type { RaftEffect } from "./raft_effect.ts";
import type { RaftEvent } from "./raft_event.ts";
import type { StateMachine, StateMachineSnapshot } from "./state_machine.ts";
import type { SnapshotSink, Transport } from "./transport.ts";
import { Underway } from "./underway.ts";

/** What sending snapshots needs of the driver. */
export interface SnapshotSenderOptions {
  readonly core: Pick<RaftCore, "termAt">;
  readonly stateMachine: Pick<StateMachine<unknown>, "snapshot">;
  readonly turns: MachineTurns;
  readonly memberships: Pick<MembershipHistory, "at">;
  readonly transport: Pick<Transport, "openSnapshot"> | null;
  readonly push: (event: RaftEvent) => void;
}

interface Made {
  readonly meta: SnapshotMeta;
  readonly snapshot: StateMachineSnapshot;
}

/**
 * Snapshots on their way out of this member. Each one that the state machine
 * has made is given back, whatever becomes of it: it pins what it holds.
 */
export class SnapshotSender {
  readonly #options: SnapshotSenderOptions;
  /** Made and not yet sent, by follower. */
  readonly #made = new Map<NodeId, Made>();
  readonly #streams = new Set<AbortController>();
  readonly #underway = new Underway();
  #hasEnded = false;

  constructor(options: SnapshotSenderOptions) {
    this.#options = options;
  }

  /** Pins a snapshot for a follower. */
  make(to: NodeId): void {
    const { stateMachine, turns } = this.#options;
    turns.take(() => stateMachine.snapshot(), {
      done: (snapshot) => this.#onMade(to, snapshot),
      // The follower is behind for longer; a later heartbeat's answer asks again.
      failed: () => this.#tell(to, false),
    });
  }

  /** The core has seen a snapshot that was made, and has had it sent unless it is of no use any more. */
  onOffered(to: NodeId, meta: SnapshotMeta): void {
    const made = this.#made.get(to);
    if (made?.meta === meta) {
      this.#made.delete(to);
      this.#giveBack(made.snapshot);
    }
  }

  /** Streams what was made. */
  send({ to, snapshot: wanted }: RaftEffect & { type: "sendSnapshot" }): void {
    const made = this.#made.get(to);
    const { transport } = this.#options;
    this.#made.delete(to);
    if (made === undefined) {
      this.#tell(to, false);
    } else if (made.meta.last.index !== wanted.last.index || transport === null) {
      this.#giveBack(made.snapshot);
      this.#tell(to, false);
    } else {
      this.#underway.add(this.#stream(transport, to, made));
    }
  }

  /** Ends all that is under way: this member does not lead any more, or has stopped. */
  abort(reason: string): void {
    this.#streams.forEach((stream) => stream.abort(new Error(reason)));
    this.#made.forEach(({ snapshot }) => this.#giveBack(snapshot));
    this.#made.clear();
  }

  end(): void {
    this.#hasEnded = true;
    this.abort("member stopped");
  }

  /** Resolves when nothing of the state machine is being read. */
  idle(): Promise<void> {
    return this.#underway.idle();
  }

  #onMade(to: NodeId, snapshot: StateMachineSnapshot): void {
    const { core, memberships, push } = this.#options;
    const index = snapshot.appliedIndex;
    const term = core.termAt(index);
    // Of the snapshot's own entry: the core may have handed out later ones.
    const membership = memberships.at(index);
    if (this.#hasEnded || term === null || membership === null) {
      this.#giveBack(snapshot);
      this.#tell(to, false);
      return;
    }
    const former = this.#made.get(to);
    if (former !== undefined) {
      this.#giveBack(former.snapshot);
    }
    const meta = { last: { term, index }, membership };
    this.#made.set(to, { meta, snapshot });
    push({ type: "snapshotReady", to, snapshot: meta });
  }

  async #stream(transport: Pick<Transport, "openSnapshot">, to: NodeId, made: Made): Promise<void> {
    const stream = new AbortController();
    this.#streams.add(stream);
    const { meta, snapshot } = made;
    const reader = snapshot.chunks[Symbol.asyncIterator]();
    const isWhole = await sendAll(transport.openSnapshot(to, meta), reader, stream.signal)
      .then(() => true, () => false);
    this.#streams.delete(stream);
    this.#tell(to, isWhole);
    await release(snapshot, reader);
  }

  #giveBack(snapshot: StateMachineSnapshot): void {
    this.#underway.add(release(snapshot, snapshot.chunks[Symbol.asyncIterator]()));
  }

  #tell(to: NodeId, succeeded: boolean): void {
    this.#options.push({ type: "snapshotSent", to, succeeded });
  }
}

/** Rejects at once when the signal is raised, whatever reader and sink are waiting for. */
async function sendAll(
  opening: Promise<SnapshotSink>,
  reader: AsyncIterator<Uint8Array>,
  signal: AbortSignal,
): Promise<void> {
  const aborted = Promise.withResolvers<never>();
  aborted.promise.catch(() => {});
  signal.addEventListener("abort", () => aborted.reject(signal.reason));
  const orAborted = <Value>(step: Promise<Value>) => Promise.race([step, aborted.promise]);
  try {
    const sink = await orAborted(opening);
    for (;;) {
      const next = await orAborted(reader.next());
      if (next.done === true) {
        break;
      }
      await orAborted(sink.write(next.value));
    }
    await orAborted(sink.finish());
  } catch (error) {
    // It may not even be open yet.
    opening.then((sink) => sink.abort(messageOf(error)), () => {});
    throw error;
  }
}

/** Gives back what a snapshot pins. It has served its purpose, so how that goes is of no concern. */
async function release(
  snapshot: StateMachineSnapshot,
  reader: AsyncIterator<Uint8Array>,
): Promise<void> {
  await Promise.allSettled([
    (async () => await reader.return?.())(),
    (async () => await snapshot.release?.())(),
  ]);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
