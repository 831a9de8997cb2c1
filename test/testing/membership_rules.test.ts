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
