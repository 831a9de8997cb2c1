import test from "ava";
import { type Entry, RaftNode } from "../../raft/mod.ts";
import { MemoryLogStore } from "../../storage/mod.ts";
import { ListMachine } from "../support/raft_group.ts";
import { ScriptedTransport } from "../support/scripted_transport.ts";
import { outcomeOf, settled } from "../support/settled.ts";
import { VirtualClock } from "../support/virtual_clock.ts";

function entry(index: number, text: string): Entry {
  return { term: 1, index, kind: "command", data: new TextEncoder().encode(text) };
}

/** Follower `b` of a group whose leader `a` is the test. It can be started again on what it kept. */
class Follower {
  readonly clock = new VirtualClock();
  readonly logStore = new MemoryLogStore();
  readonly machine = new ListMachine();
  transport = new ScriptedTransport();
  #node: RaftNode<number> | null = null;
  #lives = 0;

  get node(): RaftNode<number> {
    if (this.#node === null) {
      throw new Error("not started");
    }
    return this.#node;
  }

  async start(): Promise<void> {
    await this.#node?.stop();
    this.transport = new ScriptedTransport();
    this.#lives += 1;
    const chance = this.#lives / 10;
    this.#node = await RaftNode.start<number>({
      id: "b",
      initialVoters: ["a", "b", "c"],
      logStore: this.logStore,
      stateMachine: this.machine,
      transport: this.transport,
      clock: this.clock,
      random: { random: () => chance },
    });
  }

  /** Takes entries that follow on `previous`, all of them committed. */
  async append(previous: number, ...entries: readonly Entry[]): Promise<void> {
    this.transport.receive({
      type: "appendRequest",
      attempt: 0,
      previous: { term: previous === 0 ? 0 : 1, index: previous },
      entries,
      commit: previous + entries.length,
    });
    await settled();
  }

  propose(text: string): () => string {
    const outcome = outcomeOf(this.node.propose(new TextEncoder().encode(text)));
    this.clock.runDeferred();
    return outcome;
  }

  read(): () => string {
    const outcome = outcomeOf(this.node.readBarrier());
    this.clock.runDeferred();
    return outcome;
  }
}

async function startFollower(): Promise<Follower> {
  const follower = new Follower();
  await follower.start();
  await follower.append(0, entry(1, "first"));
  return follower;
}

test("a confirmation of a read of an earlier life confirms none of this one", async (t) => {
  const follower = await startFollower();
  follower.read();
  const { ids, session } = follower.transport.last("readForward");
  await follower.start();
  await follower.append(1);
  const read = follower.read();
  await settled();
  const { ids: sameIds, session: another } = follower.transport.last("readForward");
  t.deepEqual(sameIds, ids, "ids are counted from the start in each life");
  follower.transport.receive({ type: "readsConfirmed", session, ids, index: 1 });
  await settled();
  t.is(read(), "pending");
  follower.transport.receive({ type: "readsConfirmed", session: another, ids, index: 1 });
  await settled();
  t.is(read(), "resolved: 1");
  await follower.node.stop();
});

test("an acceptance of a proposal of an earlier life answers none of this one", async (t) => {
  const follower = await startFollower();
  follower.propose("one");
  const { proposals, session } = follower.transport.last("proposalForward");
  const ids = proposals.map(({ id }) => id);
  await follower.start();
  await follower.append(1);
  const lost = follower.propose("two");
  await settled();
  follower.transport.receive({
    type: "proposalsAccepted",
    session,
    ids,
    first: { term: 1, index: 2 },
  });
  await follower.append(1, entry(2, "one"));
  t.is(lost(), "pending");
  follower.transport.receive({ type: "proposalsRefused", session, ids, reason: "transferring" });
  await settled();
  t.is(lost(), "pending");
  await follower.node.stop();
});

test("an answer that comes after its proposal was given up changes nothing", async (t) => {
  const follower = await startFollower();
  const given = follower.propose("one");
  const { proposals, session } = follower.transport.last("proposalForward");
  for (let tick = 0; tick < 15; tick += 1) {
    follower.clock.advance(100);
    follower.transport.receive({ type: "heartbeat", commit: 1, round: tick });
    await settled();
  }
  t.regex(given(), /PROPOSAL_UNKNOWN/);
  const other = follower.propose("two");
  await settled();
  // Both say that they are entry 2; were the first believed, the second would be dropped.
  const second = follower.transport.last("proposalForward");
  follower.transport.receive({
    type: "proposalsAccepted",
    session,
    ids: second.proposals.map(({ id }) => id),
    first: { term: 1, index: 2 },
  });
  follower.transport.receive({
    type: "proposalsAccepted",
    session,
    ids: proposals.map(({ id }) => id),
    first: { term: 1, index: 2 },
  });
  await follower.append(1, entry(2, "two"));
  t.is(other(), `resolved: {"index":2,"term":1,"result":2}`);
  await follower.node.stop();
});

test("a refusal tells the caller the leader's own reason", async (t) => {
  const follower = await startFollower();
  const refused = follower.propose("one");
  const { proposals, session } = follower.transport.last("proposalForward");
  const ids = proposals.map(({ id }) => id);
  follower.transport.receive({ type: "proposalsRefused", session, ids, reason: "transferring" });
  await settled();
  t.is(
    refused(),
    "rejected: PROPOSAL_DROPPED: Proposal dropped: leadership is being transferred",
  );
  await follower.node.stop();
});
