import test from "ava";
import { MembershipChangeError, ProposalUnknownError, TransferError } from "../../raft/mod.ts";
import { RaftGroup } from "../support/raft_group.ts";

const ABC = ["a", "b", "c"];

test("any member of a group takes proposals and answers with the result", async (t) => {
  await using group = await RaftGroup.start(ABC);
  await group.leader();
  for (const [at, id] of ABC.entries()) {
    const { result } = await group.settle(group.propose(id, `from ${id}`));
    t.is(result, at + 1);
  }
  await group.until(
    () => ABC.every((id) => group.member(id).machine.commands.length === 3),
    "three commands everywhere",
  );
  for (const id of ABC) {
    t.deepEqual(group.member(id).machine.commands, ["from a", "from b", "from c"]);
  }
});

test("a read barrier on any member covers what was acknowledged on another", async (t) => {
  await using group = await RaftGroup.start(ABC);
  await group.leader();
  for (const writer of ABC) {
    await group.settle(group.propose(writer, writer));
    for (const reader of ABC) {
      await group.settle(group.member(reader).node.readBarrier());
      t.true(group.member(reader).machine.commands.includes(writer));
    }
  }
});

test("a group goes on when its leader is cut off, and the old leader follows after that", async (t) => {
  await using group = await RaftGroup.start(ABC);
  const old = await group.leader();
  await group.settle(group.propose(old, "before"));
  const others = ABC.filter((id) => id !== old);
  group.network.partition([old], others);
  const lost = t.throwsAsync(group.propose(old, "lost"));
  const leader = await group.leader(others);
  t.not(leader, old);
  await group.settle(group.propose(others[0] ?? "", "after"));
  group.network.heal();
  t.is(await group.leader(), leader);
  t.is((await group.settle(lost)).name, "ProposalDroppedError");
  await group.until(
    () => ABC.every((id) => group.member(id).machine.commands.length === 2),
    "two commands everywhere",
  );
  t.deepEqual(group.member(old).machine.commands, ["before", "after"]);
});

test("a forwarded proposal whose leader does not answer is unknown, not dropped", async (t) => {
  await using group = await RaftGroup.start(ABC);
  const leader = await group.leader();
  const [follower = ""] = ABC.filter((id) => id !== leader);
  group.network.partition([leader], ABC.filter((id) => id !== leader));
  const error = await group.settle(
    t.throwsAsync(group.propose(follower, "x"), { instanceOf: ProposalUnknownError }),
  );
  t.is(error.code, "PROPOSAL_UNKNOWN");
});

test("propose with ack committed answers while the apply is held back, and a read waits for it", async (t) => {
  await using group = await RaftGroup.start(ABC);
  const leader = await group.leader();
  const { machine, node } = group.member(leader);
  const gate = Promise.withResolvers<void>();
  machine.gate = gate.promise;
  const { index, result } = await group.settle(group.propose(leader, "x", { ack: "committed" }));
  t.is(result, undefined);
  t.deepEqual(machine.commands, []);
  const read = node.readBarrier();
  gate.resolve();
  machine.gate = null;
  t.true(await group.settle(read) >= index);
  t.deepEqual(machine.commands, ["x"]);
});

test("transferLeadership brings the target to lead, and writes go on", async (t) => {
  await using group = await RaftGroup.start(ABC);
  const old = await group.leader();
  const [to = ""] = ABC.filter((id) => id !== old);
  await group.settle(group.member(old).node.transferLeadership(to));
  t.is(await group.leader(), to);
  await group.settle(group.propose(old, "x"));
});

test("transferLeadership to a member that is gone fails in time, and writes go on", async (t) => {
  await using group = await RaftGroup.start(ABC);
  const leader = await group.leader();
  const [gone = "", other = ""] = ABC.filter((id) => id !== leader);
  await group.member(gone).node.stop();
  group.members.delete(gone);
  // It lacks an entry, so it cannot take over at once.
  await group.settle(group.propose(leader, "x"));
  await group.settle(
    t.throwsAsync(group.member(leader).node.transferLeadership(gone), {
      instanceOf: TransferError,
    }),
  );
  await group.settle(group.propose(other, "y"));
  t.deepEqual(group.member(leader).machine.commands, ["x", "y"]);
});

test("a new member is brought up by a snapshot when the log is compacted, and then votes", async (t) => {
  await using group = await RaftGroup.start(ABC, { compactionTail: 5, compactionThreshold: 10 });
  const leader = await group.leader();
  for (let count = 0; count < 60; count += 1) {
    await group.settle(group.propose(leader, `${count}`));
  }
  t.true(group.member(leader).node.status().compactedIndex > 0);
  const { machine } = await group.startMember("d", []);
  const { node } = group.member(leader);
  await group.settle(node.changeMembership([{ type: "addLearner", id: "d" }]));
  await group.until(() => machine.commands.length === 60, "everything on the new member");
  t.deepEqual(machine.commands, group.member(leader).machine.commands);
  // The leader refuses it until it has heard of that.
  const promote = () =>
    node.changeMembership([{ type: "addVoter", id: "d" }]).catch((error: unknown) => error);
  let outcome = await group.settle(promote());
  for (let tries = 0; tries < 100 && outcome instanceof MembershipChangeError; tries += 1) {
    outcome = await group.settle(promote());
  }
  t.is(typeof outcome, "number");
  t.deepEqual([...node.status().membership.voters].sort(), ["a", "b", "c", "d"]);
  await group.settle(group.propose("d", "last"));
  t.is(machine.commands.at(-1), "last");
});

test("changeMembership swaps several voters at once, through a joint configuration", async (t) => {
  await using group = await RaftGroup.start(ABC);
  await group.leader();
  await group.startMember("d", []);
  await group.startMember("e", []);
  const leader = await group.leader(ABC);
  const gone = ABC.filter((id) => id !== leader);
  const { node } = group.member(leader);
  const joint: number[] = [];
  const watching = (async () => {
    for await (const event of node.events()) {
      if (event.type === "membershipChanged") {
        joint.push(event.membership.votersOutgoing.length);
      }
    }
  })();
  await group.settle(node.changeMembership([
    ...gone.map((id) => ({ type: "remove", id }) as const),
    { type: "addVoter", id: "d" },
    { type: "addVoter", id: "e" },
  ]));
  const now = [leader, "d", "e"];
  await group.until(
    () =>
      now.every((id) => group.member(id).node.status().membership.votersOutgoing.length === 0) &&
      now.every((id) => group.member(id).node.status().membership.voters.length === 3),
    "the new configuration alone",
  );
  t.deepEqual([...node.status().membership.voters].sort(), now.sort());
  await group.settle(group.propose("d", "x"));
  await node.stop();
  await watching;
  t.deepEqual(joint, [3, 0]);
});

test("changeMembership refuses what cannot be, and says why", async (t) => {
  await using group = await RaftGroup.start(ABC);
  const leader = await group.leader();
  await group.settle(group.propose(leader, "x"));
  const change = (id: string, ...changes: { type: "addVoter" | "remove"; id: string }[]) =>
    group.settle(
      t.throwsAsync(group.member(id).node.changeMembership(changes), {
        instanceOf: MembershipChangeError,
      }),
    );
  const [follower = ""] = ABC.filter((id) => id !== leader);
  t.regex((await change(follower, { type: "addVoter", id: "d" })).message, /not the leader/);
  t.regex((await change(leader, { type: "addVoter", id: "a" })).message, /a is a voter already/);
  t.regex((await change(leader, { type: "remove", id: "z" })).message, /z is no member/);
  t.regex(
    (await change(leader, ...ABC.map((id) => ({ type: "remove" as const, id })))).message,
    /no voter would be left/,
  );
});

test("a leader that is removed commits that, steps down, and the others elect another", async (t) => {
  await using group = await RaftGroup.start(ABC);
  const old = await group.leader();
  await group.settle(group.member(old).node.changeMembership([{ type: "remove", id: old }]));
  const others = ABC.filter((id) => id !== old);
  const leader = await group.leader(others);
  t.deepEqual([...group.member(leader).node.status().membership.voters].sort(), others);
  t.not(group.member(old).node.status().role, "leader");
  await group.settle(group.propose(others[0] ?? "", "x"));
});

test("members that stop and start again go on with what they kept", async (t) => {
  await using group = await RaftGroup.start(ABC);
  await group.leader();
  await group.settle(group.propose("a", "1"));
  for (const id of ABC) {
    await group.member(id).node.stop();
  }
  for (const id of ABC) {
    await group.startMember(id, ABC);
  }
  await group.leader();
  await group.settle(group.propose("b", "2"));
  await group.until(
    () => ABC.every((id) => group.member(id).machine.commands.length === 2),
    "both commands everywhere",
  );
  for (const id of ABC) {
    t.deepEqual(group.member(id).machine.commands, ["1", "2"]);
  }
});

test("a signal ends the wait, and the error says whether the command may be applied", async (t) => {
  await using group = await RaftGroup.start(ABC);
  const leader = await group.leader();
  const { node } = group.member(leader);
  const early = AbortSignal.abort(new Error("changed my mind"));
  await t.throwsAsync(node.propose(new Uint8Array(1), { signal: early }), {
    code: "PROPOSAL_DROPPED",
  });
  group.network.partition([leader], ABC.filter((id) => id !== leader));
  const controller = new AbortController();
  const answer = t.throwsAsync(node.propose(new Uint8Array(1), { signal: controller.signal }), {
    code: "PROPOSAL_UNKNOWN",
  });
  group.clock.runDeferred();
  controller.abort(new Error("too slow"));
  await answer;
  const read = new AbortController();
  const barrier = t.throwsAsync(node.readBarrier({ signal: read.signal }), { message: "too slow" });
  group.clock.runDeferred();
  read.abort(new Error("too slow"));
  await barrier;
});

test("transferLeadership ends also where its leader is deposed and no other comes", async (t) => {
  for (const wait of [5, 9, 12]) {
    await using group = await RaftGroup.start(ABC, { tickMs: 10 });
    const leader = await group.leader();
    const [to = "", other = ""] = ABC.filter((id) => id !== leader);
    group.network.partition([leader], [to], [other]);
    group.clock.advance(wait * 10);
    await group.settle(
      t.throwsAsync(group.member(leader).node.transferLeadership(to), {
        instanceOf: TransferError,
      }),
    );
  }
});

test("a snapshot whose stream stalls does not keep a member from its next leader", async (t) => {
  await using group = await RaftGroup.start(ABC, {
    tickMs: 10,
    compactionTail: 0,
    compactionThreshold: 4,
  });
  const leader = await group.leader();
  const [heir = "", behind = ""] = ABC.filter((id) => id !== leader);
  group.network.partition([leader, heir], [behind]);
  for (let count = 0; count < 20; count += 1) {
    await group.settle(group.propose(leader, `${count}`));
  }
  let made = 0;
  let released = 0;
  // The old leader's disk hangs when the snapshot is read.
  const { machine, node } = group.member(leader);
  machine.snapshot = () => {
    made += 1;
    const next = () => new Promise<never>(() => {});
    return {
      appliedIndex: machine.appliedIndex,
      chunks: { [Symbol.asyncIterator]: () => ({ next }) },
      release: () => void (released += 1),
    };
  };
  group.network.heal();
  await group.until(() => made > 0, "a snapshot on its way");
  await group.settle(node.transferLeadership(heir));
  await group.settle(group.propose(heir, "last"));
  await group.until(
    () => group.member(behind).machine.commands.at(-1) === "last",
    "the member that was behind with the new leader",
  );
  t.is(group.member(behind).machine.commands.length, 21);
  t.is(released, made, "what the old leader pinned is given back");
});
