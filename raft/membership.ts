import type { NodeId } from "./hard_state.ts";

/**
 * Who belongs to the group, and with which rights.
 *
 * While `votersOutgoing` is not empty the group is in a joint configuration
 * (Raft thesis §4.3): a decision needs a majority of `voters` (incoming) and
 * one of `votersOutgoing`.
 */
export interface Membership {
  readonly voters: readonly NodeId[];
  /** Members that receive the log without a vote (Raft thesis §4.2.1). */
  readonly learners: readonly NodeId[];
  /** Voters of the configuration that is being left. */
  readonly votersOutgoing: readonly NodeId[];
  /** Outgoing voters that become learners when the joint configuration is left. */
  readonly learnersNext: readonly NodeId[];
}

/** A membership of voters alone. */
export function membershipOf(voters: readonly NodeId[]): Membership {
  return { voters: [...voters], learners: [], votersOutgoing: [], learnersNext: [] };
}
