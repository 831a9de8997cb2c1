import {
  allMembers,
  INITIAL_HARD_STATE,
  isJoint,
  MembershipChangeError,
  membershipOf,
  planMembership,
  RaftCore,
  WHOLE_LOG,
} from "../../../raft/mod.ts";
import { type CrashPoint, must, type Scenario, ScriptedGroup } from "../../../testing/mod.ts";
import { JOINT_CHANGES } from "./joint_changes.ts";

const THREE = ["a", "b", "c"];
const FIVE = ["a", "b", "c", "d", "e"];

/** Changes of membership (R28 to R34, R37). */
export const MEMBERSHIP_SCENARIOS: readonly Scenario[] = [
  {
    id: "R28",
    name: "a removed member that does not know it disturbs nobody",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE });
      group.elect("a");
      group.isolate("c");
      group.change("a", { type: "remove", id: "c" });
      group.settle();
      must(group.member("b").membership.voters.join() === "a,b", "c is removed");
      group.heal();
      const { term } = group.member("a");
      group.run(20 * group.electionTicks);
      must(group.isLedBy("a") && group.leader?.term === term, "a leads undisturbed");
      group.assertHeals();
    },
  },
  {
    id: "R28",
    name: "a removed member that learns of it does not campaign",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE });
      group.elect("a");
      group.change("a", { type: "remove", id: "c" });
      group.settle();
      must(group.member("c").membership.voters.join() === "a,b", "c was told");
      const sent = group.countSent({ from: "c", type: "voteRequest" });
      group.isolate("c");
      group.tick("c", 10 * group.electionTicks);
      must(group.countSent({ from: "c", type: "voteRequest" }) === sent, "c stays quiet");
      group.assertHeals();
    },
  },
  ...[0, 3].map((writes): Scenario => ({
    id: "R28",
    name: "a removed member that missed the commit of its removal learns of it while a leader " +
      `lives: ${writes} writes later`,
    run: () => {
      const group = new ScriptedGroup({ voters: FIVE });
      group.elect("a");
      group.run(2);
      group.change("a", { type: "remove", id: "c" });
      group.deliverAll({ type: "appendRequest" });
      group.isolate("c");
      group.settle();
      for (let written = 0; written < writes; written += 1) {
        group.write("a");
      }
      group.heal();
      const sent = group.countSent({ from: "c" });
      group.run(4 * group.electionTicks);
      must(group.member("c").membership.voters.join() === "a,b,d,e", "c knows that it is removed");
      must(group.countSent({ from: "c" }) - sent < 20, "it asked once or twice");
      must(group.isLedBy("a") && group.leader?.term === 1, "a leads undisturbed");
      must(group.member("c").leader === null, "c has no leader any more");
      group.assertHeals();
    },
  })),
  {
    id: "R28",
    name: "a removed member takes no requests",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE });
      group.elect("a");
      group.change("a", { type: "remove", id: "c" });
      group.settle();
      must(group.member("c").leader === null, "c has no leader");
      const command = group.propose("c");
      must(group.outcomeOf(command) === "dropped", "a command is dropped at once");
      group.settle();
      group.read("c");
      must(!group.member("c").isOwing(Infinity), "and so is a read");
      group.change("a", { type: "addVoter", id: "c" });
      group.settle();
      must(group.outcomeOf(group.write("c")) === "acknowledged", "added again, it takes them");
      group.assertHeals();
    },
  },
  {
    id: "R28",
    name: "a member that is removed and added again in one term is sent everything at once",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE, tuning: { appendBytesMax: 1 } });
      group.elect("a");
      group.run(1);
      group.change("a", { type: "remove", id: "c" });
      group.settle();
      group.proposeAll("a", 20);
      group.settle();
      group.change("a", { type: "addVoter", id: "c" });
      group.settle();
      group.write("a");
      must(group.member("c").log.lastIndex === group.member("a").log.lastIndex, "c has all of it");
      group.assertHeals();
    },
  },
  {
    id: "R28",
    name: "a leader takes nothing from a member that does not know that it was removed",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE });
      group.elect("a");
      group.block("a", "c");
      group.change("a", { type: "remove", id: "c" });
      group.settle();
      must(group.member("c").leader === "a", "c still follows a");
      const { lastIndex } = group.member("a").log;
      const command = group.propose("c");
      group.read("c");
      group.settle();
      must(group.member("a").log.lastIndex === lastIndex, "a appends nothing");
      group.unblock("a", "c");
      group.run(3 * group.electionTicks);
      must(group.outcomeOf(command) !== "acknowledged", "nothing is said to be done");
      must(!group.member("c").isOwing(Infinity), "and nobody waits for ever");
      group.assertHeals();
    },
  },
  ...(["remove", "addLearner"] as const).flatMap((type) =>
    [2, 3, 4].map((size): Scenario => ({
      id: "R29",
      name: `a leader of ${size} that ${
        type === "remove" ? "removes" : "demotes"
      } itself steps down`,
      run: () => {
        const voters = ["a", "b", "c", "d"].slice(0, size);
        const group = new ScriptedGroup({ voters });
        group.elect("a");
        group.change("a", { type, id: "a" });
        group.settle();
        must(group.member("a").role === "follower", "a does not lead any more");
        group.run(4 * group.electionTicks);
        must(group.leader !== null && group.leader.id !== "a", "another one does");
        must(group.outcomeOf(group.write(group.leader.id)) === "acknowledged", "and commits");
        group.assertHeals();
      },
    }))
  ),
  {
    id: "R29",
    name: "a leader that removed itself leaves no deadlock when the word of it is lost",
    run: () => {
      const group = new ScriptedGroup({ voters: ["a", "b"] });
      group.elect("a");
      group.change("a", { type: "remove", id: "a" });
      group.proposeAll("a", 2); // Its log goes on, beyond that of b.
      const appends = group.inFlight({ type: "appendRequest" });
      group.drop();
      must(appends.length > 0, "the change and the proposals are on their way");
      const [change] = appends;
      must(change !== undefined, "the change goes first");
      group.deliver(change);
      group.finish("b", "write");
      group.deliverAll({ from: "b" });
      group.isolate("a"); // The commit index does not come through.
      group.settle();
      must(group.member("b").committedIndex < 2, "b does not know that the change is committed");
      group.assertHeals();
      must(group.isLedBy("b"), "b leads alone");
    },
  },
  ...([
    { first: { type: "addVoter", id: "e" }, second: { type: "remove", id: "a" } },
    { first: { type: "addVoter", id: "e" }, second: { type: "addVoter", id: "f" } },
    { first: { type: "remove", id: "d" }, second: { type: "remove", id: "a" } },
  ] as const).map(({ first, second }): Scenario => ({
    id: "R30",
    name: `two leaders' changes do not part the group: ${first.type} ${first.id}, ` +
      `${second.type} ${second.id}`,
    run: () => {
      const group = new ScriptedGroup({ voters: ["a", "b", "c", "d"], spares: ["e", "f"] });
      group.elect("a");
      ["b", "c", "d"].forEach((id) => group.block("a", id));
      group.change("a", first); // Reaches nobody but, perhaps, a new member.
      group.settle();
      group.isolate("a", "e");
      const appends = group.hold({ from: "b", type: "appendRequest" });
      group.elect("b");
      group.change("b", second);
      must(
        group.member("b").log.lastIndex === 2,
        "a leader without an entry of its term that is committed changes nothing",
      );
      group.stopHolding();
      appends.forEach((append) => group.deliver(append));
      group.settle();
      group.change("b", second);
      group.settle();
      group.heal();
      group.run(5 * group.electionTicks);
      group.assertHeals();
    },
  })),
  {
    id: "R31",
    name: "a change that is truncated leaves nothing behind",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE, spares: ["d"] });
      group.elect("a");
      group.isolate("a");
      group.change("a", { type: "addVoter", id: "d" });
      group.settle();
      group.elect("b");
      group.write("b");
      group.heal();
      group.run(3);
      must(
        group.member("a").membership.voters.join() === "a,b,c",
        "a has the membership of before",
      );
      group.transfer("b", "a");
      group.settle();
      must(group.isLedBy("a"), "a leads again");
      group.change("a", { type: "addLearner", id: "d" });
      group.run(2);
      must(group.member("a").membership.learners.join() === "d", "and may change the membership");
      group.assertHeals();
    },
  },
  {
    id: "R32",
    name: "a second change is refused while one is under way",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE, spares: ["d", "e"] });
      group.elect("a");
      group.change("a", { type: "addLearner", id: "d" });
      const { lastIndex } = group.member("a").log;
      group.change("a", { type: "addLearner", id: "e" });
      must(group.member("a").log.lastIndex === lastIndex, "it was not proposed");
      must(group.marks.of("membership refused") === 1, "and refused");
      group.settle();
      group.change("a", { type: "addLearner", id: "e" });
      group.settle();
      must(group.member("a").membership.learners.length === 2, "afterwards it is possible");
      group.assertHeals();
    },
  },
  {
    id: "R32",
    name: "a new leader waits for a change that it inherited",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE, spares: ["d", "e"] });
      group.elect("a");
      // b has something to apply before, which takes long.
      group.holdWork("b", "apply");
      group.write("a");
      group.run(1);
      must(group.underWay("b", "apply") === 1, "b applies");
      const answers = group.hold({ to: "a", type: "appendAccepted" });
      group.change("a", { type: "addLearner", id: "d" });
      group.settle();
      must(answers.length > 0, "the others have the change");
      group.isolate("a");
      group.stopHolding();
      group.elect("b");
      must(group.member("b").committedIndex > 3, "b has committed it, and its own first entry");
      must(group.member("b").membership.learners.length === 0, "it is not in force");
      const refused = group.change("b", { type: "addLearner", id: "e" });
      must(group.ledger.changeOf(refused) === "refused", "another one has to wait");
      group.release("b", "apply");
      group.settle();
      must(group.member("b").membership.learners.join() === "d", "the change is in force");
      const proposed = group.change("b", { type: "addLearner", id: "e" });
      must(group.ledger.changeOf(proposed) === "proposed", "now another one is possible");
      group.settle();
      must(group.member("b").membership.learners.length === 2, "and comes into force");
      group.assertHeals();
    },
  },
  {
    id: "R32",
    name: "a member does not campaign with a committed change that it has not applied",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE, spares: ["d"] });
      group.elect("a");
      group.holdWork("b", "apply");
      group.write("a");
      group.change("a", { type: "addVoter", id: "d" });
      group.settle();
      group.run(1);
      must(group.member("b").committedIndex >= 3, "b knows that it is committed");
      must(group.member("b").membership.voters.length === 3, "and has not applied it");
      group.isolate("a");
      const sent = group.countSent({ from: "b", type: "voteRequest" });
      group.tick("b", 5 * group.electionTicks);
      must(group.countSent({ from: "b", type: "voteRequest" }) === sent, "b does not campaign");
      group.release("b", "apply");
      group.settle();
      group.elect("b");
      group.assertHeals();
    },
  },
  {
    id: "R32",
    name: "a restart does not forget that a change is committed",
    run: restartForgetsNoChange,
  },
  ...([
    ["membership proposed", 1],
    ["membership committed", 1],
    ["joint entered", 1],
    ["membership proposed", 2],
    ["membership committed", 2],
    ["joint left", 1],
  ] as const).flatMap(([point, nth]) =>
    (["a", "b"] as const).map((crashed): Scenario => ({
      id: "R33",
      name: `${crashed === "a" ? "the leader" : "a follower"} crashes in a joint change at ` +
        `"${point}"${nth > 1 ? " of the leave" : ""}`,
      run: () => crashInJoint(crashed, point, nth),
    }))
  ),
  {
    id: "R33",
    name: "a joint configuration needs both majorities, for writes, reads and votes",
    run: () => {
      const group = enterJoint();
      group.isolate("b", "c");
      const command = group.propose("a");
      group.read("a");
      group.settle();
      must(group.outcomeOf(command) === "pending", "the new majority alone commits nothing");
      must(group.served() === 0, "and confirms no read");
      group.run(3 * group.electionTicks);
      must(group.leader === null, "and keeps and elects no leader");
      group.heal();
      group.isolate("d", "e");
      group.run(5 * group.electionTicks);
      must(group.leader === null, "nor does the old majority");
      group.assertHeals();
    },
  },
  {
    id: "R33",
    name: "a restart and a snapshot keep a joint configuration",
    run: () => {
      const group = enterJoint();
      group.isolate("b", "c");
      group.compact("a");
      group.crash("a");
      group.restart("a");
      must(isJoint(group.member("a").membership), "a is joint after its restart");
      group.crash("d");
      group.restart("d");
      group.assertHeals();
      must(!isJoint(group.member("a").membership), "in the end it is left");
    },
  },
  {
    id: "R33",
    name: "a joint configuration is left once",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE, spares: ["d", "e"] });
      group.elect("a");
      group.change("a", ...JOINT_CHANGES);
      for (let command = 0; command < 10; command += 1) {
        group.propose("a");
      }
      group.settle();
      group.run(2 * group.electionTicks);
      must(countMemberships(group) === 2, "one entry enters it, one leaves it");
      group.assertHeals();
    },
  },
  {
    id: "R34",
    name: "a learner's vote does not count, nor its copy of the log",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE, spares: ["d"] });
      group.elect("a");
      group.change("a", { type: "addLearner", id: "d" });
      group.settle();
      group.isolate("a", "d");
      const command = group.write("a");
      must(group.outcomeOf(command) === "pending", "a and a learner are no majority");
      group.tick("d", 5 * group.electionTicks);
      must(
        group.countSent({ from: "d", type: "voteRequest" }) === 0,
        "a learner does not campaign",
      );
      group.member("d").maintain({ compactsTail: null });
      group.crash("d");
      group.restart("d");
      must(group.member("d").membership.learners.includes("d"), "and stays one over a restart");
      group.tick("d", 5 * group.electionTicks);
      must(group.countSent({ from: "d", type: "voteRequest" }) === 0, "and quiet");
      group.assertHeals();
    },
  },
  {
    id: "R34",
    name: "a learner that has not heard of its promotion votes",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE, spares: ["d"] });
      group.elect("a");
      group.change("a", { type: "addLearner", id: "d" });
      group.settle();
      group.block("a", "d");
      group.change("a", { type: "addVoter", id: "d" });
      group.settle();
      must(group.member("b").membership.voters.length === 4, "d is a voter");
      must(group.member("d").membership.voters.length === 3, "and does not know it");
      group.crash("a");
      group.elect("b");
      must(group.isLedBy("b"), "b was elected with the vote of d");
      group.assertHeals();
    },
  },
  {
    id: "R34",
    name: "a learner is promoted by itself once it has caught up, and not before",
    run: () => {
      const group = new ScriptedGroup({
        voters: THREE,
        spares: ["d"],
        tuning: { promoteLearners: true, promotionLagMax: 2 },
      });
      group.elect("a");
      group.block("d", "a");
      group.change("a", { type: "addLearner", id: "d" });
      group.proposeAll("a", 20);
      group.run(3 * group.electionTicks);
      must(group.member("a").membership.learners.includes("d"), "d does not answer");
      group.heal();
      group.run(3 * group.electionTicks);
      must(group.member("a").membership.voters.includes("d"), "d is a voter");
      group.assertHeals();
    },
  },
  {
    id: "R34",
    name: "a learner that has gone silent is not promoted by itself",
    run: () => {
      const group = new ScriptedGroup({
        voters: THREE,
        spares: ["d"],
        tuning: { promoteLearners: true },
      });
      group.elect("a");
      group.run(group.electionTicks / 2);
      group.change("a", { type: "addLearner", id: "d" });
      group.settle();
      must(group.member("d").log.lastIndex === 2, "d has everything");
      group.crash("d");
      // Whoever looks at learners meanwhile finds a transfer under way.
      group.isolate("c");
      group.transfer("a", "c");
      group.run(4 * group.electionTicks);
      must(group.member("a").membership.learners.join() === "d", "d is still a learner");
      group.assertHeals();
    },
  },
  ...[
    {
      prepare: (group: ScriptedGroup) => group.block("b", "a"),
      why: "it is behind",
    },
    {
      prepare: (group: ScriptedGroup) => {
        group.compact("a");
        group.holdWork("b", "receiveSnapshot");
      },
      why: "its snapshot is pending",
    },
  ].map(({ prepare, why }): Scenario => ({
    id: "R34",
    name: `the promotion of a learner is refused while ${why}`,
    run: () => {
      const group = new ScriptedGroup({
        voters: ["a"],
        spares: ["b"],
        tuning: { promotionLagMax: 2 },
      });
      group.elect("a");
      for (let written = 0; written < 10; written += 1) {
        group.write("a");
      }
      prepare(group);
      group.change("a", { type: "addLearner", id: "b" });
      group.run(2);
      const { lastIndex } = group.member("a").log;
      group.change("a", { type: "addVoter", id: "b" });
      must(group.member("a").log.lastIndex === lastIndex, "a proposes nothing");
      must(group.outcomeOf(group.write("a")) === "acknowledged", "and goes on alone");
      group.heal();
      group.release("b", "receiveSnapshot");
      group.run(4);
      group.change("a", { type: "addVoter", id: "b" });
      group.settle();
      must(group.member("a").membership.voters.join() === "a,b", "once it has caught up, it may");
      group.assertHeals();
    },
  })),
  {
    id: "R37",
    name: "a snapshot that is taken right after a change holds it",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE, spares: ["d"] });
      group.elect("a");
      group.isolate("c");
      group.change("a", { type: "addLearner", id: "d" });
      group.settle();
      group.compact("a");
      group.compact("b");
      group.heal();
      group.run(4);
      must(group.marks.of("snapshot restored") >= 1, "c got a snapshot");
      must(group.member("c").membership.learners.includes("d"), "with the change");
      group.crash("c");
      group.restart("c");
      must(group.member("c").membership.learners.includes("d"), "and keeps it over a restart");
      group.assertHeals();
    },
  },
  {
    id: "R37",
    name: "a snapshot brings a change with the index that it had, not as a new one",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE, spares: ["d", "e"] });
      group.elect("a");
      group.isolate("c");
      group.change("a", { type: "addLearner", id: "d" });
      group.settle();
      for (let written = 0; written < 5; written += 1) {
        group.write("a");
      }
      // The log goes on before the change: the marker of c's log is below it.
      group.compact("a");
      group.compact("b");
      group.heal();
      group.run(4);
      const { disk, log } = group.member("c");
      must(disk.log.marker.index === 7, "c's log follows on the snapshot");
      must(disk.log.marker.membership?.learners.join() === "d", "which has the membership");
      must(log.entries.every(({ kind }) => kind !== "membership"), "and c no entry of its own");
      must(countMemberships(group) === 1, "there was one change");
      // If its index were another, a leader would take it for one under way.
      group.transfer("a", "c");
      group.run(2);
      must(group.isLedBy("c"), "c leads");
      const wish = group.change("c", { type: "addLearner", id: "e" });
      must(group.ledger.changeOf(wish) === "proposed", "and may change the membership");
      group.run(1);
      group.assertHeals();
    },
  },
  {
    id: "R28",
    name: "a member that is removed hears of it in that moment",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE });
      group.elect("a");
      group.holdWork("a", "apply");
      group.propose("a");
      group.settle();
      // While a applies that, c answers one append at a time, and late.
      group.member("a").step({ type: "unreachable", id: "c" });
      const answers = group.hold({ from: "c", to: "a", type: "appendAccepted" });
      group.change("a", { type: "remove", id: "c" });
      group.settle();
      must(group.member("a").committedIndex === 3, "the change is committed, and not in force");
      answers.forEach((answer) => group.deliver(answer));
      group.settle();
      group.finish("a", "apply");
      group.settle(); // No heartbeat comes.
      must(!group.member("c").membership.voters.includes("c"), "c knows");
      group.assertHeals();
    },
  },
  {
    id: "R31",
    name: "a change that was truncated keeps nobody from campaigning",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE, spares: ["d"] });
      group.elect("a");
      // What is committed later has to wait for this.
      group.holdWork("a", "apply");
      group.propose("a");
      group.settle();
      group.isolate("a");
      group.change("a", { type: "addLearner", id: "d" });
      group.settle();
      group.elect("b");
      group.heal();
      group.run(2);
      must(group.marks.of("membership rolled back") > 0, "a has lost its change");
      must(group.member("a").committedIndex >= 3, "another entry is committed in its place");
      group.isolate("a");
      group.tick("a", 2 * group.electionTicks);
      must(group.member("a").role === "preCandidate", "a stands");
      group.assertHeals();
    },
  },
  {
    id: "R33",
    name: "an outgoing voter stands, as long as the configuration is joint",
    run: () => {
      const joint = planMembership(membershipOf(THREE), [
        { type: "remove", id: "a" },
        { type: "addVoter", id: "d" },
      ]);
      const core = new RaftCore({
        id: "a",
        membership: joint,
        logState: {
          hardState: INITIAL_HARD_STATE,
          marker: WHOLE_LOG,
          lastIndex: 0,
          terms: [],
          membershipEntries: [],
        },
        appliedIndex: 0,
        random: { random: () => 0.5 },
      });
      for (let tick = 0; tick < 20; tick += 1) {
        core.step({ type: "tick" });
      }
      must(core.status.role === "preCandidate", "its vote is still needed");
    },
  },
  {
    id: "R32",
    name: "no change is planned in a joint configuration",
    run: () => {
      const joint = planMembership(membershipOf(THREE), [
        { type: "remove", id: "a" },
        { type: "addVoter", id: "d" },
      ]);
      must(isJoint(joint), "two voters change in two steps");
      let error: unknown = null;
      try {
        planMembership(joint, [{ type: "addLearner", id: "e" }]);
      } catch (refusal) {
        error = refusal;
      }
      must(error instanceof MembershipChangeError, "a third has to wait");
    },
  },
];

/** A group on its way from a,b,c to a,d,e, led by a, of which only a has the entry that ends it. */
function enterJoint(): ScriptedGroup {
  // One entry in each append, so that the one that leaves it can be held back.
  const tuning = { appendBytesMax: 1 };
  const group = new ScriptedGroup({ voters: THREE, spares: ["d", "e"], tuning });
  group.elect("a");
  // The appends that would leave it go nowhere.
  group.hold({
    from: "a",
    type: "appendRequest",
    where: (message) =>
      message.type === "appendRequest" &&
      message.entries.filter(({ kind }) => kind === "membership").some(({ index }) => index > 2),
  });
  group.change("a", ...JOINT_CHANGES);
  group.settle();
  group.run(2);
  must(["a", "b", "d"].every((id) => isJoint(group.member(id).membership)), "all are joint");
  group.stopHolding();
  return group;
}

function crashInJoint(crashed: string, point: CrashPoint, nth: number): void {
  const group = new ScriptedGroup({ voters: THREE, spares: ["d", "e"] });
  group.elect("a");
  group.crashAt(crashed, point, { nth });
  group.change("a", ...JOINT_CHANGES);
  group.settle();
  group.run(4 * group.electionTicks);
  must(!group.member(crashed).isRunning, `${crashed} crashed`);
  group.restart(crashed);
  group.assertHeals();
  group.run(2 * group.electionTicks);
  const { leader } = group;
  must(leader !== null && !isJoint(leader.membership), "the group is not joint any more");
  const members = allMembers(leader.membership).join();
  must(members === "a,d,e" || members === "a,b,c", `the group is ${members}`);
}

/**
 * The etcd rule that an entry is written together with a commit index: a that
 * forgets that {a,b,c,d} is committed, with {a,b,c,d,e} in its log, would ask
 * {a,b,c} for votes.
 */
function restartForgetsNoChange(): void {
  const group = new ScriptedGroup({ voters: THREE, spares: ["d", "e"] });
  group.elect("c");
  group.change("c", { type: "addVoter", id: "d" });
  group.settle();
  group.run(1);
  group.change("c", { type: "addVoter", id: "e" });
  group.settle();
  group.run(1);
  ["a", "b"].forEach((id) => {
    group.crash(id); // Their state machines had synced nothing.
    group.restart(id);
  });
  group.isolate("a", "b");
  must(group.outcomeOf(group.write("c")) === "acknowledged", "c, d and e commit without them");
  group.hold({ from: "a", type: "voteRequest", where: ({ to }) => to !== "b" });
  group.tick("b", group.electionTicks);
  group.campaign("a");
  group.settle();
  must(group.member("a").role !== "leader", "a and b elect nobody");
  group.assertHeals();
}

function countMemberships(group: ScriptedGroup): number {
  const { committed } = group.invariants;
  let count = 0;
  for (let index = 1; index <= committed.lastIndex; index += 1) {
    count += committed.at(index)?.entry.kind === "membership" ? 1 : 0;
  }
  return count;
}
