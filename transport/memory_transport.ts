import {
  type Clock,
  invariant,
  type Message,
  type NodeId,
  type SnapshotMeta,
  type SnapshotSink,
  type Transport,
  type TransportHandlers,
} from "../raft/mod.ts";
import { SnapshotStreamError } from "./errors.ts";
import { MemoryLink, type Packet } from "./memory_link.ts";
import type { Route } from "./message_formats.ts";
import { SnapshotPipe } from "./snapshot_pipe.ts";

/** What the transports of one network share. */
export interface MemoryFabric {
  readonly clock: Clock;
  readonly queueBytesMax: number;
  readonly snapshotBufferBytesMax: number;
  join(transport: MemoryTransport): void;
  leave(transport: MemoryTransport): void;
  /** The open transport to which a stream can go, `null` if there is none. */
  reachBothWays(route: Route): MemoryTransport | null;
  /** Whether messages are lost, doubled or delayed each for itself. */
  hasFaults(): boolean;
  /** Carries a packet, and says for each copy that should arrive whether it did. */
  carry(route: Route, packet: Packet, onArrived: (hasArrived: boolean) => void): void;
  /** Resolves when what is sent now would arrive, never within this turn. */
  transit(): Promise<void>;
  /** A message was not taken, since too much was waiting. */
  onOverflow(): void;
}

/** One member's access to a `MemoryNetwork`, for one life of the member. */
export class MemoryTransport implements Transport {
  readonly id: NodeId;
  readonly #fabric: MemoryFabric;
  #state: "new" | "open" | "closed" = "new";
  #handlers: TransportHandlers | null = null;
  readonly #links = new Map<NodeId, MemoryLink>();
  #isFlushDeferred = false;
  /** Whom the next report names. */
  readonly #unreachable = new Set<NodeId>();
  /** Streams of which this is one end. */
  readonly #pipes = new Set<SnapshotPipe>();

  constructor(id: NodeId, fabric: MemoryFabric) {
    this.id = id;
    this.#fabric = fabric;
  }

  start(handlers: TransportHandlers): void {
    invariant(this.#state === "new", "a transport is started once", this.id, this.#state);
    this.#fabric.join(this);
    this.#state = "open";
    this.#handlers = handlers;
  }

  send(messages: readonly Message[]): void {
    if (this.#state !== "open") {
      return;
    }
    for (const message of messages) {
      if (!this.#linkTo(message.to).maybeGather(message)) {
        this.#fabric.onOverflow();
        this.#reportUnreachable(message.to);
      }
    }
    if (!this.#isFlushDeferred) {
      this.#isFlushDeferred = true;
      this.#fabric.clock.defer(() => this.#flush());
    }
  }

  async openSnapshot(to: NodeId, snapshot: SnapshotMeta): Promise<SnapshotSink> {
    this.#assertOpen();
    const { snapshotBufferBytesMax, transit } = this.#fabric;
    await transit();
    this.#assertOpen();
    const target = this.#fabric.reachBothWays({ from: this.id, to });
    if (target === null) {
      throw new SnapshotStreamError(`${to} cannot be reached`);
    }
    const pipe: SnapshotPipe = new SnapshotPipe({
      from: this.id,
      to,
      snapshot,
      bufferBytesMax: snapshotBufferBytesMax,
      transit,
      onOver: () => [this, target].forEach((end) => end.#pipes.delete(pipe)),
    });
    [this, target].forEach((end) => end.#pipes.add(pipe));
    target.#handlers?.onSnapshot(pipe.incoming);
    return pipe.sink;
  }

  /** All of it happens within the call, so that a crash can be simulated by it. */
  close(): Promise<void> {
    if (this.#state === "open") {
      this.#fabric.leave(this);
      this.failStreams(() => true, `${this.id} was closed`);
    }
    this.#state = "closed";
    this.#links.clear();
    return Promise.resolve();
  }

  /** Hands messages to the member, as long as it wants any. */
  deliver(messages: readonly Message[]): void {
    for (const message of messages) {
      if (this.#state === "open") {
        this.#handlers?.onMessage(message);
      }
    }
  }

  /** Fails the streams with one end here for which `isHit` is true. */
  failStreams(isHit: (route: Route) => boolean, reason: string): void {
    for (const pipe of [...this.#pipes].filter(isHit)) {
      pipe.fail(reason);
    }
  }

  #flush(): void {
    this.#isFlushDeferred = false;
    const isEachAlone = this.#fabric.hasFaults();
    for (const link of [...this.#links.values()]) {
      link.takePackets({ isEachAlone }).forEach((packet) => this.#dispatch(link, packet));
    }
  }

  #dispatch(link: MemoryLink, packet: Packet): void {
    let isReleased = false;
    this.#fabric.carry({ from: this.id, to: link.to }, packet, (hasArrived) => {
      if (!isReleased) {
        isReleased = true;
        link.release(packet);
      }
      if (!hasArrived) {
        this.#reportUnreachable(link.to);
      }
    });
  }

  #reportUnreachable(id: NodeId): void {
    if (this.#unreachable.size === 0) {
      this.#fabric.clock.defer(() => {
        const ids = [...this.#unreachable];
        this.#unreachable.clear();
        ids.filter(() => this.#state === "open").forEach((each) =>
          this.#handlers?.onUnreachable(each)
        );
      });
    }
    this.#unreachable.add(id);
  }

  #linkTo(to: NodeId): MemoryLink {
    let link = this.#links.get(to);
    if (link === undefined) {
      link = new MemoryLink(to, this.#fabric.queueBytesMax);
      this.#links.set(to, link);
    }
    return link;
  }

  #assertOpen(): void {
    if (this.#state !== "open") {
      throw new SnapshotStreamError(`${this.id} is not open`);
    }
  }
}
