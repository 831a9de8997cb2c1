import { commandOf } from "../../../testing/simulation/command.ts";
import { FullStackInvariants } from "../../../testing/full_stack/full_stack_invariants.ts";
import { type Membership, membershipOf } from "../../../raft/mod.ts";
import {
  acknowledgement,
  appendRequest,
  entries,
  entry,
  type FakeGroup,
  type FakeMember,
  heartbeatAnswer,
  membershipEntry,
  vote,
} from "../invariants/fake_group.ts";
import { testHistories } from "../invariants/histories.ts";

type Invariants = FullStackInvariants;

const TUNING = { appendBytesMax: 8, applyBytesMax: 8, inflightMessagesMax: 1, tailBytesMax: 0 };

/** Entries come into a member's log and onto its disk. */
function append(invariants: Invariants, member: FakeMember, ...taken: ReturnType<typeof entries>) {
  const before = member.log.lastIndex;
  return invariants.onAppended(member.hold(...taken), taken, before);
}

/** A member applies what it holds, up to `index`, all of it new to it. */
function apply(invariants: Invariants, member: FakeMember, index: number) {
  const before = member.committedIndex;
  const taken = member.log.entries.slice(before, index);
  invariants.onApplying(member.commit(index), before, taken);
  member.machine.apply(taken);
  return invariants.onApplied(member);
}

/** A member leads a term by its own vote and that of another one. */
function elect(invariants: Invariants, member: FakeMember, by: FakeMember, term: number) {
  invariants.onSending(by.promise(term, member.id), vote(by, member.id, term));
  return invariants.onRoleChanged(member.promise(term, member.id).be("leader", term));
}

/** The first member leads term 1; two members hold entries 1 and 2, whose commands are 1 and 2. */
function write(invariants: Invariants, { a, b }: FakeGroup) {
  elect(invariants, a, b, 1);
  [a, b].forEach((member) => append(invariants, member, ...entries(1, 1, 1)));
  invariants.onLeaderCommitted(a.commit(2));
  // For the other checks something is committed once it is applied.
  a.commit(0);
}

function writeAndApply(invariants: Invariants, group: FakeGroup) {
  write(invariants, group);
  [group.a, group.b].forEach((member) => apply(invariants, member, 2));
}

const SMALLER = membershipOf(["a", "b"]);

/** What a node says of itself. */
const FIRST = { term: 2, committedIndex: 4, appliedIndex: 3 };

/** The first member leads term 1, and with the second holds an entry and then a membership. */
function change(invariants: Invariants, { a, b }: FakeGroup, membership: Membership) {
  const taken = [entry(1, 1), membershipEntry(2, 1, membership)];
  elect(invariants, a, b, 1);
  a.delusion = { committedIndex: 1 };
  [a, b].forEach((member) => append(invariants, member, ...taken));
  a.delusion = {};
  invariants.onApplying(a.commit(2), 0, taken.slice(0, 1));
  a.machine.apply(taken.slice(0, 1));
  invariants.onApplying(a, 2, taken.slice(1));
}

testHistories("FullStackInvariants", {
  create: ({ members }) => new FullStackInvariants(members, { commandOf, tuning: TUNING }),
  fine: [
    {
      why: "a group elects, writes, reads, restores and starts again",
      steps: (invariants, group) => [
        () => group.members.forEach((member) => invariants.onStarted(member)),
        () => writeAndApply(invariants, group),
        () => invariants.onAcknowledged(2, 2),
        () => invariants.onDropped(3),
        () => invariants.onReadBegun(1),
        () => invariants.onReadServed(1, 2, 2),
        () => {
          const { a, c } = group;
          c.log.reset({ index: 2, term: 1, membership: null });
          c.machine.restore(a.machine.state);
          invariants.onRestored(c, { last: { index: 2, term: 1 }, membership: c.membership });
        },
        () => invariants.compareAll([...group.members.values()]),
        () => invariants.onStarted(group.b.be("follower", 1)),
        () => invariants.assertSettled([...group.members.values()]),
      ],
    },
    {
      why: "a command is acknowledged before anybody is seen to apply it",
      steps: (invariants, group) => [
        () => write(invariants, group),
        () => invariants.onAcknowledged(2, 2),
        () => apply(invariants, group.b, 2),
        () => invariants.assertSettled([group.a, group.b]),
      ],
    },
    {
      why: "a change is asked for, made and in force",
      steps: (invariants, group) => [
        () => group.members.forEach((member) => invariants.onStarted(member)),
        () => invariants.onChangeRequested(group.a, [{ type: "remove", id: "c" }]),
        () => change(invariants, group, SMALLER),
        () => invariants.onMembershipChanged(group.a.goBy(SMALLER), 2),
        () => invariants.assertSettled([group.a]),
      ],
    },
    {
      why: "what a node says of itself goes on, all at once or one by one, or stays",
      steps: (invariants) => [
        () => invariants.onStatus("a", FIRST, null),
        () => invariants.onStatus("a", FIRST, FIRST),
        () => invariants.onStatus("a", { term: 3, committedIndex: 5, appliedIndex: 5 }, FIRST),
        () => invariants.onStatus("a", { ...FIRST, term: 3 }, FIRST),
        () => invariants.onStatus("a", { ...FIRST, committedIndex: 5 }, FIRST),
        () => invariants.onStatus("a", { ...FIRST, appliedIndex: 4 }, FIRST),
      ],
    },
    {
      why: "a leader commits of an earlier term what another node has told of",
      steps: (invariants, group) => [
        () => write(invariants, group),
        () => invariants.onCommitTold(2),
        () => group.a.append(entry(3, 2)),
        () => invariants.onLeaderCommitted(group.a.be("leader", 2).commit(2)),
      ],
    },
    {
      why: "a leader hears in its election what a smaller group had committed",
      steps: (invariants, group) => [
        () => write(invariants, group),
        () => invariants.onCommitTold(2),
        () => group.a.append(entry(3, 2)),
        () => {
          const leader = group.a.be("leader", 2).commit(2);
          leader.membership = membershipOf(["a", "b", "c", "d", "e"]);
          return invariants.onLeaderCommitted(leader);
        },
      ],
    },
    {
      why:
        "a leader sends the next entry once the one before is acknowledged, from whatever memory",
      steps: (invariants, group) => [
        () => writeAndApply(invariants, group),
        () => invariants.onSending(group.a, appendRequest(group.a, "b", entries(1, 1))),
        () => invariants.onReceiving(group.a, acknowledgement(group.b, 1, 1)),
        () => invariants.onSending(group.a, appendRequest(group.a, "b", entries(2, 1))),
      ],
    },
    {
      why: "a read is served from a state beyond what it was confirmed at",
      steps: (invariants) => [
        () => invariants.onReadBegun(1),
        () => invariants.onReadServed(1, 4, 9),
      ],
    },
    {
      why: "a member replays after a restart what it has applied before",
      steps: (invariants, group) => [
        () => writeAndApply(invariants, group),
        () => {
          group.b.machine.crash();
          invariants.onApplying(group.b, 2, entries(1, 1, 1));
        },
      ],
    },
    {
      why: "a log is overwritten that its leader filled before it led",
      steps: (invariants, { a }) => [
        () => invariants.onTruncating(a.append(entry(1, 1)), 1, { term: 2 }),
      ],
    },
    {
      why: "a late winner of an older term lacks what a newer leader has committed",
      steps: (invariants, { a, b, c }) => [
        () => append(invariants, a.be("leader", 5), entry(1, 5)),
        () => apply(invariants, a, 1),
        () => elect(invariants, b, c, 3),
        () => apply(invariants, c.be("follower", 5).hold(entry(1, 5)), 1),
      ],
    },
    {
      why: "a read that was dropped owes nothing",
      steps: (invariants) => [
        () => invariants.onReadBegun(1),
        () => invariants.onReadServed(1, 5, 5),
        () => invariants.onReadBegun(2),
        () => invariants.onReadDropped(2),
        () => invariants.onReadServed(2, 0, 0),
      ],
    },
  ],
  broken: [
    {
      check: "one vote in a term",
      why: "a member starts in a term before its promise",
      steps: (invariants, { a }) => [
        () => invariants.onSending(a.promise(5), heartbeatAnswer(a, 5)),
        () => invariants.onStarted(a.be("follower", 4)),
      ],
    },
    {
      check: "election safety",
      why: "two lead a term",
      steps: (invariants, { a, b, c }) => [
        () => elect(invariants, a, c, 1),
        () => invariants.onRoleChanged(b.be("leader", 1)),
      ],
    },
    {
      check: "elected by a quorum",
      why: "a member leads by its own vote alone",
      steps: (invariants, { a }) => [
        () => invariants.onRoleChanged(a.promise(1, "a").be("leader", 1)),
      ],
    },
    {
      check: "commit of the current term",
      why: "a leader commits an entry of an earlier term that nobody has told of",
      steps: (invariants, group) => [
        () => write(invariants, group),
        () => invariants.onCommitTold(1),
        () => group.a.append(entry(3, 2)),
        () => invariants.onLeaderCommitted(group.a.be("leader", 2).commit(2)),
      ],
    },
    ...[
      { what: "its commit index goes back", status: { ...FIRST, committedIndex: 3 } },
      { what: "its applied index goes back", status: { ...FIRST, appliedIndex: 2 } },
      { what: "its term goes back", status: { ...FIRST, term: 1 } },
      { what: "it has applied what it has not committed", status: { ...FIRST, appliedIndex: 5 } },
    ].map(({ what, status }) => ({
      check: "commit never goes back",
      why: `a node says that ${what}`,
      steps: (invariants: Invariants) => [
        () => invariants.onStatus("a", FIRST, null),
        () => invariants.onStatus("a", status, FIRST),
      ],
    })),
    {
      check: "commit never goes back",
      why: "a node says at first that it has applied what it has not committed",
      steps: (invariants) => [() => invariants.onStatus("a", { ...FIRST, appliedIndex: 5 }, null)],
    },
    {
      check: "membership steps",
      why: "two voters go at once",
      steps: (invariants, { a }) => [
        () =>
          append(
            invariants,
            a,
            membershipEntry(1, 1, membershipOf(["a", "b", "c"])),
            membershipEntry(2, 1, membershipOf(["a"])),
          ),
      ],
    },
    {
      check: "membership targets",
      why: "a change is not what was asked for",
      steps: (invariants, group) => [
        () => invariants.onChangeRequested(group.a, [{ type: "remove", id: "b" }]),
        () => change(invariants, group, SMALLER),
      ],
    },
    {
      check: "membership in force",
      why: "a membership is said to be in force that the log does not hold",
      steps: (invariants, group) => [
        () => invariants.onChangeRequested(group.a, [{ type: "remove", id: "c" }]),
        () => change(invariants, group, SMALLER),
        () => invariants.onMembershipChanged(group.a.goBy(membershipOf(["a", "c"])), 2),
      ],
    },
    {
      check: "membership in force",
      why: "in the end a node goes by another membership than it has handed out",
      steps: (invariants, group) => [
        () => invariants.onChangeRequested(group.a, [{ type: "remove", id: "c" }]),
        () => change(invariants, group, SMALLER),
        () => invariants.compareAll([group.a]),
        () => invariants.assertSettled([group.a]),
      ],
    },
    {
      check: "membership in force",
      why: "a member starts with another membership than that of its state",
      steps: (invariants, group) => [
        () => invariants.onChangeRequested(group.a, [{ type: "remove", id: "c" }]),
        () => change(invariants, group, SMALLER),
        () => {
          group.a.machine.apply(group.a.log.entries.slice(1));
          invariants.onStarted(group.a);
        },
      ],
    },
    {
      check: "membership in force",
      why: "a restored snapshot brings another membership than the log",
      steps: (invariants, group) => [
        () => invariants.onChangeRequested(group.a, [{ type: "remove", id: "c" }]),
        () => change(invariants, group, SMALLER),
        () => {
          const { a, c } = group;
          a.machine.apply(a.log.entries.slice(1));
          c.machine.restore(a.machine.state);
          invariants.onRestored(c, { last: { index: 2, term: 1 }, membership: c.membership });
        },
      ],
    },
    {
      check: "limits",
      why: "an append is larger than it may be",
      steps: (invariants, { a }) => [
        () => invariants.onSending(a.be("leader", 1), appendRequest(a, "b", entries(1, 1, 1, 1))),
      ],
    },
    {
      check: "limits",
      why: "an append leaves before the one before it is acknowledged",
      steps: (invariants, { a, b }) => [
        () => invariants.onSending(a.be("leader", 1), appendRequest(a, "b", entries(1, 1))),
        () => invariants.onReceiving(a, acknowledgement(b, 1, 0)),
        () => invariants.onSending(a, appendRequest(a, "b", entries(2, 1))),
      ],
    },
    {
      check: "limits",
      why: "an apply is larger than it may be",
      steps: (invariants, { a }) => [
        () => apply(invariants, a.hold(...entries(1, 1, 1, 1)), 3),
      ],
    },
    {
      check: "leader completeness",
      why: "the next leader lacks what was applied",
      steps: (invariants, group) => [
        () => writeAndApply(invariants, group),
        () => elect(invariants, group.c, group.b, 2),
      ],
    },
    {
      check: "leader completeness",
      why: "an entry is applied in an earlier term than that of a leader without it",
      steps: (invariants, { a, b, c }) => [
        () => elect(invariants, b, c, 5),
        () => apply(invariants, a.be("follower", 2).hold(entry(1, 1)), 1),
      ],
    },
    {
      check: "log matching",
      why: "two members take different entries of one index and term",
      steps: (invariants, { a, b }) => [
        () => append(invariants, a, entry(1, 1, 7)),
        () => append(invariants, b, entry(1, 1, 8)),
      ],
    },
    {
      check: "log matching",
      why: "a full look finds two logs that differ before an entry of both",
      steps: (invariants, { a, b }) => [
        () => invariants.compareAll([a.append(...entries(1, 1, 3)), b]),
        () => invariants.compareAll([a, b.append(...entries(1, 2, 3))]),
      ],
    },
    {
      check: "leader append-only",
      why: "a leader overwrites its log once that holds an entry of its term",
      steps: (invariants, { a }) => [
        () => invariants.onTruncating(a.append(...entries(1, 1, 2)), 2, { term: 2 }),
      ],
    },
    {
      check: "durable promises",
      why: "a vote leaves before it is durable",
      steps: (invariants, { a }) => [() => invariants.onSending(a, vote(a, "b", 1))],
    },
    {
      check: "one vote in a term",
      why: "a member votes for two candidates",
      steps: (invariants, { a }) => [
        () => invariants.onSending(a.promise(1, "b"), vote(a, "b", 1)),
        () => invariants.onSending(a.promise(1, "c"), vote(a, "c", 1)),
      ],
    },
    {
      check: "durable quorum",
      why: "a leader commits what is on its disk alone",
      steps: (invariants, { a }) => [
        () => append(invariants, a.be("leader", 1), entry(1, 1)),
        () => invariants.onLeaderCommitted(a.commit(1)),
      ],
    },
    {
      check: "applied in order",
      why: "a member applies an entry that is not on its disk",
      steps: (invariants, { a }) => [() => apply(invariants, a.append(entry(1, 1)), 1)],
    },
    {
      check: "state-machine safety",
      why: "two members apply different entries",
      steps: (invariants, { a, b }) => [
        () => apply(invariants, a.hold(entry(1, 1)), 1),
        () => apply(invariants, b.hold(entry(1, 2)), 1),
      ],
    },
    {
      check: "state-machine safety",
      why: "a member applies, of what it took for committed before, what nobody has committed",
      steps: (invariants, { a }) => [
        () => invariants.onApplying(a.hold(entry(1, 1)).commit(1), 1, entries(1, 1)),
      ],
    },
    {
      check: "state-machine safety",
      why: "two states differ",
      steps: (invariants, group) => [
        () => writeAndApply(invariants, group),
        () => {
          group.b.machine.restore({ ...group.b.machine.state, digest: 0 });
          invariants.onApplied(group.b);
        },
      ],
    },
    {
      check: "state-machine safety",
      why: "a snapshot is restored of what nobody has applied",
      steps: (invariants, { a }) => [
        () => invariants.onRestored(a, { last: { index: 1, term: 1 }, membership: a.membership }),
      ],
    },
    {
      check: "exactly once",
      why: "a command is in the log twice",
      steps: (invariants, { a }) => [
        () => apply(invariants, a.hold(entry(1, 1, 70)), 1),
        () => apply(invariants, a.hold(entry(2, 1, 70)), 2),
      ],
    },
    {
      check: "exactly once",
      why: "a command is acknowledged in whose place another one was applied",
      steps: (invariants, group) => [
        () => writeAndApply(invariants, group),
        () => invariants.onAcknowledged(70, 2),
      ],
    },
    {
      check: "exactly once",
      why: "another command is applied where one was acknowledged",
      steps: (invariants, group) => [
        () => write(invariants, group),
        () => invariants.onAcknowledged(70, 2),
        () => apply(invariants, group.b, 1),
        () => apply(invariants, group.b, 2),
      ],
    },
    {
      check: "exactly once",
      why: "a command was acknowledged that nobody ever applies",
      steps: (invariants, group) => [
        () => writeAndApply(invariants, group),
        () => invariants.onAcknowledged(3, 3),
        () => invariants.assertSettled([group.a, group.b]),
      ],
    },
    {
      check: "exactly once",
      why: "a command is dropped that was applied",
      steps: (invariants, group) => [
        () => writeAndApply(invariants, group),
        () => invariants.onDropped(2),
      ],
    },
    {
      check: "exactly once",
      why: "a command is applied that was dropped",
      steps: (invariants, group) => [
        () => write(invariants, group),
        () => invariants.onDropped(2),
        () => apply(invariants, group.b, 1),
        () => apply(invariants, group.b, 2),
      ],
    },
    {
      check: "linearizable reads",
      why: "a read is served below what was acknowledged before it began",
      steps: (invariants) => [
        () => invariants.onAcknowledged(70, 5),
        () => invariants.onReadBegun(1),
        () => invariants.onReadServed(1, 4, 4),
      ],
    },
    {
      check: "linearizable reads",
      why: "a read is served from a state before what it was confirmed at",
      steps: (invariants) => [
        () => invariants.onReadBegun(1),
        () => invariants.onReadServed(1, 4, 3),
      ],
    },
    {
      check: "linearizable reads",
      why: "a read is served below what another one saw before it began",
      steps: (invariants) => [
        () => invariants.onReadBegun(1),
        () => invariants.onReadServed(1, 4, 5),
        () => invariants.onReadBegun(2),
        () => invariants.onReadServed(2, 4, 4),
      ],
    },
  ],
});
