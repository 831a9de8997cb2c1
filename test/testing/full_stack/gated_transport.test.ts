import test from "ava";
import {
  type IncomingSnapshot,
  membershipOf,
  type Message,
  type SnapshotMeta,
  type TransportHandlers,
} from "../../../raft/mod.ts";
import {
  GatedTransport,
  type MessageListener,
} from "../../../testing/full_stack/gated_transport.ts";
import { VirtualExecutor } from "../../../testing/full_stack/mod.ts";
import { ProcessGate } from "../../../testing/full_stack/process_gate.ts";
import { MemoryNetwork } from "../../../transport/mod.ts";

const META: SnapshotMeta = { last: { index: 5, term: 1 }, membership: membershipOf(["a", "b"]) };

/** One member at its gate, with a record of what its node and its simulation see. */
class End {
  readonly gate: ProcessGate;
  readonly transport: GatedTransport;
  /** Rounds of the heartbeats that the node was given. */
  readonly received: number[] = [];
  readonly sent: number[] = [];
  readonly unreachable: string[] = [];
  readonly streams: string[] = [];
  readonly incoming: IncomingSnapshot[] = [];
  /** What the simulation lets pass. */
  lets: { sending: (message: Message) => boolean; receiving: (message: Message) => boolean } = {
    sending: () => true,
    receiving: () => true,
  };

  constructor(id: string, executor: VirtualExecutor, network: MemoryNetwork) {
    this.gate = new ProcessGate(executor);
    const listener: MessageListener = {
      onSending: (messages) => messages.filter((message) => this.lets.sending(message)),
      onSent: (messages) => void this.sent.push(...messages.map(roundOf)),
      onReceiving: (message) => this.lets.receiving(message),
      noteStream: (what) => void this.streams.push(what),
    };
    this.transport = new GatedTransport(network.transport(id), this.gate, listener);
    const handlers: TransportHandlers = {
      onMessage: (message) => void this.received.push(roundOf(message)),
      onUnreachable: (other) => void this.unreachable.push(other),
      onSnapshot: (incoming) => void this.incoming.push(incoming),
    };
    void this.transport.start(handlers);
  }
}

function open() {
  const executor = new VirtualExecutor();
  const network = new MemoryNetwork({ clock: executor });
  const [a, b] = [new End("a", executor, network), new End("b", executor, network)];
  return { a, b, network, settle: () => executor.run(() => true) };
}

function beat(round: number): Message {
  return { type: "heartbeat", from: "a", to: "b", term: 1, commit: 0, round };
}

function roundOf(message: Message): number {
  return message.type === "heartbeat" ? message.round : -1;
}

test("GatedTransport carries messages in order, and tells of those that leave", async (t) => {
  const { a, b, settle } = open();
  a.transport.send([beat(1), beat(2)]);
  t.deepEqual(a.sent, [1, 2]);
  await settle();
  t.deepEqual(b.received, [1, 2]);
});

test("GatedTransport sends what its member lets leave, and delivers what it lets in", async (t) => {
  const { a, b, settle } = open();
  a.lets.sending = (message) => roundOf(message) !== 1;
  b.lets.receiving = (message) => roundOf(message) !== 2;
  a.transport.send([beat(1), beat(2), beat(3)]);
  await settle();
  t.deepEqual(a.sent, [2, 3]);
  t.deepEqual(b.received, [3]);
});

test("GatedTransport tells of nothing when nothing leaves", (t) => {
  const { a } = open();
  a.lets.sending = () => false;
  let told = 0;
  a.sent.push = () => told += 1;
  a.transport.send([beat(1)]);
  t.is(told, 0);
});

test("GatedTransport keeps what comes to a paused process, in order", async (t) => {
  const { a, b, settle } = open();
  b.gate.pause();
  a.transport.send([beat(1)]);
  await settle();
  a.transport.send([beat(2)]);
  b.transport.inject(beat(3));
  b.transport.reportUnreachable("a");
  await settle();
  t.deepEqual([b.received, b.unreachable], [[], []]);
  b.gate.resume();
  await settle();
  t.deepEqual([b.received, b.unreachable], [[1, 3, 2], ["a"]]);
});

test("GatedTransport neither sends for a dead process nor brings it anything", async (t) => {
  const { a, b, settle } = open();
  b.gate.kill();
  a.transport.send([beat(1)]);
  b.transport.inject(beat(2));
  b.transport.reportUnreachable("a");
  await settle();
  t.deepEqual([b.received, b.unreachable], [[], []]);
  a.gate.kill();
  a.transport.send([beat(3)]);
  t.deepEqual(a.sent, [1]);
});

test("GatedTransport passes on that another member cannot be reached", async (t) => {
  const { a, b, settle } = open();
  await b.transport.close();
  a.transport.send([beat(1)]);
  await settle();
  t.deepEqual(a.unreachable, ["b"]);
});

test("GatedTransport streams a snapshot from end to end", async (t) => {
  const { a, b, settle } = open();
  const read: number[] = [];
  const sent = (async () => {
    const sink = await a.transport.openSnapshot("b", META);
    await sink.write(Uint8Array.of(1, 2));
    await sink.write(Uint8Array.of(3));
    await sink.finish();
  })();
  await settle();
  const [incoming] = b.incoming;
  t.deepEqual([incoming?.from, incoming?.snapshot], ["a", META]);
  const received = (async () => {
    for await (const chunk of incoming?.chunks ?? []) {
      read.push(...chunk);
    }
  })();
  await settle();
  await Promise.all([sent, received]);
  t.deepEqual(read, [1, 2, 3]);
  t.deepEqual(a.streams, ["opens a stream to b for 5", "finished the stream to b"]);
  t.deepEqual(b.streams, ["is offered a stream by a for 5"]);
});

test("GatedTransport's stream stands still while its reader is paused, and goes on with it", async (t) => {
  const { a, b, settle } = open();
  void a.transport.openSnapshot("b", META).then((sink) => sink.write(Uint8Array.of(1)));
  await settle();
  const reader = b.incoming[0]?.chunks[Symbol.asyncIterator]();
  b.gate.pause();
  let read: unknown;
  void reader?.next().then(({ value }) => read = value);
  await settle();
  t.is(read, undefined);
  b.gate.resume();
  await settle();
  t.deepEqual(read, Uint8Array.of(1));
});

test("GatedTransport offers a dead process no stream, and answers none to one that died", async (t) => {
  const { a, b, settle } = open();
  b.gate.kill();
  let isOpen = false;
  void a.transport.openSnapshot("b", META).then(() => isOpen = true);
  await settle();
  t.deepEqual(b.incoming, []);
  t.true(isOpen, "the sender cannot know");
  const late = open();
  let answers = 0;
  const note = () => answers += 1;
  void late.a.transport.openSnapshot("b", META).then(note, note);
  late.a.gate.kill();
  await late.settle();
  t.is(answers, 0);
});

test("GatedTransport's stream answers its writer once the writer is no longer paused", async (t) => {
  const { a, b, settle } = open();
  let answers = 0;
  void a.transport.openSnapshot("b", META).then(async (sink) => {
    a.gate.pause();
    await sink.write(Uint8Array.of(1));
    answers += 1;
  });
  await settle();
  void b.incoming[0]?.chunks[Symbol.asyncIterator]().next();
  await settle();
  t.is(answers, 0);
  a.gate.resume();
  await settle();
  t.is(answers, 1);
});

test("GatedTransport passes on to the reader that its writer gives up", async (t) => {
  const { a, b, settle } = open();
  void a.transport.openSnapshot("b", META).then((sink) => sink.abort("no more"));
  await settle();
  const read = b.incoming[0]?.chunks[Symbol.asyncIterator]().next();
  const failed = t.throwsAsync(async () => await read);
  await settle();
  await failed;
  t.is(a.streams.at(-1), "aborts the stream to b: no more");
});

test("GatedTransport passes on to the writer that its reader wants nothing", async (t) => {
  const { a, b, settle } = open();
  const opened = a.transport.openSnapshot("b", META);
  await settle();
  b.incoming[0]?.reject("not wanted");
  const failed = t.throwsAsync(opened.then((sink) => sink.write(Uint8Array.of(1))));
  await settle();
  await failed;
  t.is(b.streams.at(-1), "rejects the stream of a: not wanted");
});
