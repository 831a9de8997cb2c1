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
  const appendAll = async (entries: readonly Entry[], commit: number) => {
    const index = (entries[0]?.index ?? 1) - 1;
    const previous = { term: index === 0 ? 0 : 1, index };
    transport.receive({ type: "appendRequest", attempt: 0, previous, entries, commit });
    await settled();
  };
  const append = (entry: Entry, commit: number) => appendAll([entry], commit);
  await append(first, 1);
  const propose = () => outcomeOf(node.propose(new Uint8Array(1)));
  return { clock, transport, machine, node, append, appendAll, propose };
}

function command(index: number): Entry {
  return { term: 1, index, kind: "command", data: new Uint8Array(1) };
}

/** The leader's word that a proposal is an entry. */
function acceptance(session: number, id: number | undefined, index: number) {
  const ids = id === undefined ? [] : [id];
  return { type: "proposalsAccepted", session, ids, first: { term: 1, index } } as const;
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
    transport.receive(acceptance(session, id, index));
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
  const sent = transport.sentOf("proposalForward").length;
  clock.runDeferred();
  t.is(transport.sentOf("proposalForward").length, sent, "the unsent one stays unsent");
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

for (
  const { what, changes, want } of [
    {
      what: "that is removed answers nothing before the removal is applied",
      changes: [membership(3, "a", "c")],
      want: {
        outcome: /UNKNOWN.*removed/,
        types: ["membershipChanged", "softStateChanged", "removed"],
      },
    },
    {
      what: "that is a member again when its removal is applied is not removed",
      changes: [membership(3, "a", "c"), membership(4, "a", "b", "c")],
      want: { outcome: /pending/, types: ["membershipChanged", "membershipChanged"] },
    },
  ]
) {
  test(`RaftNode ${what}`, async (t) => {
    const { clock, transport, machine, node, appendAll, propose } = await startFollower(command(1));
    const applied = propose();
    const beyond = propose();
    clock.runDeferred();
    const { proposals, session } = transport.last("proposalForward");
    const [before, after] = proposals.map(({ id }) => id);
    transport.receive(acceptance(session, before, 2));
    transport.receive(acceptance(session, after, 9));
    const events = node.events();
    const gate = Promise.withResolvers<void>();
    machine.gate = gate.promise;
    // All of it is applied at once.
    await appendAll([command(2), ...changes], 2 + changes.length);
    t.is(applied(), "pending");
    gate.resolve();
    await settled();
    t.regex(applied(), /resolved/);
    t.regex(beyond(), want.outcome);
    await node.stop();
    const types: string[] = [];
    for await (const { type } of events) {
      types.push(type);
    }
    t.deepEqual(types, want.types);
  });
}
