import test from "ava";
import type { IncomingSnapshot, Message, Transport } from "../../raft/mod.ts";
import { InvariantError, membershipOf } from "../../raft/mod.ts";
import {
  MemoryNetwork,
  type MemoryNetworkOptions,
  SnapshotStreamError,
} from "../../transport/mod.ts";
import { seededRandom } from "../support/seeded_random.ts";
import { VirtualClock } from "../support/virtual_clock.ts";

const META = { last: { term: 1, index: 5 }, membership: membershipOf(["a", "b"]) };

test("MemoryNetwork delivers at the end of the turn, in order", (t) => {
  const { clock, join } = network();
  const [a, b] = [join("a"), join("b")];
  a.transport.send([beat(1), beat(2)]);
  a.transport.send([beat(3)]);
  t.deepEqual(b.rounds, []);
  clock.runDeferred();
  t.deepEqual(b.rounds, [1, 2, 3]);
});

test("MemoryNetwork hands the objects over themselves, or as frames their equals", (t) => {
  for (const encodesFrames of [false, true]) {
    const { clock, join } = network({ encodesFrames });
    const [a, b] = [join("a"), join("b")];
    const message = beat(1);
    a.transport.send([message]);
    clock.runDeferred();
    t.deepEqual(b.messages, [message]);
    t.is(b.messages[0] === message, !encodesFrames);
  }
});

test("MemoryNetwork parts what is too much for a frame", (t) => {
  const { clock, join } = network({ encodesFrames: true });
  const [a, b] = [join("a"), join("b")];
  a.transport.send(Array.from({ length: 100 }, (_, index) => append(index, 1 << 20)));
  clock.runDeferred();
  // The bound on what may wait is 64 MiB.
  t.is(b.messages.length, 63);
});

test("MemoryNetwork drops a message that is too large for a frame, and no other", (t) => {
  const { clock, join, memory } = network({ encodesFrames: true });
  const [a, b] = [join("a"), join("b")];
  a.transport.send([beat(1), append(0, 17 << 20), beat(2)]);
  t.notThrows(() => clock.runDeferred());
  t.deepEqual(b.rounds, [1, 2]);
  t.is(b.messages.length, 2);
  t.like(memory.counts, { delivered: 2, overflowed: 1, unreachable: 0 });
  a.transport.send([append(0, 17 << 20)]);
  clock.runDeferred();
  clock.runDeferred();
  t.deepEqual(a.unreachable, ["b"], "the sender is told, as of any loss that it can know of");
});

test("MemoryNetwork does not encode what breaks the rules: that is the sender's bug", (t) => {
  const { clock, join } = network({ encodesFrames: true });
  const [a] = [join("a"), join("b")];
  t.notThrows(() => a.transport.send([beat(-1)]));
  t.throws(() => clock.runDeferred(), { instanceOf: InvariantError });
});

test("MemoryNetwork delays messages by the clock's time, so that they overtake each other", (t) => {
  const { clock, join, memory } = network({ faults: { delay: { lowMs: 10, highMs: 100 } } });
  const [a, b] = [join("a"), join("b")];
  a.transport.send(Array.from({ length: 20 }, (_, round) => beat(round)));
  clock.runDeferred();
  clock.advance(9);
  t.deepEqual(b.rounds, []);
  clock.advance(91);
  t.is(b.rounds.length, 20);
  t.notDeepEqual(b.rounds, b.rounds.toSorted((one, other) => one - other));
  t.like(memory.counts, { delayed: 20, delivered: 20 });
});

test("MemoryNetwork loses and doubles as many as it is told to", (t) => {
  const { clock, join, memory } = network({ faults: { lossRate: 0.2, duplicateRate: 0.1 } });
  const [a, b] = [join("a"), join("b")];
  a.transport.send(Array.from({ length: 10_000 }, (_, round) => beat(round)));
  clock.runDeferred();
  const { lost, duplicated, delivered } = memory.counts;
  t.true(Math.abs(lost - 2_000) < 200, `${lost} lost`);
  t.true(Math.abs(duplicated - 800) < 100, `${duplicated} doubled`);
  t.is(delivered, b.rounds.length);
  t.is(delivered, 10_000 - lost + duplicated);
  memory.setFaults({});
  b.rounds.length = 0;
  a.transport.send([beat(1)]);
  clock.runDeferred();
  t.deepEqual(b.rounds, [1]);
});

test("MemoryNetwork does the same again for the same chance", (t) => {
  const runs = [1, 1, 2].map((seed) => {
    const { clock, join } = network({
      random: chance(seed),
      faults: { lossRate: 0.3, duplicateRate: 0.3, delay: { lowMs: 0, highMs: 20 } },
    });
    const [a, b] = [join("a"), join("b")];
    for (let round = 0; round < 100; round += 1) {
      a.transport.send([beat(round)]);
      clock.runDeferred();
      clock.advance(1);
    }
    return b.rounds;
  });
  t.deepEqual(runs[0], runs[1]);
  t.notDeepEqual(runs[0], runs[2]);
});

test("MemoryNetwork refuses faults without a source of chance", (t) => {
  const options = { clock: new VirtualClock() };
  t.throws(() => new MemoryNetwork({ ...options, faults: { lossRate: 0.1 } }), {
    instanceOf: InvariantError,
  });
  t.throws(() => new MemoryNetwork(options).setFaults({ delay: { lowMs: 1, highMs: 2 } }), {
    instanceOf: InvariantError,
  });
  t.notThrows(() => new MemoryNetwork(options).setFaults({ lossRate: 0 }));
});

test("MemoryNetwork.partition parts groups, and heal joins them", (t) => {
  const { clock, join, memory } = network();
  const [a, b, c, d] = ["a", "b", "c", "d"].map(join) as [Member, Member, Member, Member];
  const talk = () => {
    [a, b, c, d].forEach(({ rounds }) => rounds.length = 0);
    a.transport.send(["b", "c", "d"].map((to) => beat(1, { from: "a", to })));
    c.transport.send(["a", "b", "d"].map((to) => beat(3, { from: "c", to })));
    clock.runDeferred();
    clock.runDeferred();
    return [a, b, c, d].map(({ rounds }) => rounds.length);
  };
  memory.partition(["a", "b"], ["c"]);
  t.deepEqual(talk(), [0, 1, 0, 2], "d is in no group and hears both");
  t.deepEqual([a.unreachable, c.unreachable], [["c"], ["a", "b"]]);
  t.is(memory.counts.unreachable, 3);
  memory.heal();
  t.deepEqual(talk(), [1, 2, 1, 2]);
});

test("MemoryNetwork.cut cuts one way alone", (t) => {
  const { clock, join, memory } = network();
  const [a, b] = [join("a"), join("b")];
  memory.cut({ from: "a", to: "b" });
  a.transport.send([beat(1)]);
  b.transport.send([beat(2, { from: "b", to: "a" })]);
  clock.runDeferred();
  t.deepEqual([a.rounds, b.rounds], [[2], []]);
});

test("MemoryNetwork loses what is on its way when the way is cut", (t) => {
  const { clock, join, memory } = network({ faults: { delay: { lowMs: 10, highMs: 10 } } });
  const [a, b] = [join("a"), join("b")];
  a.transport.send([beat(1)]);
  clock.runDeferred();
  memory.partition(["a"], ["b"]);
  clock.advance(10);
  clock.runDeferred();
  t.deepEqual(b.rounds, []);
  t.deepEqual(a.unreachable, ["b"]);
});

test("MemoryNetwork drops what does not fit on the way, until there is room again", (t) => {
  const { clock, join, memory } = network({
    queueBytesMax: 10_000,
    faults: { delay: { lowMs: 10, highMs: 10 } },
  });
  const [a, b] = [join("a"), join("b")];
  const send = () => {
    a.transport.send([append(1, 6_000), append(2, 6_000), append(3, 6_000)]);
    clock.runDeferred();
  };
  send();
  clock.advance(5);
  send();
  clock.advance(5);
  t.is(b.messages.length, 1);
  t.is(memory.counts.overflowed, 5);
  clock.runDeferred();
  t.deepEqual(a.unreachable, ["b", "b"], "once a turn");
  send();
  clock.advance(10);
  t.is(b.messages.length, 2);
});

test("MemoryNetwork takes one message that is above the bound, if nothing else waits", (t) => {
  const { clock, join } = network({ queueBytesMax: 10_000 });
  const [a, b] = [join("a"), join("b")];
  for (let turn = 0; turn < 2; turn += 1) {
    a.transport.send([append(1, 50_000), beat(1)]);
    clock.runDeferred();
  }
  t.is(b.messages.length, 2);
});

test("MemoryNetwork delivers nothing to its sender", (t) => {
  const { clock, join } = network();
  const a = join("a");
  a.transport.send([beat(1, { from: "a", to: "a" })]);
  clock.runDeferred();
  t.deepEqual(a.rounds, []);
});

test("MemoryNetwork has one open transport of a member, which closes at once", async (t) => {
  const { clock, join, memory } = network();
  const [first] = [join("a"), join("b")];
  t.throws(() => join("a"), { instanceOf: InvariantError });
  t.throws(() => first.transport.start(first), { instanceOf: InvariantError });
  first.transport.send([beat(1)]);
  const closed = first.transport.close();
  const second = join("a");
  second.transport.send([beat(2)]);
  clock.runDeferred();
  t.is(memory.counts.delivered, 1, "what the first had not sent yet went with it");
  await closed;
  t.throws(() => first.transport.start(first), { instanceOf: InvariantError });
});

test("MemoryNetwork keeps as many bytes of a snapshot as it may", async (t) => {
  const { clock, join } = network({ snapshotBufferBytesMax: 1_000 });
  const [a, b] = [join("a"), join("b")];
  const sink = await during(clock, a.transport.openSnapshot("b", META));
  await during(clock, sink.write(new Uint8Array(900)));
  let isWritten = false;
  const second = sink.write(new Uint8Array(100)).then(() => isWritten = true);
  await during(clock, Promise.resolve());
  t.false(isWritten);
  const [incoming] = b.snapshots;
  const reader = incoming?.chunks[Symbol.asyncIterator]();
  t.is((await reader?.next())?.value?.length, 900);
  await second;
  t.true(isWritten);
});

test("MemoryNetwork fails streams whose way is cut, also the way back, and no others", async (t) => {
  const { clock, join, memory } = network();
  const [a, b, c] = [join("a"), join("b"), join("c")];
  const open = [
    await during(clock, a.transport.openSnapshot("b", META)),
    await during(clock, b.transport.openSnapshot("a", META)),
    await during(clock, c.transport.openSnapshot("b", META)),
  ];
  memory.cut({ from: "a", to: "b" });
  const writes = open.map((sink) => sink.write(new Uint8Array(1)));
  const outcomes = await during(clock, Promise.allSettled(writes));
  t.deepEqual(outcomes.map(({ status }) => status), ["rejected", "rejected", "fulfilled"]);
  for (const [from, to] of [[a, "b"], [b, "a"]] as const) {
    await t.throwsAsync(during(clock, from.transport.openSnapshot(to, META)), {
      instanceOf: SnapshotStreamError,
      code: "SNAPSHOT_STREAM",
    });
  }
  memory.heal();
  await t.notThrowsAsync(during(clock, a.transport.openSnapshot("b", META)));
});

test("MemoryNetwork says why a stream failed", async (t) => {
  const { clock, join } = network();
  const [a, b] = [join("a"), join("b")];
  const reasons: string[] = [];
  for (
    const end of [
      () => b.snapshots.at(-1)?.reject("no room on the disk"),
      () => void b.transport.close(),
    ]
  ) {
    const sink = await during(clock, a.transport.openSnapshot("b", META));
    end();
    await sink.write(new Uint8Array(1)).catch(({ message }) => reasons.push(message));
  }
  t.deepEqual(reasons, [
    "Snapshot stream failed: b does not want it: no room on the disk",
    "Snapshot stream failed: b was closed",
  ]);
});

test("MemoryNetwork lets a chunk of a snapshot take its time", async (t) => {
  const { clock, join } = network({ faults: { delay: { lowMs: 50, highMs: 50 } } });
  const [a] = [join("a"), join("b")];
  const opening = a.transport.openSnapshot("b", META);
  const before = clock.now();
  await during(clock, opening);
  t.true(clock.now() - before >= 50);
});

interface Member {
  readonly transport: Transport;
  readonly messages: Message[];
  /** Rounds of the heartbeats that came. */
  readonly rounds: number[];
  readonly unreachable: string[];
  readonly snapshots: IncomingSnapshot[];
  onMessage(message: Message): void;
  onUnreachable(id: string): void;
  onSnapshot(incoming: IncomingSnapshot): void;
}

function network(options: Partial<MemoryNetworkOptions> = {}) {
  const clock = new VirtualClock();
  const memory = new MemoryNetwork({ clock, random: chance(7), ...options });
  const join = (id: string): Member => {
    const member: Member = {
      transport: memory.transport(id),
      messages: [],
      rounds: [],
      unreachable: [],
      snapshots: [],
      onMessage(message) {
        member.messages.push(message);
        if (message.type === "heartbeat") {
          member.rounds.push(message.round);
        }
      },
      onUnreachable: (other) => void member.unreachable.push(other),
      onSnapshot: (incoming) => void member.snapshots.push(incoming),
    };
    void member.transport.start(member);
    return member;
  };
  return { clock, memory, join };
}

/** Lets time pass until a promise is settled. */
async function during<T>(clock: VirtualClock, promise: Promise<T>): Promise<T> {
  let isSettled = false;
  const settle = () => isSettled = true;
  promise.then(settle, settle);
  for (let turn = 0; turn < 1_000 && !isSettled; turn += 1) {
    await new Promise((resolve) => setImmediate(resolve));
    clock.runDeferred();
    clock.advance(1);
  }
  return await promise;
}

function beat(round: number, route = { from: "a", to: "b" }): Message {
  return { type: "heartbeat", ...route, term: 1, commit: 0, round };
}

function append(index: number, bytes: number): Message {
  const entry = {
    term: 1,
    index: index + 1,
    kind: "command",
    data: new Uint8Array(bytes),
  } as const;
  return {
    type: "appendRequest",
    attempt: 1,
    from: "a",
    to: "b",
    term: 1,
    previous: { term: 1, index },
    commit: 0,
    entries: [entry],
  };
}

function chance(seed: number) {
  const random = seededRandom(seed);
  return { random: () => random.int(0, 2 ** 32) / 2 ** 32 };
}
