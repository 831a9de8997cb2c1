import test from "ava";
import {
  allMembers,
  isJoint,
  isQuorum,
  leaveJoint,
  type Membership,
  type MembershipChange,
  MembershipChangeError,
  membershipOf,
  planMembership,
} from "../../raft/mod.ts";
import {
  changed,
  everyone,
  hasQuorum,
  isBetweenTwo,
  isSameMembership,
  left,
} from "../../testing/invariants/membership_rules.ts";
import { SeededRandom } from "../../testing/mod.ts";

const IDS = ["a", "b", "c", "d", "e", "f", "g"];
const ROUNDS = 5_000;

test("the checks' own quorums and memberships are those of the core, on 5,000 walks", (t) => {
  const random = new SeededRandom(34);
  let refused = 0;
  let joint = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    let membership = membershipOf(random.shuffled(IDS).slice(0, random.between(1, 5)));
    for (let step = 0; step < 4; step += 1) {
      const what = `round ${round}: ${JSON.stringify(membership)}`;
      const yes = new Set(IDS.filter(() => random.chance(0.6)));
      const holds = (id: string): boolean => yes.has(id);
      t.is(hasQuorum(membership, holds), isQuorum(membership, holds), what);
      t.is(isBetweenTwo(membership), isJoint(membership), what);
      t.deepEqual([...everyone(membership)].sort(), allMembers(membership).sort(), what);
      if (isJoint(membership)) {
        joint += 1;
        const after = leaveJoint(membership);
        t.true(isSameMembership(left(membership), after), what);
        membership = after;
        continue;
      }
      const changes = drawChanges(random);
      const planned = plan(membership, changes);
      if (planned === null) {
        refused += 1;
      } else {
        t.true(isSameMembership(changed(membership, changes), planned), what);
        membership = planned;
      }
    }
  }
  t.true(refused > ROUNDS / 10 && joint > ROUNDS / 10, `${refused} refused, ${joint} joint`);
});

for (
  const { old = [], new: voters, yes, want, why } of [
    { new: ["a", "b", "c"], yes: ["a", "c"], want: true, why: "two of three" },
    { new: ["a", "b", "c"], yes: ["a"], want: false, why: "one of three" },
    { new: ["a", "b", "c", "d"], yes: ["a", "b"], want: false, why: "half is no majority" },
    { new: ["a", "b", "c"], yes: ["a", "d", "e"], want: false, why: "others do not count" },
    { new: ["a"], old: ["b"], yes: ["a"], want: false, why: "the old half lacks its majority" },
    { new: ["a"], old: ["b"], yes: ["b"], want: false, why: "the new half lacks its majority" },
    { new: ["a"], old: ["b"], yes: ["a", "b"], want: true, why: "both halves have theirs" },
  ] as { old?: string[]; new: string[]; yes: string[]; want: boolean; why: string }[]
) {
  test(`hasQuorum is ${want} for [${yes}] of [${voters}] and [${old}]: ${why}`, (t) => {
    const membership = { ...membershipOf(voters), votersOutgoing: old, learners: ["d"] };
    t.is(hasQuorum(membership, (id) => yes.includes(id)), want);
  });
}

for (
  const { changes, want, why } of [
    {
      changes: [{ type: "addVoter", id: "d" }],
      want: { voters: ["a", "b", "c", "d"], learners: [] },
      why: "a learner that becomes a voter is no learner any more",
    },
    {
      changes: [{ type: "addLearner", id: "c" }],
      want: { voters: ["a", "b"], learners: ["d", "c"] },
      why: "one voter that goes needs no joint configuration",
    },
    {
      changes: [{ type: "addLearner", id: "c" }, { type: "addVoter", id: "e" }],
      want: {
        voters: ["a", "b", "e"],
        learners: ["d"],
        votersOutgoing: ["a", "b", "c"],
        learnersNext: ["c"],
      },
      why: "a voter waits to become a learner until its half is left",
    },
    {
      changes: [{ type: "remove", id: "c" }, { type: "remove", id: "d" }],
      want: { voters: ["a", "b"], learners: [] },
      why: "a learner that goes beside a voter makes no joint configuration",
    },
    {
      changes: [{ type: "remove", id: "c" }, { type: "addVoter", id: "c" }],
      want: { voters: ["a", "b", "c"], learners: ["d"] },
      why: "the last word on a member counts",
    },
  ] satisfies { changes: MembershipChange[]; want: Partial<Membership>; why: string }[]
) {
  test(`changed says of ${JSON.stringify(changes)}: ${why}`, (t) => {
    const before = { ...membershipOf(["a", "b", "c"]), learners: ["d"] };
    const after = changed(before, changes);
    t.true(isSameMembership(after, { ...membershipOf([]), ...want }), JSON.stringify(after));
  });
}

test("left keeps the new voters, and all learners of before and of now", (t) => {
  const joint: Membership = {
    voters: ["a", "e"],
    learners: ["d"],
    votersOutgoing: ["a", "b", "c"],
    learnersNext: ["c"],
  };
  t.true(isBetweenTwo(joint));
  t.deepEqual([...everyone(joint)].sort(), ["a", "b", "c", "d", "e"]);
  t.false(isBetweenTwo(left(joint)));
  t.true(isSameMembership(left(joint), { ...membershipOf(["e", "a"]), learners: ["c", "d"] }));
});

for (
  const { one, other, why } of [
    { one: { voters: ["a"] }, other: { voters: ["a", "b"] }, why: "one voter more" },
    { one: { learners: ["a"] }, other: { learners: ["b"] }, why: "another learner" },
    { one: { learnersNext: ["a"] }, other: {}, why: "a learner to be is lost" },
    { one: { votersOutgoing: ["a"] }, other: {}, why: "the outgoing half is lost" },
  ] satisfies { one: Partial<Membership>; other: Partial<Membership>; why: string }[]
) {
  test(`isSameMembership sees a difference: ${why}`, (t) => {
    const nobody = membershipOf([]);
    t.false(isSameMembership({ ...nobody, ...one }, { ...nobody, ...other }));
    t.true(isSameMembership({ ...nobody, ...one }, { ...nobody, ...one }));
  });
}

function drawChanges(random: SeededRandom): MembershipChange[] {
  return random.shuffled(IDS).slice(0, random.between(1, 3))
    .map((id) => ({ type: random.pick(["addVoter", "addLearner", "remove"] as const), id }));
}

/** `null` if the core refuses. */
function plan(membership: Membership, changes: readonly MembershipChange[]): Membership | null {
  try {
    return planMembership(membership, changes);
  } catch (error) {
    if (error instanceof MembershipChangeError) {
      return null;
    }
    throw error;
  }
}
