import { isJoint, type Membership } from "../../raft/mod.ts";
import type { CrashPoint } from "../simulation/crash_point.ts";
import type { MarkCounts } from "../simulation/marks.ts";

/** A membership that has come into force. */
export interface MembershipStep {
  readonly before: Membership;
  readonly membership: Membership;
  /** Term of its entry. */
  readonly term: number;
  /** Term of the entry by which the present joint configuration was entered, if it was seen. */
  readonly jointTerm: number | null;
}

/** Counts what a change of membership is. Returns at which steps it may be crashed. */
export function markMembership(
  marks: MarkCounts,
  { before, membership, term, jointTerm }: MembershipStep,
): { readonly points: CrashPoint[]; readonly jointTerm: number | null } {
  if (membership.learners.some((id) => !before.learners.includes(id))) {
    marks.hit("learner added");
  }
  if (membership.voters.some((id) => before.learners.includes(id))) {
    marks.hit("learner promoted");
  }
  if (isJoint(membership)) {
    marks.hit("joint entered");
    return { points: ["joint entered"], jointTerm: term };
  }
  if (!isJoint(before)) {
    marks.hit("membership changed");
    return { points: ["membership applied"], jointTerm: null };
  }
  marks.hit("joint left");
  if (jointTerm !== null && jointTerm !== term) {
    marks.hit("joint left by another leader");
  }
  return { points: ["joint left"], jointTerm: null };
}
