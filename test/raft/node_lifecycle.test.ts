import test from "ava";
import {
  type CompactionMarker,
  encodeMembership,
  type Entry,
  membershipOf,
  RaftNode,
  type RaftNodeOptions,
} from "../../raft/mod.ts";
import { MemoryLogStore } from "../../storage/mod.ts";
import { ListMachine } from "../support/raft_group.ts";
import { ScriptedTransport } from "../support/scripted_transport.ts";
import { outcomeOf, settled } from "../support/settled.ts";
import { VirtualClock } from "../support/virtual_clock.ts";

/** A log whose end a crash may have taken. */
async function cutLog(): Promise<MemoryLogStore> {
  const log = new MemoryLogStore();
  await log.append({
    hardState: { term: 1, vote: null, commit: 0, isSuspect: true },
    entries: [{ term: 1, index: 1, kind: "noop", data: new Uint8Array() }],
  });
  return log;
}

/** A log store that remembers where it was compacted. */
class MarkedLogStore extends MemoryLogStore {
  readonly markers: CompactionMarker[] = [];

  override compact(marker: CompactionMarker): Promise<void> {
    this.markers.push(marker);
    return super.compact(marker);
  }
}

const NEVER = new Promise<never>(() => {});
const COMPACTING = { compactionTail: 0, compactionThreshold: 4 };

/** A group of one, or a member of another one whose peers are the test. */
async function start(options: Partial<RaftNodeOptions<number>> = {}) {
  const clock = new VirtualClock();
  const logStore = new MarkedLogStore();
  const stateMachine = new ListMachine();
  const node = await RaftNode.start<number>({
    id: "b",
    initialVoters: ["b"],
    logStore,
    stateMachine,
    clock,
    ...options,
  });
  await settled();
  const write = async (count: number) => {
    const answers = Array.from({ length: count }, () => node.propose(new Uint8Array(1)));
    clock.runDeferred();
    await Promise.all(answers);
    await settled();
  };
  return { clock, logStore, stateMachine, node, write };
}

test("RaftNode.stop waits for an apply under way, and touches the log no more", async (t) => {
  const { clock, logStore, stateMachine, node } = await start(COMPACTING);
  const gate = Promise.withResolvers<void>();
  stateMachine.gate = gate.promise;
  const answers = [1, 2, 3, 4, 5].map(() => outcomeOf(node.propose(new Uint8Array(1))));
  clock.runDeferred();
  await settled();
  const stopped = outcomeOf(node.stop());
  await settled();
  t.is(stopped(), "pending");
  gate.resolve();
  await settled();
  t.regex(stopped(), /resolved/);
  t.is(stateMachine.appliedIndex, 6);
  t.deepEqual(logStore.markers, []);
  t.true(answers.every((answer) => answer().includes("MEMBER_STOPPED")));
  t.is(clock.waiting, 0);
});

test("RaftNode.stop waits for a read of the log", async (t) => {
  // An earlier life has committed an entry and not applied it: it is read to be applied.
  const logStore = new MarkedLogStore();
  const entry: Entry = { term: 1, index: 1, kind: "command", data: new Uint8Array(1) };
  await logStore.append({ hardState: { term: 1, vote: "b", commit: 1 }, entries: [entry] });
  const gate = Promise.withResolvers<Entry[]>();
  logStore.entries = () => gate.promise;
  const { stateMachine, node } = await start({ logStore });
  const stopped = outcomeOf(node.stop());
  await settled();
  t.is(stopped(), "pending");
  gate.resolve([entry]);
  await settled();
  t.regex(stopped(), /resolved/);
  t.is(stateMachine.appliedIndex, 0);
});

test("RaftNode.stop closes the transport although the disk hangs", async (t) => {
  const transport = new ScriptedTransport();
  const { clock, logStore, node } = await start({ transport });
  logStore.append = () => NEVER;
  node.propose(new Uint8Array(1)).catch(() => {});
  clock.runDeferred();
  const stopped = outcomeOf(node.stop());
  await settled();
  t.true(transport.isClosed);
  t.is(stopped(), "pending", "something is still being written");
});

test("RaftNode.start leaves nothing behind when the transport does not start", async (t) => {
  const transport = new ScriptedTransport();
  transport.start = (handlers) => {
    ScriptedTransport.prototype.start.call(transport, handlers);
    return Promise.reject(new Error("port in use"));
  };
  const clock = new VirtualClock();
  const starting = RaftNode.start<number>({
    id: "b",
    initialVoters: ["a", "b"],
    logStore: new MemoryLogStore(),
    stateMachine: new ListMachine(),
    transport,
    clock,
  });
  await t.throwsAsync(starting, { message: "port in use" });
  t.true(transport.isClosed);
  transport.receive({
    type: "voteRequest",
    isPreVote: false,
    isTransfer: false,
    last: { term: 0, index: 0 },
    commit: { term: 0, index: 0 },
  });
  await settled();
  t.deepEqual(transport.sent, []);
  t.is(clock.waiting, 0);
});

test("RaftNode that ends while its transport starts does not tick", async (t) => {
  const transport = new ScriptedTransport();
  const started = Promise.withResolvers<void>();
  transport.start = (handlers) => {
    ScriptedTransport.prototype.start.call(transport, handlers);
    return started.promise;
  };
  const logStore = new MemoryLogStore();
  logStore.append = () => Promise.reject(new Error("disk gone"));
  const starting = start({ initialVoters: ["a", "b"], transport, logStore });
  await settled();
  transport.receive({ type: "heartbeat", commit: 0, round: 1 });
  await settled();
  started.resolve();
  const { clock, node } = await starting;
  await t.throwsAsync(node.stopped, { message: "disk gone" });
  t.is(clock.waiting, 0);
  await node.stop();
});

test("RaftNode makes one call of the state machine at a time", async (t) => {
  // The state machine of a leader whose learner needs a snapshot.
  const transport = new ScriptedTransport();
  const { clock, logStore, stateMachine, node } = await start({ ...COMPACTING, transport });
  t.is(node.status().role, "leader");
  const calls: string[] = [];
  const making = Promise.withResolvers<void>();
  const apply = stateMachine.apply.bind(stateMachine);
  stateMachine.apply = (entries) => {
    calls.push("apply");
    return apply(entries);
  };
  const snapshot = stateMachine.snapshot.bind(stateMachine);
  stateMachine.snapshot = (() => {
    calls.push("snapshot begins");
    return making.promise.then(() => {
      calls.push(`snapshot of ${stateMachine.appliedIndex}`);
      return snapshot();
    });
  }) as unknown as typeof snapshot;
  for (let count = 0; count < 10; count += 1) {
    const answer = node.propose(new Uint8Array(1));
    clock.runDeferred();
    await answer;
    await settled();
  }
  t.true(logStore.markers.length > 0, "what comes before is compacted");
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
  t.is(calls.at(-1), "snapshot begins", "the learner needs what the log has no more");
  const { appliedIndex } = stateMachine;
  const waiting = outcomeOf(node.propose(new Uint8Array(1)));
  clock.runDeferred();
  await settled();
  t.is(waiting(), "pending");
  making.resolve();
  await settled();
  t.regex(waiting(), /resolved/);
  t.deepEqual(calls.slice(-2), [`snapshot of ${appliedIndex}`, "apply"]);
  await node.stop();
});

test("RaftNode marks a compacted log with the membership of before what it has restarted on", async (t) => {
  const logStore = new MarkedLogStore();
  const withLearner = { ...membershipOf(["b"]), learners: ["z"] };
  await logStore.append({
    hardState: { term: 1, vote: "b", commit: 30 },
    entries: Array.from({ length: 30 }, (_, at): Entry => ({
      term: 1,
      index: at + 1,
      kind: at + 1 === 25 ? "membership" : "command",
      data: at + 1 === 25 ? encodeMembership(withLearner) : new Uint8Array(1),
    })),
  });
  const stateMachine = new ListMachine();
  Object.assign(stateMachine, { appliedIndex: 28, term: 1, membership: withLearner });
  const { node } = await start({
    logStore,
    stateMachine,
    compactionTail: 10,
    compactionThreshold: 10,
  });
  t.like(logStore.markers, [{ index: 20, membership: membershipOf(["b"]) }]);
  await node.stop();
});

test("RaftNode marks a compacted log with a membership that has only just been applied", async (t) => {
  const { clock, logStore, node, write } = await start(COMPACTING);
  // The fifth entry is the membership, and the log is compacted right up to it.
  await write(2);
  const change = node.changeMembership([{ type: "addLearner", id: "z" }]);
  clock.runDeferred();
  t.is(await change, 4);
  await settled();
  t.like(logStore.markers, [{ index: 4, membership: { voters: ["b"], learners: ["z"] } }]);
  await node.stop();
});

test("RaftNode does nothing for a caller who has given up before the call", async (t) => {
  const { logStore, node, write } = await start();
  await write(1);
  const { lastIndex } = node.status();
  const signal = AbortSignal.abort(new Error("changed my mind"));
  const change = node.changeMembership([{ type: "addLearner", id: "z" }], { signal });
  await t.throwsAsync(change, { code: "PROPOSAL_DROPPED" });
  await t.throwsAsync(node.transferLeadership("b", { signal }), { message: "changed my mind" });
  await settled();
  t.is(node.status().lastIndex, lastIndex);
  t.deepEqual(logStore.markers, []);
  await node.stop();
});

test("RaftNode.whenLeaderKnown ends when its caller gives up", async (t) => {
  const transport = new ScriptedTransport();
  const { node } = await start({ initialVoters: [], transport });
  const controller = new AbortController();
  const waiting = outcomeOf(node.whenLeaderKnown({ signal: controller.signal }));
  await settled();
  t.is(waiting(), "pending");
  controller.abort(new Error("enough"));
  await settled();
  t.is(waiting(), "rejected: Error: enough");
  await node.stop();
});

test("RaftNode.events tells what happens from the call on", async (t) => {
  const { node } = await start();
  const events = node.events();
  await node.changeMembership([{ type: "addLearner", id: "z" }]);
  t.like((await events.next()).value, { type: "membershipChanged", index: 2 });
  await node.stop();
});

test("RaftNode stops when an assertion of its core is broken", async (t) => {
  const transport = new ScriptedTransport();
  const { node } = await start({ initialVoters: ["a", "b"], transport });
  transport.receive({
    type: "appendRequest",
    attempt: 1,
    previous: { term: 0, index: 0 },
    entries: [{ term: 1, index: 1, kind: "noop", data: new Uint8Array() }],
    commit: 1,
  });
  await settled();
  const snapshot = { last: { term: 2, index: 1 }, membership: membershipOf(["a", "b"]) };
  transport.receive({ type: "snapshotOffer", term: 2, snapshot });
  await t.throwsAsync(node.stopped, { code: "INVARIANT", message: /holds what is committed/ });
  await node.stop();
});

test("RaftNode tells when its log is whole again: a single member at once", async (t) => {
  const { clock, node } = await start({ logStore: await cutLog() });
  t.false(node.status().isSuspect, "it has elected itself and written that down");
  t.is(node.status().role, "leader");
  await node.stop();
  t.is(clock.waiting, 0);
});

test("RaftNode tells when its log is whole again: a member of a group once its leader says so", async (t) => {
  const transport = new ScriptedTransport();
  const logStore = await cutLog();
  const { node } = await start({ initialVoters: ["a", "b", "c"], transport, logStore });
  const events = node.events();
  t.true(node.status().isSuspect);
  const envelope = { from: "a", to: "b", term: 2 } as const;
  transport.receive({
    ...envelope,
    type: "appendRequest",
    attempt: 1,
    previous: { term: 1, index: 1 },
    entries: [{ term: 2, index: 2, kind: "noop", data: new Uint8Array() }],
    commit: 1,
  });
  await settled();
  const answer = transport.sent.findLast(({ type }) => type === "appendAccepted");
  const life = answer?.type === "appendAccepted" ? answer.suspectLife ?? 0 : 0;
  t.true(life > 0, "it names its life");
  transport.receive({ ...envelope, type: "logConfirmed", life, upTo: 2 });
  await settled();
  t.false(node.status().isSuspect);
  const again = transport.sent.findLast(({ type }) => type === "appendAccepted");
  t.deepEqual(again, {
    ...envelope,
    from: "b",
    to: "a",
    type: "appendAccepted",
    attempt: 1,
    match: 2,
  });
  t.is((await logStore.open()).hardState.isSuspect, undefined, "durably");
  await node.stop();
  const told = [];
  for await (const { type } of events) told.push(type);
  t.true(told.includes("confirmed"), told.join());
});
