import type { MembershipChange } from "../../../raft/mod.ts";

/** From a, b and c to a, d and e: more than one voter, so by way of a joint configuration. */
export const JOINT_CHANGES: readonly MembershipChange[] = [
  { type: "addVoter", id: "d" },
  { type: "addVoter", id: "e" },
  { type: "remove", id: "b" },
  { type: "remove", id: "c" },
];
