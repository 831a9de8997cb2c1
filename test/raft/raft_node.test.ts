import test from "ava";
import {
  type AppendBatch,
  type Entry,
  MemberStoppedError,
  ProposalDroppedError,
  RaftNode,
  type RaftNodeOptions,
  type StateMachine,
} from "../../raft/mod.ts";
import { MemoryLogStore } from "../../storage/mod.ts";
import { VirtualClock } from "../support/virtual_clock.ts";

/** A state machine that remembers the first bytes of its commands. */
class Recorder implements StateMachine<number> {
  readonly applied: number[] = [];
  durable = 0;
  lastIndex = 0;
  lastTerm = 0;

  open() {
    return Promise.resolve({
      appliedIndex: this.lastIndex,
      term: this.lastTerm,
      membership: null,
    });
  }

  apply(entries: readonly Entry[]): number[] {
    return entries.map(({ kind, term, index, data }) => {
      this.lastIndex = index;
      this.lastTerm = term;
      if (kind === "command") {
        this.applied.push(data[0] ?? 0);
      }
      return index;
    });
  }

  durableIndex(): number {
    return this.durable;
  }

  snapshot(): never {
    throw new Error("a group of one makes no snapshots");
  }

  restore(): never {
    throw new Error("a group of one restores no snapshots");
  }
}

/** A log store in memory that lets a test hold appends back, count them and fail them. */
class GatedLogStore extends MemoryLogStore {
  readonly batches: AppendBatch[] = [];
  gate: Promise<void> = Promise.resolve();

  override async append(batch: AppendBatch): Promise<void> {
    this.batches.push(batch);
    await this.gate;
    await super.append(batch);
  }
}

async function start(options: Partial<RaftNodeOptions<number>> = {}) {
  const clock = new VirtualClock();
  const logStore = new GatedLogStore();
  const stateMachine = new Recorder();
  const node = await RaftNode.start<number>({
    id: "a",
    initialVoters: ["a"],
    logStore,
    stateMachine,
    clock,
    ...options,
  });
  await node.whenLeaderKnown();
  await settled();
  return { clock, logStore, stateMachine, node };
}

/** Lets promises that are ready run. Nothing here waits for real time. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 50; turn += 1) {
    await Promise.resolve();
  }
}

test("RaftNode applies commands in the order of the proposals and answers each with its result", async (t) => {
  const { clock, node, stateMachine } = await start();
  const answers = [7, 8, 9].map((byte) => node.propose(Uint8Array.of(byte)));
  clock.runDeferred();
  const applied = await Promise.all(answers);
  t.deepEqual(stateMachine.applied, [7, 8, 9]);
  t.deepEqual(applied.map(({ index, term, result }) => [index, term, result]), [
    [2, 1, 2],
    [3, 1, 3],
    [4, 1, 4],
  ]);
  await node.stop();
});

test("RaftNode makes all proposals of one turn one append", async (t) => {
  const { clock, node, logStore } = await start();
  const before = logStore.batches.length;
  const answers = Array.from({ length: 20 }, (_, byte) => node.propose(Uint8Array.of(byte)));
  clock.runDeferred();
  await Promise.all(answers);
  t.is(logStore.batches.length, before + 1);
  t.is(logStore.batches.at(-1)?.entries.length, 20);
  await node.stop();
});

test("RaftNode gathers what comes while an append is under way into the next one", async (t) => {
  const { clock, node, logStore } = await start();
  const before = logStore.batches.length;
  const gate = Promise.withResolvers<void>();
  logStore.gate = gate.promise;
  const answers: Promise<unknown>[] = [];
  for (let turn = 0; turn < 5; turn += 1) {
    answers.push(node.propose(Uint8Array.of(turn)));
    clock.runDeferred();
    await settled();
  }
  t.is(logStore.batches.length, before + 1, "one is under way, the others wait");
  gate.resolve();
  await Promise.all(answers);
  t.deepEqual(logStore.batches.slice(before).map(({ entries }) => entries.length), [1, 4]);
  await node.stop();
});

test("RaftNode answers nothing before it is durable", async (t) => {
  const { clock, node, logStore, stateMachine } = await start();
  const gate = Promise.withResolvers<void>();
  logStore.gate = gate.promise;
  let answered = false;
  const answer = node.propose(Uint8Array.of(1)).then(() => answered = true);
  clock.runDeferred();
  await settled();
  t.false(answered);
  t.deepEqual(stateMachine.applied, []);
  gate.resolve();
  await answer;
  t.deepEqual(stateMachine.applied, [1]);
  await node.stop();
});

test("RaftNode.readBarrier covers what was acknowledged before it", async (t) => {
  const { clock, node, stateMachine } = await start();
  const write = node.propose(Uint8Array.of(1));
  clock.runDeferred();
  const { index } = await write;
  const read = node.readBarrier();
  clock.runDeferred();
  t.true(await read >= index);
  t.deepEqual(stateMachine.applied, [1]);
  await node.stop();
});

test("RaftNode stops when the log store fails, and says that the outcome is open", async (t) => {
  const { clock, node, logStore, stateMachine } = await start();
  logStore.gate = Promise.reject(new Error("disk on fire"));
  logStore.gate.catch(() => {});
  const answer = node.propose(Uint8Array.of(1));
  clock.runDeferred();
  const error = await t.throwsAsync(answer, { instanceOf: MemberStoppedError });
  t.regex(error?.message ?? "", /disk on fire/);
  await t.throwsAsync(node.stopped, { message: "disk on fire" });
  await t.throwsAsync(node.propose(Uint8Array.of(2)), { instanceOf: MemberStoppedError });
  t.deepEqual(stateMachine.applied, []);
});

test("RaftNode stops when the state machine throws", async (t) => {
  const { clock, node, stateMachine } = await start();
  stateMachine.apply = () => {
    throw new Error("unknown command");
  };
  const answer = node.propose(Uint8Array.of(1));
  clock.runDeferred();
  await t.throwsAsync(answer, { instanceOf: MemberStoppedError });
  await t.throwsAsync(node.stopped, { message: "unknown command" });
});

test("RaftNode replays what the state machine has not applied, exactly once", async (t) => {
  const first = await start();
  const answers = [1, 2, 3].map((byte) => first.node.propose(Uint8Array.of(byte)));
  first.clock.runDeferred();
  await Promise.all(answers);
  await first.node.stop();

  const halfway = new Recorder();
  halfway.lastIndex = 2;
  halfway.lastTerm = 1;
  halfway.applied.push(1);
  const second = await start({ logStore: first.logStore, stateMachine: halfway });
  const read = second.node.readBarrier();
  second.clock.runDeferred();
  await read;
  t.deepEqual(halfway.applied, [1, 2, 3]);
  t.is(second.node.status().term, 2);
  await second.node.stop();
});

test("RaftNode compacts the log up to what the state machine holds durably, less a tail", async (t) => {
  const { clock, node, logStore, stateMachine } = await start({
    compactionTail: 5,
    compactionThreshold: 10,
  });
  const write = async (count: number) => {
    const answers = Array.from({ length: count }, () => node.propose(Uint8Array.of(0)));
    clock.runDeferred();
    await Promise.all(answers);
    await settled();
  };
  await write(30);
  t.is(
    (await logStore.entries({ low: 1, high: 2, maxBytes: 1 })).length,
    1,
    "nothing is durable yet",
  );
  stateMachine.durable = 31;
  await write(1);
  await t.throwsAsync(logStore.entries({ low: 27, high: 28, maxBytes: 1 }), {
    code: "LOG_COMPACTED",
  });
  t.is((await logStore.entries({ low: 28, high: 29, maxBytes: 1 })).length, 1);
  await node.stop();
});

test("RaftNode refuses all calls after stop", async (t) => {
  const { node } = await start();
  await node.stop();
  await node.stopped;
  await t.throwsAsync(node.propose(new Uint8Array(1)), { instanceOf: MemberStoppedError });
  await t.throwsAsync(node.readBarrier(), { instanceOf: MemberStoppedError });
  t.notThrows(() => new ProposalDroppedError("noLeader"));
});

test("RaftNode answers a read as soon as an asynchronous apply gets to its index", async (t) => {
  const gate = Promise.withResolvers<void>();
  class SlowRecorder extends Recorder {
    isSlow = false;
    override apply(entries: readonly Entry[]): number[] {
      const apply = () => super.apply(entries);
      // The interface takes promises too; what a test compares is the numbers.
      return (this.isSlow ? gate.promise.then(apply) : apply()) as number[];
    }
  }
  const stateMachine = new SlowRecorder();
  const { clock, node } = await start({ stateMachine });
  stateMachine.isSlow = true;
  const written = node.propose(Uint8Array.of(7));
  clock.runDeferred();
  await settled();
  const served: number[] = [];
  const read = node.readBarrier().then((index) => served.push(index));
  clock.runDeferred();
  await settled();
  t.deepEqual(served, []);
  gate.resolve();
  await settled();
  const { index } = await written;
  // No tick, no message, no other event has come.
  t.deepEqual(served, [index]);
  await read;
  await node.stop();
});
