import {
  INITIAL_HARD_STATE,
  isJoint,
  type MembershipChange,
  membershipOf,
  RaftCore,
  type RaftEffect,
  type RaftTuning,
  WHOLE_LOG,
} from "../../../raft/mod.ts";
import { must, type Scenario, ScriptedGroup, SeededRandom } from "../../../testing/mod.ts";
import { JOINT_CHANGES } from "./joint_changes.ts";

const THREE = ["a", "b", "c"];
const SMALL = 40;
/** What a command of that size counts where bytes of entries are bounded. */
const COUNTED = SMALL + 32;

/** What callers are told, and changes that are refused (R11, R16, R20, R27, R32 to R34). */
export const ANSWER_SCENARIOS: readonly Scenario[] = [
  {
    id: "R16",
    name: "of forwarded proposals those that fit are taken, and the others refused at once",
    run: () => {
      const group = new ScriptedGroup({
        voters: THREE,
        tuning: { uncommittedBytesMax: 2 * COUNTED },
      });
      group.elect("a");
      group.run(1);
      const [first = 0, second = 0, third = 0] = group.proposeAll("b", 3, { bytes: SMALL });
      group.settle();
      must(group.outcomeOf(first) === "acknowledged", "the first is taken");
      must(group.outcomeOf(third) === "dropped", "the third is refused");
      group.run(1);
      must(group.outcomeOf(second) === "acknowledged", "the second is taken");
      group.assertHeals();
    },
  },
  {
    id: "R16",
    name: "forwarded proposals go in parts that are not too large",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE, tuning: { appendBytesMax: 200 } });
      group.elect("a");
      group.run(1);
      const commands = group.proposeAll("b", 9, { bytes: SMALL });
      const counts = group.inFlight({ from: "b", type: "proposalForward" }).map((message) =>
        message.type === "proposalForward" ? message.proposals.length : 0
      );
      must(counts.join() === "2,2,2,2,1", `parts of ${counts.join()}`);
      group.settle();
      group.run(1);
      must(
        commands.every((command) => group.outcomeOf(command) === "acknowledged"),
        "all of them are taken",
      );
      group.assertHeals();
    },
  },
  {
    id: "R11",
    name: "a forwarded proposal that is lost is given up after an election timeout, and once",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE });
      group.elect("a");
      group.run(1);
      const forwards = group.hold({ from: "b", type: "proposalForward" });
      group.hold({ from: "b", type: "readForward" });
      const command = group.propose("b");
      group.read("b");
      group.run(group.electionTicks - 1);
      must(group.outcomeOf(command) === "pending", "it is waited for");
      group.run(1);
      must(group.outcomeOf(command) === "unknown", "and given up");
      must(group.marks.of("read dropped") === 1, "and so is the read");
      group.run(3);
      must(group.marks.of("proposal unknown") === 1, "that is told once");
      must(group.marks.of("read dropped") === 1, "and so is that of the read");
      must(forwards.length === 1, "it was sent once");
      group.assertHeals();
    },
  },
  {
    id: "R11",
    name: "a forwarded proposal that the leader has taken is not given up",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE });
      group.elect("a");
      group.run(1);
      group.hold({ to: "a", type: "appendAccepted" });
      group.propose("b");
      group.run(2 * group.electionTicks);
      must(group.member("b").log.lastIndex === 2, "it is an entry, and not committed");
      must(group.marks.of("proposal unknown") === 0, "b waits for it");
      group.assertHeals();
    },
  },
  {
    id: "R22",
    name: "answers to forwarded requests that come twice, or too late, are passed on once",
    run: () => {
      const group = new ScriptedGroup({
        voters: THREE,
        tuning: { uncommittedBytesMax: SMALL },
      });
      group.elect("a");
      group.run(1);
      const answers = group.hold({ from: "a", to: "b", where: isAnswer });
      group.proposeAll("b", 2, { bytes: SMALL });
      group.read("b");
      group.settle();
      must(answers.length === 3, `${answers.length} answers`);
      [...answers, ...answers].forEach((answer) => group.deliver(answer));
      group.settle();
      must(group.marks.of("proposal dropped") === 1, "one refusal");
      must(group.marks.of("read confirmed") === 1, "one confirmation");
      group.assertHeals();
    },
  },
  {
    id: "R20",
    name: "reads that wait for the first entry of a term are dropped with its leader",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE });
      group.hold({ to: "a", type: "appendAccepted" });
      group.elect("a");
      group.read("a");
      must(group.marks.of("read waited for the no-op") === 1, "the read waits");
      group.isolate("a");
      group.elect("b");
      group.heal();
      group.run(2);
      must(group.member("a").role === "follower", "a is deposed");
      must(group.marks.of("read dropped") === 1, "its read is dropped");
      group.assertHeals();
    },
  },
  {
    id: "R20",
    name: "a read that waited for the first entry of a term is confirmed once",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE });
      const appends = group.hold({ from: "a", type: "appendRequest" });
      group.elect("a");
      group.read("a");
      group.stopHolding();
      appends.forEach((append) => group.deliver(append));
      group.run(1);
      must(group.served() === 1, "the read is served");
      for (let written = 0; written < 3; written += 1) {
        group.write("a");
      }
      must(group.marks.of("read confirmed") === 1, "and no commit confirms it again");
      group.assertHeals();
    },
  },
  {
    id: "R20",
    name: "a read does not wait for what is not committed",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE });
      group.elect("a");
      group.run(1);
      group.hold({ to: "a", type: "appendAccepted" });
      group.propose("a");
      group.read("a");
      group.settle();
      must(group.served() === 1, "it is served as of what is committed");
      group.assertHeals();
    },
  },
  {
    id: "R11",
    name: "a follower that knows no leader drops proposals and reads at once",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE });
      const command = group.propose("b");
      group.read("b");
      must(group.outcomeOf(command) === "dropped", "the proposal is dropped");
      must(group.marks.of("read dropped") === 1, "and the read");
      group.assertHeals();
    },
  },
  ...[
    { tuning: { leaseReads: true, checkQuorum: false }, why: "leases need a check of the quorum" },
    { tuning: { electionTicks: 3, heartbeatTicks: 3 }, why: "a timeout has several heartbeats" },
    { tuning: { heartbeatTicks: 0 }, why: "heartbeats are needed" },
  ].map(({ tuning, why }): Scenario => ({
    id: "R24",
    name: `a tuning that contradicts itself is refused: ${why}`,
    run: () => {
      let isRefused = false;
      try {
        newCore(THREE, tuning);
      } catch (error) {
        isRefused = error instanceof RangeError;
      }
      must(isRefused, "there is no such core");
    },
  })),
  {
    id: "R24",
    name: "a lease has a margin of a tick, and one for clocks that drift",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE, tuning: { leaseReads: true } });
      group.elect("a");
      group.run(3);
      group.isolate("a");
      // Heartbeats were sent in the last tick: 10 ticks, less 1 for drift, less 1.
      group.tick("a", 7);
      group.read("a");
      must(group.served() === 1, "after seven ticks the lease holds");
      group.tick("a", 1);
      group.read("a");
      must(group.served() === 1, "after eight it is over");
      group.assertHeals();
    },
  },
  {
    id: "R27",
    name: "a transfer to the leader itself has succeeded",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE });
      group.elect("a");
      group.transfer("a", "a");
      must(group.marks.of("transfer succeeded") === 1, "whoever asked is told so");
    },
  },
  {
    id: "R27",
    name: "a transfer that is asked for twice goes on, and ends with one word",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE });
      group.elect("a");
      group.isolate("b");
      group.transfer("a", "b");
      group.run(group.electionTicks - 1);
      group.transfer("a", "b");
      must(group.marks.of("transfer aborted") === 0, "the first goes on");
      group.run(1);
      must(group.marks.of("transfer aborted") === 1, "and is given up when its time is over");
      must(group.outcomeOf(group.write("a")) === "acknowledged", "a takes writes");
      group.assertHeals();
    },
  },
  {
    id: "R27",
    name: "who asked for a transfer is told that its target left",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE });
      group.elect("a");
      group.isolate("c");
      group.change("a", { type: "remove", id: "c" });
      group.transfer("a", "c");
      group.settle();
      must(group.marks.of("transfer aborted") === 1, "the target was removed");
      group.assertHeals();
    },
  },
  {
    id: "R27",
    name: "who asked for a transfer is told that another target was named",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE });
      group.elect("a");
      group.isolate("b");
      group.transfer("a", "b");
      group.transfer("a", "c");
      must(group.marks.of("transfer aborted") === 1, "the first is given up");
      group.settle();
      must(group.isLedBy("c"), "the second target takes over");
      group.assertHeals();
    },
  },
  ...(["follower", "preCandidate"] as const).map((role): Scenario => ({
    id: "R27",
    name: `a ${role} answers at once what only a leader can do`,
    run: () => {
      const group = new ScriptedGroup({ voters: THREE, spares: ["d"] });
      group.elect("a");
      if (role === "preCandidate") {
        group.isolate("b");
        group.campaign("b");
        must(group.marks.of("proposal dropped") === 0, "nothing was asked for yet");
        const command = group.propose("b");
        must(group.outcomeOf(command) === "dropped", "a proposal is dropped");
        group.read("b");
        must(group.marks.of("read dropped") === 1, "a read is dropped");
      }
      must(group.member("b").role === role, `b is a ${role}`);
      group.transfer("b", "c");
      must(group.marks.of("transfer aborted") === 1, "a transfer has failed");
      group.change("b", { type: "addLearner", id: "d" });
      must(group.marks.of("membership refused") === 1, "a change is refused");
      group.assertHeals();
    },
  })),
  {
    id: "R27",
    name: "the membership is not changed during a transfer",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE, spares: ["d"] });
      group.elect("a");
      group.isolate("b");
      group.transfer("a", "b");
      const { lastIndex } = group.member("a").log;
      group.change("a", { type: "addLearner", id: "d" });
      must(group.member("a").log.lastIndex === lastIndex, "nothing is proposed");
      must(group.marks.of("membership refused") === 1, "and that is told");
      group.assertHeals();
    },
  },
  ...([
    { why: "no voter would be left", changes: THREE.map((id) => ({ type: "remove", id })) },
    {
      why: "a member is named twice",
      changes: [{ type: "addVoter", id: "d" }, { type: "remove", id: "d" }],
    },
    { why: "it is a voter already", changes: [{ type: "addVoter", id: "b" }] },
    { why: "it is no member", changes: [{ type: "remove", id: "d" }] },
  ] as readonly { readonly why: string; readonly changes: readonly MembershipChange[] }[]).map((
    { why, changes },
  ): Scenario => ({
    id: "R32",
    name: `a change that is not possible is refused: ${why}`,
    run: () => {
      const group = new ScriptedGroup({ voters: THREE, spares: ["d"] });
      group.elect("a");
      const { lastIndex } = group.member("a").log;
      group.change("a", ...changes);
      must(group.member("a").log.lastIndex === lastIndex, "nothing is proposed");
      must(group.marks.of("membership refused") === 1, "and that is told");
      group.assertHeals();
    },
  })),
  {
    id: "R36",
    name: "a core knows that a snapshot took its state machine on",
    run: restoredIndex,
  },
  {
    id: "R32",
    name: "who asks for a change is told which entry it is",
    run: acceptedChange,
  },
  {
    id: "R32",
    name: "a member whose last applied entry is a change may lead after a restart",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE, spares: ["d"] });
      group.elect("a");
      group.change("a", { type: "addLearner", id: "d" });
      group.settle();
      group.run(1);
      THREE.forEach((id) => group.member(id).maintain({ compactsTail: null }));
      THREE.forEach((id) => group.crash(id));
      must(
        THREE.every((id) => group.member(id).machine.state.appliedIndex === 2),
        "the change is the last thing applied",
      );
      THREE.forEach((id) => group.restart(id));
      group.elect("b");
      group.assertHeals();
    },
  },
  {
    id: "R32",
    name: "a restart does not forget that a change is pending",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE, spares: ["d", "e"] });
      group.elect("a");
      group.run(1);
      const answers = group.hold({ to: "a", type: "appendAccepted" });
      group.change("a", { type: "addLearner", id: "d" });
      group.settle();
      must(answers.length > 0 && group.member("b").log.lastIndex === 2, "b holds the change");
      THREE.forEach((id) => group.crash(id));
      ["b", "c"].forEach((id) => group.restart(id));
      group.stopHolding();
      group.holdWork("b", "apply");
      group.elect("b");
      group.run(1);
      must(group.member("b").committedIndex >= 2, "b leads, and has committed it");
      must(group.member("b").membership.learners.length === 0, "it is not in force");
      const { lastIndex } = group.member("b").log;
      group.change("b", { type: "addLearner", id: "e" });
      must(group.member("b").log.lastIndex === lastIndex, "another one has to wait");
      group.assertHeals();
    },
  },
  {
    id: "R32",
    name: "a change that is the very last committed entry keeps from campaigning too",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE, spares: ["d"] });
      group.elect("a");
      group.run(1);
      group.holdWork("b", "write");
      group.change("a", { type: "addVoter", id: "d" });
      group.settle();
      group.run(1);
      const { committedIndex, log } = group.member("b");
      must(log.lastIndex === 2 && group.member("a").committedIndex === 2, "a has committed it");
      const { term } = group.member("a");
      group.deliver({ type: "heartbeat", from: "a", to: "b", term, commit: 2, round: 0 });
      must(committedIndex === 2, "b knows, and its disk does not have it");
      group.isolate("a");
      group.tick("b", 3 * group.electionTicks);
      must(group.member("b").role === "follower", "b does not campaign");
      group.assertHeals();
    },
  },
  {
    id: "R33",
    name: "a joint configuration is entered and left without waiting for a heartbeat",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE, spares: ["d", "e"] });
      group.elect("a");
      group.change("a", ...JOINT_CHANGES);
      group.settle();
      const { membership } = group.member("a");
      must(!isJoint(membership) && membership.voters.join() === "a,d,e", "a is through");
      group.assertHeals();
    },
  },
  {
    id: "R33",
    name: "learners stay learners, and those that are demoted become some, over a joint change",
    run: () => {
      const joint: string[] = [];
      const group = new ScriptedGroup({
        voters: THREE,
        spares: ["d", "e"],
        onSend: () => {
          const { membership } = group.member("a");
          if (isJoint(membership)) {
            joint.push(
              [membership.voters, membership.votersOutgoing, membership.learners].join(" | "),
            );
          }
        },
      });
      group.elect("a");
      group.change("a", { type: "addLearner", id: "d" });
      group.settle();
      group.change("a", { type: "addLearner", id: "c" }, { type: "addVoter", id: "e" });
      group.settle();
      must(joint[0] === "a,b,e | a,b,c | d", `in between it is ${joint[0]}`);
      const { membership } = group.member("b");
      must(membership.voters.join() === "a,b,e", `voters ${membership.voters.join()}`);
      must(membership.learners.join() === "d,c", `learners ${membership.learners.join()}`);
      group.change("a", { type: "addVoter", id: "d" });
      group.settle();
      must(group.member("a").membership.learners.join() === "c", "a promoted one is none");
      group.assertHeals();
    },
  },
  {
    id: "R33",
    name: "a joint configuration is not left before an entry of the leader's term is committed",
    run: leaveAfterOwnCommit,
  },
  {
    id: "R34",
    name: "a learner stays one unless promotion is asked for",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE, spares: ["d"] });
      group.elect("a");
      group.change("a", { type: "addLearner", id: "d" });
      group.run(4 * group.electionTicks);
      must(group.member("a").membership.learners.join() === "d", "d is a learner");
      group.assertHeals();
    },
  },
  {
    id: "R34",
    name: "a learner is not promoted while another change is under way",
    run: () => {
      const group = new ScriptedGroup({
        voters: THREE,
        spares: ["d", "e"],
        tuning: { promoteLearners: true },
      });
      group.elect("a");
      group.change("a", { type: "addLearner", id: "d" });
      group.settle();
      group.hold({ to: "a", type: "appendAccepted", where: ({ from }) => from !== "d" });
      group.change("a", { type: "addLearner", id: "e" });
      const { lastIndex } = group.member("a").log;
      group.run(3 * group.electionTicks);
      must(group.member("a").log.lastIndex === lastIndex, "nothing is proposed beside it");
      group.assertHeals();
    },
  },
];

/**
 * b leads term 2 with an entry that enters a joint configuration, and hears that
 * it is committed before anything of its own term is.
 */
function leaveAfterOwnCommit(): void {
  const group = new ScriptedGroup({ voters: THREE, spares: ["d", "e"] });
  group.elect("a");
  group.run(1);
  group.hold({
    from: "a",
    where: (message) => message.type === "appendRequest" && message.commit > 1,
  });
  group.change("a", ...JOINT_CHANGES);
  group.hold({ from: "a", type: "appendRequest" });
  group.settle();
  must(group.member("a").committedIndex >= 2, "a has committed the joint configuration");
  must(group.member("b").log.lastIndex === 2, "b holds it");
  must(group.member("b").committedIndex === 1, "and does not know that it is committed");
  group.isolate("a");
  group.stopHolding();
  group.hold({ to: "b", type: "appendAccepted" });
  group.elect("b");
  const { term, log } = group.member("b");
  must(log.lastIndex === 3, "b has its first entry, which is not committed");
  group.deliver({
    type: "voteResponse",
    from: "a",
    to: "b",
    term,
    isPreVote: false,
    granted: true,
    commit: { term: 1, index: 2 },
  });
  group.settle();
  must(isJoint(group.member("b").membership), "a late vote tells b that it is joint");
  must(group.member("b").log.lastIndex === 3, "b does not leave that yet");
  group.assertHeals();
}

/** An empty member that is offered a snapshot. */
function restoredIndex(): void {
  const core = newCore(["a", "b"]);
  const snapshot = { last: { term: 1, index: 5 }, membership: membershipOf(["a", "b"]) };
  const effects = core.step({
    type: "received",
    message: { type: "snapshotOffer", from: "b", to: "a", term: 1, snapshot },
  });
  must(effects.some(({ type }) => type === "restoreSnapshot"), "it is restored");
  core.step({ type: "snapshotRestored", snapshot });
  const { appliedIndex, committedIndex, lastIndex } = core.status;
  must(lastIndex === 5 && committedIndex === 5, "the log begins after it");
  must(appliedIndex === 5, `${appliedIndex} is said to be applied`);
}

/** A single member that leads and is asked for a learner. */
function acceptedChange(): void {
  const core = newCore(["a"]);
  const persisted = (effects: readonly RaftEffect[]) => {
    const write = effects.find((effect) => effect.type === "persist");
    must(write !== undefined, "something is written");
    const last = write.entries.at(-1);
    const upTo = last === undefined ? null : { term: last.term, index: last.index };
    const { sequence, hardState } = write;
    return core.step({ type: "persisted", sequence, upTo, hardState });
  };
  persisted(persisted(core.step({ type: "tick" })));
  must(core.status.role === "leader" && core.committedIndex === 1, "a leads");
  core.step({ type: "applied", index: 1 });
  must(core.status.appliedIndex === 1, "its first entry is applied");
  const effects = core.step({
    type: "membershipChangeRequested",
    id: 5,
    changes: [{ type: "addLearner", id: "b" }],
  });
  const accepted = effects.find((effect) => effect.type === "accepted");
  must(accepted?.ids.join() === "5" && accepted.first.index === 2, "the change is entry 2");
}

function newCore(voters: readonly string[], tuning: RaftTuning = {}): RaftCore {
  return new RaftCore({
    id: "a",
    membership: membershipOf(voters),
    logState: {
      hardState: INITIAL_HARD_STATE,
      marker: WHOLE_LOG,
      lastIndex: 0,
      terms: [],
      membershipEntries: [],
    },
    appliedIndex: 0,
    random: new SeededRandom(1),
    tuning,
  });
}

function isAnswer({ type }: { readonly type: string }): boolean {
  return type === "proposalsRefused" || type === "proposalsAccepted" || type === "readsConfirmed";
}
