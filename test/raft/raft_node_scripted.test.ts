import { getEventListeners } from "node:events";
import test, { type ExecutionContext } from "ava";
import {
  CompactedError,
  type CompactionMarker,
  type Entry,
  type EntryRange,
  InvariantError,
  MemberStoppedError,
  ProposalDroppedError,
  ProposalUnknownError,
  RaftNode,
  type RaftNodeOptions,
  ReadDroppedError,
  TransferError,
} from "../../raft/mod.ts";
import { MemoryLogStore } from "../../storage/mod.ts";
import { ListMachine, RaftGroup } from "../support/raft_group.ts";
import { ScriptedTransport } from "../support/scripted_transport.ts";
import { settled } from "../support/settled.ts";
import { VirtualClock } from "../support/virtual_clock.ts";

const TICK_MS = 100;
const NO_COMMIT = { term: 0, index: 0 };

/** A log store that notes compactions, and whose appends can be held back. */
class NotingLogStore extends MemoryLogStore {
  readonly markers: CompactionMarker[] = [];
  reads = 0;
  gate: Promise<void> = Promise.resolve();
  failRead: (() => Error) | null = null;

  override async append(...batch: Parameters<MemoryLogStore["append"]>): Promise<void> {
    await this.gate;
    await super.append(...batch);
  }

  override async compact(marker: CompactionMarker): Promise<void> {
    this.markers.push(marker);
    await super.compact(marker);
  }

  override async entries(range: EntryRange): Promise<Entry[]> {
    this.reads += 1;
    if (this.failRead !== null) {
      throw this.failRead();
    }
    return await super.entries(range);
  }
}

/** A list machine that can hold applies back, and whose syncs a test decides. */
class GatedMachine extends ListMachine {
  durable: number | null = null;
  snapshots: number[] = [];

  override durableIndex(): number {
    return this.durable ?? super.durableIndex();
  }

  override snapshot(): ReturnType<ListMachine["snapshot"]> {
    this.snapshots.push(this.appliedIndex);
    return super.snapshot();
  }
}

/** A single member of a group, with everything around it in the test's hands. */
async function start(
  voters: readonly string[],
  options: Partial<RaftNodeOptions<number>> = {},
  { logStore = new NotingLogStore(), machine = new GatedMachine() } = {},
) {
  const clock = new VirtualClock();
  const transport = new ScriptedTransport();
  const node = await RaftNode.start<number>({
    id: "a",
    initialVoters: voters,
    logStore,
    stateMachine: machine,
    transport,
    clock,
    random: { random: () => 0 },
    tickMs: TICK_MS,
    ...options,
  });
  await settled();
  return { clock, transport, node, logStore, machine };
}

/** Whether a promise is settled by now. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let over = false;
  promise.then(() => over = true, () => over = true);
  await settled();
  return over;
}

type Started = Awaited<ReturnType<typeof start>>;

/** Has a of {a, b} elected, with b's vote. */
async function lead({ clock, transport, node }: Started): Promise<void> {
  clock.advance(10 * TICK_MS);
  for (const isPreVote of [true, false]) {
    await settled();
    const commit = NO_COMMIT;
    transport.receive(
      { type: "voteResponse", from: "b", to: "a", term: 1, isPreVote, granted: true, commit },
    );
  }
  await settled();
  acknowledge(transport, 1);
  await settled();
  if (node.status().role !== "leader" || node.status().committedIndex !== 1) {
    throw new Error(`a should lead: ${JSON.stringify(node.status())}`);
  }
}

/** b acknowledges what a sent up to `match`. */
function acknowledge(transport: ScriptedTransport, match: number): void {
  const attempt = transport.sentOf("appendRequest").at(-1)?.attempt ?? 0;
  transport.receive({ type: "appendAccepted", from: "b", to: "a", term: 1, attempt, match });
}

/** What b, the leader of term 1, sends to a. */
function append(entries: readonly Entry[], previousIndex: number, commit: number) {
  const previous = { term: previousIndex === 0 ? 0 : 1, index: previousIndex };
  return {
    type: "appendRequest",
    from: "b",
    to: "a",
    term: 1,
    previous,
    entries,
    commit,
    attempt: 0,
  } as const;
}

function command(index: number, text: string): Entry {
  return { index, term: 1, kind: "command", data: new TextEncoder().encode(text) };
}

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

async function propose({ node, clock }: Started, text: string): Promise<void> {
  const answer = node.propose(bytes(text));
  clock.runDeferred();
  await answer;
}

test("RaftNode leaves no listener on a caller's signal", async (t) => {
  const { node, clock } = await start(["a"]);
  const { signal } = new AbortController();
  const write = node.propose(bytes("x"), { signal });
  const read = node.readBarrier({ signal });
  clock.runDeferred();
  await Promise.all([write, read]);
  t.is(getEventListeners(signal, "abort").length, 0);
  await node.stop();
});

test("RaftNode does not propose what its caller has taken back in the same turn", async (t) => {
  const { node, clock, machine } = await start(["a"]);
  const controller = new AbortController();
  const answer = node.propose(bytes("x"), { signal: controller.signal });
  controller.abort(new Error("changed my mind"));
  await t.throwsAsync(answer, { instanceOf: ProposalDroppedError });
  clock.runDeferred();
  await settled();
  t.deepEqual(machine.commands, []);
  t.is(node.status().lastIndex, 1);
  await node.stop();
});

test("RaftNode serves reads when their index is applied: not before, and each", async (t) => {
  const { node, clock, machine } = await start(["a"]);
  const gates = [1, 2].map(() => Promise.withResolvers<void>());
  const reads: Promise<number>[] = [];
  for (const { promise } of gates) {
    machine.gate ??= promise;
    node.propose(bytes("x")).catch(() => {});
    clock.runDeferred();
    await settled();
    reads.push(node.readBarrier());
    clock.runDeferred();
    await settled();
  }
  t.is(node.applyGap, 2);
  const [first = Promise.resolve(0), second = Promise.resolve(0)] = reads;
  t.false(await isSettled(first));
  machine.gate = gates[1]?.promise ?? null;
  gates[0]?.resolve();
  await settled();
  clock.advance(TICK_MS);
  t.is(await first, 2);
  t.is(node.applyGap, 1);
  t.false(await isSettled(second));
  gates[1]?.resolve();
  await settled();
  clock.advance(TICK_MS);
  t.is(await second, 3);
  await node.stop();
});

for (const { durable, learners } of [{ durable: 4, learners: "b" }, { durable: 3, learners: "" }]) {
  test(`RaftNode compacts to ${durable} with the membership as of there, and once`, async (t) => {
    const started = await start(["a"], { compactionTail: 2, compactionThreshold: 4 });
    const { node, logStore, machine } = started;
    machine.durable = 0;
    await propose(started, "2");
    await propose(started, "3");
    await node.changeMembership([{ type: "addLearner", id: "b" }]);
    machine.durable = durable;
    for (let index = 5; index <= 7; index += 1) {
      await propose(started, `${index}`);
      await settled();
    }
    await node.changeMembership([{ type: "addLearner", id: "c" }]);
    await settled();
    t.deepEqual(
      logStore.markers.map(({ index, membership }) => [index, membership?.learners.join()]),
      [[durable, learners]],
    );
    t.is(node.status().compactedIndex, durable);
    await node.stop();
  });
}

test("RaftNode knows nothing of a proposal that a snapshot has overtaken, and serves reads after it", async (t) => {
  const ids = ["a", "b", "c"];
  await using group = await RaftGroup.start(ids, { compactionTail: 2, compactionThreshold: 4 });
  const old = await group.leader();
  const others = ids.filter((id) => id !== old);
  const [other = ""] = others;
  const { node } = group.member(old);
  const restored: number[] = [];
  const watching = (async () => {
    for await (const event of node.events()) {
      if (event.type === "snapshotRestored") {
        restored.push(event.index);
      }
    }
  })();
  group.network.partition([old], others);
  const lost = t.throwsAsync(group.propose(old, "lost"), { instanceOf: ProposalUnknownError });
  await group.leader(others);
  for (let count = 0; count < 30; count += 1) {
    await group.settle(group.propose(other, `${count}`));
  }
  group.network.heal();
  await group.leader();
  await group.settle(lost);
  t.is(await group.settle(node.readBarrier()), group.member(old).machine.appliedIndex);
  t.is(group.member(old).machine.commands.length, 30);
  await node.stop();
  await watching;
  t.is(restored.length, 1);
});

test("RaftNode says that a transfer failed when another member than its target leads", async (t) => {
  const ids = ["a", "b", "c"];
  await using group = await RaftGroup.start(ids, { tuning: { checkQuorum: false } });
  const old = await group.leader();
  const others = ids.filter((id) => id !== old);
  group.network.partition([old], others);
  group.propose(old, "only here").catch(() => {});
  const leader = await group.leader(others);
  const [to = ""] = others.filter((id) => id !== leader);
  const failed = t.throwsAsync(group.member(old).node.transferLeadership(to), {
    instanceOf: TransferError,
  });
  group.network.heal();
  await group.until(() => group.member(old).node.status().leader === leader, "the old one follows");
  t.true(await isSettled(failed));
});

test("RaftNode says at once that a transfer to the leader itself has succeeded", async (t) => {
  const { node } = await start(["a"]);
  const done = node.transferLeadership("a");
  t.true(await isSettled(done));
  await t.notThrowsAsync(done);
  await node.stop();
});

test("RaftNode answers everything when it stops, and takes nothing afterwards", async (t) => {
  const started = await start(["a", "b"]);
  const { node, clock, transport } = started;
  await lead(started);
  const calls = [
    node.propose(bytes("x")),
    node.readBarrier(),
    node.transferLeadership("b"),
    node.changeMembership([{ type: "addLearner", id: "c" }]),
  ];
  clock.runDeferred();
  await settled();
  const answers = Promise.allSettled(calls);
  await node.stop();
  t.true(await isSettled(answers));
  for (const [at, answer] of (await answers).entries()) {
    t.true(answer.status === "rejected", `call ${at}`);
  }
  for (
    const [at, late] of [
      () => node.propose(bytes("x")),
      () => node.readBarrier(),
      () => node.transferLeadership("b"),
      () => node.changeMembership([{ type: "addLearner", id: "c" }]),
      () => node.whenLeaderKnown().then(() => Promise.reject(new MemberStoppedError())),
    ].entries()
  ) {
    const answer = t.throwsAsync(late(), { instanceOf: MemberStoppedError }, `late call ${at}`);
    t.true(await isSettled(answer), `late call ${at} is answered`);
    await answer;
  }
  t.true(transport.isClosed);
  t.is(clock.waiting, 0, "no timer is left");
});

test("RaftNode does nothing any more once it has stopped", async (t) => {
  const { node, transport, machine } = await start(["a", "b"]);
  await node.stop();
  const { term } = node.status();
  const sent = transport.sent.length;
  transport.receive(append([command(1, "x")], 0, 1));
  await settled();
  t.is(node.status().term, term);
  t.is(transport.sent.length, sent);
  t.deepEqual(machine.commands, []);
});

test("RaftNode.stop waits for the write that is under way", async (t) => {
  const { node, clock, logStore } = await start(["a"]);
  const gate = Promise.withResolvers<void>();
  logStore.gate = gate.promise;
  node.propose(bytes("x")).catch(() => {});
  clock.runDeferred();
  const stopped = node.stop();
  t.false(await isSettled(stopped));
  gate.resolve();
  await stopped;
  t.is((await logStore.open()).lastIndex, 2);
});

test("RaftNode.whenLeaderKnown rejects when the member stops before", async (t) => {
  const { node } = await start(["a", "b"]);
  const known = t.throwsAsync(node.whenLeaderKnown(), { instanceOf: MemberStoppedError });
  await settled();
  await node.stop();
  t.true(await isSettled(known));
  await known;
});

test("RaftNode drops reads and proposals at once while no leader is known", async (t) => {
  const { node, clock } = await start(["a", "b"]);
  const answers = [
    t.throwsAsync(node.readBarrier(), { instanceOf: ReadDroppedError }),
    t.throwsAsync(node.readBarrier(), { instanceOf: ReadDroppedError }),
    t.throwsAsync(node.propose(bytes("x")), { instanceOf: ProposalDroppedError }),
  ];
  clock.runDeferred();
  t.true(await isSettled(Promise.all(answers)));
  await Promise.all(answers);
  await node.stop();
});

test("RaftNode does not know the result of a proposal of which it hears after its apply", async (t) => {
  const { node, clock, transport, machine } = await start(["a", "b"]);
  transport.receive(append([{ ...command(1, ""), kind: "noop" }], 0, 1));
  await settled();
  const answer = t.throwsAsync(node.propose(bytes("x")), { instanceOf: ProposalUnknownError });
  clock.runDeferred();
  const [forward] = transport.sentOf("proposalForward");
  t.truthy(forward);
  transport.receive(append([command(2, "x")], 1, 2));
  await settled();
  t.deepEqual(machine.commands, ["x"]);
  transport.receive({
    type: "proposalsAccepted",
    from: "b",
    to: "a",
    term: 1,
    session: forward?.session ?? 0,
    ids: (forward?.proposals ?? []).map(({ id }) => id),
    first: { term: 1, index: 2 },
  });
  t.true(await isSettled(answer));
  await answer;
  await node.stop();
});

test("RaftNode's leader that was paused knows how long before it serves a read by its lease (R23)", async (t) => {
  const started = await start(["a", "b"], { tuning: { leaseReads: true } });
  const { node, clock, transport } = started;
  await lead(started);
  clock.advance(TICK_MS);
  const { round = 0 } = transport.sentOf("heartbeat").at(-1) ?? {};
  transport.receive({ type: "heartbeatResponse", from: "b", to: "a", term: 1, round });
  const held = node.readBarrier();
  clock.runDeferred();
  t.true(await isSettled(held), "its lease serves a read at once");
  clock.stall(30 * TICK_MS);
  const stale = t.throwsAsync(node.readBarrier(), { instanceOf: ReadDroppedError });
  clock.runDeferred();
  t.true(await isSettled(stale));
  t.not(node.status().role, "leader", "it has heard nobody for three election timeouts");
  await stale;
  await node.stop();
});

test("RaftNode's leader ticks once in each tick", async (t) => {
  const started = await start(["a", "b"], { tuning: { checkQuorum: false } });
  const { node, clock, transport } = started;
  await lead(started);
  const before = transport.sentOf("heartbeat").length;
  for (let tick = 0; tick < 20; tick += 1) {
    clock.advance(TICK_MS);
  }
  t.is(transport.sentOf("heartbeat").length - before, 20);
  await node.stop();
});

test("RaftNode stops when its log cannot be read, and reads on after a compaction", async (t) => {
  const entries = [1, 2, 3].map((index) => command(index, `${index}`));
  const open = async (failRead: () => Error) => {
    const logStore = new NotingLogStore();
    await logStore.append({ hardState: { term: 1, vote: null, commit: 3 }, entries });
    logStore.failRead = failRead;
    return await start(["a", "b"], {}, { logStore });
  };
  const broken = await open(() => new Error("bad sector"));
  await t.throwsAsync(broken.node.stopped, { message: "bad sector" });

  const late = await open(() => new CompactedError(1, 2));
  late.logStore.failRead = null;
  late.clock.advance(TICK_MS);
  await settled();
  t.deepEqual(late.machine.commands, ["1", "2", "3"]);
  await late.node.stop();
});

test("RaftNode makes a snapshot between two applies, and one", async (t) => {
  const started = await start(["a", "b"], { compactionTail: 1, compactionThreshold: 2 });
  const { node, clock, transport, machine } = started;
  await lead(started);
  const write = async (index: number) => {
    node.propose(bytes(`${index}`)).catch(() => {});
    clock.runDeferred();
    await settled();
    acknowledge(transport, index);
    await settled();
  };
  for (let index = 2; index <= 6; index += 1) {
    await write(index);
  }
  t.true(node.status().compactedIndex > 1);
  const gate = Promise.withResolvers<void>();
  machine.gate = gate.promise;
  await write(7);
  // c comes in with nothing, so it needs a snapshot.
  t.is(node.applyGap, 1);
  node.changeMembership([{ type: "addLearner", id: "c" }]).catch(() => {});
  await settled();
  acknowledge(transport, 8);
  await settled();
  t.deepEqual(machine.snapshots, [], "nothing is made while entries are applied");
  machine.gate = null;
  gate.resolve();
  await settled();
  const attempt = transport.sentOf("appendRequest").findLast(({ to }) => to === "c")?.attempt ?? 0;
  const second = Promise.withResolvers<void>();
  machine.gate = second.promise;
  await write(9);
  t.is(machine.appliedIndex, 8, "entry 9 is being applied");
  const reject = () =>
    transport.receive({
      type: "appendRejected",
      from: "c",
      to: "a",
      term: 1,
      attempt,
      rejected: transport.sentOf("appendRequest").findLast(({ to }) =>
        to === "c"
      )?.previous.index ??
        0,
      hint: NO_COMMIT,
    });
  reject();
  await settled();
  t.deepEqual(machine.snapshots, [], "it waits for the apply");
  machine.gate = null;
  second.resolve();
  await settled();
  t.deepEqual(machine.snapshots, [9]);
  await write(10);
  t.deepEqual(machine.snapshots, [9], "and is made once");
  await node.stop();
});

for (
  const { what, apply, error } of [
    { what: "gives too few results", apply: () => [], error: { instanceOf: InvariantError } },
    {
      what: "fails late",
      apply: () => Promise.reject(new Error("out of memory")),
      error: { message: "out of memory" },
    },
  ]
) {
  test(`RaftNode stops when the state machine ${what}`, async (t) => {
    const machine = new GatedMachine();
    const { node, clock } = await start(["a"], {}, { machine });
    machine.apply = apply;
    const answer = t.throwsAsync(node.propose(bytes("x")), { instanceOf: MemberStoppedError });
    clock.runDeferred();
    await t.throwsAsync(within(t, node.stopped), error);
    await answer;
  });
}

test("RaftNode sends to a follower that is lost no more than one append at a time", async (t) => {
  const started = await start(["a", "b"]);
  const { node, clock, transport } = started;
  await lead(started);
  transport.lose("b");
  const before = transport.sentOf("appendRequest").length;
  for (let turn = 0; turn < 3; turn += 1) {
    node.propose(bytes("x")).catch(() => {});
    clock.runDeferred();
    await settled();
  }
  t.is(transport.sentOf("appendRequest").length - before, 1);
  await node.stop();
});

test("RaftNode rejects streams of snapshots that it does not need, and all when it stops", async (t) => {
  const { node, transport } = await start(["a", "b"]);
  const rejected: string[] = [];
  const incoming = (from: string, index: number) =>
    transport.receiveSnapshot({
      from,
      snapshot: { last: { term: 1, index }, membership: node.status().membership },
      chunks: (async function* () {})(),
      reject: (reason) => rejected.push(`${from}: ${reason}`),
    });
  incoming("b", 2);
  incoming("c", 9);
  transport.receive(append([command(1, "x"), command(2, "y")], 0, 2));
  await settled();
  t.deepEqual(rejected, ["b: not needed any more"]);
  await node.stop();
  t.deepEqual(rejected.slice(1), ["c: member stopped"]);
});

/** A promise that must be settled by now. */
async function within<Value>(t: ExecutionContext, promise: Promise<Value>): Promise<Value> {
  t.true(await isSettled(promise), "it is settled by now");
  return promise;
}
