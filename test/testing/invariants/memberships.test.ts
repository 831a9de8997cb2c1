import {
  type Entry,
  type Membership,
  type MembershipChange,
  membershipOf,
  type SnapshotMeta,
} from "../../../raft/mod.ts";
import { CommittedLog } from "../../../testing/invariants/committed_log.ts";
import { MembershipInForce } from "../../../testing/invariants/membership_in_force.ts";
import { MembershipTargets } from "../../../testing/invariants/membership_targets.ts";
import { entries, entry, type FakeGroup, type FakeMember, membershipEntry } from "./fake_group.ts";
import { testHistories } from "./histories.ts";

const INITIAL = membershipOf(["a", "b", "c"]);
const FOUR = membershipOf(["a", "b", "c", "d"]);
const WITH_LEARNER: Membership = { ...INITIAL, learners: ["d"] };

/** From a, b, c to a, d, e, with learner f throughout; c is to be a learner. */
const JOINT: Membership = {
  voters: ["a", "d", "e"],
  learners: ["f"],
  votersOutgoing: ["a", "b", "c"],
  learnersNext: ["c"],
};

const LEFT: Membership = { ...membershipOf(["a", "d", "e"]), learners: ["f", "c"] };

/** What leads to `JOINT` where f is a learner. */
const TO_JOINT: MembershipChange[] = [
  { type: "addVoter", id: "d" },
  { type: "addVoter", id: "e" },
  { type: "addLearner", id: "c" },
  { type: "remove", id: "b" },
];

/** `MembershipInForce`, and the log that the group commits. */
class InForce {
  readonly #committed = new CommittedLog();
  readonly check: MembershipInForce = new MembershipInForce(this.#committed);

  commit(...taken: readonly Entry[]): void {
    taken.forEach((each) => this.#committed.add(each, each.term));
    this.check.onCommitted();
  }

  /** The member hands out an entry, and then says that its membership is in force. */
  apply(member: FakeMember, taken: Entry, membership: Membership): void {
    this.check.onApplying(member, [taken]);
    this.check.onMembershipChanged(member.goBy(membership), taken.index);
  }

  start(member: FakeMember, applied: readonly Entry[], membership: Membership): void {
    member.machine.apply(applied);
    this.check.onStarted(member.goBy(membership));
  }
}

const CHANGE = membershipEntry(2, 1, FOUR);
const LATER = membershipEntry(4, 1, membershipOf(["a", "b", "d"]));

function snapshotOf(index: number, membership: Membership): SnapshotMeta {
  return { last: { index, term: 1 }, membership };
}

testHistories("MembershipInForce", {
  create: () => new InForce(),
  check: "membership in force",
  fine: [
    {
      why: "a member goes by what it has handed out, and leads by it",
      steps: (stage, { a }) => [
        () => stage.start(a, [], INITIAL),
        () => stage.commit(entry(1, 1), CHANGE),
        () => stage.check.onRoleChanged(a.be("leader", 1)),
        () => stage.apply(a, CHANGE, FOUR),
        () => stage.check.onRoleChanged(a),
        () => stage.check.compareAll([a]),
      ],
    },
    {
      why: "a member goes by the founders' membership before any is committed",
      steps: (stage, { a, b }) => [
        () => [a, b].forEach((member) => stage.start(member, [], INITIAL)),
        () => stage.check.compareAll([a, b]),
      ],
    },
    {
      why: "the same membership is named in another order",
      steps: (stage, { a }) => [
        () => stage.commit(entry(1, 1), CHANGE),
        () => stage.apply(a, CHANGE, membershipOf(["d", "c", "b", "a"])),
        () => stage.check.compareAll([a]),
      ],
    },
    {
      why: "a member that is behind goes by an older membership",
      steps: (stage, { a, b }) => [
        () => stage.commit(entry(1, 1), CHANGE, entry(3, 1), LATER),
        () => [CHANGE, LATER].forEach((each) => stage.check.onApplying(a, [each])),
        () => stage.apply(b, CHANGE, FOUR),
        () => stage.check.compareAll([b]),
      ],
    },
    {
      why: "a member starts with the membership as of what its state machine holds",
      steps: (stage, { a }) => [
        () => stage.commit(entry(1, 1), CHANGE, entry(3, 1), LATER),
        () => stage.start(a, [entry(1, 1), CHANGE, entry(3, 1)], FOUR),
        () => stage.check.compareAll([a]),
      ],
    },
    {
      why: "a snapshot brings the membership of its last entry",
      steps: (stage, { a }) => [
        () => stage.commit(entry(1, 1), CHANGE, entry(3, 1), LATER),
        () => stage.check.onRestored(a.goBy(FOUR), snapshotOf(3, FOUR)),
        () => stage.check.compareAll([a]),
      ],
    },
    {
      why: "who is down goes by nothing, and who follows is not asked when its role changes",
      steps: (stage, { a }) => [
        () => stage.commit(entry(1, 1), CHANGE),
        () => stage.apply(a, CHANGE, FOUR),
        () => stage.check.onRoleChanged(a.goBy(INITIAL).be("candidate", 2)),
        () => {
          a.isRunning = false;
          stage.check.compareAll([a]);
        },
      ],
    },
  ],
  broken: [
    {
      why: "a membership is said to be in force that the log does not hold",
      steps: (stage, { a }) => [
        () => stage.commit(entry(1, 1), CHANGE),
        () => stage.apply(a, CHANGE, membershipOf(["a", "b", "d"])),
      ],
    },
    {
      why:
        "a membership is said to be in force that the log does not hold, by the next entry of it",
      steps: (stage, { a }) => [
        () => stage.commit(entry(1, 1)),
        () => stage.commit(CHANGE),
        () => stage.apply(a, CHANGE, membershipOf(["a", "b", "d"])),
      ],
    },
    {
      why: "a membership is said to be in force at the index of the one before it",
      steps: (stage, { a }) => [
        () => stage.commit(entry(1, 1), CHANGE, entry(3, 1), LATER),
        () => stage.apply(a, CHANGE, membershipOf(["a", "b", "d"])),
      ],
    },
    {
      why: "a core goes by another membership than it has said",
      steps: (stage, { a, b }) => [
        () => [a, b].forEach((member) => stage.start(member, [], INITIAL)),
        () => stage.check.compareAll([a, b]),
        () => {
          b.delusion = { membership: FOUR };
          stage.check.compareAll([a, b]);
        },
      ],
    },
    {
      why: "a core still goes by the membership before the one that it has handed out",
      steps: (stage, { a }) => [
        () => stage.commit(entry(1, 1), CHANGE),
        () => stage.check.onApplying(a, [entry(1, 1), CHANGE]),
        () => stage.check.compareAll([a]),
      ],
    },
    {
      why: "a core goes by a membership that it has appended and not committed",
      steps: (stage, { a }) => [
        () => stage.start(a, [], INITIAL),
        () => stage.check.compareAll([a.append(entry(1, 1), CHANGE).goBy(FOUR)]),
      ],
    },
    {
      why: "a core leads by another membership than the one in force",
      steps: (stage, { a }) => [
        () => stage.start(a, [], INITIAL),
        () => stage.check.onRoleChanged(a.goBy(membershipOf(["a"])).be("leader", 2)),
      ],
    },
    {
      why: "a member starts with the membership before that of its state machine",
      steps: (stage, { a }) => [
        () => stage.commit(entry(1, 1), CHANGE),
        () => stage.start(a, [entry(1, 1), CHANGE], INITIAL),
      ],
    },
    {
      why: "a member starts with a membership that it is to apply yet",
      steps: (stage, { a }) => [
        () => stage.commit(entry(1, 1), CHANGE, entry(3, 1), LATER),
        () => stage.start(a, [entry(1, 1), CHANGE, entry(3, 1)], membershipOf(["a", "b", "d"])),
      ],
    },
    {
      why: "a snapshot brings the membership before that of its last entry",
      steps: (stage, { a }) => [
        () => stage.commit(entry(1, 1), CHANGE, entry(3, 1), LATER),
        () => stage.check.onRestored(a, snapshotOf(4, FOUR)),
      ],
    },
    {
      why: "a core does not go by the membership of the snapshot that it restored",
      steps: (stage, { a }) => [
        () => stage.commit(entry(1, 1), CHANGE),
        () => stage.check.onRestored(a, snapshotOf(2, FOUR)),
        () => stage.check.compareAll([a.goBy(INITIAL)]),
      ],
    },
    {
      why: "a membership has lost a learner on the way from the log",
      steps: (stage, { a }) => {
        const withLearner = membershipEntry(1, 1, WITH_LEARNER);
        return [
          () => stage.commit(withLearner),
          () => stage.apply(a, withLearner, INITIAL),
        ];
      },
    },
  ],
});

/** The member takes a membership into its log, after the one before it. */
function takes(check: MembershipTargets, member: FakeMember, membership: Membership) {
  const taken = [membershipEntry(member.log.lastIndex + 1, 1, membership)];
  return check.onAppended(member.append(...taken), taken);
}

/** A member whose log begins after a snapshot, with this membership. */
function after(member: FakeMember, membership: Membership): FakeMember {
  member.log.reset({ index: 5, term: 1, membership });
  return member.goBy(membership);
}

const WITH_F: Membership = { ...INITIAL, learners: ["f"] };

testHistories("MembershipTargets", {
  create: ({ members }) => new MembershipTargets(members, {}),
  check: "membership targets",
  fine: [
    ...[
      { what: "adds a voter", changes: [{ type: "addVoter", id: "d" }], membership: FOUR },
      {
        what: "adds a learner",
        changes: [{ type: "addLearner", id: "d" }],
        membership: WITH_LEARNER,
      },
      {
        what: "removes a voter",
        changes: [{ type: "remove", id: "c" }],
        membership: membershipOf(["a", "b"]),
      },
      {
        what: "makes a voter a learner",
        changes: [{ type: "addLearner", id: "c" }],
        membership: { ...membershipOf(["a", "b"]), learners: ["c"] },
      },
    ].map(({ what, changes, membership }) => ({
      why: `a membership ${what}, as was asked`,
      steps: (check: MembershipTargets, { a }: FakeGroup) => [
        () => check.onChangeRequested(a, changes as MembershipChange[]),
        () => takes(check, a, membership),
      ],
    })),
    {
      why: "a joint configuration is entered as was asked, and left, with all its learners",
      steps: (check, { a }) => [
        () => check.onChangeRequested(after(a, WITH_F), TO_JOINT),
        () => takes(check, a, JOINT),
        () => check.onChangeTaken(a),
        () => takes(check, a, LEFT),
      ],
    },
    {
      why: "one of two changes is made that two members were asked for",
      steps: (check, { a, b }) => [
        () => check.onChangeRequested(a, [{ type: "remove", id: "c" }]),
        () => check.onChangeRequested(b, [{ type: "addVoter", id: "d" }]),
        () => check.onChangeTaken(a),
        () => takes(check, a, FOUR),
      ],
    },
    {
      why: "the second of two changes is made that one member was asked for",
      steps: (check, { a }) => [
        () => check.onChangeRequested(a, [{ type: "remove", id: "c" }]),
        () => check.onChangeRequested(a, [{ type: "addVoter", id: "d" }]),
        () => takes(check, a, FOUR),
      ],
    },
    {
      why: "others take a membership once nobody asks for it any more",
      steps: (check, { a, b }) => [
        () => check.onChangeRequested(a, [{ type: "addVoter", id: "d" }]),
        () => takes(check, a, FOUR),
        () => check.onChangeTaken(a),
        () => takes(check, b, FOUR),
      ],
    },
    {
      why: "a member that joins takes a membership that follows on that of the founders",
      steps: (check, group) => {
        const d = group.join("d").goBy(membershipOf([]));
        return [
          () => [d, group.a].forEach((member) => check.onStarted(member)),
          () => check.onChangeRequested(group.a, [{ type: "addVoter", id: "d" }]),
          () => takes(check, d, FOUR),
        ];
      },
    },
    {
      why: "entries of other kinds come into a log",
      steps: (check, { a }) => [
        () => check.onAppended(a.append(...entries(1, 1, 1)), entries(1, 1, 1)),
      ],
    },
  ],
  broken: [
    {
      why: "nobody asked for a change",
      steps: (check, { a }) => [() => takes(check, a, FOUR)],
    },
    ...[
      { what: "another voter comes", membership: membershipOf(["a", "b", "c", "e"]) },
      { what: "a learner comes in its place", membership: WITH_LEARNER },
      { what: "another one goes", membership: membershipOf(["a", "b"]) },
      {
        what: "a learner comes beside it",
        membership: { ...FOUR, learners: ["e"] },
      },
      {
        what: "it comes by way of a joint configuration",
        membership: { ...FOUR, votersOutgoing: ["a", "b", "c"] },
      },
    ].map(({ what, membership }) => ({
      why: `a change is not what was asked for: ${what}`,
      steps: (check: MembershipTargets, { a }: FakeGroup) => [
        () => check.onChangeRequested(a, [{ type: "addVoter", id: "d" }]),
        () => takes(check, a, membership),
      ],
    })),
    {
      why: "a change is made for the second time that was asked for once",
      steps: (check, { a }) => [
        () => check.onChangeRequested(a, [{ type: "remove", id: "c" }]),
        () => takes(check, a, membershipOf(["a", "b"])),
        () => check.onChangeTaken(a),
        () => takes(check, after(a, INITIAL), membershipOf(["a", "b"])),
      ],
    },
    ...[
      { what: "a learner vanishes", membership: { ...JOINT, learners: [] } },
      {
        what: "a voter that is to become a learner vanishes",
        membership: { ...JOINT, learnersNext: [] },
      },
      {
        what: "a voter that is to become a learner is one at once",
        membership: { ...JOINT, learners: ["f", "c"], learnersNext: [] },
      },
      { what: "a new voter is missing", membership: { ...JOINT, voters: ["a", "d"] } },
      { what: "an old voter is missing", membership: { ...JOINT, votersOutgoing: ["a", "b"] } },
    ].map(({ what, membership }) => ({
      why: `${what} on the way into a joint configuration`,
      steps: (check: MembershipTargets, { a }: FakeGroup) => [
        () => check.onChangeRequested(after(a, WITH_F), TO_JOINT),
        () => takes(check, a, membership),
      ],
    })),
    ...[
      { what: "a learner vanishes", membership: { ...LEFT, learners: ["c"] } },
      {
        what: "a voter that was to become a learner vanishes",
        membership: { ...LEFT, learners: ["f"] },
      },
      {
        what: "a learner becomes a voter",
        membership: { ...membershipOf(["a", "d", "e", "f"]), learners: ["c"] },
      },
      { what: "an old voter stays", membership: { ...LEFT, voters: ["a", "d", "e", "b"] } },
    ].map(({ what, membership }) => ({
      why: `${what} on the way out of a joint configuration`,
      steps: (check: MembershipTargets, { a }: FakeGroup) => [
        () => takes(check, after(a, JOINT), membership),
      ],
    })),
    {
      why: "a joint configuration makes way for a change that was asked for, before it is left",
      steps: (check, { a }) => [
        () => check.onChangeRequested(after(a, JOINT), [{ type: "addVoter", id: "b" }]),
        () => takes(check, a, membershipOf(["a", "d", "e", "b"])),
      ],
    },
    {
      why: "a membership of the same place is taken in another term, and nobody asks for it then",
      steps: (check, { a, b }) => [
        () => check.onChangeRequested(a, [{ type: "addVoter", id: "d" }]),
        () => takes(check, a, FOUR),
        () => check.onChangeTaken(a),
        () => {
          const taken = [membershipEntry(1, 2, FOUR)];
          check.onAppended(b.append(...taken), taken);
        },
      ],
    },
    {
      why: "a learner is promoted where that is not wanted",
      steps: (check, group) => [
        () => {
          group.join("d");
          takes(check, after(group.a, WITH_LEARNER), FOUR);
        },
      ],
    },
  ],
});

/** A group with learner d, whose disk holds what is named. */
function withLearner(group: FakeGroup, held: number): FakeMember {
  group.join("d").store(...entries(1, ...Array(held).fill(1)));
  return after(group.a, WITH_LEARNER).be("leader", 1).commit(5);
}

testHistories("MembershipTargets where learners are promoted", {
  create: ({ members }) =>
    new MembershipTargets(members, { promoteLearners: true, promotionLagMax: 2 }),
  check: "membership targets",
  fine: [
    {
      why: "a learner is promoted that is as far behind as it may be",
      steps: (check, group) => [() => takes(check, withLearner(group, 3), FOUR)],
    },
  ],
  broken: [
    {
      why: "a learner is promoted that is further behind",
      steps: (check, group) => [() => takes(check, withLearner(group, 2), FOUR)],
    },
    {
      why: "a learner is promoted of whom nothing is known",
      steps: (check, { a }) => [
        () => takes(check, after(a, WITH_LEARNER).be("leader", 1).commit(5), FOUR),
      ],
    },
    {
      why: "two learners are promoted at once",
      steps: (check, group) => [
        () => {
          const both = withLearner(group, 5);
          group.join("e").store(...entries(1, 1, 1, 1, 1, 1));
          const voters = ["a", "b", "c", "d", "e"];
          takes(
            check,
            after(both, { ...INITIAL, learners: ["d", "e"] }),
            { ...membershipOf(voters), votersOutgoing: ["a", "b", "c"] },
          );
        },
      ],
    },
    {
      why: "someone is promoted who is no learner",
      steps: (check, group) => [
        () => {
          withLearner(group, 5);
          takes(check, after(group.a, INITIAL), FOUR);
        },
      ],
    },
    {
      why: "a voter goes when a learner is promoted",
      steps: (check, group) => [
        () => takes(check, withLearner(group, 5), membershipOf(["a", "b", "d"])),
      ],
    },
  ],
});
