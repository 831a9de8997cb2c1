import test from "ava";
import { RaftNode, type RaftTuning } from "../../raft/mod.ts";
import { MemoryLogStore } from "../../storage/mod.ts";
import { ListMachine } from "../support/raft_group.ts";
import { ScriptedTransport } from "../support/scripted_transport.ts";
import { outcomeOf, settled } from "../support/settled.ts";
import { VirtualClock } from "../support/virtual_clock.ts";

const TICK_MS = 10;

async function start(tuning: RaftTuning = {}) {
  const clock = new VirtualClock();
  const transport = new ScriptedTransport();
  const node = await RaftNode.start<number>({
    id: "b",
    initialVoters: ["a", "b", "c"],
    logStore: new MemoryLogStore(),
    stateMachine: new ListMachine(),
    transport,
    clock,
    random: { random: () => 0 },
    tickMs: TICK_MS,
    tuning,
  });
  await settled();
  return { clock, transport, node };
}

/** Starts a member and has it elected, by the word of `a`. */
async function startLeader(tuning: RaftTuning = {}) {
  const parts = await start(tuning);
  const { clock, transport, node } = parts;
  for (let tick = 0; tick < 40 && node.status().role !== "leader"; tick += 1) {
    clock.advance(TICK_MS);
    await settled();
    for (const message of transport.sent.splice(0)) {
      if (message.type === "voteRequest" && message.to === "a") {
        const { isPreVote, term } = message;
        const commit = { term: 0, index: 0 };
        transport.receive({ type: "voteResponse", term, isPreVote, granted: true, commit });
        await settled();
      }
    }
  }
  return parts;
}

/** Has `a` answer all that the leader has sent: it is there, and holds everything. */
async function answer(transport: ScriptedTransport, node: RaftNode<number>): Promise<void> {
  for (const message of transport.sent.splice(0)) {
    const { term } = node;
    if (message.to === "a" && message.type === "heartbeat") {
      transport.receive({ type: "heartbeatResponse", term, round: message.round });
    } else if (message.to === "a" && message.type === "appendRequest") {
      const match = message.entries.at(-1)?.index ?? message.previous.index;
      transport.receive({ type: "appendAccepted", term, attempt: message.attempt, match });
    }
  }
  await settled();
}

test("RaftNode counts ticks by the clock, however late its timers are", async (t) => {
  const { clock, transport, node } = await startLeader();
  const heartbeats = () =>
    transport.sent.filter(({ type, to }) => type === "heartbeat" && to === "a").length;
  await answer(transport, node);
  const before = clock.monotonic();
  let sent = 0;
  for (let timer = 0; timer < 50; timer += 1) {
    clock.stall(18);
    clock.fireNext();
    sent += heartbeats();
    await answer(transport, node);
  }
  t.is(node.status().role, "leader");
  t.is(sent, Math.floor((clock.monotonic() - before) / TICK_MS));
  await node.stop();
});

test("RaftNode serves no read by a lease that ended while its timers were late", async (t) => {
  const { clock, transport, node } = await startLeader({ leaseReads: true });
  await answer(transport, node);
  clock.advance(TICK_MS);
  await answer(transport, node);
  const early = outcomeOf(node.readBarrier());
  clock.runDeferred();
  await settled();
  t.regex(early(), /resolved/, "the lease holds");
  // The last heartbeat was answered 95 ms ago, and timers have fired five times since.
  for (let timer = 0; timer < 5; timer += 1) {
    clock.stall(19);
    clock.fireNext();
  }
  const late = outcomeOf(node.readBarrier());
  clock.runDeferred();
  await settled();
  t.is(late(), "pending", "it waits for a round of heartbeats");
  await node.stop();
});

for (const first of ["a timer", "a request"]) {
  test(`RaftNode knows after a pause that its lease is over, when ${first} comes first`, async (t) => {
    const { clock, transport, node } = await startLeader({ leaseReads: true });
    await answer(transport, node);
    clock.advance(TICK_MS);
    await answer(transport, node);
    clock.stall(630);
    if (first === "a timer") {
      clock.fireNext();
    }
    const read = outcomeOf(node.readBarrier());
    clock.runDeferred();
    await settled();
    t.not(node.status().role, "leader");
    t.regex(read(), /READ_DROPPED/);
    await node.stop();
  });
}

test("RaftNode does not take its own pause for its leader's silence", async (t) => {
  const { clock, transport, node } = await start();
  transport.receive({ type: "heartbeat", commit: 0, round: 1 });
  await settled();
  clock.stall(10_000);
  clock.fireNext();
  transport.receive({ type: "heartbeat", commit: 0, round: 2 });
  await settled();
  t.like(node.status(), { role: "follower", leader: "a", term: 1 });
  t.false(transport.sent.some(({ type }) => type === "voteRequest"));
  await node.stop();
});

test("RaftNode holds no election before its time has passed, also when it starts at once", async (t) => {
  const { clock, transport, node } = await start();
  // The first tick comes at once, but time is time: the ninth is over after 90 ms.
  clock.advance(9 * TICK_MS);
  await settled();
  t.false(transport.sent.some(({ type }) => type === "voteRequest"));
  clock.advance(TICK_MS);
  await settled();
  t.true(transport.sent.some(({ type }) => type === "voteRequest"));
  await node.stop();
});
