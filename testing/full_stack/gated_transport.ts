import type {
  IncomingSnapshot,
  Message,
  NodeId,
  SnapshotMeta,
  SnapshotSink,
  Transport,
  TransportHandlers,
} from "../../raft/mod.ts";
import type { ProcessGate } from "./process_gate.ts";

/** Who is told of a member's messages, and lets them go and come. */
export interface MessageListener {
  /** Messages are about to leave. Returns those that do now. */
  onSending(messages: readonly Message[]): readonly Message[];
  /** They are with the network, which takes them on at the end of the turn. */
  onSent(messages: readonly Message[]): void;
  /** A message comes. Returns whether the node gets it. */
  onReceiving(message: Message): boolean;
  /** Something happens to the stream of a snapshot. */
  noteStream(what: string): void;
}

/** A member's transport, behind the gate of its process, with all messages told to a listener. */
export class GatedTransport implements Transport {
  readonly #transport: Transport;
  readonly #gate: ProcessGate;
  readonly #listener: MessageListener;
  #handlers: TransportHandlers | null = null;

  constructor(transport: Transport, gate: ProcessGate, listener: MessageListener) {
    this.#transport = transport;
    this.#gate = gate;
    this.#listener = listener;
  }

  start(handlers: TransportHandlers): void | Promise<void> {
    this.#handlers = handlers;
    return this.#transport.start({
      onMessage: (message) => this.inject(message),
      onUnreachable: (id) => this.reportUnreachable(id),
      onSnapshot: (incoming) => this.#gate.enter(() => handlers.onSnapshot(this.#gated(incoming))),
    });
  }

  send(messages: readonly Message[]): void {
    const sent = this.#gate.isDead ? [] : this.#listener.onSending(messages);
    if (sent.length > 0) {
      this.#transport.send(sent);
      this.#listener.onSent(sent);
    }
  }

  async openSnapshot(to: NodeId, snapshot: SnapshotMeta): Promise<SnapshotSink> {
    const gate = this.#gate;
    this.#listener.noteStream(`opens a stream to ${to} for ${snapshot.last.index}`);
    const sink = await gate.hold(this.#transport.openSnapshot(to, snapshot));
    return {
      write: (chunk) => gate.hold(sink.write(chunk)),
      finish: async () => {
        await gate.hold(sink.finish());
        this.#listener.noteStream(`finished the stream to ${to}`);
      },
      abort: (reason) => {
        this.#listener.noteStream(`aborts the stream to ${to}: ${reason}`);
        sink.abort(reason);
      },
    };
  }

  close(): Promise<void> {
    return this.#transport.close();
  }

  /** A message comes, from the network or out of nowhere. */
  inject(message: Message): void {
    this.#gate.enter(() => {
      if (this.#listener.onReceiving(message)) {
        this.#handlers?.onMessage(message);
      }
    });
  }

  /** The member is told, rightly or not, that another one cannot be reached. */
  reportUnreachable(id: NodeId): void {
    this.#gate.enter(() => this.#handlers?.onUnreachable(id));
  }

  #gated({ from, snapshot, chunks, reject }: IncomingSnapshot): IncomingSnapshot {
    const gate = this.#gate;
    this.#listener.noteStream(`is offered a stream by ${from} for ${snapshot.last.index}`);
    return {
      from,
      snapshot,
      reject: (reason) => {
        this.#listener.noteStream(`rejects the stream of ${from}: ${reason}`);
        reject(reason);
      },
      chunks: {
        [Symbol.asyncIterator]() {
          const reader = chunks[Symbol.asyncIterator]();
          return {
            next: () => gate.hold(reader.next()),
            return: async () => await reader.return?.() ?? { done: true, value: undefined },
          };
        },
      },
    };
  }
}
