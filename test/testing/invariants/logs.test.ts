import { type Membership, membershipOf } from "../../../raft/mod.ts";
import { FirstConflict } from "../../../testing/invariants/first_conflict.ts";
import { LeaderAppendOnly } from "../../../testing/invariants/leader_append_only.ts";
import { LogMatching } from "../../../testing/invariants/log_matching.ts";
import { MembershipSteps } from "../../../testing/invariants/membership_steps.ts";
import { MirroredLog } from "../../../testing/invariants/mirrored_log.ts";
import { entries, entry, type FakeGroup, type FakeMember, membershipEntry } from "./fake_group.ts";
import { testHistories } from "./histories.ts";

testHistories("LogMatching", {
  create: () => new LogMatching(),
  check: "log matching",
  fine: [
    {
      why: "two members take the same entries",
      steps: (check, { a, b }) => {
        const taken = entries(1, 1, 1, 2);
        return [
          () => check.onAppended(a.append(...taken), taken),
          () => check.onAppended(b.append(...taken), taken),
          () => check.compareAll([a, b]),
        ];
      },
    },
    {
      why: "two members hold different entries of different terms, to the end of the shorter log",
      steps: (check, { a, b }) => {
        const [older, newer] = [entries(1, 1, 2, 2), entries(1, 1, 3)];
        return [
          () => check.onAppended(a.append(...older), older),
          () => check.onAppended(b.append(...newer), newer),
          () => check.compareAll([a, b]),
        ];
      },
    },
    {
      why: "a log differs from another before the other's snapshot",
      steps: (check, { a, b }) => [
        () => {
          a.append(...entries(1, 1, 1, 3));
          b.append(entry(1, 2, 9), entry(2, 1), entry(3, 3));
          b.log.compact({ index: 2, term: 1, membership: null });
          check.compareAll([a, b]);
        },
      ],
    },
  ],
  broken: [
    {
      why: "two members take different entries of one index and term",
      steps: (check, { a, b }) => [
        () => check.onAppended(a.append(entry(1, 1, 7)), [entry(1, 1, 7)]),
        () => check.onAppended(b.append(entry(1, 1, 8)), [entry(1, 1, 8)]),
      ],
    },
    {
      why: "two members take an entry after such of different terms",
      steps: (check, { a, b }) => [
        () => check.onAppended(a.append(...entries(1, 1, 3)), entries(1, 1, 3)),
        () => check.onAppended(b.append(...entries(1, 2, 3)), entries(1, 2, 3)),
      ],
    },
    {
      why: "two logs differ before an entry that both hold",
      steps: (check, { a, b }) => [
        () => check.compareAll([a.append(...entries(1, 1, 3)), b.append(...entries(1, 2, 3))]),
      ],
    },
    {
      why: "the third log of a group ends with another entry of the same term",
      steps: (check, { a, b, c }) => [
        () => check.compareAll([a.append(entry(1, 1)), b.append(entry(1, 1)), c]),
        () => check.compareAll([a, b, c.append(entry(1, 1, 9))]),
      ],
    },
  ],
});

testHistories("FirstConflict", {
  create: () => new FirstConflict(),
  check: "cut at the first conflict",
  fine: [
    {
      why: "entries follow on the end of a log, and on nothing",
      steps: (check, { a }) => [
        () => check.onAppending(a, entries(1, 1, 1)),
        () => check.onAppending(a.append(...entries(1, 1, 1)), entries(3, 1)),
      ],
    },
    {
      why: "a log is cut where an entry of another term stands, the last one or an earlier one",
      steps: (check, { a }) => [
        () => check.onAppending(a.append(...entries(1, 1, 1, 2)), entries(3, 3)),
        () => check.onAppending(a, entries(2, 3)),
      ],
    },
    {
      why: "nothing is appended",
      steps: (check, { a }) => [() => check.onAppending(a.append(entry(1, 1)), [])],
    },
  ],
  broken: [
    {
      why: "the last entry is written anew, which matches",
      steps: (check, { a }) => [
        () => check.onAppending(a.append(...entries(1, 1, 1)), entries(2, 1)),
      ],
    },
    {
      why: "a log is cut one entry before the conflict",
      steps: (check, { a }) => [
        () => check.onAppending(a.append(...entries(1, 1, 1, 1)), entries(2, 1, 2)),
      ],
    },
    {
      why: "an old append drops what follows on it",
      steps: (check, { a }) => [
        () => check.onAppending(a.append(...entries(1, 1, 1, 1)), entries(1, 1)),
      ],
    },
  ],
});

testHistories("LeaderAppendOnly", {
  create: () => new LeaderAppendOnly(),
  check: "leader append-only",
  fine: [
    {
      why: "a leader appends entries of its term at the end",
      steps: (check, { a }) => [() => check.onAppended(a.be("leader", 2), entries(4, 2, 2), 3)],
    },
    {
      why: "a leader appends nothing",
      steps: (check, { a }) => [() => check.onAppended(a.be("leader", 2), [], 3)],
    },
    {
      why: "a follower overwrites its log with entries of earlier terms",
      steps: (check, { a }) => [() => check.onAppended(a.be("follower", 4), entries(2, 2, 3), 3)],
    },
  ],
  broken: [
    {
      why: "a leader overwrites an entry",
      steps: (check, { a }) => [() => check.onAppended(a.be("leader", 2), entries(3, 2), 3)],
    },
    {
      why: "a leader leaves a gap",
      steps: (check, { a }) => [() => check.onAppended(a.be("leader", 2), entries(5, 2), 3)],
    },
    {
      why: "a leader's second entry is of an earlier term",
      steps: (check, { a }) => [() => check.onAppended(a.be("leader", 2), entries(4, 2, 1), 3)],
    },
  ],
});

const INITIAL = membershipOf(["a", "b", "c"]);

function withLearners(...learners: string[]): Membership {
  return { ...INITIAL, learners };
}

/** From a, b, c to a, d, e; c stays as a learner. */
const JOINT: Membership = {
  voters: ["a", "d", "e"],
  learners: ["f"],
  votersOutgoing: ["a", "b", "c"],
  learnersNext: ["c"],
};

const LEFT: Membership = { ...membershipOf(["a", "d", "e"]), learners: ["f", "c"] };

/** A follower takes the second of two memberships, which stand one behind the other in its log. */
function takes(check: MembershipSteps, member: FakeMember, before: Membership, after: Membership) {
  const taken = [membershipEntry(1, 1, before), membershipEntry(2, 1, after)];
  member.membership = before;
  return check.onAppended(member.append(...taken), taken.slice(1));
}

testHistories("MembershipSteps", {
  create: () => new MembershipSteps(),
  check: "membership steps",
  fine: [
    ...[
      { what: "adds a voter", before: INITIAL, after: membershipOf(["a", "b", "c", "d"]) },
      { what: "removes a voter", before: INITIAL, after: membershipOf(["a", "b"]) },
      { what: "adds learners", before: INITIAL, after: withLearners("d", "e") },
      {
        what: "promotes a learner",
        before: withLearners("d"),
        after: membershipOf(["a", "b", "c", "d"]),
      },
      { what: "enters a joint configuration", before: withLearners("f"), after: JOINT },
      { what: "leaves a joint configuration", before: JOINT, after: LEFT },
      { what: "is the first one", before: membershipOf([]), after: INITIAL },
    ].map(({ what, before, after }) => ({
      why: `a membership ${what}`,
      steps: (check: MembershipSteps, { a }: FakeGroup) => [() => takes(check, a, before, after)],
    })),
    {
      why: "a leader proposes once it has committed the last membership and an entry of its term",
      steps: (check, { a }) => [
        () => {
          const proposed = membershipEntry(3, 2, membershipOf(["a", "b"]));
          a.append(membershipEntry(1, 1, INITIAL), entry(2, 2), proposed);
          check.onAppended(a.be("leader", 2).commit(2), [proposed]);
        },
      ],
    },
    {
      why: "what a leader's core believes to be committed counts for its proposal",
      steps: (check, { a }) => [
        () => {
          const proposed = membershipEntry(2, 2, membershipOf(["a", "b"]));
          a.append(entry(1, 2), proposed);
          a.delusion = { committedIndex: 1 };
          check.onAppended(a.be("leader", 2), [proposed]);
        },
      ],
    },
    {
      why: "a leader hands its log store what it took from the leader before it",
      steps: (check, { a }) => [
        () => {
          const taken = [membershipEntry(1, 1, INITIAL), membershipEntry(2, 1, withLearners("d"))];
          check.onAppended(a.append(...taken, entry(3, 2)).be("leader", 2), taken);
        },
      ],
    },
    {
      why: "a follower takes a membership that its leader alone knows to be in order",
      steps: (check, { a }) => [
        () => {
          const taken = membershipEntry(1, 1, membershipOf(["a", "b"]));
          check.onAppended(a.append(taken).be("follower", 1), [taken]);
        },
      ],
    },
    {
      why: "a membership follows on that of the snapshot before it",
      steps: (check, { a }) => [
        () => {
          const taken = membershipEntry(6, 1, LEFT);
          a.log.reset({ index: 5, term: 1, membership: JOINT });
          check.onAppended(a.append(taken), [taken]);
        },
      ],
    },
  ],
  broken: [
    ...[
      { what: "adds two voters", before: INITIAL, after: membershipOf(["a", "b", "c", "d", "e"]) },
      { what: "removes two voters", before: INITIAL, after: membershipOf(["a"]) },
      { what: "replaces a voter", before: INITIAL, after: membershipOf(["a", "b", "d"]) },
      {
        what: "enters a joint configuration that leaves other voters",
        before: membershipOf(["a", "b"]),
        after: JOINT,
      },
      { what: "leaves one joint configuration for another", before: JOINT, after: JOINT },
      {
        what: "leaves a joint configuration with other voters",
        before: JOINT,
        after: { ...LEFT, voters: ["a", "d"] },
      },
      {
        what: "leaves a joint configuration without the learner that a voter was to become",
        before: JOINT,
        after: { ...LEFT, learners: ["f"] },
      },
      {
        what: "leaves a joint configuration without a learner of before",
        before: JOINT,
        after: { ...LEFT, learners: ["c"] },
      },
    ].map(({ what, before, after }) => ({
      why: `a membership ${what}`,
      steps: (check: MembershipSteps, { a }: FakeGroup) => [() => takes(check, a, before, after)],
    })),
    {
      why: "a membership does not follow on that of the snapshot before it",
      steps: (check, { a }) => [
        () => {
          const taken = membershipEntry(6, 1, membershipOf(["a"]));
          a.log.reset({ index: 5, term: 1, membership: JOINT });
          check.onAppended(a.append(taken), [taken]);
        },
      ],
    },
    {
      why: "a leader proposes a membership before the last one is committed",
      steps: (check, { a }) => [
        () => {
          const proposed = membershipEntry(3, 2, membershipOf(["a", "b"]));
          a.append(entry(1, 2), membershipEntry(2, 2, INITIAL), proposed);
          check.onAppended(a.be("leader", 2).commit(1), [proposed]);
        },
      ],
    },
    {
      why: "a leader proposes a membership before it has committed an entry of its term",
      steps: (check, { a }) => [
        () => {
          const proposed = membershipEntry(3, 2, membershipOf(["a", "b"]));
          a.append(membershipEntry(1, 1, INITIAL), entry(2, 2), proposed);
          check.onAppended(a.be("leader", 2).commit(1), [proposed]);
        },
      ],
    },
  ],
});

testHistories("MirroredLog", {
  create: () => new MirroredLog(),
  check: "mirrored log",
  fine: [
    {
      why: "a core, its effects and its disk agree",
      steps: (check, { a }) => [() => check.compareAll([a.hold(...entries(1, 1, 2)).commit(1)])],
    },
    {
      why: "a disk is behind, as it has not written everything",
      steps: (check, { a }) => [
        () => {
          a.hold(entry(1, 1)).append(entry(2, 1));
          a.disk.push({ type: "batch", sequence: 1, hardState: null, entries: [entry(2, 1)] });
          check.compareAll([a]);
        },
      ],
    },
    {
      why: "a crashed member believes nothing",
      steps: (check, { a }) => [
        () => {
          a.append(entry(1, 1)).isRunning = false;
          a.delusion = { lastIndex: 0 };
          check.compareAll([a]);
        },
      ],
    },
    {
      why: "a core does not know the term of what it has compacted",
      steps: (check, { a }) => [
        () => {
          a.hold(entry(1, 1)).delusion = { termAt: () => null };
          check.compareAll([a]);
        },
      ],
    },
  ],
  broken: [
    ...[
      { what: "another end of the log", delusion: { lastIndex: 3 } },
      { what: "another commit index", delusion: { committedIndex: 0 } },
      { what: "another term of an entry", delusion: { termAt: (index: number) => index } },
    ].map(({ what, delusion }) => ({
      why: `the core of the last member believes in ${what}`,
      steps: (check: MirroredLog, { a, b }: FakeGroup) => [
        () => check.compareAll([a, b.hold(...entries(1, 1, 1)).commit(1)]),
        () => {
          b.delusion = delusion;
          check.compareAll([a, b]);
        },
      ],
    })),
    {
      why: "a disk that has written everything lacks an entry",
      steps: (check, { a }) => [() => check.compareAll([a.hold(entry(1, 1)).append(entry(2, 1))])],
    },
    {
      why: "a disk that has written everything holds an entry more",
      steps: (check, { a }) => [() => check.compareAll([a.hold(entry(1, 1)).store(entry(2, 1))])],
    },
    {
      why: "a disk that has written everything holds another entry",
      steps: (check, { a }) => [
        () => check.compareAll([a.append(...entries(1, 1, 2)).store(...entries(1, 1, 1))]),
      ],
    },
  ],
});
