import type {
  IncomingSnapshot,
  Message,
  NodeId,
  SnapshotMeta,
  SnapshotSink,
  Transport,
} from "../../../raft/mod.ts";
import { watch } from "../call_outcome.ts";
import { demand } from "./transport_requirement.ts";
import { heartbeat, snapshotMeta } from "./transport_samples.ts";
import type { TransportStage } from "./transport_stage.ts";

/** Both ends of a snapshot's stream. */
export interface StagedStream {
  readonly sink: SnapshotSink;
  readonly incoming: IncomingSnapshot;
}

/** A member with a transport, which writes down what it is told. */
export class StagedMember {
  readonly id: NodeId;
  readonly messages: Message[] = [];
  readonly unreachable: NodeId[] = [];
  readonly snapshots: IncomingSnapshot[] = [];
  /** Is called with each message when it comes. */
  onMessage: (message: Message) => void = () => {};
  isClosed = false;
  /** Calls of handlers after `close` was called. */
  lateCalls = 0;
  /** Calls of handlers from inside a call of a transport's method, anybody's. */
  nestedCalls = 0;
  /** Reports of a member that was reported in the same turn already. */
  repeatedReports = 0;
  /** Whom it was told of in this turn. */
  readonly #reported = new Set<NodeId>();
  readonly #transport: Transport;
  readonly #stage: TransportStage;
  #round = 0;

  constructor(id: NodeId, transport: Transport, stage: TransportStage) {
    this.id = id;
    this.#transport = transport;
    this.#stage = stage;
  }

  async start(): Promise<void> {
    const started = this.#stage.call(() =>
      this.#transport.start({
        onMessage: (message) => {
          this.#noteCall();
          this.messages.push(message);
          this.onMessage(message);
        },
        onUnreachable: (id) => {
          this.#noteCall();
          this.#noteReport(id);
          this.unreachable.push(id);
        },
        onSnapshot: (incoming) => {
          this.#noteCall();
          this.snapshots.push(incoming);
        },
      })
    );
    await this.#stage.resolves(Promise.resolve(started), `${this.id} starts`);
  }

  send(...messages: Message[]): void {
    this.#stage.call(() => this.#transport.send(messages));
  }

  openSnapshot(to: NodeId, snapshot: SnapshotMeta): Promise<SnapshotSink> {
    return this.#stage.call(() => this.#transport.openSnapshot(to, snapshot));
  }

  close(): Promise<void> {
    this.isClosed = true;
    return this.#stage.call(() => this.#transport.close());
  }

  /** Sends heartbeats until one has come to the other. */
  async reaches(other: StagedMember): Promise<void> {
    const fresh = new Set<number>();
    const hasCome = () =>
      other.messages.some((message) =>
        message.type === "heartbeat" && message.from === this.id && fresh.has(message.round)
      );
    await this.#stage.repeatUntil(
      () => {
        this.#round += 1;
        fresh.add(this.#round);
        this.send(heartbeat({ from: this.id, to: other.id, round: this.#round }));
      },
      hasCome,
      `a message of ${this.id} comes to ${other.id}`,
    );
  }

  /** Opens a stream, trying until the other is connected, and waits for its other end. */
  async streamTo(other: StagedMember, index = 1): Promise<StagedStream> {
    const snapshot = snapshotMeta(index);
    const sinks: SnapshotSink[] = [];
    let attempt = watch(Promise.resolve());
    await this.#stage.repeatUntil(
      () => {
        if (attempt.state !== "pending") {
          attempt = watch(this.openSnapshot(other.id, snapshot).then((sink) => sinks.push(sink)));
        }
      },
      () => sinks.length > 0,
      `${this.id} opens a stream to ${other.id}`,
    );
    const incomingOf = () => other.snapshots.find(({ snapshot: { last } }) => last.index === index);
    await this.#stage.until(() => incomingOf() !== undefined, `${other.id} is told of the stream`);
    const [sink] = sinks;
    const incoming = incomingOf();
    demand(sink !== undefined && incoming !== undefined, "a stream has two ends");
    return { sink, incoming };
  }

  #noteReport(id: NodeId): void {
    this.repeatedReports += this.#reported.has(id) ? 1 : 0;
    this.#reported.add(id);
    queueMicrotask(() => this.#reported.clear());
  }

  #noteCall(): void {
    this.lateCalls += this.isClosed ? 1 : 0;
    this.nestedCalls += this.#stage.isInCall ? 1 : 0;
  }
}
