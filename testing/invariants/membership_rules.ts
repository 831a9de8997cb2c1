import type { Membership, MembershipChange, NodeId } from "../../raft/mod.ts";

/*
 * What the checks hold a core against: quorums and memberships from their
 * definitions, as slowly as those go. Nothing here is taken from `raft/`, or a
 * check would agree with whatever it is to find.
 */

/** Whether those of whom `holds` is true are more than half of each half of the membership. */
export function hasQuorum(
  { voters, votersOutgoing }: Membership,
  holds: (id: NodeId) => boolean,
): boolean {
  return [voters, votersOutgoing].every((half) => {
    let count = 0;
    for (const id of half) {
      count += holds(id) ? 1 : 0;
    }
    return half.length === 0 || 2 * count > half.length;
  });
}

/** Whether a membership stands between two others. */
export function isBetweenTwo({ votersOutgoing }: Membership): boolean {
  return votersOutgoing.length > 0;
}

/** Everyone whom a membership names. */
export function everyone(membership: Membership): Set<NodeId> {
  const { voters, learners, votersOutgoing, learnersNext } = membership;
  return new Set([...voters, ...votersOutgoing, ...learners, ...learnersNext]);
}

/** Whether two memberships say the same, in whatever order. */
export function isSameMembership(one: Membership, other: Membership): boolean {
  return isSame(one.voters, other.voters) && isSame(one.learners, other.learners) &&
    isSame(one.votersOutgoing, other.votersOutgoing) &&
    isSame(one.learnersNext, other.learnersNext);
}

/** What follows on a membership that stands between two others. */
export function left({ voters, learners, learnersNext }: Membership): Membership {
  return {
    voters,
    learners: [...learners, ...learnersNext],
    votersOutgoing: [],
    learnersNext: [],
  };
}

/**
 * The membership that is proposed when all these changes are wanted at once
 * (Raft thesis §4.1, §4.3): each member's new role, and where more than one
 * voter comes or goes, both halves, until which a voter that is to become a
 * learner has to wait.
 */
export function changed(before: Membership, changes: readonly MembershipChange[]): Membership {
  const roles = new Map<NodeId, "voter" | "learner">();
  before.voters.forEach((id) => roles.set(id, "voter"));
  before.learners.forEach((id) => roles.set(id, "learner"));
  for (const { type, id } of changes) {
    if (type === "remove") {
      roles.delete(id);
    } else {
      roles.set(id, type === "addVoter" ? "voter" : "learner");
    }
  }
  const having = (role: string) => [...roles.keys()].filter((id) => roles.get(id) === role);
  const voters = having("voter");
  const learners = having("learner");
  const differing = new Set([
    ...voters.filter((id) => !before.voters.includes(id)),
    ...before.voters.filter((id) => !voters.includes(id)),
  ]);
  return differing.size <= 1 ? { voters, learners, votersOutgoing: [], learnersNext: [] } : {
    voters,
    learners: learners.filter((id) => !before.voters.includes(id)),
    votersOutgoing: before.voters,
    learnersNext: learners.filter((id) => before.voters.includes(id)),
  };
}

function isSame(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && new Set([...one, ...other]).size === one.length;
}
