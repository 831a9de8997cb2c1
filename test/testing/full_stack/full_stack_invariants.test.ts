import { commandOf } from "../../../testing/simulation/command.ts";
import { FullStackInvariants } from "../../../testing/full_stack/full_stack_invariants.ts";
import {
  entries,
  entry,
  type FakeGroup,
  type FakeMember,
  heartbeatAnswer,
  vote,
} from "../invariants/fake_group.ts";
import { testHistories } from "../invariants/histories.ts";

type Invariants = FullStackInvariants;

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

/** The first member leads term 1; two members hold entries 1 and 2, whose commands are 1 and 2. */
function write(invariants: Invariants, { a, b }: FakeGroup) {
  invariants.onSending(b.promise(1, "a"), vote(b, "a", 1));
  invariants.onRoleChanged(a.promise(1, "a").be("leader", 1));
  [a, b].forEach((member) => append(invariants, member, ...entries(1, 1, 1)));
  invariants.onLeaderCommitted(a.commit(2));
  // For the other checks something is committed once it is applied.
  a.commit(0);
}

function writeAndApply(invariants: Invariants, group: FakeGroup) {
  write(invariants, group);
  [group.a, group.b].forEach((member) => apply(invariants, member, 2));
}

testHistories("FullStackInvariants", {
  create: ({ members }) => new FullStackInvariants(members, commandOf),
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
        () => invariants.assertNothingLost(),
      ],
    },
    {
      why: "a command is acknowledged before anybody is seen to apply it",
      steps: (invariants, group) => [
        () => write(invariants, group),
        () => invariants.onAcknowledged(2, 2),
        () => apply(invariants, group.b, 2),
        () => invariants.assertNothingLost(),
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
        () => invariants.onRoleChanged(b.be("leader", 3)),
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
      steps: (invariants, { a, b }) => [
        () => invariants.onRoleChanged(a.be("leader", 1)),
        () => invariants.onRoleChanged(b.be("leader", 1)),
      ],
    },
    {
      check: "leader completeness",
      why: "the next leader lacks what was applied",
      steps: (invariants, group) => [
        () => writeAndApply(invariants, group),
        () => invariants.onRoleChanged(group.c.be("leader", 2)),
      ],
    },
    {
      check: "leader completeness",
      why: "an entry is applied in an earlier term than that of a leader without it",
      steps: (invariants, { a, b }) => [
        () => invariants.onRoleChanged(b.be("leader", 5)),
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
        () => invariants.assertNothingLost(),
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
