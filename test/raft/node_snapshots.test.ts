import test from "ava";
import { membershipOf, RaftNode, type SnapshotSink } from "../../raft/mod.ts";
import { MemoryLogStore } from "../../storage/mod.ts";
import { ListMachine } from "../support/raft_group.ts";
import { ScriptedTransport } from "../support/scripted_transport.ts";
import { settled } from "../support/settled.ts";
import { VirtualClock } from "../support/virtual_clock.ts";

const NEVER = new Promise<never>(() => {});

/** A list machine whose snapshots can be held back, and that counts those that it got back. */
class PinningMachine extends ListMachine {
  making: Promise<void> = Promise.resolve();
  made = 0;
  released = 0;

  override snapshot(): ReturnType<ListMachine["snapshot"]> {
    const { making } = this;
    const snapshot = async () => {
      await making;
      this.made += 1;
      return { ...super.snapshot(), release: () => void (this.released += 1) };
    };
    return snapshot() as unknown as ReturnType<ListMachine["snapshot"]>;
  }
}

async function start(initialVoters: readonly string[]) {
  const clock = new VirtualClock();
  const transport = new ScriptedTransport();
  const machine = new PinningMachine();
  const node = await RaftNode.start<number>({
    id: "b",
    initialVoters,
    logStore: new MemoryLogStore(),
    stateMachine: machine,
    transport,
    clock,
    compactionTail: 0,
    compactionThreshold: 4,
  });
  await settled();
  return { clock, transport, machine, node };
}

/** A leader whose learner c has just told that it needs what the log holds no more. */
async function startSender(making: Promise<void> = Promise.resolve()) {
  const parts = await start(["b"]);
  const { clock, transport, machine, node } = parts;
  machine.making = making;
  for (let count = 0; count < 10; count += 1) {
    const answer = node.propose(new Uint8Array(1));
    clock.runDeferred();
    await answer;
    await settled();
  }
  const aborted: string[] = [];
  const sink: SnapshotSink = {
    write: () => NEVER,
    finish: () => NEVER,
    abort: (reason) => void aborted.push(reason),
  };
  transport.open = () => Promise.resolve(sink);
  await node.changeMembership([{ type: "addLearner", id: "c" }]);
  const { attempt, previous } = transport.last("appendRequest");
  transport.receive({
    type: "appendRejected",
    from: "c",
    attempt,
    rejected: previous.index,
    hint: { term: 0, index: 0 },
  });
  await settled();
  return { ...parts, aborted };
}

test("RaftNode ends the streams that go out of it when it is stopped", async (t) => {
  const { machine, node, aborted } = await startSender();
  t.is(machine.made, 1);
  t.deepEqual([machine.released, aborted], [0, []], "the stream is under way");
  await node.stop();
  t.deepEqual([machine.released, aborted], [1, ["member stopped"]]);
});

test("RaftNode ends the streams that go out of it when it does not lead any more", async (t) => {
  const { transport, machine, node, aborted } = await startSender();
  transport.receive({ type: "heartbeat", term: 2, commit: 0, round: 1 });
  await settled();
  t.is(node.status().role, "follower");
  t.deepEqual([machine.released, aborted], [1, ["no longer the leader"]]);
  await node.stop();
});

test("RaftNode gives a snapshot back at once that is made when nobody needs it any more", async (t) => {
  const making = Promise.withResolvers<void>();
  const { transport, machine, node } = await startSender(making.promise);
  transport.receive({ type: "heartbeat", term: 2, commit: 0, round: 1 });
  await settled();
  t.is(node.status().role, "follower");
  making.resolve();
  await settled();
  t.deepEqual([machine.made, machine.released], [1, 1]);
  await node.stop();
});

test("RaftNode gives a snapshot that comes in up when it hears another leader", async (t) => {
  const { transport, node } = await start(["a", "b", "c"]);
  const snapshot = { last: { term: 1, index: 30 }, membership: membershipOf(["a", "b", "c"]) };
  const rejected: string[] = [];
  transport.receiveSnapshot({
    from: "a",
    snapshot,
    chunks: (async function* () {
      yield await NEVER;
    })(),
    reject: (reason) => void rejected.push(reason),
  });
  transport.receive({ type: "snapshotOffer", snapshot });
  await settled();
  t.deepEqual(rejected, []);
  transport.receive({ type: "heartbeat", from: "c", term: 2, commit: 0, round: 1 });
  await settled();
  t.is(rejected[0], "not wanted any more");
  await node.stop();
});
