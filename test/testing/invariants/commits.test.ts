import { membershipOf } from "../../../raft/mod.ts";
import { CommittedLog } from "../../../testing/invariants/committed_log.ts";
import { CurrentTermCommit } from "../../../testing/invariants/current_term_commit.ts";
import { DurableQuorum } from "../../../testing/invariants/durable_quorum.ts";
import { LeaderCompleteness } from "../../../testing/invariants/leader_completeness.ts";
import { MonotonicCommit } from "../../../testing/invariants/monotonic_commit.ts";
import { entries, entry, type FakeGroup, type FakeMember } from "./fake_group.ts";
import { testHistories } from "./histories.ts";

/** A check, and the log that the group has committed, which others fill. */
interface WithCommitted<Check> {
  readonly check: Check;
  readonly committed: CommittedLog;
}

function withCommitted<Check>(
  Check: new (committed: CommittedLog) => Check,
): WithCommitted<Check> {
  const committed = new CommittedLog();
  return { committed, check: new Check(committed) };
}

/** A member takes all up to `index` for committed, and is the first to do so. */
function commits(
  { check, committed }: WithCommitted<CurrentTermCommit | LeaderCompleteness>,
  member: FakeMember,
  index: number,
) {
  for (let next = committed.lastIndex + 1; next <= index; next += 1) {
    const taken = member.log.entryAt(next);
    if (taken !== undefined) {
      committed.add(taken, member.term);
    }
  }
  return check.onCommitted(member.commit(index));
}

testHistories("CurrentTermCommit", {
  create: () => withCommitted(CurrentTermCommit),
  check: "commit of the current term",
  fine: [
    {
      why: "a leader commits an entry of its term, and those of earlier terms with it",
      steps: (stage, { a }) => [
        () => commits(stage, a.be("leader", 3).append(...entries(1, 1, 2, 3)), 3),
      ],
    },
    {
      why: "a follower commits an entry of an earlier term",
      steps: (stage, { a }) => [
        () => commits(stage, a.be("follower", 3).append(...entries(1, 1, 2)), 2),
      ],
    },
    {
      why: "a leader hears that the group had committed an entry of an earlier term before",
      steps: (stage, { a, b }) => [
        () => commits(stage, a.be("leader", 1).append(entry(1, 1)), 1),
        () => commits(stage, b.be("leader", 2).append(entry(1, 1)), 1),
      ],
    },
    {
      why: "a leader commits of an earlier term what the group is known to have committed",
      steps: ({ check, committed }, { a }) => [
        () => {
          entries(1, 1, 1).forEach((taken) => committed.add(taken, 1));
          check.noteKnown();
        },
        () => check.onCommitted(a.be("leader", 2).append(...entries(1, 1, 1)).commit(2)),
      ],
    },
  ],
  broken: [
    {
      why: "a leader counts copies of an entry of an earlier term (R1)",
      steps: (stage, { a }) => [
        () => commits(stage, a.be("leader", 3).append(...entries(1, 1, 2, 3)), 2),
      ],
    },
    {
      why: "a leader commits one entry more of an earlier term than the group had committed",
      steps: (stage, { a, b }) => [
        () => commits(stage, a.be("leader", 1).append(entry(1, 1)), 1),
        () => commits(stage, b.be("leader", 2).append(...entries(1, 1, 1)), 2),
      ],
    },
    {
      why: "a leader commits of an earlier term more than the group is known to have committed",
      steps: ({ check, committed }, { a }) => [
        () => {
          committed.add(entry(1, 1), 1);
          check.noteKnown();
        },
        () => check.onCommitted(a.be("leader", 2).append(...entries(1, 1, 1)).commit(2)),
      ],
    },
  ],
});

testHistories("DurableQuorum", {
  create: ({ members }) => new DurableQuorum(members),
  check: "durable quorum",
  fine: [
    {
      why: "a leader commits what is on its own disk and another one",
      steps: (check, { a, b }) => [
        () => {
          b.hold(entry(1, 1));
          check.onCommitted(a.hold(entry(1, 1)).be("leader", 1).commit(1));
        },
      ],
    },
    {
      why: "a leader commits what is on the others' disks and not yet on its own",
      steps: (check, { a, b, c }) => [
        () => {
          b.hold(entry(1, 1));
          c.hold(entry(1, 1));
          check.onCommitted(a.append(entry(1, 1)).be("leader", 1).commit(1));
        },
      ],
    },
    {
      why: "a follower commits what its leader alone knows of",
      steps: (check, { a }) => [
        () => check.onCommitted(a.append(entry(1, 1)).be("follower", 1).commit(1)),
      ],
    },
    {
      why: "one of the quorum has compacted the entry",
      steps: (check, { a, b }) => [
        () => {
          b.disk.log.reset({ index: 3, term: 1, membership: null });
          check.onCommitted(a.hold(entry(1, 1)).be("leader", 1).commit(1));
        },
      ],
    },
    {
      why: "the step that committed has gone on to a smaller membership",
      steps: (check, { a }) => [
        () => {
          a.hold(entry(1, 1)).membershipAfter = membershipOf(["a"]);
          check.onCommitted(a.be("leader", 1).commit(1));
        },
      ],
    },
    {
      why: "the step that committed hands out no membership",
      steps: (check, { a, b }) => [
        () => {
          b.hold(entry(1, 1));
          a.hold(entry(1, 1)).membershipAfter = null;
          check.onCommitted(a.be("leader", 1).commit(1));
        },
      ],
    },
    {
      why: "the leader's own log begins with the entry that it commits",
      steps: (check, { a, b }) => [
        () => {
          [a, b].forEach((member) => {
            member.log.reset({ index: 3, term: 1, membership: null });
            member.disk.log.reset({ index: 3, term: 1, membership: null });
          });
          check.onCommitted(a.be("leader", 1).commit(3));
        },
      ],
    },
  ],
  broken: [
    {
      why: "a leader commits what is on its own disk alone",
      steps: (check, { a, b }) => [
        () => {
          b.append(entry(1, 1));
          check.onCommitted(a.hold(entry(1, 1)).be("leader", 1).commit(1));
        },
      ],
    },
    {
      why: "a leader counts itself before its own sync",
      steps: (check, { a, b }) => [
        () => {
          b.hold(entry(1, 1));
          check.onCommitted(a.append(entry(1, 1)).be("leader", 1).commit(1));
        },
      ],
    },
    {
      why: "another entry is on the second disk (R8)",
      steps: (check, { a, b }) => [
        () => {
          b.hold(entry(1, 1));
          check.onCommitted(a.hold(entry(1, 2)).be("leader", 2).commit(1));
        },
      ],
    },
    {
      why: "the second disk begins with another entry of this index",
      steps: (check, { a, b }) => [
        () => {
          b.disk.log.reset({ index: 1, term: 1, membership: null });
          check.onCommitted(a.hold(entry(1, 2)).be("leader", 2).commit(1));
        },
      ],
    },
    {
      why: "the second disk is that of a learner",
      steps: (check, group) => [
        () => {
          group.join("d").hold(entry(1, 1));
          check.onCommitted(group.a.hold(entry(1, 1)).be("leader", 1).commit(1));
        },
      ],
    },
    {
      why: "one half of a joint configuration lacks its majority",
      steps: (check, { a, b }) => [
        () => {
          a.membership = { ...membershipOf(["a", "d", "e"]), votersOutgoing: ["a", "b", "c"] };
          b.hold(entry(1, 1));
          check.onCommitted(a.hold(entry(1, 1)).be("leader", 1).commit(1));
        },
      ],
    },
    {
      why: "a leader goes by a smaller membership that it believes in and hands out to nobody",
      steps: (check, { a }) => [
        () => {
          a.hold(entry(1, 1)).delusion = { membership: membershipOf(["a"]) };
          check.onCommitted(a.be("leader", 1).commit(1));
        },
      ],
    },
    {
      why: "the membership that the step hands out lacks its majority, like the one before",
      steps: (check, { a, b }) => [
        () => {
          a.membership = membershipOf(["a", "b", "c", "d", "e"]);
          a.membershipAfter = membershipOf(["a", "b", "c", "d"]);
          b.hold(entry(1, 1));
          check.onCommitted(a.hold(entry(1, 1)).be("leader", 1).commit(1));
        },
      ],
    },
    {
      why: "a leader commits what its own log lacks, as do the disks of the others",
      steps: (check, { a }) => [
        () => check.onCommitted(a.hold(entry(1, 1)).be("leader", 1).commit(2)),
      ],
    },
  ],
});

testHistories("LeaderCompleteness", {
  create: () => withCommitted(LeaderCompleteness),
  check: "leader completeness",
  fine: [
    {
      why: "the next leader holds what was committed",
      steps: (stage, { a, b }) => [
        () => commits(stage, a.be("leader", 1).append(...entries(1, 1, 1)), 2),
        () => stage.check.onRoleChanged(b.be("leader", 2).append(...entries(1, 1, 1))),
      ],
    },
    {
      why: "the next leader lacks what was never committed",
      steps: (stage, { a, b }) => [
        () => commits(stage, a.be("leader", 1).append(...entries(1, 1, 1)), 1),
        () => stage.check.onRoleChanged(b.be("leader", 2).append(entry(1, 1))),
      ],
    },
    {
      why: "a late winner of an older term owes nothing to what a newer leader has committed",
      steps: (stage, { a, b }) => [
        () => stage.check.onRoleChanged(a.be("leader", 5).append(...entries(1, 1, 5))),
        () => commits(stage, a, 2),
        () => stage.check.onRoleChanged(b.be("leader", 3).append(entry(1, 1))),
      ],
    },
    {
      why: "a leader of an older term is still in office when a newer one commits",
      steps: (stage, { a, b }) => [
        () => stage.check.onRoleChanged(b.be("leader", 3).append(entry(1, 1))),
        () => stage.check.onRoleChanged(a.be("leader", 5).append(...entries(1, 1, 5))),
        () => commits(stage, a, 2),
      ],
    },
    {
      why: "a leader holds in a snapshot what was committed",
      steps: (stage, { a, b }) => [
        () => commits(stage, a.be("leader", 1).append(...entries(1, 1, 1)), 2),
        () => {
          b.log.reset({ index: 2, term: 1, membership: null });
          stage.check.onRoleChanged(b.be("leader", 2));
        },
      ],
    },
    ...[
      {
        what: "has stepped down",
        end: (stage: WithCommitted<LeaderCompleteness>, leader: FakeMember) =>
          stage.check.onRoleChanged(leader.be("follower", 5)),
      },
      {
        what: "has started anew",
        end: (stage: WithCommitted<LeaderCompleteness>, leader: FakeMember) =>
          stage.check.onStarted(leader),
      },
      {
        what: "has crashed",
        end: (_: unknown, leader: FakeMember) => leader.isRunning = false,
      },
    ].map(({ what, end }) => ({
      why: `a leader of a newer term that ${what} owes nothing any more`,
      steps: (stage: WithCommitted<LeaderCompleteness>, { a, b }: FakeGroup) => [
        () => stage.check.onRoleChanged(b.be("leader", 5)),
        () => end(stage, b),
        () => commits(stage, a.be("follower", 2).append(entry(1, 1)), 1),
      ],
    })),
  ],
  broken: [
    {
      why: "a leader lacks what was committed in an earlier term",
      steps: (stage, { a, b }) => [
        () => commits(stage, a.be("leader", 1).append(...entries(1, 1, 1)), 2),
        () => stage.check.onRoleChanged(b.be("leader", 2).append(entry(1, 1))),
      ],
    },
    {
      why: "a leader holds another entry in the place of a committed one (R5)",
      steps: (stage, { a, b }) => [
        () => commits(stage, a.be("leader", 2).append(...entries(1, 1, 2)), 2),
        () => stage.check.onRoleChanged(b.be("leader", 3).append(...entries(1, 1, 1, 1))),
      ],
    },
    {
      why: "the winner of an older term lacks what was committed before that term",
      steps: (stage, { a, b, c }) => [
        () => commits(stage, a.be("leader", 1).append(entry(1, 1)), 1),
        () => commits(stage, c.be("leader", 5).append(...entries(1, 1, 5)), 2),
        () => stage.check.onRoleChanged(b.be("leader", 3)),
      ],
    },
    {
      why: "an entry is committed in an earlier term than that of a leader without it",
      steps: (stage, { a, b }) => [
        () => stage.check.onRoleChanged(b.be("leader", 5)),
        () => commits(stage, a.be("leader", 2).append(entry(1, 2)), 1),
      ],
    },
    {
      why: "a leader that has started anew leads again without what was committed",
      steps: (stage, { a, b }) => [
        () => stage.check.onRoleChanged(b.be("leader", 2)),
        () => stage.check.onStarted(b.be("follower", 2)),
        () => commits(stage, a.be("follower", 3).append(entry(1, 1)), 1),
        () => stage.check.onRoleChanged(b.be("leader", 4)),
      ],
    },
  ],
});

testHistories("MonotonicCommit", {
  create: () => new MonotonicCommit(),
  check: "commit never goes back",
  fine: [
    {
      why: "a commit index moves on to the end of the log",
      steps: (check, { a }) => [
        () => check.onCommitted(a.append(...entries(1, 1, 1)).commit(1), 0),
        () => check.onCommitted(a.commit(2), 1),
      ],
    },
    {
      why: "a member starts with the commit index of its state machine",
      steps: (check, { a }) => [
        () => {
          a.machine.apply([entry(1, 1)]);
          check.onStarted(a.append(entry(1, 1)).commit(1));
        },
      ],
    },
  ],
  broken: [
    {
      why: "a commit index goes back",
      steps: (check, { a }) => [
        () => check.onCommitted(a.append(...entries(1, 1, 1)).commit(2), 0),
        () => check.onCommitted(a.commit(1), 2),
      ],
    },
    {
      why: "a commit index is said to have moved, and has not",
      steps: (check, { a }) => [
        () => check.onCommitted(a.append(entry(1, 1)).commit(1), 1),
      ],
    },
    {
      why: "a commit index goes beyond the end of the log (R7)",
      steps: (check, { a }) => [
        () => check.onCommitted(a.append(entry(1, 1)).commit(2), 0),
      ],
    },
    {
      why: "a member starts with a commit index below that of its state machine",
      steps: (check, { a }) => [
        () => {
          a.machine.apply(entries(1, 1, 1));
          check.onStarted(a.append(...entries(1, 1, 1)).commit(1));
        },
      ],
    },
  ],
});
