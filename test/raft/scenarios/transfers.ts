import { must, type Scenario, ScriptedGroup } from "../../../testing/mod.ts";

const THREE = ["a", "b", "c"];

/** Leadership transfer, and a leader whose disk hangs (R17, R27). */
export const TRANSFER_SCENARIOS: readonly Scenario[] = [
  {
    id: "R17",
    name: "a leader whose disk hangs hands over within two election timeouts",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE });
      group.elect("a");
      group.holdWork("a", "write");
      group.propose("a");
      group.run(2 * group.electionTicks + 2);
      must(group.leader !== null && group.leader.id !== "a", "another one leads");
      must(group.outcomeOf(group.write(group.leader.id)) === "acknowledged", "and commits");
      group.assertHeals();
    },
  },
  ...[1, 3, 5].map((heartbeatTicks): Scenario => ({
    id: "R17",
    name:
      `a leader whose disk hangs hands over in time though it hears its followers every ${heartbeatTicks} ticks`,
    run: () => {
      for (let phase = 0; phase < 20; phase += 1) {
        const tuning = { electionTicks: 20, heartbeatTicks };
        const group = new ScriptedGroup({ voters: THREE, tuning });
        group.elect("a");
        group.run(1 + phase);
        group.holdWork("a", "write");
        group.propose("a");
        group.settle();
        group.run(2 * group.electionTicks + 1);
        must(group.leader !== null && group.leader.id !== "a", `another one leads, phase ${phase}`);
      }
    },
  })),
  {
    id: "R17",
    name: "a leader that cannot make the snapshot that a follower needs hands over",
    run: () => {
      const group = needingSnapshot();
      const before = group.countSent({ from: "a", type: "heartbeat" });
      group.run(2 * group.electionTicks);
      must(group.leader !== null && group.leader.id === "b", "b leads, which has everything");
      must(group.snapshotFailures === 5, "after five attempts");
      must(group.countSent({ from: "a", type: "heartbeat" }) - before > 10, "with pauses between");
      group.snapshotless.clear();
      group.assertHeals();
    },
  },
  {
    id: "R17",
    name: "a leader that cannot make snapshots stays where nobody could take its place",
    run: () => {
      const group = needingSnapshot();
      group.crash("b");
      group.run(group.electionTicks / 2);
      must(group.isLedBy("a"), "a leads c");
      group.run(4 * group.electionTicks);
      must(group.isLedBy("a") && group.leader?.term === 1, "which could not be elected");
      must(group.snapshotFailures < 15, "and does not try all the time");
      group.snapshotless.clear();
      group.assertHeals();
    },
  },
  {
    id: "R17",
    name: "a leader whose disk is merely slow stays",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE });
      group.elect("a");
      group.holdWork("a", "write");
      for (let write = 0; write < 10; write += 1) {
        group.propose("a");
        group.run(group.electionTicks / 2);
        group.finish("a", "write");
        group.settle();
      }
      must(group.isLedBy("a") && group.leader?.term === 1, "a leads all the time");
      group.assertHeals();
    },
  },
  ...[
    { to: "b", prepare: () => {}, why: "the target has everything" },
    {
      to: "b",
      prepare: (group: ScriptedGroup) => {
        group.isolate("b");
        group.proposeAll("a", 5);
        group.settle();
        group.heal();
      },
      why: "the target is behind",
    },
  ].map(({ to, prepare, why }): Scenario => ({
    id: "R27",
    name: `leadership goes to the target in one term, without a pre-vote: ${why}`,
    run: () => {
      const group = new ScriptedGroup({ voters: THREE });
      group.elect("a");
      prepare(group);
      const preVotes = countPreVotes(group);
      group.transfer("a", to);
      group.run(2);
      must(group.isLedBy(to) && group.leader?.term === 2, `${to} leads term 2`);
      must(countPreVotes(group) === preVotes, "it did not ask before");
      group.assertHeals();
    },
  })),
  ...[
    { to: "b", prepare: (group: ScriptedGroup) => group.crash("b"), why: "the target is dead" },
    {
      to: "b",
      prepare: (group: ScriptedGroup) => group.isolate("b"),
      why: "the target is cut off",
    },
    { to: "d", prepare: addLearner, why: "the target is a learner" },
    { to: "a", prepare: () => {}, why: "the target is the leader itself" },
    { to: "x", prepare: () => {}, why: "the target is no member" },
    {
      to: "c",
      prepare: (group: ScriptedGroup) => {
        group.change("a", { type: "remove", id: "c" });
        group.settle();
      },
      why: "the target was removed",
    },
  ].map(({ to, prepare, why }): Scenario => ({
    id: "R27",
    name: `a transfer ends within an election timeout, and writes go on: ${why}`,
    run: () => {
      const group = new ScriptedGroup({ voters: THREE, spares: ["d"] });
      group.elect("a");
      prepare(group);
      const size = group.member("a").membership.voters.length;
      group.transfer("a", to);
      group.run(group.electionTicks + 1);
      must(group.isLedBy("a") && group.leader?.term === 1, "a still leads");
      must(endedTransfers(group) === 1, "whoever asked for it was told");
      must(group.member("a").membership.voters.length === size, "a quorum is what it was");
      must(group.outcomeOf(group.write("a")) === "acknowledged", "and takes writes");
      group.assertHeals();
    },
  })),
  ...[
    { to: "d", prepare: addLearner, why: "a learner" },
    { to: "a", prepare: () => {}, why: "the leader itself" },
    { to: "x", prepare: () => {}, why: "no member" },
  ].map(({ to, prepare, why }): Scenario => ({
    id: "R27",
    name: `a transfer that cannot be is refused at once, and writes go on: to ${why}`,
    run: () => {
      const group = new ScriptedGroup({ voters: THREE, spares: ["d"] });
      group.elect("a");
      prepare(group);
      group.transfer("a", to);
      must(endedTransfers(group) === 1, "whoever asked for it is told at once");
      must(group.outcomeOf(group.write("a")) === "acknowledged", "a takes writes at once");
      must(group.countSent({ type: "timeoutNow" }) === 0, "nobody is told to stand");
      group.assertHeals();
    },
  })),
  {
    id: "R27",
    name: "a target that is removed during the transfer ends it",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE });
      group.elect("a");
      group.isolate("c");
      group.change("a", { type: "remove", id: "c" });
      group.transfer("a", "c");
      group.settle();
      must(group.member("a").membership.voters.length === 2, "c is removed");
      must(endedTransfers(group) === 1, "whoever asked for the transfer is told at once");
      must(group.outcomeOf(group.write("a")) === "acknowledged", "a takes writes at once");
      group.assertHeals();
    },
  },
  {
    id: "R27",
    name: "a second transfer takes the place of the first",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE });
      group.elect("a");
      group.isolate("b");
      group.transfer("a", "b");
      group.transfer("a", "c");
      must(endedTransfers(group) === 1, "whoever asked for the first is told at once");
      group.run(3);
      must(group.isLedBy("c"), "c leads");
      group.assertHeals();
    },
  },
  {
    id: "R27",
    name: "a leader that steps down during a transfer takes writes when it leads again",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE });
      group.elect("a");
      group.isolate("a");
      group.transfer("a", "b");
      group.elect("c");
      group.heal();
      group.run(2);
      must(group.member("a").role === "follower", "a has stepped down");
      group.transfer("c", "a");
      group.run(2);
      must(group.isLedBy("a"), "a leads again");
      must(group.outcomeOf(group.write("a")) === "acknowledged", "and takes writes");
      group.assertHeals();
    },
  },
  {
    id: "R27",
    name: "proposals are refused during a transfer, certainly and not for long",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE });
      group.elect("a");
      group.isolate("b");
      group.transfer("a", "b");
      must(group.outcomeOf(group.write("a")) === "dropped", "a takes none");
      group.run(group.electionTicks);
      must(group.outcomeOf(group.write("a")) === "acknowledged", "afterwards it does");
      group.assertHeals();
    },
  },
  {
    id: "R27",
    name: "a stale order to start an election is ignored",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE });
      group.elect("a");
      const orders = group.hold({ type: "timeoutNow" });
      group.transfer("a", "b");
      group.settle();
      must(orders.length > 0, "the order is late");
      group.isolate("a");
      group.elect("c");
      group.heal();
      group.run(2);
      const { term } = group.member("c");
      orders.forEach((order) => group.deliver(order));
      group.run(3);
      must(group.isLedBy("c") && group.leader?.term === term, "c still leads");
      group.assertHeals();
    },
  },
];

/** c lacks what a, which leads, has compacted; a cannot make a snapshot. b has the whole log. */
function needingSnapshot(): ScriptedGroup {
  const group = new ScriptedGroup({ voters: THREE });
  group.elect("a");
  group.isolate("c");
  for (let written = 0; written < 5; written += 1) {
    group.write("a");
  }
  group.run(1);
  group.compact("a");
  group.snapshotless.add("a");
  group.heal();
  return group;
}

function addLearner(group: ScriptedGroup): void {
  group.change("a", { type: "addLearner", id: "d" });
  group.settle();
}

/** Transfers of which somebody was told that they have ended. */
function endedTransfers(group: ScriptedGroup): number {
  return group.marks.of("transfer aborted") + group.marks.of("transfer succeeded");
}

function countPreVotes(group: ScriptedGroup): number {
  return group.countSent({
    type: "voteRequest",
    where: (message) => message.type === "voteRequest" && message.isPreVote,
  });
}
