import type {
  IncomingSnapshot,
  Message,
  NodeId,
  SnapshotMeta,
  SnapshotSink,
  Transport,
  TransportHandlers,
} from "../../raft/mod.ts";
import type { FullStackMember } from "./full_stack_member.ts";
import type { ProcessGate } from "./process_gate.ts";

/** A member's transport, behind the gate of its process, with all messages told to the member. */
export class GatedTransport implements Transport {
  readonly #transport: Transport;
  readonly #gate: ProcessGate;
  readonly #member: FullStackMember;
  #handlers: TransportHandlers | null = null;

  constructor(transport: Transport, gate: ProcessGate, member: FullStackMember) {
    this.#transport = transport;
    this.#gate = gate;
    this.#member = member;
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
    const sent = this.#gate.isDead ? [] : this.#member.onSending(messages);
    if (sent.length > 0) {
      this.#transport.send(sent);
      this.#member.onSent(sent);
    }
  }

  async openSnapshot(to: NodeId, snapshot: SnapshotMeta): Promise<SnapshotSink> {
    const gate = this.#gate;
    this.#member.noteStream(`opens a stream to ${to} for ${snapshot.last.index}`);
    const sink = await gate.hold(this.#transport.openSnapshot(to, snapshot));
    return {
      write: (chunk) => gate.hold(sink.write(chunk)),
      finish: async () => {
        await gate.hold(sink.finish());
        this.#member.noteStream(`finished the stream to ${to}`);
      },
      abort: (reason) => {
        this.#member.noteStream(`aborts the stream to ${to}: ${reason}`);
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
      if (this.#member.onReceiving(message)) {
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
    this.#member.noteStream(`is offered a stream by ${from} for ${snapshot.last.index}`);
    return {
      from,
      snapshot,
      reject: (reason) => {
        this.#member.noteStream(`rejects the stream of ${from}: ${reason}`);
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
