import test from "ava";
import { encodeMembership, type Entry, membershipOf, RaftNode } from "../../raft/mod.ts";
import { MemoryLogStore } from "../../storage/mod.ts";
import { ListMachine } from "../support/raft_group.ts";
import { ScriptedTransport } from "../support/scripted_transport.ts";
import { outcomeOf, settled } from "../support/settled.ts";
import { VirtualClock } from "../support/virtual_clock.ts";

/** Follower `b`, which has `first` as its first entry. */
async function startFollower(first: Entry) {
  const clock = new VirtualClock();
  const transport = new ScriptedTransport();
  const machine = new ListMachine();
  const node = await RaftNode.start<number>({
    id: "b",
    initialVoters: first.kind === "membership" ? [] : ["a", "b", "c"],
    logStore: new MemoryLogStore(),
    stateMachine: machine,
    transport,
    clock,
  });
  const append = async (entry: Entry, commit: number) => {
    const previous = { term: entry.index === 1 ? 0 : 1, index: entry.index - 1 };
    transport.receive({ type: "appendRequest", attempt: 0, previous, entries: [entry], commit });
    await settled();
  };
  await append(first, 1);
  const propose = () => {
    const outcome = outcomeOf(node.propose(new Uint8Array(1)));
    return outcome;
  };
  return { clock, transport, machine, node, append, propose };
}

function command(index: number): Entry {
  return { term: 1, index, kind: "command", data: new Uint8Array(1) };
}

function membership(index: number, ...voters: readonly string[]): Entry {
  return { term: 1, index, kind: "membership", data: encodeMembership(membershipOf(voters)) };
}

test("RaftNode that is removed answers all that waits, and says so", async (t) => {
  const { clock, transport, node, machine, append, propose } = await startFollower(command(1));
  const gate = Promise.withResolvers<void>();
  const applied = propose();
  const beyond = propose();
  clock.runDeferred();
  const { proposals, session } = transport.last("proposalForward");
  // One becomes the entry before the removal, the other one after it.
  const [before, after] = proposals.map(({ id }) => id);
  const answer = (id: number | undefined, index: number) =>
    transport.receive({
      type: "proposalsAccepted",
      session,
      ids: id === undefined ? [] : [id],
      first: { term: 1, index },
    });
  answer(before, 2);
  answer(after, 4);
  const forwarded = propose();
  const read = outcomeOf(node.readBarrier());
  clock.runDeferred();
  await settled();
  const unsent = propose();
  const events = node.events();
  machine.gate = gate.promise;
  await append(command(2), 2);
  await append(membership(3, "a", "c"), 3);
  t.is(applied(), "pending");
  gate.resolve();
  machine.gate = null;
  await settled();
  t.is(applied(), `resolved: {"index":2,"term":1,"result":2}`);
  t.regex(beyond(), /PROPOSAL_UNKNOWN.*removed/);
  t.regex(forwarded(), /PROPOSAL_UNKNOWN.*removed/, "the leader may have taken it");
  t.regex(unsent(), /PROPOSAL_DROPPED.*removed/);
  t.regex(read(), /READ_DROPPED.*removed/);
  t.like((await events.next()).value, { type: "membershipChanged", index: 3 });
  t.deepEqual((await events.next()).value, { type: "removed", index: 3 });
  clock.runDeferred();
  t.is(transport.last("proposalForward").proposals.length, 1, "the unsent one stays unsent");
  t.is(node.status().role, "follower", "it goes on, as none of the group");
  await node.stop();
});

test("RaftNode that is not yet a member is not removed by the memberships before its own", async (t) => {
  const { node, append } = await startFollower(membership(1, "a"));
  const events = node.events();
  await append(membership(2, "a", "c"), 2);
  await append(membership(3, "a", "c", "b"), 3);
  await node.stop();
  const types: string[] = [];
  for await (const { type } of events) {
    types.push(type);
  }
  t.deepEqual(types, ["membershipChanged", "membershipChanged"]);
});
