import type {
  IncomingSnapshot,
  Message,
  NodeId,
  SnapshotMeta,
  SnapshotSink,
  Transport,
  TransportHandlers,
} from "../../raft/mod.ts";

/** A message as a test writes it down: who sends it, to whom and in which term, may be left out. */
export type ShortMessage = Message extends infer Each
  ? Each extends Message
    ? Omit<Each, "from" | "to" | "term"> & Partial<Pick<Each, "from" | "to" | "term">>
  : never
  : never;

/** The transport of member `b`, all of whose peers are the test: it tells what is sent and says what comes. */
export class ScriptedTransport implements Transport {
  readonly sent: Message[] = [];
  isClosed = false;
  /** Answers the next `openSnapshot`. */
  open: (to: NodeId, snapshot: SnapshotMeta) => Promise<SnapshotSink> = () =>
    Promise.reject(new Error("no stream here"));
  #handlers: TransportHandlers | null = null;

  start(handlers: TransportHandlers): void | Promise<void> {
    this.#handlers = handlers;
  }

  send(messages: readonly Message[]): void {
    this.sent.push(...messages);
  }

  openSnapshot(to: NodeId, snapshot: SnapshotMeta): Promise<SnapshotSink> {
    return this.open(to, snapshot);
  }

  close(): Promise<void> {
    this.isClosed = true;
    return Promise.resolve();
  }

  get handlers(): TransportHandlers {
    if (this.#handlers === null) {
      throw new Error("not started");
    }
    return this.#handlers;
  }

  /** A message comes, from `a` to `b` in term 1 unless it says otherwise. */
  receive(message: ShortMessage): void {
    this.handlers.onMessage({ from: "a", to: "b", term: 1, ...message } as Message);
  }

  /** The newest message of a type that was sent. */
  last<Type extends Message["type"]>(type: Type): Message & { readonly type: Type } {
    const found = this.sent.findLast((message) => message.type === type);
    if (found === undefined) {
      throw new Error(`No ${type} was sent: ${this.sent.map((message) => message.type)}`);
    }
    return found as Message & { readonly type: Type };
  }

  /** Word comes that a member cannot be reached. */
  lose(id: string): void {
    this.handlers.onUnreachable(id);
  }

  /** A stream of a snapshot comes in. */
  receiveSnapshot(incoming: IncomingSnapshot): void {
    this.handlers.onSnapshot(incoming);
  }

  /** Messages of one type that were sent so far. */
  sentOf<Type extends Message["type"]>(type: Type): (Message & { readonly type: Type })[] {
    return this.sent.filter((message): message is Message & { readonly type: Type } =>
      message.type === type
    );
  }
}
