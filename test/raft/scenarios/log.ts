import {
  electionOutcome,
  type Entry,
  INITIAL_HARD_STATE,
  isQuorum,
  jointCommittedIndex,
  type Membership,
  membershipOf,
  type Message,
  RaftCore,
  type RaftEffect,
  WHOLE_LOG,
} from "../../../raft/mod.ts";
import { must, type Scenario, ScriptedGroup, SeededRandom } from "../../../testing/mod.ts";

const THREE = ["a", "b", "c"];
const FIVE = ["a", "b", "c", "d", "e"];

/** Replication, commit, storage and restarts (R6 to R12, R15, R16, R18, R19). */
export const LOG_SCENARIOS: readonly Scenario[] = [
  {
    id: "R6",
    name: "an older, shorter append that comes late truncates nothing",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE });
      group.elect("a");
      group.write("a");
      const appends = group.hold({ from: "a", to: "b", type: "appendRequest" });
      group.propose("a");
      group.propose("a");
      group.propose("a");
      const sent = appends.splice(0);
      must(sent.length === 3, "three appends are on their way");
      sent.forEach((append) => group.deliver(append));
      group.finish("b", "write");
      const { lastIndex } = group.member("b").log;
      sent.forEach((append) => {
        group.deliver(append);
        must(group.member("b").log.lastIndex === lastIndex, "nothing is dropped");
      });
      must(group.marks.of("entries truncated") === 0, "nor written anew");
      group.assertHeals();
    },
  },
  {
    id: "R6",
    name: "an append that begins before what is committed brings what is new in it",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE });
      group.elect("a");
      group.write("a");
      group.run(1);
      must(group.member("b").committedIndex === 2, "b has committed two entries");
      const appends = group.hold({ from: "a", to: "b", type: "appendRequest" });
      group.write("a");
      must(appends.length > 0 && group.member("a").committedIndex === 3, "a has three");
      group.deliver({
        type: "appendRequest",
        from: "a",
        to: "b",
        term: 1,
        previous: { term: 1, index: 1 },
        entries: group.member("a").log.entries.slice(1, 3),
        commit: 3,
        attempt: 0,
      });
      must(group.member("b").log.lastIndex === 3, "b takes the third entry");
      must(group.member("b").committedIndex === 3, "and its commit");
      group.assertHeals();
    },
  },
  {
    id: "R7",
    name: "a follower commits no more than what the message proves",
    run: () => {
      const group = divergent();
      const { committedIndex } = group.member("b");
      const envelope = { from: "c", to: "b", term: group.member("c").term } as const;
      const commit = group.member("c").committedIndex;
      must(commit > committedIndex && group.member("b").log.lastIndex >= commit, "it could");
      group.deliver({ ...envelope, type: "heartbeat", commit, round: 0 });
      must(group.member("b").committedIndex === committedIndex, "a heartbeat proves nothing");
      const previous = { term: 1, index: 1 };
      group.deliver(
        { ...envelope, type: "appendRequest", previous, entries: [], commit, attempt: 0 },
      );
      must(group.member("b").committedIndex <= 1, "an append proves what it covers");
      group.assertHeals();
    },
  },
  {
    id: "R8",
    name: "a follower acknowledges what the append covers, not what its log holds beyond",
    run: () => {
      const group = divergent();
      const { term, committedIndex: commit } = group.member("c");
      must(group.member("b").log.lastIndex > 1, "b has a tail that c does not have");
      const previous = { term: 1, index: 1 };
      group.deliver({
        type: "appendRequest",
        from: "c",
        to: "b",
        term,
        previous,
        entries: [],
        commit,
        attempt: 0,
      });
      group.finish("b", "write");
      const answers = group.inFlight({ from: "b", type: "appendAccepted" });
      must(answers.length > 0, "b answers");
      must(
        answers.every((answer) => answer.type === "appendAccepted" && answer.match <= 1),
        "it acknowledges the first entry",
      );
      group.assertHeals();
    },
  },
  {
    id: "R9",
    name: "an acknowledgement of an earlier term does not count for what stands there now",
    run: () => {
      const group = new ScriptedGroup({ voters: FIVE });
      group.elect("a");
      const late = group.hold({ from: "b", to: "a", type: "appendAccepted" });
      ["c", "d", "e"].forEach((id) => group.block("a", id));
      group.proposeAll("a", 5);
      group.settle();
      must(
        late.some((answer) => answer.type === "appendAccepted" && answer.match === 6),
        "b has 6",
      );
      group.stopHolding();
      group.isolate("a", "b");
      group.elect("c");
      group.heal();
      group.run(2);
      must(group.member("b").log.lastIndex === 2, "c has overwritten it");
      group.isolate("c");
      group.elect("a");
      ["b", "c", "e"].forEach((id) => group.block("a", id));
      const commands = group.proposeAll("a", 5);
      group.settle();
      late.forEach((answer) => group.deliver(answer));
      group.settle();
      must(group.outcomeOf(commands[0] ?? 0) === "pending", "a and d are no majority");
      group.assertHeals();
    },
  },
  {
    id: "R9",
    name: "a write that is done after its entries were replaced acknowledges nothing",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE, mergesWrites: false });
      group.elect("a");
      group.isolate("a");
      group.holdWork("a", "write");
      group.proposeAll("a", 3);
      const appends = group.hold({ from: "b", to: "a", type: "appendRequest" });
      group.elect("b");
      appends.forEach((append) => group.deliver(append));
      must(group.member("a").log.termAt(2) === 2, "a took b's entry, its disk is still writing");
      group.finish("a", "write"); // The entries of term 1.
      must(
        group.countSent({
          from: "a",
          type: "appendAccepted",
          where: (answer) =>
            answer.type === "appendAccepted" && answer.term === 2 && answer.match > 1,
        }) === 0,
        "that acknowledges nothing of term 2",
      );
      group.assertHeals();
    },
  },
  {
    id: "R9",
    name: "an entry that is replaced and comes back is durable when its new write is",
    run: entryComesBack,
  },
  {
    id: "R10",
    name: "completions of storage that come out of order take nothing back and skip nothing",
    run: completionsOutOfOrder,
  },
  {
    id: "R11",
    name: "an entry has the term in which its proposer was elected",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE });
      group.elect("a");
      group.isolate("a");
      group.elect("b");
      group.heal();
      const { lastIndex } = group.member("a").log;
      group.tick("b");
      const heartbeat = group.inFlight({ from: "b", to: "a", type: "heartbeat" })[0];
      must(heartbeat !== undefined, "b sends a heartbeat");
      group.deliver(heartbeat);
      const command = group.propose("a");
      must(group.member("a").log.lastIndex === lastIndex, "a stamps nothing in the new term");
      group.settle();
      must(group.outcomeOf(command) === "acknowledged", "but passes it on to b");
      group.assertHeals();
    },
  },
  { id: "R12", name: "quorums are those of brute force, simple and joint", run: quorumsByForce },
  {
    id: "R15",
    name: "a tail of 10,000 entries over 50 terms is replaced in rounds that grow with the terms",
    run: longDivergence,
  },
  {
    id: "R10",
    name: "the completion of an older write does not take back which term is durable",
    run: olderHardStateLast,
  },
  {
    id: "R10",
    name: "the completion of a write from before a snapshot makes nothing durable",
    run: completionFromBeforeSnapshot,
  },
  {
    id: "R16",
    name: "bytes that were acknowledged make room in the window of a follower",
    run: () => {
      const group = new ScriptedGroup({ voters: ["a", "b"], tuning: { inflightBytesMax: 1_000 } });
      group.elect("a");
      for (let written = 0; written < 20; written += 1) {
        group.propose("a", { bytes: 100 });
        group.settle();
      }
      const appends = group.hold({ from: "a", to: "b", type: "appendRequest" });
      for (let waiting = 0; waiting < 5; waiting += 1) {
        group.propose("a", { bytes: 100 });
      }
      must(appends.length === 5, "five of a hundred bytes are on the way at once");
      group.assertHeals();
    },
  },
  {
    id: "R16",
    name: "late answers to an earlier attempt let no more than one append go",
    run: () => {
      const group = new ScriptedGroup({ voters: ["a", "b"] });
      group.elect("a");
      const answers = group.hold({ from: "b", to: "a", type: "appendAccepted" });
      group.propose("a");
      group.settle();
      group.member("a").step({ type: "unreachable", id: "b" });
      const appends = group.hold({ from: "a", to: "b", type: "appendRequest" });
      group.propose("a");
      must(appends.length === 1, "a probe is on the way");
      must(answers.length > 0, "and an answer to what was sent before it");
      group.propose("a");
      answers.forEach((answer) => group.deliver(answer));
      must(appends.length === 1, "which says nothing of the probe");
      group.assertHeals();
    },
  },
  {
    id: "R16",
    name: "a late rejection of an earlier attempt makes a leader send nothing anew",
    run: () => {
      const group = new ScriptedGroup({ voters: ["a", "b"] });
      group.elect("a");
      const appends = group.hold({ from: "a", to: "b", type: "appendRequest" });
      group.proposeAll("a", 1);
      group.proposeAll("a", 1);
      const [append] = appends;
      must(append?.type === "appendRequest" && appends.length === 2, "two are on the way");
      group.deliver({
        type: "appendRejected",
        from: "b",
        to: "a",
        term: append.term,
        attempt: append.attempt - 1,
        rejected: group.member("a").log.lastIndex,
        hint: append.previous,
      });
      must(appends.length === 2, "nothing more is sent");
      group.assertHeals();
    },
  },
  {
    id: "R16",
    name: "entries that were read for a follower before the log was overwritten are not sent",
    run: () => {
      const group = new ScriptedGroup({ voters: FIVE, tuning: { tailBytesMax: 0 } });
      group.elect("a");
      group.isolate("c");
      group.isolate("a");
      group.proposeAll("a", 3);
      group.settle();
      const stale = [...group.member("a").disk.log.entries];
      group.elect("b");
      group.proposeAll("b", 3);
      group.settle();
      group.heal();
      group.isolate("c");
      group.run(2);
      group.isolate("b");
      group.elect("a");
      // What it held in memory is gone: now it must read.
      group.crash("a");
      group.restart("a");
      group.holdWork("a", "read");
      group.elect("a");
      group.heal();
      group.run(2);
      // What a tries first does not fit; then it knows where the logs part.
      for (let reads = group.underWay("a", "read"); reads > 0; reads -= 1) {
        group.finish("a", "read");
      }
      group.settle();
      const purpose = { type: "replicate", to: "c" } as const;
      must(group.underWay("a", "read") > 0, "a reads for c");
      // One of them begins where a wants to go on.
      stale.forEach((_, from) =>
        group.member("a").step({ type: "entriesRead", purpose, entries: stale.slice(from) })
      );
      group.settle();
      group.assertHeals();
    },
  },
  {
    id: "R15",
    name: "a tail whose place is compacted at the leader is skipped at once",
    run: divergenceBehindMarker,
  },
  ...[false, true].map((isCompacted): Scenario => ({
    id: "R15",
    name: `a follower that first hears its leader by a heartbeat is sent ${
      isCompacted ? "no snapshot" : "what it lacks, and not the whole log"
    }`,
    run: () => {
      const group = new ScriptedGroup({ voters: FIVE });
      group.elect("a");
      group.proposeAll("a", 500);
      group.settle();
      group.run(2);
      group.isolate("c");
      group.write("a");
      if (isCompacted) {
        group.compact("b", 100);
      }
      group.crash("a");
      group.elect("b");
      group.write("b");
      const before = group.sent.length;
      group.heal();
      group.run(3);
      must(holdsAll(group, "c"), "c has everything");
      const sent = group.sent.slice(before).filter(({ to }) => to === "c");
      const entries = sent.reduce(
        (sum, message) => sum + (message.type === "appendRequest" ? message.entries.length : 0),
        0,
      );
      must(entries < 20, `${entries} entries for 3 that it lacks`);
      must(!sent.some(({ type }) => type === "snapshotOffer"), "a snapshot for 3 entries");
      group.assertHeals();
    },
  })),
  {
    id: "R16",
    name: "reads that return fewer entries than asked for lose and repeat nothing",
    run: () => {
      const group = new ScriptedGroup({
        voters: THREE,
        tuning: { tailBytesMax: 0, applyBytesMax: 10, appendBytesMax: 10 },
      });
      group.readBytesMax = 1;
      group.elect("a");
      group.isolate("c");
      for (let written = 0; written < 30; written += 1) {
        group.write("a");
      }
      ["a", "b"].forEach((id) => {
        group.crash(id);
        group.restart(id);
      });
      group.elect("a");
      group.heal();
      group.run(5);
      must(group.isEven, "all have everything");
      group.assertHeals();
    },
  },
  {
    id: "R16",
    name: "a read for a follower that returns entries too many sends what is there, once",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE, tuning: { tailBytesMax: 0 } });
      group.elect("a");
      group.isolate("c");
      for (let written = 0; written < 6; written += 1) {
        group.write("a");
      }
      group.holdWork("a", "read");
      group.heal();
      group.run(2);
      must(group.underWay("a", "read") > 0, "a reads for c");
      const entries = [...group.member("a").disk.log.entries];
      // It began after what c has: all of it comes, and then what was read comes too.
      const from = group.member("c").log.lastIndex;
      group.member("a").step({
        type: "entriesRead",
        purpose: { type: "replicate", to: "c" },
        entries: entries.slice(from),
      });
      group.settle();
      must(group.member("c").log.lastIndex === entries.length, "c has everything");
      group.release("a", "read");
      group.settle();
      group.compareAll();
      group.assertHeals();
    },
  },
  {
    id: "R16",
    name: "the limits on what is not committed and on what is under way are given back",
    run: () => {
      const group = new ScriptedGroup({
        voters: THREE,
        tuning: { uncommittedBytesMax: 150, inflightBytesMax: 64, inflightMessagesMax: 2 },
      });
      group.elect("a");
      for (let round = 0; round < 50; round += 1) {
        const commands = group.proposeAll("a", 3, { bytes: 40 });
        must(group.outcomeOf(commands[1] ?? 0) === "pending", `two fit in round ${round}`);
        must(group.outcomeOf(commands[2] ?? 0) === "dropped", "three do not");
        group.settle();
        must(group.outcomeOf(commands[1] ?? 0) === "acknowledged", "they are committed");
      }
      group.assertHeals();
    },
  },
  {
    id: "R18",
    name: "a restart applies again what the state machine had not synced, and nothing twice",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE });
      group.elect("a");
      for (let written = 0; written < 10; written += 1) {
        group.write("a");
        if (written === 4) {
          THREE.forEach((id) => group.member(id).maintain({ compactsTail: null }));
        }
      }
      THREE.forEach((id) => group.crash(id));
      must(group.member("a").machine.state.appliedIndex === 6, "half of it is durable");
      THREE.forEach((id) => group.restart(id));
      group.run(3 * group.electionTicks);
      must(group.leader !== null && group.leader.machine.state.appliedIndex > 11, "all is applied");
      group.assertHeals();
    },
  },
  {
    id: "R18",
    name: "a single member leads again at once",
    run: () => {
      const group = new ScriptedGroup({ voters: ["a"] });
      group.run(2);
      must(group.outcomeOf(group.write("a")) === "acknowledged", "it writes");
      group.crash("a");
      group.restart("a");
      group.run(1);
      must(group.isLedBy("a"), "it leads");
      must(group.outcomeOf(group.write("a")) === "acknowledged", "it writes");
    },
  },
  {
    id: "R18",
    name: "a commit index beyond the end of a log that was cut is not believed",
    run: () => {
      const core = newCore(["a", "b"], { commit: 10, lastIndex: 5 });
      must(core.committedIndex <= 5, "commit ≤ last index");
      core.step({ type: "tick" });
    },
  },
  {
    id: "R18",
    name: "after a restart nothing of the own tail is applied before it is committed again",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE });
      group.elect("a");
      group.write("a");
      group.run(1);
      group.isolate("a");
      const lost = group.propose("a");
      group.settle(); // Durable on a, and nowhere else.
      group.crash("a");
      group.restart("a");
      const { disk, committedIndex } = group.member("a");
      must(disk.log.lastIndex === 3 && committedIndex < 3, "the end of its log is not committed");
      group.run(3 * group.electionTicks);
      must(group.member("a").machine.state.appliedIndex < 3, "and is not applied");
      must(group.leader !== null && group.leader.id !== "a", "another one leads");
      group.write(group.leader.id);
      group.heal();
      group.run(3);
      must(group.outcomeOf(lost) === "unknown", "its client knew nothing");
      must(group.member("a").log.termAt(3) !== 1, "its tail gave way to what is committed");
      must(group.isEven, "and is applied once");
      group.assertHeals();
    },
  },
  { id: "R19", name: "messages that make no sense change nothing, and are counted", run: nonsense },
  {
    id: "R19",
    name: "a stranger that claims to lead stops no leader, and takes over no follower",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE });
      group.elect("a");
      group.run(1);
      for (const to of THREE) {
        group.deliver({ type: "heartbeat", from: "z", to, term: 1, commit: 0, round: 0 });
      }
      must(group.isLedBy("a"), "a leads");
      must(["b", "c"].every((id) => group.member(id).leader === "a"), "and is followed");
      must(THREE.every((id) => group.member(id).droppedMessages === 1), "each has counted one");
      group.assertHeals();
    },
  },
  {
    id: "R19",
    name: "a term that a stranger came first to is its leader's all the same",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE });
      group.elect("a");
      group.run(1);
      group.deliver({ type: "heartbeat", from: "z", to: "c", term: 2, commit: 0, round: 0 });
      must(group.member("c").leader === "z", "c may not have heard yet that z was added");
      group.isolate("a");
      group.deliver({ type: "heartbeat", from: "b", to: "c", term: 2, commit: 0, round: 0 });
      must(group.member("c").leader === "b", "a voter's word counts for more");
    },
  },
  {
    id: "R19",
    name: "a term that leaves no room for elections is not taken over",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE });
      group.elect("a");
      for (const term of [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER - 1, 2 ** 50]) {
        group.deliver({ type: "heartbeat", from: "z", to: "b", term, commit: 0, round: 0 });
        must(group.member("b").term === 1, `${term} is not believed`);
      }
      group.assertHeals();
    },
  },
];

/** b has entries of a's term 1 that c, which leads term 2, does not have. */
function divergent(): ScriptedGroup {
  const group = new ScriptedGroup({ voters: FIVE });
  group.elect("a");
  ["c", "d", "e"].forEach((id) => group.block("a", id));
  group.proposeAll("a", 5);
  group.settle();
  group.crash("a");
  group.isolate("b");
  group.elect("c");
  for (let written = 0; written < 3; written += 1) {
    group.write("c");
  }
  group.drop();
  must(group.member("b").log.lastIndex === 6 && group.member("b").term === 1, "b is as it was");
  return group;
}

/** Index 2 at a: first of term 1, then of term 2, then of term 1 again. */
function entryComesBack(): void {
  const group = new ScriptedGroup({ voters: FIVE, mergesWrites: false });
  group.elect("b");
  group.holdWork("a", "write");
  ["c", "d", "e"].forEach((id) => group.block("b", id));
  group.propose("b"); // (2, term 1) on b, and on its way to the disk of a.
  group.settle();
  must(group.member("a").log.termAt(2) === 1, "a has it, and its disk is writing");
  group.heal();
  group.isolate("b");
  group.tick("b", 2 * group.electionTicks); // It steps down.
  const appends = group.hold({ from: "c", type: "appendRequest" });
  group.elect("c"); // (2, term 2), on c; with the votes of d and e.
  appends.filter(({ to }) => to === "a").forEach((append) => group.deliver(append));
  must(group.member("a").log.termAt(2) === 2, "c has replaced it");
  group.crash("c");
  group.heal();
  group.elect("b");
  must(group.isLedBy("b"), "b leads again, with its entry");
  // a's disk holds its answers up, so b tries an earlier entry of its own accord.
  group.deliver({
    type: "appendRequest",
    from: "b",
    to: "a",
    term: group.member("b").term,
    previous: { term: 1, index: 1 },
    entries: group.member("b").log.entries.slice(1),
    commit: 1,
    attempt: 0,
  });
  must(group.member("a").log.termAt(2) === 1, "the entry came back to a");
  group.finish("a", "write");
  // The rest is up to the invariants: nothing that a later write of the disk
  // replaces may be promised.
  group.settle();
  group.finish("a", "write");
  group.settle();
  group.assertHeals();
}

function completionsOutOfOrder(): void {
  const core = newCore(["a"]);
  const vote = core.step({ type: "tick" }).find(isPersist);
  must(vote !== undefined, "a votes for itself");
  let effects = core.step({
    type: "persisted",
    sequence: vote.sequence,
    upTo: null,
    hardState: vote.hardState,
  });
  const persists: (RaftEffect & { type: "persist" })[] = effects.filter(isPersist);
  for (let id = 1; id <= 3; id += 1) {
    const data = Uint8Array.of(id);
    effects = core.step({ type: "proposed", proposals: [{ id, data }] });
    persists.push(...effects.filter(isPersist));
  }
  must(persists.length === 4, "the no-op and three commands are written");
  const done = (at: number) => {
    const { sequence, entries, hardState } = persists[at] ?? {};
    const last = entries?.at(-1);
    must(sequence !== undefined && last !== undefined, "there is such a write");
    core.step({
      type: "persisted",
      sequence,
      upTo: { term: last.term, index: last.index },
      hardState: hardState ?? null,
    });
  };
  done(2); // Covers all before it.
  must(core.committedIndex === 3, "three entries are durable");
  done(0);
  done(1);
  must(core.committedIndex === 3 && core.status.persistedIndex === 3, "and stay so");
  core.step({
    type: "persisted",
    sequence: vote.sequence,
    upTo: null,
    hardState: { ...INITIAL_HARD_STATE },
  });
  must(core.term === 1, "a late hard state takes nothing back");
  done(3);
  must(core.status.committedIndex === 4, "four are");
}

function olderHardStateLast(): void {
  const core = newCore(["a", "b", "c"]);
  const persistOf = (effects: readonly RaftEffect[]) => {
    const persist = effects.find(isPersist);
    must(persist !== undefined, "a term is written");
    return persist;
  };
  const heartbeat = (term: number) =>
    core.step({
      type: "received",
      message: { type: "heartbeat", from: "b", to: "a", term, commit: 0, round: 0 },
    });
  const first = persistOf(heartbeat(1));
  const second = persistOf(heartbeat(2));
  for (const { sequence, hardState } of [second, first]) {
    core.step({ type: "persisted", sequence, upTo: null, hardState });
  }
  const answers = heartbeat(2).filter(({ type }) => type === "send");
  must(answers.length === 1, "term 2 is durable, so a heartbeat is answered at once");
}

function completionFromBeforeSnapshot(): void {
  const core = newCore(["a", "b", "c"]);
  const entries = [1, 2, 3].map((index): Entry => ({
    term: 1,
    index,
    kind: "command",
    data: Uint8Array.of(index),
  }));
  const envelope = { from: "b", to: "a", term: 1 } as const;
  const written = core.step({
    type: "received",
    message: {
      ...envelope,
      type: "appendRequest",
      attempt: 0,
      previous: { term: 0, index: 0 },
      entries,
      commit: 0,
    },
  }).find(isPersist);
  must(written !== undefined, "three entries are on their way to the disk");
  const snapshot = {
    last: { term: 2, index: 2 },
    membership: membershipOf(["a", "b", "c"]),
  };
  core.step({
    type: "received",
    message: { ...envelope, term: 2, type: "snapshotOffer", snapshot },
  });
  core.step({ type: "snapshotRestored", snapshot });
  must(core.status.lastIndex === 2, "a snapshot has replaced them");
  core.step({
    type: "persisted",
    sequence: written.sequence,
    upTo: { term: 1, index: 3 },
    hardState: written.hardState,
  });
  must(core.status.persistedIndex === 2, "what was written before it does not count");
}

function quorumsByForce(): void {
  const random = new SeededRandom(12);
  const ids = ["a", "b", "c", "d", "e", "f", "g", "h", "i"];
  for (let round = 0; round < 2_000; round += 1) {
    const voters = random.shuffled(ids).slice(0, random.between(1, 9));
    const votersOutgoing = random.chance(0.5)
      ? random.shuffled(ids).slice(0, random.between(1, 9))
      : [];
    const membership: Membership = { voters, votersOutgoing, learners: [], learnersNext: [] };
    const acked = new Map(ids.map((id) => [id, random.below(6)]));
    const yes = new Map<string, boolean>();
    ids.forEach((id) => random.chance(0.7) && yes.set(id, random.chance(0.5)));
    const holds = (half: readonly string[], has: (id: string) => boolean) =>
      half.length === 0 || 2 * half.filter(has).length > half.length;
    const both = (has: (id: string) => boolean) => holds(voters, has) && holds(votersOutgoing, has);
    const best = [5, 4, 3, 2, 1, 0].find((index) => both((id) => (acked.get(id) ?? 0) >= index));
    must(
      jointCommittedIndex(membership, (id) => acked.get(id) ?? 0) === best,
      `commit of ${JSON.stringify([voters, votersOutgoing, [...acked]])}`,
    );
    must(
      isQuorum(membership, (id) => yes.get(id) === true) === both((id) => yes.get(id) === true),
      `quorum of ${JSON.stringify([voters, votersOutgoing, [...yes]])}`,
    );
    const suspects = ids.filter(() => random.chance(0.3));
    const votes = new Map([...yes].map(([id, granted]) => [
      id,
      { granted, isSuspect: suspects.includes(id) },
    ]));
    const wins = (grants: (id: string) => boolean) =>
      both((id) => grants(id) && (!suspects.includes(id) || !yes.has(id))) ||
      [...voters, ...votersOutgoing].every(grants);
    const canWin = wins((id) => yes.get(id) !== false);
    const outcome = wins((id) => yes.get(id) === true) ? "won" : canWin ? "pending" : "lost";
    must(
      electionOutcome(membership, votes) === outcome,
      `election of ${JSON.stringify([voters, votersOutgoing, [...votes]])}`,
    );
  }
}

function longDivergence(): void {
  const group = new ScriptedGroup({ voters: THREE, tuning: { preVote: false } });
  group.elect("a");
  // a is elected again and again, and what it proposes never gets anywhere.
  for (let round = 0; round < 50; round += 1) {
    group.hold({ from: "a", type: "appendRequest" });
    group.hold({ from: "a", type: "heartbeat" });
    group.elect("a");
    group.proposeAll("a", 200);
    group.settle();
    group.tick("a", 2 * group.electionTicks); // It loses its quorum.
    group.drop();
    group.stopHolding();
  }
  const { log } = group.member("a");
  must(log.lastIndex > 10_000, "a has a long tail of its own");
  const terms = new Set(log.entries.map(({ term }) => term));
  must(terms.size >= 50, `of ${terms.size} terms`);
  group.isolate("a");
  group.elect("b");
  const before = group.sent.length;
  group.heal();
  group.run(5);
  must(group.isEven, "the logs are the same");
  const rejections = group.sent.slice(before).filter(({ type }) => type === "appendRejected");
  must(rejections.length <= 60, `${rejections.length} rejections for 50 terms`);
  must(group.sent.length - before < 1_000, `${group.sent.length - before} messages`);
  group.assertHeals();
}

/** a has a long tail of term 1; d, which leads, has compacted its own log to far beyond its beginning. */
function divergenceBehindMarker(): void {
  const group = new ScriptedGroup({ voters: FIVE });
  group.elect("a");
  group.write("a");
  group.isolate("a");
  group.proposeAll("a", 500);
  group.settle();
  group.elect("c");
  group.proposeAll("c", 700);
  group.settle();
  group.run(1);
  ["c", "d"].forEach((id) => group.compact(id, 500));
  group.crash("c");
  group.elect("d");
  const before = group.sent.length;
  group.heal();
  group.run(5);
  must(holdsAll(group, "a"), "a has everything");
  const appends = group.sent.slice(before).filter(({ type, to }) =>
    to === "a" && type === "appendRequest"
  );
  must(appends.length < 20, `${appends.length} appends before the snapshot`);
  group.assertHeals();
}

function holdsAll(group: ScriptedGroup, id: string): boolean {
  const { leader } = group;
  return leader !== null && group.member(id).committedIndex === leader.log.lastIndex;
}

function nonsense(): void {
  const group = new ScriptedGroup({ voters: THREE });
  group.elect("a");
  group.write("a");
  group.run(1);
  const last = { term: 1, index: 2 };
  const huge = 2 ** 53;
  const membership = membershipOf(THREE);
  const entry = (index: number, term: number): Entry => ({
    index,
    term,
    kind: "command",
    data: new Uint8Array(4),
  });
  const commit = { term: 0, index: 0 };
  const nonsense: readonly object[] = [
    { type: "heartbeat", from: "b", to: "b", term: 9, commit: 0, round: 0 },
    { type: "heartbeat", from: "c", to: "x", term: 9, commit: 0, round: 0 },
    { type: "heartbeat", from: "a", to: "b", term: 0, commit: 0, round: 0 },
    { type: "heartbeat", from: "a", to: "b", term: huge, commit: 0, round: 0 },
    { type: "heartbeat", from: "a", to: "b", term: -1, commit: 0, round: 0 },
    { type: "heartbeat", from: "a", to: "b", term: 1.5, commit: 0, round: 0 },
    { type: "heartbeat", from: "a", to: "b", term: Number.NaN, commit: 0, round: 0 },
    { type: "heartbeat", from: "a", to: "b", term: 1, commit: huge, round: 0 },
    { type: "heartbeat", from: "a", to: "b", term: 1, commit: Number.NaN, round: 0 },
    {
      type: "appendRequest",
      attempt: 0,
      from: "a",
      to: "b",
      term: 1,
      previous: { term: 1, index: huge },
      entries: [],
      commit: 0,
    },
    {
      type: "appendRequest",
      attempt: 0,
      from: "a",
      to: "b",
      term: 1,
      previous: { term: 1, index: Number.NaN },
      entries: [],
      commit: 0,
    },
    {
      type: "appendRequest",
      attempt: 0,
      from: "a",
      to: "b",
      term: 1,
      previous: { term: 1, index: -1 },
      entries: [],
      commit: 0,
    },
    {
      type: "appendRequest",
      attempt: 0,
      from: "a",
      to: "b",
      term: 1,
      previous: last,
      entries: [entry(5, 1)],
      commit: 0,
    },
    {
      type: "appendRequest",
      attempt: 0,
      from: "a",
      to: "b",
      term: 1,
      previous: last,
      entries: [entry(3, 1), entry(5, 1)],
      commit: 0,
    },
    {
      type: "appendRequest",
      attempt: 0,
      from: "a",
      to: "b",
      term: 1,
      previous: last,
      entries: [entry(3, 9)],
      commit: 0,
    },
    {
      type: "appendRequest",
      attempt: 0,
      from: "a",
      to: "b",
      term: 1,
      previous: last,
      entries: [entry(3, Number.NaN)],
      commit: 0,
    },
    {
      type: "appendRequest",
      attempt: 0,
      from: "a",
      to: "b",
      term: 1,
      previous: last,
      entries: [],
      commit: huge,
    },
    { type: "appendAccepted", attempt: 0, from: "b", to: "a", term: 1, match: huge },
    { type: "appendAccepted", attempt: 0, from: "b", to: "a", term: 1, match: Number.NaN },
    { type: "appendAccepted", attempt: 0, from: "x", to: "a", term: 1, match: 2 },
    {
      type: "appendRejected",
      attempt: 0,
      from: "b",
      to: "a",
      term: 1,
      rejected: huge,
      hint: { term: 1, index: huge },
    },
    {
      type: "appendRejected",
      attempt: 0,
      from: "b",
      to: "a",
      term: 1,
      rejected: 2,
      hint: { term: Number.NaN, index: Number.NaN },
    },
    {
      type: "appendRejected",
      attempt: 0,
      from: "b",
      to: "a",
      term: 1,
      rejected: 2,
      hint: { term: 1, index: -7 },
    },
    { type: "heartbeatResponse", from: "b", to: "a", term: 1, round: huge },
    { type: "heartbeatResponse", from: "x", to: "a", term: 1, round: 1 },
    { type: "voteResponse", from: "x", to: "a", term: 1, isPreVote: false, granted: true, commit },
    {
      type: "snapshotOffer",
      from: "a",
      to: "b",
      term: 1,
      snapshot: { last: { term: 1, index: Number.NaN }, membership },
    },
    {
      type: "snapshotOffer",
      from: "a",
      to: "b",
      term: 1,
      snapshot: { last: { term: 9, index: 50 }, membership },
    },
  ];
  const before = group.members.map(({ term, role, committedIndex, log }) =>
    JSON.stringify([term, role, committedIndex, log.lastIndex])
  ).join();
  for (const message of nonsense as readonly Message[]) {
    const receiver = message.to === "a" ? "a" : "b";
    const dropped = group.member(receiver).droppedMessages;
    group.member(receiver).step({ type: "received", message });
    const after = group.members.map(({ term, role, committedIndex, log }) =>
      JSON.stringify([term, role, committedIndex, log.lastIndex])
    ).join();
    must(after === before, `nothing changes by ${JSON.stringify(message)}`);
    must(
      group.member(receiver).droppedMessages === dropped + 1,
      `${JSON.stringify(message)} is counted`,
    );
  }
  must(group.outcomeOf(group.write("a")) === "acknowledged", "the group goes on");
  group.assertHeals();
}

function newCore(
  voters: readonly string[],
  { commit = 0, lastIndex = 0 }: { readonly commit?: number; readonly lastIndex?: number } = {},
): RaftCore {
  return new RaftCore({
    id: "a",
    membership: membershipOf(voters),
    logState: {
      hardState: { term: lastIndex > 0 ? 1 : 0, vote: null, commit },
      marker: WHOLE_LOG,
      lastIndex,
      terms: lastIndex > 0 ? [{ firstIndex: 1, term: 1 }] : [],
      membershipEntries: [],
    },
    appliedIndex: 0,
    random: new SeededRandom(1),
  });
}

function isPersist(effect: RaftEffect): effect is RaftEffect & { type: "persist" } {
  return effect.type === "persist";
}
