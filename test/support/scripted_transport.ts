import type {
  IncomingSnapshot,
  Message,
  SnapshotMeta,
  SnapshotSink,
  Transport,
  TransportHandlers,
} from "../../raft/mod.ts";

/** A transport whose other end is the test: it sees what is sent and says what comes. */
export class ScriptedTransport implements Transport {
  readonly sent: Message[] = [];
  isClosed = false;
  #handlers: TransportHandlers | null = null;

  start(handlers: TransportHandlers): void {
    this.#handlers = handlers;
  }

  send(messages: readonly Message[]): void {
    this.sent.push(...messages);
  }

  openSnapshot(to: string, _snapshot: SnapshotMeta): Promise<SnapshotSink> {
    return Promise.reject(new Error(`${to} is out of reach`));
  }

  close(): Promise<void> {
    this.isClosed = true;
    return Promise.resolve();
  }

  /** A message comes in. */
  receive(message: Message): void {
    this.#handlers?.onMessage(message);
  }

  /** Word comes that a member cannot be reached. */
  lose(id: string): void {
    this.#handlers?.onUnreachable(id);
  }

  /** A stream of a snapshot comes in. */
  receiveSnapshot(incoming: IncomingSnapshot): void {
    this.#handlers?.onSnapshot(incoming);
  }

  /** Messages of one type that were sent so far. */
  sentOf<Type extends Message["type"]>(type: Type): (Message & { readonly type: Type })[] {
    return this.sent.filter((message): message is Message & { readonly type: Type } =>
      message.type === type
    );
  }
}
