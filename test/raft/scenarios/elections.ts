import type { Message } from "../../../raft/mod.ts";
import { type CrashPoint, must, type Scenario, ScriptedGroup } from "../../../testing/mod.ts";

const FIVE = ["a", "b", "c", "d", "e"];
const THREE = ["a", "b", "c"];

/** Elections: who may win one, and what a crash may not undo (R1 to R5, R25, R26, R38). */
export const ELECTION_SCENARIOS: readonly Scenario[] = [
  {
    id: "R38",
    name: "a candidate that cannot win does not keep from standing who can, however fast its clock",
    run: slowVoterStands,
  },
  {
    id: "R1",
    name: "an entry of an earlier term on a majority is not committed by counting (figure 8)",
    run: figureEight,
  },
  ...[true, false].flatMap((hasLog) =>
    ([
      { point: "vote decided", surviving: 0, isFree: true, why: "the vote never came to the disk" },
      { point: "vote decided", surviving: 1, isFree: false, why: "the disk had it after all" },
      { point: "vote durable", surviving: 0, isFree: false, why: "the core was not told" },
      { point: "vote sent", surviving: 0, isFree: false, why: "the candidate knows" },
    ] as const).map(({ point, surviving, isFree, why }): Scenario => ({
      id: "R2",
      name: `a voter ${hasLog ? "with" : "without"} a log crashes at "${point}" and ` +
        `${isFree ? "is free to vote again" : "keeps to its vote"}: ${why}`,
      run: () => crashedVoter({ hasLog, point, surviving, isFree }),
    }))
  ),
  {
    id: "R3",
    name: "a vote that comes twice counts once",
    run: () => {
      const group = new ScriptedGroup({ voters: FIVE });
      const votes = group.hold({ to: "a", type: "voteResponse" });
      group.campaign("a");
      group.settle();
      [...votes].forEach((vote) => group.deliver(vote));
      group.settle();
      const vote = votes.find((message) => isVote(message) && message.from === "b");
      must(vote !== undefined, "b has voted");
      for (let times = 0; times < 5; times += 1) {
        group.deliver(vote);
      }
      must(group.member("a").role === "candidate", "two of five do not elect");
      const other = votes.find((message) => isVote(message) && message.from === "c");
      must(other !== undefined, "c has voted");
      group.deliver(other);
      must(group.isLedBy("a"), "three of five do");
      group.assertHeals();
    },
  },
  {
    id: "R3",
    name: "a pre-vote that comes twice counts once",
    run: () => {
      const group = new ScriptedGroup({ voters: FIVE });
      const votes = group.hold({ to: "a", type: "voteResponse" });
      group.campaign("a");
      group.settle();
      const vote = votes.find(({ from }) => from === "b");
      must(vote !== undefined, "b has answered");
      group.deliver(vote);
      group.deliver(vote);
      group.deliver(vote);
      must(group.member("a").role === "preCandidate", "two of five are not enough");
    },
  },
  {
    id: "R4",
    name: "votes of an earlier term and pre-votes do not count in an election",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE });
      const votes = group.hold({ to: "a", type: "voteResponse" });
      group.campaign("a");
      group.settle();
      const preVotes = votes.splice(0);
      preVotes.forEach((vote) => group.deliver(vote));
      group.settle();
      const earlier = votes.splice(0);
      must(earlier.some(isVote), "votes of term 1 were given, and are late");
      group.campaign("a");
      group.settle();
      votes.splice(0).forEach((vote) => group.deliver(vote));
      group.settle();
      const { role, term } = group.member("a");
      must(role === "candidate" && term === 2, "a is a candidate in term 2");
      [...preVotes, ...earlier].forEach((vote) => group.deliver(vote));
      must(group.member("a").role === "candidate", "nothing of it elects");
      votes.forEach((vote) => group.deliver(vote));
      must(group.isLedBy("a"), "the votes of term 2 do");
      preVotes.forEach((vote) => group.deliver(vote));
      must(group.isLedBy("a") && group.leader?.term === 2, "late pre-votes are void");
    },
  },
  ...[true, false].map((preVote): Scenario => ({
    id: "R5",
    name: `a longer log with an older last term is refused ${
      preVote ? "with" : "without"
    } pre-vote`,
    run: () => {
      const group = new ScriptedGroup({ voters: THREE, tuning: { preVote } });
      group.elect("c");
      group.isolate("c");
      group.proposeAll("c", 5);
      group.settle();
      group.crash("c");
      group.heal();
      group.elect("a");
      const written = group.write("a");
      must(group.outcomeOf(written) === "acknowledged", "a and b commit");
      group.crash("a");
      group.restart("c");
      must(group.member("c").log.lastIndex > group.member("b").log.lastIndex, "c's log is longer");
      group.tick("b", group.electionTicks);
      group.campaign("c");
      group.settle();
      must(group.leader === null, "b refuses c");
      group.elect("b");
      group.assertHeals();
    },
  })),
  {
    id: "R25",
    name: "a member that was cut off for 100 elections disturbs nobody when it returns",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE });
      group.elect("a");
      group.isolate("c");
      for (let election = 0; election < 100; election += 1) {
        group.campaign("c");
        group.settle();
      }
      must(group.member("c").term === 1, "its term did not grow");
      group.run(1);
      group.heal();
      group.run(3 * group.electionTicks);
      must(group.isLedBy("a") && group.leader?.term === 1, "a still leads term 1");
      group.assertHeals();
    },
  },
  {
    id: "R25",
    name: "a refused pre-vote tells of a later term, so that a stale cohort does not deadlock",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE });
      group.elect("a");
      group.write("a");
      // c comes to a later term, with a log that is too short to win.
      group.isolate("c");
      group.write("a");
      group.crash("a");
      group.heal();
      group.deliver({
        type: "voteResponse",
        from: "b",
        to: "c",
        term: 7,
        isPreVote: true,
        granted: false,
        commit: { term: 0, index: 0 },
      } as Message);
      must(group.member("c").term === 7, "c is in term 7");
      group.elect("b");
      must(group.member("b").term > 7, "b won beyond it");
      group.assertHeals();
    },
  },
  {
    id: "R25",
    name: "granting a pre-vote does not put off the granter's own election",
    run: () => {
      // How long b waits, from a group in which nobody asks it for anything.
      const quiet = new ScriptedGroup({ voters: THREE });
      let timeout = 0;
      for (; timeout < 100 && quiet.member("b").role === "follower"; timeout += 1) {
        quiet.tick("b");
      }
      const group = new ScriptedGroup({ voters: THREE });
      group.tick("b", timeout - 1);
      must(group.member("b").role === "follower", "b's timeout has not ended");
      group.campaign("a");
      group.deliverAll({ to: "b", type: "voteRequest" });
      must(
        group.inFlight({ from: "b" }).some((vote) => vote.type === "voteResponse" && vote.granted),
        "b grants the pre-vote",
      );
      group.drop();
      group.tick("b", 1);
      must(group.member("b").role === "preCandidate", "b's timeout ends when it would have");
    },
  },
  {
    id: "R2",
    name: "a candidate counts its own vote once it is durable, and not before",
    run: () => {
      const group = new ScriptedGroup({ voters: ["a"] });
      group.holdWork("a", "write");
      group.run(5 * group.electionTicks);
      const { term } = group.member("a");
      must(
        term > 1,
        "its vote in an earlier term is on the way to the disk, that in this one waits",
      );
      group.finish("a", "write");
      must(group.member("a").role === "candidate", "the earlier one does not count");
      group.release("a", "write");
      group.settle();
      must(group.isLedBy("a") && group.member("a").term === term, "that of the term does");
      group.assertHeals();
    },
  },
  ...([
    { blocks: ["a>c", "c>a"], leader: "a", why: "the leader hears one of two" },
    { blocks: ["a>c", "c>a"], leader: "b", why: "the leader hears both" },
    { blocks: ["a>c"], leader: "a", why: "the leader is not heard by one" },
    { blocks: ["c>a"], leader: "a", why: "the leader does not hear one" },
  ] as const).map(({ blocks, leader, why }): Scenario => ({
    id: "R26",
    name: `one stable leader in a partial partition: ${why}`,
    run: () => {
      const group = new ScriptedGroup({ voters: THREE });
      group.elect(leader);
      blocks.forEach((block) => {
        const [from = "", to = ""] = block.split(">");
        group.block(from, to);
      });
      group.run(6 * group.electionTicks);
      const stable = group.leader;
      must(stable !== null, "someone leads");
      const { term } = stable;
      group.run(10 * group.electionTicks);
      must(group.leader?.id === stable.id && group.leader.term === term, "the same still leads");
      must(group.outcomeOf(group.write(stable.id)) === "acknowledged", "it commits");
      group.assertHeals();
    },
  })),
  ...[1, 2, 3, 4, 5, 7].map((size): Scenario => ({
    id: "R38",
    name: `of ${size}, a minority commits nothing, and the group heals`,
    run: () => {
      const voters = ["a", "b", "c", "d", "e", "f", "g"].slice(0, size);
      const group = new ScriptedGroup({ voters });
      group.elect("a");
      must(group.outcomeOf(group.write("a")) === "acknowledged", "all together commit");
      const minority = voters.slice(0, Math.ceil(size / 2) - 1 + (size % 2 === 0 ? 1 : 0));
      if (minority.length > 0 && minority.length < size) {
        group.isolate(...minority);
        const command = group.write("a");
        must(group.outcomeOf(command) === "pending", `${minority.length} of ${size} do not commit`);
        group.run(3 * group.electionTicks);
        must(group.member("a").role !== "leader", "a leader without a quorum steps down");
      }
      group.assertHeals();
    },
  })),
];

/** b votes for a, crashes, and is asked by c in the same term. */
function crashedVoter(
  { hasLog, point, surviving, isFree }: {
    readonly hasLog: boolean;
    readonly point: CrashPoint;
    readonly surviving: number;
    /** Whether b may vote for c. */
    readonly isFree: boolean;
  },
): void {
  const group = new ScriptedGroup({ voters: THREE });
  if (hasLog) {
    group.elect("a");
    group.write("a");
    group.run(1);
    THREE.forEach((id) => {
      group.crash(id);
      group.restart(id);
    });
    must(THREE.every((id) => group.member(id).disk.log.lastIndex === 2), "all hold a log");
  }
  group.block("a", "c");
  group.block("c", "a");
  const votes = group.hold({ from: "b", to: "a", type: "voteResponse", where: isVote });
  group.crashAt("b", point, { surviving });
  group.campaign("a");
  group.settle();
  const { term } = group.member("a");
  must(!group.member("b").isRunning, "b crashed");
  const { hardState } = group.member("b").disk;
  must(
    (hardState.term === term && hardState.vote === "a") === !isFree,
    "its disk has the vote, or not",
  );
  must(votes.length === (point === "vote sent" ? 1 : 0), "its vote has left, or not");
  group.restart("b");
  group.campaign("c");
  group.settle();
  must(group.member("c").term === term, "c asks for votes in the same term");
  must((group.member("c").role === "leader") === isFree, `c is ${isFree ? "elected" : "refused"}`);
  votes.forEach((late) => group.deliver(late));
  must((group.member("a").role === "leader") === (point === "vote sent"), "a has b's vote or not");
  group.assertHeals();
}

function slowVoterStands(): void {
  const group = new ScriptedGroup({ voters: ["a", "b"], tuning: { preVote: false } });
  group.elect("a");
  group.write("a");
  group.block("a", "b");
  group.write("a");
  group.crash("a");
  group.restart("a");
  group.heal();
  // b stands again and again, and a, which alone can win, has less time each time than it needs.
  let longest = 0;
  for (let count = 0; count < 10 && group.member("a").role === "follower"; count += 1) {
    group.campaign("b");
    group.settle();
    group.tick("a", 5);
    longest += 5;
  }
  group.settle();
  must(longest <= 2 * group.electionTicks, `a stood after ${longest} ticks`);
  must(group.member("a").role === "leader", "a is elected");
  group.assertHeals();
}

function figureEight(): void {
  const group = new ScriptedGroup({ voters: FIVE, tuning: { appendBytesMax: 1 } });
  group.elect("a");
  group.write("a");
  ["c", "d", "e"].forEach((id) => group.block("a", id));
  group.write("a"); // Index 3 of term 1, on a and b.
  group.crash("a");
  group.heal();
  group.hold({ from: "e", type: "appendRequest" });
  group.elect("e"); // Index 3 of term 2, on e alone.
  group.crash("e");
  group.stopHolding();
  group.restart("a");
  ["c", "d"].forEach((id) => group.block("a", id));
  group.unblock("a", "d");
  const toD = group.hold({ from: "a", to: "d", type: "appendRequest" });
  // It gave e no vote, so that it would be the first to stand now.
  group.crash("b");
  group.restart("b");
  group.elect("a"); // Term 3, with the votes of b and d.
  toD.length = 0;
  group.unblock("a", "c");
  const toC = group.hold({ from: "a", to: "c", type: "appendRequest" });
  group.tick("a");
  group.settle();
  for (let sent = toC.shift(); sent !== undefined; sent = toC.shift()) {
    if (sent.type === "appendRequest" && sent.entries[0]?.term === 3 && holds(group, "c", 3, 1)) {
      break; // The entry of term 3 stays away from c.
    }
    group.deliver(sent);
    group.settle();
  }
  must(holds(group, "b", 3, 1) && holds(group, "c", 3, 1), "a majority holds entry 3 of term 1");
  must(group.member("a").committedIndex < 3, "which does not make it committed");
  group.crash("a");
  group.stopHolding();
  group.restart("e");
  group.elect("e");
  must(!holds(group, "c", 3, 1), "e has overwritten it");
  group.assertHeals();
}

function holds(group: ScriptedGroup, id: string, index: number, term: number): boolean {
  return group.member(id).log.termAt(index) === term;
}

function isVote(message: Message): boolean {
  return message.type === "voteResponse" && message.granted && !message.isPreVote;
}
