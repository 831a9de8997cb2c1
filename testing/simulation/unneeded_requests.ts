import type { Membership, MembershipChange, Message, NodeId, RaftTuning } from "../../raft/mod.ts";
import type { SeededRandom } from "../seeded_random.ts";

/** A group of which somebody may be invited to an election. */
export interface InvitedGroup {
  readonly configuration: { readonly tuning: RaftTuning };
  readonly electionUs: number;
  readonly members: readonly { readonly id: NodeId }[];
  readonly leader: { readonly id: NodeId; readonly term: number } | undefined;
  inject(message: Message, delayUs: number): void;
}

/**
 * Tells a member to start an election, as a message of a transfer that was given
 * up may come late. Returns whether that could be.
 */
export function inviteElection(group: InvitedGroup, random: SeededRandom): boolean {
  const { leader } = group;
  if (leader === undefined || group.configuration.tuning.leaseReads === true) {
    return false;
  }
  const to = random.pick(group.members);
  if (to === leader) {
    return false;
  }
  const message = { type: "timeoutNow", from: leader.id, to: to.id, term: leader.term } as const;
  group.inject(message, random.around(group.electionUs));
  return true;
}

/** Draws changes of a membership for some of a group, mostly such as are possible. */
export function drawChanges(
  membership: Membership,
  members: readonly { readonly id: NodeId }[],
  random: SeededRandom,
): MembershipChange[] {
  const count = random.pick([1, 1, 2, 3]);
  return random.shuffled(members).slice(0, count)
    .map(({ id }): MembershipChange => ({ type: drawChange(membership, id, random), id }));
}

function drawChange(
  membership: Membership,
  id: NodeId,
  random: SeededRandom,
): MembershipChange["type"] {
  if (membership.voters.includes(id)) {
    // The group should not shrink to nothing.
    return random.chance(membership.voters.length > 2 ? 0.6 : 0.2) ? "remove" : "addLearner";
  }
  return membership.learners.includes(id) && random.chance(0.3)
    ? "remove"
    : random.pick(["addVoter", "addVoter", "addLearner"]);
}
