import type { Message } from "../../../raft/mod.ts";
import { must, type Scenario, ScriptedGroup } from "../../../testing/mod.ts";

const THREE = ["a", "b", "c"];

/** Members whose logs were cut, perhaps of what they had acknowledged (W16). */
export const SUSPECT_SCENARIOS: readonly Scenario[] = [
  ...[true, false].map((preVote): Scenario => ({
    id: "W16",
    name: `a member that has lost what it acknowledged elects nobody without it, ${
      preVote ? "asked first" : "asked at once"
    }`,
    run: () => {
      const group = new ScriptedGroup({ voters: THREE, tuning: { preVote } });
      const command = lostByB(group);
      group.crash("a");
      group.restart("b");
      group.heal();
      group.run(6 * group.electionTicks);
      must(group.leader === null, "c, which never had the entry, is not elected, nor is b");
      group.restart("a");
      group.elect("a");
      group.run(2);
      must(group.isEven, "with a, the entry is everywhere");
      must(group.outcomeOf(command) === "acknowledged", "and it was acknowledged");
      must(!group.member("b").disk.isSuspect, "b is confirmed");
      must(
        group.marks.of("acknowledged entry was lost by a damaged member and came back") === 1,
        "b has it again",
      );
      group.assertHeals();
    },
  })),
  {
    id: "W16",
    name: "what a member holds that is not confirmed counts towards no commit",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE });
      lostByB(group);
      const confirmations = group.hold({ type: "logConfirmed" });
      group.restart("b");
      group.run(2);
      const command = group.write("a");
      must(group.member("b").disk.log.lastIndex === group.member("a").log.lastIndex, "b has all");
      must(group.outcomeOf(command) === "pending", "b's answers do not count");
      group.stopHolding();
      must(confirmations.length > 0, "a would confirm it");
      group.run(2);
      must(group.outcomeOf(command) === "acknowledged", "once it has, they do");
      group.assertHeals();
    },
  },
  {
    id: "W16",
    name: "an acknowledgement from before the crash, which comes late, counts towards no commit",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE });
      group.elect("a");
      group.isolate("c");
      const late = group.hold({ from: "b", type: "appendAccepted" });
      const command = group.write("a");
      must(late.length > 0, "b has acknowledged it, and a does not know");
      group.crash("b", { disk: "damaged" });
      tellA(group, late);
      must(group.outcomeOf(command) === "pending", "b does not have it any more");
      group.stopHolding();
      group.run(2);
      must(group.outcomeOf(command) === "acknowledged", "b has it again, and says so");
      group.assertHeals();
    },
  },
  {
    id: "W16",
    name:
      "two crashes in a row: what was acknowledged between them, once confirmed, does not count",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE });
      group.elect("a");
      group.isolate("c");
      group.write("a");
      group.crash("b", { disk: "torn" });
      group.restart("b");
      const late = group.hold({
        from: "b",
        type: "appendAccepted",
        where: (message) => !("suspectLife" in message),
      });
      group.run(2);
      must(!group.member("b").disk.isSuspect, "b is confirmed, which a does not know");
      const command = group.write("a");
      must(late.length > 0 && group.outcomeOf(command) === "pending", "its answers are late");
      group.crash("b", { disk: "damaged" });
      tellA(group, late);
      must(group.outcomeOf(command) === "pending", "the second life has lost it again");
      group.stopHolding();
      group.run(2);
      must(group.outcomeOf(command) === "acknowledged", "the third one has it");
      group.assertHeals();
    },
  },
  {
    id: "W16",
    name: "two crashes in a row: a confirmation that was meant for the life before is not taken",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE });
      lostByB(group);
      const confirmations = group.hold({ type: "logConfirmed" });
      group.restart("b");
      group.run(2);
      group.write("a");
      group.crash("b", { disk: "damaged" });
      group.restart("b");
      group.run(1);
      confirmations.filter((message) => isFor(message, confirmations[0])).forEach((message) =>
        group.deliver(message)
      );
      group.settle();
      must(group.member("b").disk.isSuspect, "it is for another life");
      group.stopHolding();
      group.assertHeals();
    },
  },
  {
    id: "W16",
    name: "a confirmation of what a member does not hold is not taken",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE });
      lostByB(group);
      group.hold({ to: "b", type: "appendRequest" });
      group.restart("b");
      group.run(1);
      const answer = group.sent.findLast((message) => "suspectLife" in message);
      const life = answer !== undefined && "suspectLife" in answer ? answer.suspectLife ?? 0 : 0;
      group.deliver({ type: "logConfirmed", from: "a", to: "b", term: 1, life, upTo: 1 });
      group.settle();
      must(group.member("b").disk.isSuspect, "it does not know that its log is the leader's");
      group.stopHolding();
      group.assertHeals();
    },
  },
  {
    id: "W16",
    name: "a doubt is not forgotten before the word that ends it is durable",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE });
      lostByB(group);
      group.restart("b");
      group.run(1);
      group.crash("b", { disk: "torn" });
      const confirmations = group.hold({ type: "logConfirmed" });
      group.restart("b");
      group.run(2);
      group.stopHolding();
      group.holdWork("b", "write");
      confirmations.slice(-1).forEach((message) => group.deliver(message));
      group.settle();
      must(group.underWay("b", "write") > 0, "b is writing that it is whole");
      const command = group.propose("a");
      group.settle();
      must(group.outcomeOf(command) === "pending", "and says nothing on the strength of that");
      group.crash("b");
      group.release("b", "write");
      group.restart("b");
      must(group.member("b").disk.isSuspect, "which a crash undoes");
      group.assertHeals();
    },
  },
  {
    id: "W16",
    name:
      "a group of which all members are suspect elects who has the newest log, once all are there",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE });
      const command = lostByB(group);
      group.crash("a", { disk: "torn" });
      group.crash("c", { disk: "torn" });
      group.heal();
      for (const pair of [["a", "b"], ["b", "c"], ["a", "c"]]) {
        pair.forEach((id) => group.restart(id));
        group.run(5 * group.electionTicks);
        must(group.leader === null, `${pair} are too few`);
        pair.forEach((id) => group.crash(id));
      }
      THREE.forEach((id) => group.restart(id));
      group.run(5 * group.electionTicks);
      must(group.isLedBy("a"), "nobody else has the entry");
      must(group.marks.of("elected by all voters with suspects among them") > 0, "by all votes");
      must(group.isEven && group.outcomeOf(command) === "acknowledged", "nothing is lost");
      must(THREE.every((id) => !group.member(id).disk.isSuspect), "all are confirmed");
      group.assertHeals();
    },
  },
  {
    id: "W16",
    name: "a suspect member that is elected is suspect until its first entry is durable",
    run: () => {
      let isDoomed = false;
      const group = new ScriptedGroup({
        voters: THREE,
        onRoleChanged: ({ id, role }) => {
          if (isDoomed && role === "leader") {
            group.crash(id);
          }
        },
      });
      group.elect("a");
      THREE.forEach((id) => group.crash(id, { disk: "torn" }));
      THREE.forEach((id) => group.restart(id));
      isDoomed = true;
      ["b", "c"].forEach((id) => group.tick(id, group.electionTicks));
      group.campaign("a");
      group.settle();
      isDoomed = false;
      must(!group.member("a").isRunning, "a was elected, and crashed at once");
      must(group.member("a").disk.isSuspect, "it may have lost something, as before");
      group.assertHeals();
    },
  },
  {
    id: "W16",
    name:
      "a suspect member with the newest log is elected by a quorum of others whose logs are whole",
    run: () => {
      const group = new ScriptedGroup({ voters: ["a", "b", "c", "d", "e"] });
      group.elect("a");
      group.isolate("c", "d", "e");
      group.propose("a");
      group.settle();
      group.crash("a", { disk: "torn" });
      group.heal();
      group.crash("b");
      group.restart("a");
      group.elect("a");
      must(group.isLedBy("a"), "three of five gave their votes, and b's is not needed");
      group.assertHeals();
    },
  },
  {
    id: "W16",
    name:
      "the votes of a membership in force are not enough where one in the log may be in force too",
    run: () => {
      const group = new ScriptedGroup({ voters: ["a", "b"], spares: ["c"] });
      group.elect("b");
      group.change("b", { type: "addVoter", id: "c" });
      group.run(3);
      must(group.member("b").membership.voters.length === 3, "all three vote");
      group.isolate("a");
      const command = group.write("b");
      must(group.outcomeOf(command) === "acknowledged", "b and c have it");
      ["a", "c"].forEach((id) => group.crash(id));
      group.crash("b", { disk: "damaged" });
      group.heal();
      ["a", "b"].forEach((id) => group.restart(id));
      must(group.member("a").membership.voters.length === 2, "a does not know that c votes");
      group.run(6 * group.electionTicks);
      must(group.leader === null, "c may have what b has lost");
      group.restart("c");
      group.run(6 * group.electionTicks);
      must(group.isEven && group.member("a").log.lastIndex >= 3, "and has it");
      group.assertHeals();
    },
  },
  {
    id: "W16",
    name: "who is asked for its vote without being a voter stands itself, if its log is the newest",
    run: () => {
      const group = new ScriptedGroup({ voters: ["a", "b"], spares: ["c"] });
      group.elect("b");
      group.change("b", { type: "addLearner", id: "c" });
      group.run(3);
      group.change("b", { type: "addVoter", id: "c" });
      group.run(3);
      group.isolate("a");
      const command = group.write("b");
      must(group.outcomeOf(command) === "acknowledged", "b and c have it");
      ["a", "c"].forEach((id) => group.crash(id, { disk: "torn" }));
      group.crash("b", { disk: "damaged" });
      group.heal();
      ["a", "b", "c"].forEach((id) => group.restart(id));
      group.settle();
      group.run(6 * group.electionTicks);
      must(group.isLedBy("c"), "nobody else has the entry");
      must(group.isEven, "and all come to have it");
      group.assertHeals();
    },
  },
  {
    id: "W16",
    name: "a suspect member that needs a snapshot is confirmed after it",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE });
      group.elect("a");
      group.write("a");
      group.crash("b", { disk: "damaged" });
      for (let count = 0; count < 10; count += 1) {
        group.write("a");
      }
      group.compact("a");
      group.compact("c");
      group.restart("b");
      must(group.member("b").disk.isSuspect, "b has lost something");
      group.run(5);
      must(group.marks.of("snapshot restored") === 1, "b got a snapshot");
      must(!group.member("b").disk.isSuspect, "and is confirmed");
      must(group.isEven, "and has what came after it");
      group.assertHeals();
    },
  },
  {
    id: "W16",
    name: "a member that has applied what its log has lost begins after that, and is confirmed",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE });
      group.elect("a");
      group.write("a");
      group.run(2);
      group.member("b").machine.sync();
      group.crash("b", { disk: "damaged" });
      group.restart("b");
      must(group.member("b").disk.isSuspect, "its state has more than its log");
      group.run(3);
      must(!group.member("b").disk.isSuspect && group.isEven, "it goes on");
      group.assertHeals();
    },
  },
  {
    id: "W16",
    name: "a leader whose own disk has lost an entry is confirmed by who has it",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE });
      group.elect("a");
      group.isolate("c");
      const command = group.write("a");
      group.crash("a", { disk: "damaged" });
      group.heal();
      group.restart("a");
      group.run(6 * group.electionTicks);
      must(group.isLedBy("b"), "b and c are whole, and b has the entry");
      must(group.outcomeOf(command) === "acknowledged" && group.isEven, "a has it again");
      must(!group.member("a").disk.isSuspect, "a is confirmed");
      group.assertHeals();
    },
  },
  {
    id: "W16",
    name: "a single member starts, and is whole with its first write",
    run: () => {
      const group = new ScriptedGroup({ voters: ["a"] });
      group.run(2);
      group.write("a");
      group.crash("a", { disk: "torn" });
      group.restart("a");
      must(group.member("a").disk.isSuspect, "its log was cut");
      group.run(1);
      must(group.isLedBy("a") && !group.member("a").disk.isSuspect, "there is nobody to ask");
      group.assertHeals();
    },
  },
  {
    id: "W16",
    name: "a suspect member confirms no read",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE });
      lostByB(group);
      group.hold({ type: "logConfirmed" });
      group.restart("b");
      group.run(2);
      const before = group.served();
      group.read("a");
      group.run(2);
      must(group.served() === before, "nobody else is there");
      group.stopHolding();
      group.run(2);
      must(group.served() === before + 1, "b is confirmed, and confirms");
      group.assertHeals();
    },
  },
  {
    id: "W16",
    name: "a suspect member is not told to lead, nor is a suspect learner promoted",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE, spares: ["d"] });
      group.elect("a");
      group.change("a", { type: "addLearner", id: "d" });
      group.run(3);
      group.write("a");
      group.crash("b", { disk: "damaged" });
      group.crash("d", { disk: "torn" });
      group.hold({ type: "logConfirmed" });
      ["b", "d"].forEach((id) => group.restart(id));
      group.run(2);
      group.transfer("a", "b");
      group.run(2);
      must(group.countSent({ type: "timeoutNow" }) === 0, "b is not told to lead");
      group.run(2 * group.electionTicks);
      group.change("a", { type: "addVoter", id: "d" });
      group.settle();
      must(group.marks.of("membership refused") === 1, "d has not said what it has");
      group.isolate("c");
      group.holdWork("a", "write");
      group.propose("a");
      group.run(3 * group.electionTicks);
      must(group.countSent({ type: "timeoutNow", to: "b" }) === 0, "nor when a's disk hangs");
      group.assertHeals();
    },
  },
  {
    id: "W16",
    name: "a leader stays as long as it hears a suspect member that it could confirm",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE });
      lostByB(group);
      const appends = group.hold({ to: "b", type: "appendRequest" });
      group.restart("b");
      group.run(4 * group.electionTicks);
      must(appends.length > 0 && group.isLedBy("a"), "without a, only all three could go on");
      group.stopHolding();
      group.run(3);
      const command = group.write("a");
      must(group.outcomeOf(command) === "acknowledged", "a and b do, without c");
      group.assertHeals();
    },
  },
  {
    id: "W16",
    name: "what a leader has committed since its election is needed, too, to be confirmed",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE, tuning: { appendBytesMax: 1 } });
      group.elect("a");
      group.isolate("c");
      // The first goes to the disk alone, the others together.
      group.holdWork("b", "write");
      group.proposeAll("a", 3);
      group.settle();
      group.release("b", "write");
      group.settle();
      must(group.member("a").committedIndex === 4, "all are committed");
      group.crash("b", { disk: "damaged" });
      must(group.member("b").disk.lost.length === 2, "b has lost two of them");
      group.hold({ to: "b", type: "appendRequest", where: (message) => hasEntry(message, 4) });
      group.restart("b");
      group.run(3);
      must(group.member("b").disk.log.lastIndex === 3, "and has one again");
      must(group.member("b").disk.isSuspect, "which is not enough");
      group.stopHolding();
      group.run(3);
      must(!group.member("b").disk.isSuspect, "now it has both");
      group.assertHeals();
    },
  },
];

/** `a` leads, and has committed a command with `b` alone, which has crashed and lost it. */
function lostByB(group: ScriptedGroup): number {
  group.elect("a");
  group.isolate("c");
  const command = group.write("a");
  must(group.outcomeOf(command) === "acknowledged", "a and b have it");
  group.crash("b", { disk: "damaged" });
  return command;
}

/**
 * `b` starts and says to `a` that it is suspect, and gets nothing; then come its
 * answers of before.
 */
function tellA(group: ScriptedGroup, late: readonly Message[]): void {
  group.hold({ to: "b", type: "appendRequest" });
  group.restart("b");
  group.run(1);
  late.forEach((message) => group.deliver(message));
  group.settle();
}

function isFor(message: Message, other: Message | undefined): boolean {
  return message.type === "logConfirmed" && other?.type === "logConfirmed" &&
    message.life === other.life;
}

function hasEntry(message: Message, index: number): boolean {
  return message.type === "appendRequest" && message.entries.some((entry) => entry.index === index);
}
