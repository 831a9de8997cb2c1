import type { Message } from "../../../raft/mod.ts";
import { must, type Scenario, ScriptedGroup } from "../../../testing/mod.ts";

const THREE = ["a", "b", "c"];
const NO_COMMIT = { term: 0, index: 0 };

/** Who counts as alive, and who may stand or vote meanwhile (R4, R17, R25, R26, R29). */
export const SILENCE_SCENARIOS: readonly Scenario[] = [
  {
    id: "R4",
    name: "a pre-vote that is granted for another term than was asked for counts for nothing",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE });
      const requests = group.hold({ from: "a", type: "voteRequest" });
      group.campaign("a");
      must(requests.length === 2, "a asks for pre-votes of term 1");
      group.deliver(granted({ from: "b", to: "a", term: 9 }));
      must(group.member("a").role === "preCandidate", "a grant for term 9 is not for that");
      group.deliver(granted({ from: "b", to: "a", term: 1 }));
      must(group.member("a").role === "candidate", "one for term 1 is");
      group.assertHeals();
    },
  },
  {
    id: "R4",
    name: "who follows a leader gives nobody else its vote in that term",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE, tuning: { checkQuorum: false } });
      group.block("a", "c");
      group.elect("a");
      group.unblock("a", "c");
      group.tick("a");
      group.settle();
      must(group.member("c").leader === "a", "c follows a, and has not voted");
      const last = { term: 1, index: 99 };
      group.deliver({
        type: "voteRequest",
        from: "b",
        to: "c",
        term: group.member("c").term,
        isPreVote: false,
        last,
        commit: NO_COMMIT,
        isTransfer: false,
      });
      group.settle();
      must(
        group.countSent({
          from: "c",
          where: (message) => message.type === "voteResponse" && message.granted,
        }) === 0,
        "c grants nothing",
      );
    },
  },
  {
    id: "R26",
    name: "a candidate gives way to the leader of its own term at once",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE, tuning: { preVote: false } });
      group.hold({ from: "c", type: "voteRequest" });
      group.campaign("c");
      group.settle();
      must(group.member("c").role === "candidate", "c stands in term 1");
      group.campaign("a");
      group.settle();
      must(group.isLedBy("a") && group.leader?.term === 1, "a was elected in term 1");
      const { role, leader } = group.member("c");
      must(role === "follower" && leader === "a", "c follows a");
      group.run(1);
      must(group.isEven, "and has its log");
    },
  },
  {
    id: "R26",
    name: "a candidate that a quorum has refused follows again",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE });
      group.elect("a");
      group.isolate("c");
      group.write("a");
      group.campaign("c");
      must(group.member("c").role === "preCandidate", "c asks for pre-votes");
      for (const from of ["a", "b"]) {
        const { term } = group.member("c");
        group.deliver({ ...granted({ from, to: "c", term }), granted: false } as Message);
      }
      must(group.member("c").role === "follower", "c knows that it cannot win");
      group.assertHeals();
    },
  },
  {
    id: "R26",
    name: "the leader of a term is reported when it becomes known, and so is a term without one",
    run: () => {
      const told: string[] = [];
      const group = new ScriptedGroup({
        voters: THREE,
        onRoleChanged: ({ id, term, leader }) => told.push(`${id} ${term} ${leader}`),
      });
      group.elect("a");
      must(told.includes("b 1 a") && told.includes("c 1 a"), `all know a: ${told.join(", ")}`);
      told.length = 0;
      group.hold({ from: "b", type: "appendRequest" });
      group.isolate("a");
      group.elect("b");
      must(told.includes("c 2 null"), `c is in a term without a leader: ${told.join(", ")}`);
      told.length = 0;
      group.deliver({
        type: "appendRejected",
        from: "b",
        to: "c",
        term: 7,
        attempt: 0,
        rejected: 0,
        hint: NO_COMMIT,
      });
      must(told.includes("c 7 null"), `and in another one: ${told.join(", ")}`);
    },
  },
  {
    id: "R25",
    name: "who votes for another puts off its own election",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE });
      // Term 1 comes first, and the request for a vote in it later.
      const term = 1;
      const hint = NO_COMMIT;
      const rejected = 0;
      group.deliver(
        { type: "appendRejected", from: "c", to: "b", term, attempt: 0, rejected, hint },
      );
      group.tick("b", group.electionTicks + 5);
      group.deliver({
        type: "voteRequest",
        from: "a",
        to: "b",
        term,
        isPreVote: false,
        last: NO_COMMIT,
        commit: NO_COMMIT,
        isTransfer: false,
      });
      const votes = group.hold({ from: "b", type: "voteResponse" });
      group.settle();
      must(votes.some((vote) => vote.type === "voteResponse" && vote.granted), "b votes for a");
      group.tick("b", group.electionTicks - 1);
      must(group.member("b").role === "follower", "b gives a the time to win");
    },
  },
  {
    id: "R25",
    name: "who has followed a leader for long ignores those who do not hear it",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE });
      group.elect("a");
      group.run(3 * group.electionTicks);
      group.block("a", "b");
      group.campaign("b");
      group.settle();
      must(group.member("b").role === "preCandidate", "nobody grants b a pre-vote");
      const response = group.sent.findLast(({ from, to }) => from === "c" && to === "b");
      must(response?.type === "voteResponse" && !response.granted, "c refuses");
      group.run(group.electionTicks);
      must(group.isLedBy("a") && group.leader?.term === 1, "a leads on");
      group.assertHeals();
    },
  },
  ...([
    { type: "appendRequest", what: "appends" },
    { type: "snapshotOffer", what: "offers of snapshots" },
    { type: "heartbeat", what: "heartbeats" },
  ] as const).map(({ type, what }): Scenario => ({
    id: "R26",
    name: `a leader of whom nothing but ${what} comes through is heard`,
    run: () => {
      const group = new ScriptedGroup({ voters: THREE });
      group.elect("a");
      group.isolate("c");
      const { term, membership } = group.member("a");
      for (let tick = 0; tick < 3 * group.electionTicks; tick += 1) {
        group.deliver(signOfLife(type, { from: "a", to: "c", term, membership }));
        group.tick("c");
        must(group.member("c").role === "follower", `c follows in tick ${tick}`);
      }
      group.tick("c", 2 * group.electionTicks);
      must(group.member("c").role === "preCandidate", "and stands when nothing comes any more");
    },
  })),
  {
    id: "R26",
    name: "a leader that hears its followers by acknowledgements alone stays",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE });
      group.elect("a");
      group.hold({ to: "a", type: "heartbeatResponse" });
      for (let tick = 0; tick < 4 * group.electionTicks; tick += 1) {
        group.write("a");
        group.run(1);
      }
      must(group.isLedBy("a") && group.leader?.term === 1, "a still leads");
      group.assertHeals();
    },
  },
  {
    id: "R26",
    name: "a leader whose followers answer once in each election timeout stays",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE });
      group.elect("a");
      group.run(1);
      for (let round = 0; round < 4; round += 1) {
        const answers = group.hold({ to: "a" });
        group.run(group.electionTicks - 2);
        answers.forEach((answer) => group.deliver(answer));
        group.stopHolding();
        group.run(2);
      }
      must(group.isLedBy("a") && group.leader?.term === 1, "a still leads");
      group.assertHeals();
    },
  },
  {
    id: "R26",
    name:
      "a leader that is answered by nothing but heartbeats stays, and knows no leader afterwards",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE });
      group.elect("a");
      group.run(1);
      group.hold({ to: "a", type: "appendAccepted" });
      group.propose("a");
      group.run(4 * group.electionTicks);
      must(group.isLedBy("a") && group.leader?.term === 1, "a still leads");
      group.isolate("a");
      group.tick("a", 2 * group.electionTicks);
      const { role, leader } = group.member("a");
      must(role === "follower" && leader === null, `a is a ${role}, its leader is ${leader}`);
      group.assertHeals();
    },
  },
  {
    id: "R28",
    name: "who hears its leader ignores real elections too, and does not enter their term",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE, tuning: { preVote: false } });
      group.elect("a");
      group.run(2);
      group.block("a", "c");
      group.campaign("c");
      must(group.member("c").role === "candidate", "c stands without asking before");
      group.finish("c", "write");
      group.deliverAll({ from: "c", to: "b" });
      must(group.member("b").term === 1 && group.member("b").leader === "a", "b keeps to a");
      group.drop();
      must(group.inFlight({ from: "b" }).length === 0, "and does not answer");
    },
  },
  {
    id: "R28",
    name: "who hears its leader grants no pre-vote",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE });
      group.elect("a");
      group.run(2);
      group.isolate("a");
      group.campaign("c");
      group.deliverAll({ from: "c", to: "b" });
      const answers = group.inFlight({ from: "b", type: "voteResponse" });
      must(answers.length === 1, "b answers");
      must(answers.every((vote) => vote.type === "voteResponse" && !vote.granted), "and refuses");
      group.assertHeals();
    },
  },
  {
    id: "R26",
    name: "heartbeats are sent in their interval, not with every tick",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE, tuning: { heartbeatTicks: 3 } });
      group.elect("a");
      const before = group.countSent({ from: "a", to: "b", type: "heartbeat" });
      group.run(12);
      const count = group.countSent({ from: "a", to: "b", type: "heartbeat" }) - before;
      must(count === 4, `${count} heartbeats in four intervals`);
    },
  },
  {
    id: "R17",
    name: "a leader whose disk hangs stays while nobody else could lead",
    run: () => {
      const group = new ScriptedGroup({ voters: ["a"] });
      group.run(2);
      must(group.isLedBy("a"), "a leads alone");
      const { term } = group.member("a");
      group.holdWork("a", "write");
      const command = group.propose("a");
      group.run(5 * group.electionTicks);
      must(group.isLedBy("a") && group.leader?.term === term, "a still leads");
      group.release("a", "write");
      group.settle();
      must(group.outcomeOf(command) === "acknowledged", "and commits what it took");
    },
  },
  ...[
    {
      why: "the others are as far",
      prepare: (group: ScriptedGroup) => {
        group.crash("b");
        group.run(2 * group.electionTicks + 1);
      },
    },
    {
      why: "one has less",
      prepare: (group: ScriptedGroup) => {
        group.run(2);
        group.hold({ to: "b", type: "appendRequest" });
        group.write("a");
        group.run(2);
      },
    },
  ].map(({ why, prepare }): Scenario => ({
    id: "R29",
    name: `a leader that leaves has the one take over that can: ${why}`,
    run: () => {
      const group = new ScriptedGroup({ voters: ["a", "b", "c", "d"] });
      group.elect("a");
      prepare(group);
      group.change("a", { type: "remove", id: "a" });
      group.settle();
      must(group.countSent({ from: "a", to: "b", type: "timeoutNow" }) === 0, "b is not told");
      must(group.isLedBy("c"), "c leads without waiting for a timeout");
      group.assertHeals();
    },
  })),
  {
    id: "R28",
    name: "a candidate that learns of its removal gives up",
    run: () => {
      const group = removedWithoutKnowing();
      group.tick("b", group.electionTicks);
      group.campaign("c");
      must(group.member("c").role === "preCandidate", "c stands");
      group.settle();
      must(!group.member("c").membership.voters.includes("c"), "b's answer tells of the removal");
      must(group.member("c").role === "follower", "c does not stand any more");
    },
  },
  {
    id: "R29",
    name: "a voter learns from a candidate what is committed",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE });
      group.elect("a");
      group.hold({ from: "a", to: "c", where: (message) => isCommitOf(message, 2) });
      group.write("a");
      must(group.member("c").log.lastIndex === 2, "c holds the entry");
      must(group.member("c").committedIndex === 1, "and does not know that it is committed");
      group.isolate("a");
      group.tick("c", group.electionTicks);
      group.campaign("b");
      group.deliverAll({ from: "b", to: "c" });
      must(group.member("c").committedIndex === 2, "b's request told c");
      group.assertHeals();
    },
  },
];

/** a and b have removed c, which holds the entry and does not know that it is committed. */
function removedWithoutKnowing(): ScriptedGroup {
  const group = new ScriptedGroup({ voters: THREE });
  group.elect("a");
  group.run(1);
  group.change("a", { type: "remove", id: "c" });
  group.deliverAll({ from: "a" });
  group.finish("a", "write");
  group.finish("b", "write");
  group.finish("c", "write");
  group.isolate("c");
  group.settle();
  must(group.member("c").log.lastIndex === 2, "c holds its removal");
  must(group.member("c").committedIndex < 2, "and does not know that it is committed");
  must(group.member("b").membership.voters.join() === "a,b", "b does");
  group.isolate("a");
  group.unblock("b", "c");
  group.unblock("c", "b");
  return group;
}

function isCommitOf(message: Message, index: number): boolean {
  return (message.type === "appendRequest" || message.type === "heartbeat") &&
    message.commit >= index;
}

function granted({ from, to, term }: { from: string; to: string; term: number }): Message {
  const commit = NO_COMMIT;
  return { type: "voteResponse", from, to, term, isPreVote: true, granted: true, commit };
}

function signOfLife(
  type: "appendRequest" | "snapshotOffer" | "heartbeat",
  { membership, ...envelope }: {
    readonly from: string;
    readonly to: string;
    readonly term: number;
    readonly membership: ReturnType<ScriptedGroup["member"]>["membership"];
  },
): Message {
  switch (type) {
    case "appendRequest": {
      const previous = { term: 1, index: 1 };
      return { type, ...envelope, previous, entries: [], commit: 1, attempt: 0 };
    }
    case "snapshotOffer":
      return { type, ...envelope, snapshot: { last: { term: 1, index: 1 }, membership } };
    case "heartbeat":
      return { type, ...envelope, commit: 1, round: 0 };
  }
}
