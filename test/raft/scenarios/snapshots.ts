import { allMembers } from "../../../raft/mod.ts";
import { must, type Scenario, ScriptedGroup, ViolationError } from "../../../testing/mod.ts";

const THREE = ["a", "b", "c"];

/** Snapshots, and logs that were compacted (R13, R14, R35, R36). */
export const SNAPSHOT_SCENARIOS: readonly Scenario[] = [
  {
    id: "R13",
    name: "a leader that has compacted what a rejection asks for sends a snapshot",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE });
      group.elect("a");
      group.isolate("c");
      writeMany(group, "a", 20);
      group.heal();
      const rejections = group.hold({ from: "c", to: "a", type: "appendRejected" });
      group.run(2);
      must(rejections.length > 0, "c rejects what it cannot take, and that is late");
      group.compact("a");
      group.compact("b");
      rejections.forEach((rejection) => group.deliver(rejection));
      group.stopHolding();
      group.run(4);
      must(group.marks.of("snapshot restored") > 0, "c got a snapshot");
      group.assertHeals();
    },
  },
  {
    id: "R13",
    name: "a read from the disk that comes after the compaction leads to a snapshot",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE, tuning: { tailBytesMax: 0 } });
      group.elect("a");
      group.isolate("c");
      writeMany(group, "a", 20);
      group.holdWork("a", "read");
      group.heal();
      group.run(2);
      must(group.underWay("a", "read") > 0, "a reads for c");
      group.compact("a");
      group.release("a", "read");
      group.run(4);
      must(group.marks.of("snapshot restored") > 0, "c got a snapshot");
      group.assertHeals();
    },
  },
  {
    id: "R14",
    name: "an empty follower converges although the whole log is compacted and nobody writes",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE });
      group.isolate("c");
      group.elect("a");
      writeMany(group, "a", 5);
      group.compact("a");
      group.compact("b");
      must(group.member("a").disk.log.entries.length === 0, "nothing is left of the log");
      group.heal();
      group.run(4);
      must(group.isEven, "c has everything");
      group.assertHeals();
    },
  },
  {
    id: "R36",
    name: "a member does not stand while it restores a snapshot, and does afterwards",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE });
      group.isolate("c");
      group.elect("a");
      writeMany(group, "a", 5);
      group.compact("a");
      group.holdWork("c", "receiveSnapshot");
      group.heal();
      group.run(2);
      must(group.underWay("c", "receiveSnapshot") === 1, "c restores");
      group.isolate("c");
      group.tick("c", 4 * group.electionTicks);
      must(group.member("c").role === "follower", "c's log is neither the old one nor the new");
      group.finish("c", "receiveSnapshot");
      group.settle();
      group.tick("c", 2 * group.electionTicks);
      must(group.member("c").role === "preCandidate", "with the snapshot it stands");
      group.assertHeals();
    },
  },
  {
    id: "R35",
    name: "a member whose disk was lost comes back under a new name",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE, spares: ["d"] });
      group.elect("a");
      writeMany(group, "a", 5);
      group.crash("c");
      group.change("a", { type: "remove", id: "c" }, { type: "addVoter", id: "d" });
      group.run(5);
      must(allMembers(group.member("a").membership).join() === "a,b,d", "d takes its place");
      group.isolate("c");
      must(group.outcomeOf(group.write("a")) === "acknowledged", "the group writes");
      group.assertHeals();
    },
  },
  {
    id: "R36",
    name: "a snapshot over a log of another term drops that log",
    run: () => {
      const group = divergentBehindSnapshot();
      group.heal();
      group.run(5);
      must(group.marks.of("snapshot restored over a conflicting log") === 1, "the log gave way");
      must(group.isEven, "c has everything");
      group.assertHeals();
    },
  },
  ...(["snapshot restored", "log reset"] as const).map((point): Scenario => ({
    id: "R36",
    name: `a crash at "${point}" with a log of another term leaves the old or the new`,
    run: () => {
      const group = divergentBehindSnapshot();
      group.crashAt("c", point);
      group.heal();
      group.run(5);
      must(!group.member("c").isRunning, "c crashed");
      group.restart("c");
      group.run(5);
      must(group.isEven, "c has everything");
      group.assertHeals();
    },
  })),
  {
    id: "R36",
    name: "a snapshot below the commit index is ignored",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE });
      group.elect("a");
      writeMany(group, "a", 5);
      group.run(1);
      const { membership } = group.member("a");
      group.deliver({
        type: "snapshotOffer",
        from: "a",
        to: "b",
        term: 1,
        snapshot: { last: { term: 1, index: 2 }, membership },
      });
      must(group.underWay("b", "receiveSnapshot") === 0, "b takes no snapshot");
      group.settle();
      must(group.isEven, "and keeps its log");
      group.assertHeals();
    },
  },
  {
    id: "R36",
    name: "a snapshot that contradicts what is committed stops the member",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE });
      group.elect("a");
      writeMany(group, "a", 5);
      group.run(1);
      const { membership, committedIndex } = group.member("a");
      let stopped: unknown = null;
      try {
        group.deliver({
          type: "snapshotOffer",
          from: "a",
          to: "b",
          term: 2,
          snapshot: { last: { term: 2, index: committedIndex }, membership },
        });
      } catch (error) {
        stopped = error;
      }
      must(stopped instanceof ViolationError, "b goes no further");
      must(stopped.check === "core's own assertion", "of its own accord");
    },
  },
  {
    id: "R36",
    name: "two snapshots in quick succession do no harm",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE });
      group.elect("a");
      group.isolate("c");
      writeMany(group, "a", 5);
      group.compact("a");
      group.compact("b");
      group.heal();
      group.holdWork("c", "receiveSnapshot");
      group.run(2);
      must(group.underWay("c", "receiveSnapshot") === 1, "the first is on its way");
      writeMany(group, "a", 5);
      group.compact("a");
      group.run(3);
      must(group.underWay("c", "receiveSnapshot") === 1, "there is one at a time");
      group.release("c", "receiveSnapshot");
      group.run(6);
      must(group.isEven, "c has everything");
      group.assertHeals();
    },
  },
  {
    id: "R36",
    name: "a snapshot that is ready after its leader was replaced is not offered",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE });
      group.elect("a");
      group.isolate("c");
      writeMany(group, "a", 5);
      group.compact("a");
      group.compact("b");
      group.heal();
      group.holdWork("a", "makeSnapshot");
      group.run(2);
      must(group.underWay("a", "makeSnapshot") === 1, "a makes a snapshot for c");
      group.isolate("a");
      group.elect("b");
      group.heal();
      group.run(1);
      const offers = group.countSent({ from: "a", type: "snapshotOffer" });
      group.finish("a", "makeSnapshot");
      must(group.countSent({ from: "a", type: "snapshotOffer" }) === offers, "a offers nothing");
      group.run(5);
      must(group.isEven, "b has brought c up to date");
      group.assertHeals();
    },
  },
  {
    id: "R36",
    name: "appends that come while a snapshot is restored do not overtake it",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE });
      group.elect("a");
      writeMany(group, "a", 2);
      group.isolate("c");
      writeMany(group, "a", 5);
      group.compact("a"); // b keeps its log.
      group.heal();
      group.holdWork("c", "receiveSnapshot");
      group.run(2);
      must(group.underWay("c", "receiveSnapshot") === 1, "c restores a snapshot of a");
      group.isolate("a");
      group.elect("b");
      group.run(2);
      group.proposeAll("b", 3);
      group.settle();
      group.heal();
      group.release("c", "receiveSnapshot");
      group.settle();
      group.compareAll();
      group.assertHeals();
    },
  },
  {
    id: "R36",
    name: "a snapshot that does not arrive is tried again",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE });
      group.elect("a");
      group.isolate("c");
      writeMany(group, "a", 5);
      group.compact("a");
      group.compact("b");
      group.heal();
      group.holdWork("c", "receiveSnapshot");
      group.run(2);
      group.block("a", "c");
      group.finish("c", "receiveSnapshot");
      group.release("c", "receiveSnapshot");
      must(group.marks.of("snapshot failed") === 1, "the stream broke off");
      group.unblock("a", "c");
      group.run(6);
      must(group.isEven, "c has everything");
      group.assertHeals();
    },
  },
];

function writeMany(group: ScriptedGroup, id: string, count: number): void {
  for (let written = 0; written < count; written += 1) {
    must(group.outcomeOf(group.write(id)) === "acknowledged", `${id} writes`);
  }
}

/** c was leader and has a long tail that nobody else has; a needs a snapshot to reach it. */
function divergentBehindSnapshot(): ScriptedGroup {
  const group = new ScriptedGroup({ voters: THREE });
  group.elect("c");
  group.isolate("c");
  group.proposeAll("c", 30);
  group.settle();
  group.elect("a");
  writeMany(group, "a", 10);
  group.compact("a");
  group.compact("b");
  return group;
}
