import type { Message } from "../../../raft/mod.ts";
import { must, type Scenario, ScriptedGroup } from "../../../testing/mod.ts";

const THREE = ["a", "b", "c"];
/** What one command of `write` and `propose` weighs at most. */
const SMALL = 40;
/** What it counts where bytes of entries are bounded. */
const COUNTED = SMALL + 32;

/** How entries and snapshots flow to followers, and how much of them (R6, R8, R13 to R16, R36). */
export const FLOW_SCENARIOS: readonly Scenario[] = [
  ...[
    { tuning: { inflightMessagesMax: 3 }, bytes: SMALL, most: 3, why: "three appends" },
    { tuning: { inflightBytesMax: 3 * COUNTED }, bytes: SMALL, most: 3, why: "the bytes of three" },
    { tuning: { inflightBytesMax: 10 }, bytes: SMALL, most: 1, why: "one that is larger" },
  ].map(({ tuning, bytes, most, why }): Scenario => ({
    id: "R16",
    name: `no more is under way to a follower than is allowed: ${why}`,
    run: () => {
      const group = new ScriptedGroup({ voters: THREE, tuning });
      group.elect("a");
      group.run(1);
      for (let round = 0; round < 3; round += 1) {
        const appends = group.hold({ from: "a", to: "b", type: "appendRequest" });
        for (let command = 0; command < 6; command += 1) {
          group.propose("a", { bytes });
          group.settle();
        }
        const full = appends.filter(hasEntries);
        must(full.length === most, `${full.length} appends are under way in round ${round}`);
        // They and their answers are lost; the window is found out of again.
        group.stopHolding();
        group.run(3);
        must(group.isEven, "b has everything");
      }
      group.assertHeals();
    },
  })),
  {
    id: "R16",
    name: "an append is no larger than it may be",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE, tuning: { appendBytesMax: 3 * SMALL } });
      group.elect("a");
      group.isolate("b");
      group.proposeAll("a", 20, { bytes: SMALL });
      group.settle();
      group.heal();
      group.run(3);
      must(group.isEven, "b has everything");
      const sizes = group.sent.filter(hasEntries).map((message) =>
        message.entries.reduce((sum, { data }) => sum + data.length, 0)
      );
      must(Math.max(...sizes) === 3 * SMALL, `the largest has ${Math.max(...sizes)} bytes`);
    },
  },
  {
    id: "R16",
    name: "proposals that come one by one are counted together against the limit",
    run: () => {
      const tuning = { uncommittedBytesMax: 2 * COUNTED };
      const group = new ScriptedGroup({ voters: THREE, tuning });
      group.elect("a");
      for (let round = 0; round < 3; round += 1) {
        const commands = [1, 2, 3].map(() => group.propose("a", { bytes: SMALL }));
        const [first = 0, second = 0, third = 0] = commands;
        must(group.outcomeOf(third) === "dropped", "the third is too much");
        must(group.outcomeOf(second) === "pending", "the second just fits");
        group.settle();
        must(group.outcomeOf(first) === "acknowledged", "what fits is committed");
      }
      group.assertHeals();
    },
  },
  {
    id: "R16",
    name: "what a commit gives back is the size of what was committed",
    run: () => {
      const tuning = { uncommittedBytesMax: 100 + 2 * 32, appendBytesMax: 1 };
      const group = new ScriptedGroup({ voters: THREE, tuning });
      group.elect("a");
      group.hold({
        from: "a",
        where: (message) => hasEntries(message) && message.entries.some(({ index }) => index > 2),
      });
      group.propose("a", { bytes: 20 });
      group.propose("a", { bytes: 80 });
      group.settle();
      must(group.member("a").committedIndex === 2, "the first is committed");
      const large = group.propose("a", { bytes: 40 });
      const small = group.propose("a", { bytes: 20 });
      must(group.outcomeOf(large) === "dropped", "80 and 40 are too much");
      must(group.outcomeOf(small) === "pending", "80 and 20 are not");
      group.assertHeals();
    },
  },
  ...[
    { why: "its entries are new", committed: false },
    { why: "its entries are committed", committed: true },
  ].map(({ why, committed }): Scenario => ({
    id: "R6",
    name: `an append that comes again is acknowledged again, for its answer may be lost: ${why}`,
    run: () => {
      const group = new ScriptedGroup({ voters: THREE });
      group.elect("a");
      group.run(1);
      const appends = group.hold({ from: "a", to: "b", type: "appendRequest" });
      group.propose("a");
      const [append] = appends;
      must(append !== undefined, "an append is on its way");
      group.deliver(append);
      group.finish("b", "write");
      if (committed) {
        const { term } = group.member("a");
        group.deliver({ type: "heartbeat", from: "a", to: "b", term, commit: 2, round: 0 });
        must(group.member("b").committedIndex === 2, "b knows that it is committed");
      }
      group.drop({ from: "b" });
      const acknowledged = () =>
        group.inFlight({ from: "b", type: "appendAccepted" }).some((answer) =>
          answer.type === "appendAccepted" && answer.match === 2
        );
      must(!acknowledged(), "the answer is lost");
      group.deliver(append);
      must(acknowledged(), "b answers again");
      group.assertHeals();
    },
  })),
  {
    id: "R6",
    name: "an older append that comes late takes nothing of an acknowledgement away",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE });
      group.elect("a");
      group.run(1);
      const appends = group.hold({ from: "a", to: "b", type: "appendRequest" });
      group.propose("a");
      group.propose("a");
      const [older, newer] = appends;
      must(older !== undefined && newer !== undefined, "two appends are on their way");
      group.holdWork("b", "write");
      group.deliver(older);
      group.deliver(newer);
      group.deliver(older);
      group.release("b", "write");
      const answers = group.hold({ from: "b", type: "appendAccepted" });
      group.settle();
      must(
        answers.some((answer) => answer.type === "appendAccepted" && answer.match === 3),
        "b acknowledges both",
      );
      group.assertHeals();
    },
  },
  {
    id: "R15",
    name: "a rejection names the last entry that may fit: not behind, and not of a later term",
    run: () => {
      const group = new ScriptedGroup({ voters: ["a", "b", "c", "d", "e"] });
      group.elect("a");
      group.transfer("a", "c");
      group.settle();
      must(group.isLedBy("c"), "c leads term 2");
      group.isolate("a", "c"); // What c proposes is not committed.
      group.proposeAll("c", 5);
      group.settle();
      const { log } = group.member("a");
      must(log.lastIndex === 7 && log.termAt(2) === 2, "a holds one entry of term 1, six of 2");
      const answers = group.hold({ from: "a", type: "appendRejected" });
      for (const { previous, hint } of REJECTIONS) {
        answers.length = 0;
        group.deliver({
          type: "appendRequest",
          from: "c",
          to: "a",
          term: 2,
          previous,
          entries: [],
          commit: 0,
          attempt: 1,
        });
        const [answer] = answers;
        must(answer?.type === "appendRejected", `a rejects ${JSON.stringify(previous)}`);
        const said = JSON.stringify([answer.rejected, answer.hint]);
        must(said === JSON.stringify([previous.index, hint]), `it says ${said}`);
      }
    },
  },
  {
    id: "R15",
    name: "one lost append of many leads to one probe, not to many",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE });
      group.elect("a");
      group.run(1);
      const appends = group.hold({ from: "a", to: "b", type: "appendRequest" });
      for (let command = 0; command < 6; command += 1) {
        group.propose("a");
      }
      const [, ...others] = appends.splice(0);
      must(others.length === 5, "of six appends the first is lost");
      others.forEach((append) => group.deliver(append));
      group.deliverAll({ from: "b", to: "a" });
      must(appends.length === 1, `${appends.length} appends answer five rejections`);
      group.stopHolding();
      appends.forEach((append) => group.deliver(append));
      group.settle();
      must(group.member("b").log.lastIndex === 7, "which is enough");
      group.assertHeals();
    },
  },
  {
    id: "R16",
    name: "a rejection that an acknowledgement has overtaken does not begin a probe",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE });
      group.elect("a");
      group.run(1);
      const appends = group.hold({ from: "a", to: "b", type: "appendRequest" });
      group.propose("a");
      group.propose("a");
      const [first, second] = appends.splice(0);
      must(first !== undefined && second !== undefined, "two appends are on their way");
      const rejections = group.hold({ from: "b", type: "appendRejected" });
      group.deliver(second);
      must(rejections.length === 1, "the second comes first and is rejected");
      group.deliver(first);
      group.deliver(second);
      group.settle();
      must(group.member("a").committedIndex === 3, "then both come and are acknowledged");
      appends.length = 0;
      rejections.forEach((rejection) => group.deliver(rejection));
      must(appends.length === 0, "the rejection comes late and leads to nothing");
      group.assertHeals();
    },
  },
  {
    id: "R19",
    name: "an acknowledgement of what the leader does not have changes nothing",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE });
      group.elect("a");
      group.run(1);
      group.crash("c");
      const { term } = group.member("a");
      group.deliver({ type: "appendAccepted", from: "b", to: "a", term, attempt: 0, match: 999 });
      group.deliver({ type: "appendAccepted", from: "b", to: "a", term, attempt: 1, match: 999 });
      must(group.outcomeOf(group.write("a")) === "acknowledged", "b still gets what it lacks");
      must(group.underWay("a", "makeSnapshot") === 0, "and no snapshot");
      group.assertHeals();
    },
  },
  {
    id: "R14",
    name: "a new leader whose log is compacted sends no snapshot to who needs none",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE });
      group.elect("a");
      writeMany(group, "a", 5);
      group.run(1);
      THREE.forEach((id) => group.compact(id));
      group.transfer("a", "b");
      group.run(2);
      must(group.isLedBy("b"), "b leads");
      must(group.isEven, "all are even");
      must(group.marks.of("snapshot sent") === 0, "without a snapshot");
      group.assertHeals();
    },
  },
  {
    id: "R36",
    name: "one snapshot is made while a follower restores it, whatever it answers meanwhile",
    run: () => {
      const group = behindSnapshot();
      group.holdWork("c", "receiveSnapshot");
      group.run(1);
      group.run(5);
      must(group.underWay("c", "receiveSnapshot") === 1, "c restores it");
      must(group.marks.of("snapshot sent") === 1, "a has sent one");
      const { term } = group.member("a");
      group.deliver({ type: "appendAccepted", from: "c", to: "a", term, attempt: 9, match: 1 });
      group.run(3);
      must(group.marks.of("snapshot sent") === 1, "and sends no other");
      group.release("c", "receiveSnapshot");
      group.settle();
      group.run(2);
      must(group.isEven, "c has everything");
      group.assertHeals();
    },
  },
  {
    id: "R36",
    name: "an acknowledgement of less than the log begins with does not end a snapshot",
    run: () => {
      const group = behindSnapshot();
      group.holdWork("a", "makeSnapshot");
      group.run(2);
      must(group.underWay("a", "makeSnapshot") === 1, "a makes a snapshot for c");
      const { term } = group.member("a");
      group.deliver({ type: "appendAccepted", from: "c", to: "a", term, attempt: 9, match: 1 });
      group.run(2);
      must(group.underWay("a", "makeSnapshot") === 1, "and no second one");
      group.release("a", "makeSnapshot");
      group.run(4);
      must(group.isEven, "c has everything");
      group.assertHeals();
    },
  },
  {
    id: "R36",
    name: "a follower that is found to need no snapshot gets entries at once",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE });
      group.elect("a");
      group.run(1);
      const answers = group.hold({ from: "c", type: "appendAccepted" });
      writeMany(group, "a", 5);
      const rejection: Message = {
        type: "appendRejected",
        from: "c",
        to: "a",
        term: group.member("a").term,
        attempt: newestAttempt(group, "c"),
        rejected: 6,
        hint: { term: 1, index: 1 },
      };
      group.compact("a");
      group.holdWork("a", "makeSnapshot");
      group.deliver(rejection);
      must(group.underWay("a", "makeSnapshot") === 1, "a takes c to be behind its log");
      group.stopHolding();
      answers.forEach((answer) => group.deliver(answer));
      group.write("a");
      must(group.member("c").log.lastIndex === 7, "c gets the next entry without a snapshot");
      group.assertHeals();
    },
  },
  {
    id: "R36",
    name: "a restored snapshot is acknowledged as soon as it is durable",
    run: () => {
      const group = behindSnapshot();
      group.holdWork("a", "sendSnapshot");
      group.run(2);
      group.settle();
      must(group.marks.of("snapshot restored") === 1, "c has restored it");
      must(
        group.countSent({
          from: "c",
          where: (message) => message.type === "appendAccepted" && message.match >= 6,
        }) > 0,
        "and says so, without being asked",
      );
      const core = group.member("c").believed;
      must(core.committedIndex >= 6, "it counts as committed there");
      group.assertHeals();
    },
  },
  {
    id: "R36",
    name: "an offer of a snapshot that the log makes needless is answered, and not restored",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE });
      group.elect("a");
      group.run(1);
      const appends = group.hold({ from: "a", to: "b", type: "appendRequest" });
      group.propose("a");
      appends.forEach((append) => group.deliver(append));
      group.finish("b", "write");
      group.drop({ from: "b" });
      const { term, membership } = group.member("a");
      for (const commit of [1, 2]) {
        must(group.member("b").committedIndex === commit, `b has committed ${commit}`);
        group.deliver({
          type: "snapshotOffer",
          from: "a",
          to: "b",
          term,
          snapshot: { last: { term: 1, index: 2 }, membership },
        });
        must(group.underWay("b", "receiveSnapshot") === 0, "b restores nothing");
        must(group.member("b").committedIndex === 2, "what was offered is committed");
      }
      must(
        group.inFlight({ from: "b", type: "appendAccepted" }).length > 0,
        "and b acknowledges it",
      );
      group.assertHeals();
    },
  },
  {
    id: "R36",
    name: "an offer that comes during a restore is not taken after it",
    run: () => {
      const group = behindSnapshot();
      group.holdWork("c", "receiveSnapshot");
      group.run(2);
      must(group.underWay("c", "receiveSnapshot") === 1, "c restores the snapshot of 6 entries");
      const { term, membership } = group.member("a");
      group.deliver({
        type: "snapshotOffer",
        from: "a",
        to: "c",
        term,
        snapshot: { last: { term: 1, index: 4 }, membership },
      });
      group.finish("c", "receiveSnapshot");
      group.finish("c", "write");
      must(group.underWay("c", "receiveSnapshot") === 0, "an older one does not follow it");
      group.assertHeals();
    },
  },
  {
    id: "R36",
    name: "a snapshot waits for the apply that is under way, and nothing is taken meanwhile",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE });
      group.elect("a");
      group.run(1);
      group.holdWork("c", "apply");
      group.write("a");
      group.run(1);
      must(group.underWay("c", "apply") === 1, "c applies");
      group.isolate("c");
      writeMany(group, "a", 5);
      group.compact("a");
      group.compact("b");
      group.heal();
      group.run(3);
      must(group.underWay("c", "receiveSnapshot") === 0, "the restore waits");
      const { term } = group.member("a");
      const { lastIndex } = group.member("c").log;
      group.deliver({
        type: "appendRequest",
        from: "a",
        to: "c",
        term,
        previous: { term: 1, index: lastIndex },
        entries: [{ term: 1, index: lastIndex + 1, kind: "noop", data: new Uint8Array(0) }],
        commit: lastIndex,
        attempt: 0,
      });
      must(group.member("c").log.lastIndex === lastIndex, "appends are left alone");
      group.release("c", "apply");
      group.settle();
      group.run(3);
      must(group.isEven, "c has everything");
      group.assertHeals();
    },
  },
  {
    id: "R15",
    name: "a rejection in the midst of the log names no entry behind what was rejected",
    run: () => {
      const group = new ScriptedGroup({ voters: ["a", "b", "c", "d", "e"] });
      group.elect("a");
      group.isolate("a", "b");
      group.proposeAll("a", 5);
      group.settle();
      must(group.member("b").log.lastIndex === 6, "b holds six entries of term 1");
      const answers = group.hold({ from: "b", type: "appendRejected" });
      group.deliver({
        type: "appendRequest",
        from: "c",
        to: "b",
        term: 3,
        previous: { term: 3, index: 4 },
        entries: [],
        commit: 0,
        attempt: 0,
      });
      group.settle();
      const [answer] = answers;
      must(answer?.type === "appendRejected", "b rejects what it does not hold");
      must(answer.hint.index === 4 && answer.hint.term === 1, `hint ${answer.hint.index}`);
    },
  },
  {
    id: "R16",
    name: "a window that was lost is a whole one again once the follower was found",
    run: () => {
      const tuning = { inflightMessagesMax: 3, appendBytesMax: 1 };
      const group = new ScriptedGroup({ voters: THREE, tuning });
      group.elect("a");
      group.run(1);
      const appends = group.hold({ from: "a", to: "b", type: "appendRequest" });
      for (let command = 0; command < 8; command += 1) {
        group.propose("a");
      }
      must(appends.splice(0).length === 3, "three appends are lost");
      group.tick("a");
      group.settle();
      const [probe, ...others] = appends.splice(0);
      must(probe !== undefined && others.length === 0, "one append tries again");
      group.deliver(probe);
      group.settle();
      must(appends.length === 3, `then ${appends.length} are under way`);
      group.assertHeals();
    },
  },
  {
    id: "R16",
    name: "entries that were read for a follower are not sent when it needs others by then",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE, tuning: { tailBytesMax: 0 } });
      group.elect("a");
      group.run(1);
      const answers = group.hold({ from: "c", type: "appendAccepted" });
      writeMany(group, "a", 5);
      group.holdWork("a", "read");
      group.member("a").step({ type: "unreachable", id: "c" });
      const command = group.propose("a");
      group.settle();
      must(group.underWay("a", "read") === 1, "a reads for c");
      answers.forEach((answer) => group.deliver(answer));
      group.release("a", "read");
      group.settle();
      group.run(2);
      must(group.outcomeOf(command) === "acknowledged", "a goes on");
      must(
        group.sent.every((message) =>
          !hasEntries(message) || message.entries[0]?.index === message.previous.index + 1
        ),
        "every append's entries follow on the one before",
      );
      group.assertHeals();
    },
  },
  {
    id: "R16",
    name: "one read is under way for the state machine, however much happens meanwhile",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE });
      group.elect("a");
      writeMany(group, "a", 5);
      group.run(1);
      group.crash("b");
      group.restart("b");
      group.holdWork("b", "read");
      group.write("a");
      group.run(1);
      must(group.underWay("b", "read") === 1, "b reads what it has to apply again");
      writeMany(group, "a", 3);
      group.run(3);
      must(group.underWay("b", "read") === 1, "there is no second read");
      group.assertHeals();
    },
  },
  {
    id: "R16",
    name: "what was truncated takes no room in memory",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE, tuning: { tailBytesMax: 5_000 } });
      group.elect("a");
      group.isolate("a");
      group.proposeAll("a", 20, { bytes: 1_000 });
      group.settle();
      group.elect("b");
      group.heal();
      group.run(2);
      must(group.marks.of("entries truncated") > 0, "b has replaced it");
      group.transfer("b", "a");
      group.run(2);
      must(group.isLedBy("a"), "a leads again");
      group.isolate("c");
      writeMany(group, "a", 5);
      const reads = group.marks.of("entries read for a follower");
      group.heal();
      group.run(2);
      must(group.isEven, "c has everything");
      must(group.marks.of("entries read for a follower") === reads, "without a read of a's disk");
      group.assertHeals();
    },
  },
  {
    id: "R10",
    name: "an older acknowledgement that comes late takes nothing back",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE });
      group.elect("a");
      group.run(1);
      const answers = group.hold({ from: "b", type: "appendAccepted" });
      group.write("a");
      group.write("a");
      must(answers.length >= 2, "b has acknowledged both");
      answers.reverse().forEach((answer) => group.deliver(answer));
      group.transfer("a", "b");
      must(
        group.inFlight({ from: "a", to: "b", type: "timeoutNow" }).length === 1,
        "a knows that b has everything",
      );
    },
  },
  {
    id: "R31",
    name: "a change that a snapshot has replaced keeps nobody from campaigning",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE, spares: ["d"] });
      group.elect("c");
      group.isolate("c");
      group.change("c", { type: "addLearner", id: "d" });
      group.settle();
      group.elect("a");
      writeMany(group, "a", 5);
      group.compact("a");
      group.compact("b");
      group.heal();
      for (let ticks = 0; ticks < 5 && group.marks.of("snapshot restored") === 0; ticks += 1) {
        group.run(1);
      }
      must(group.marks.of("snapshot restored") === 1, "c got a snapshot");
      group.run(1);
      must(group.member("c").committedIndex === group.member("c").log.lastIndex, "and no more");
      group.isolate("a");
      group.campaign("c");
      must(group.member("c").role === "preCandidate", "c stands");
      group.assertHeals();
    },
  },
  {
    id: "R17",
    name:
      "a leader whose disk hangs hands over to a voter that lives, not to the one that had most",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE });
      group.elect("a");
      group.run(2);
      group.holdWork("a", "write");
      group.holdWork("c", "write");
      group.propose("a");
      group.settle();
      group.crash("b");
      group.run(2 * group.electionTicks + 2);
      must(group.member("a").role !== "leader", "a does not lead any more");
      must(group.countSent({ from: "a", to: "b", type: "timeoutNow" }) === 0, "b is gone");
      must(group.countSent({ from: "a", to: "c", type: "timeoutNow" }) === 1, "c is there");
      group.assertHeals();
    },
  },
  {
    id: "R16",
    name: "what is not yet durable is sent from memory, however little of that there is",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE, tuning: { tailBytesMax: 0 } });
      group.elect("a");
      group.run(1);
      const appends = group.hold({ from: "a", to: "c", type: "appendRequest" });
      group.holdWork("a", "write");
      group.propose("a");
      group.propose("a");
      group.settle();
      group.finish("a", "write");
      group.settle();
      const { machine, disk } = group.member("a");
      must(machine.state.appliedIndex === 2 && disk.log.lastIndex === 2, "a has 2 on its disk");
      appends.length = 0;
      group.stopHolding();
      group.member("a").step({ type: "unreachable", id: "c" });
      group.holdWork("a", "read");
      group.run(1);
      group.finish("a", "read");
      group.settle();
      must(group.member("c").log.lastIndex === 3, "c gets 3 although it is only in memory");
      must(group.underWay("a", "read") === 0, "no read asks for it");
      group.assertHeals();
    },
  },
  {
    id: "R6",
    name: "an acknowledgement names the newest attempt, whatever comes late",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE });
      group.elect("a");
      group.run(1);
      const { term } = group.member("a");
      const previous = { term: 1, index: 1 };
      const append = { from: "a", to: "b", term, previous, entries: [], commit: 1 } as const;
      group.deliver({ ...append, type: "appendRequest", attempt: 7 });
      group.deliver({ ...append, type: "appendRequest", attempt: 3 });
      const attempts = group.inFlight({ from: "b", type: "appendAccepted" }).map((answer) =>
        answer.type === "appendAccepted" ? answer.attempt : 0
      );
      must(attempts.at(-1) === 7, `b answers to attempts ${attempts.join()}`);
    },
  },
  {
    id: "R13",
    name:
      "a leader that has compacted its log knows so, and sends a snapshot without reading first",
    run: () => {
      const group = behindSnapshot();
      group.holdWork("a", "makeSnapshot");
      group.run(2);
      must(group.underWay("a", "makeSnapshot") === 1, "a makes a snapshot");
      must(group.marks.of("entries read for a follower") === 0, "and reads nothing");
      group.assertHeals();
    },
  },
  {
    id: "R36",
    name: "a snapshot that was restored is not restored again",
    run: () => {
      const group = behindSnapshot();
      group.run(4);
      must(group.marks.of("snapshot restored") === 1, "c has restored it");
      must(group.underWay("c", "receiveSnapshot") === 0, "and begins no other");
      group.assertHeals();
      must(group.marks.of("snapshot restored") === 1, "nor later");
    },
  },
  {
    id: "R16",
    name: "who is out of reach gets one append, and no more until it answers",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE });
      group.elect("a");
      group.run(1);
      group.member("a").step({ type: "unreachable", id: "b" });
      const appends = group.hold({ from: "a", to: "b", type: "appendRequest" });
      group.propose("a");
      group.propose("a");
      group.propose("a");
      must(appends.length === 1, `${appends.length} appends are sent`);
      group.assertHeals();
    },
  },
  {
    id: "R28",
    name: "who was removed gets nothing any more",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE });
      group.elect("a");
      group.change("a", { type: "remove", id: "c" });
      group.settle();
      group.run(2);
      const before = group.countSent({ from: "a", to: "c" });
      group.write("a");
      group.run(5);
      must(group.countSent({ from: "a", to: "c" }) === before, "a leaves c alone");
      group.assertHeals();
    },
  },
  {
    id: "R29",
    name: "what the quorum that is left holds already is committed when a voter is removed",
    run: () => {
      const group = new ScriptedGroup({ voters: ["a", "b"], tuning: { appendBytesMax: 1 } });
      group.elect("a");
      group.run(1);
      group.hold({
        to: "b",
        where: (message) => hasEntries(message) && message.entries.some(({ index }) => index > 2),
      });
      group.change("a", { type: "remove", id: "b" });
      const command = group.propose("a");
      group.settle();
      must(group.member("a").membership.voters.join() === "a", "a is alone");
      must(group.outcomeOf(command) === "acknowledged", "and commits what it holds");
      group.assertHeals();
    },
  },
];

/** To a, which holds one entry of term 1 and then six of term 2: what is rejected, and how. */
const REJECTIONS = [
  { previous: { term: 2, index: 9 }, hint: { term: 2, index: 7 } },
  { previous: { term: 1, index: 9 }, hint: { term: 1, index: 1 } },
  { previous: { term: 1, index: 5 }, hint: { term: 1, index: 1 } },
] as const;

/** c lacks what a and b have compacted: its next append leads to a snapshot of six entries. */
function behindSnapshot(): ScriptedGroup {
  const group = new ScriptedGroup({ voters: THREE });
  group.elect("a");
  group.run(1);
  group.isolate("c");
  writeMany(group, "a", 5);
  group.compact("a");
  group.compact("b");
  group.heal();
  return group;
}

function writeMany(group: ScriptedGroup, id: string, count: number): void {
  for (let written = 0; written < count; written += 1) {
    must(group.outcomeOf(group.write(id)) === "acknowledged", `${id} writes`);
  }
}

function hasEntries(message: Message): message is Message & { type: "appendRequest" } {
  return message.type === "appendRequest" && message.entries.length > 0;
}

/** The attempt that the newest append to a follower names. */
function newestAttempt({ sent }: ScriptedGroup, id: string): number {
  const append = sent.findLast(({ type, to }) => type === "appendRequest" && to === id);
  return append?.type === "appendRequest" ? append.attempt : 0;
}
