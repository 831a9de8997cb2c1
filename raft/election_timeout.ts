import type { MemberState } from "./member_state.ts";

/**
 * Ticks until an election: between one and two times the configured, drawn
 * anew for each role, so that members rarely start at once (Raft thesis §3.4).
 */
export function electionTimeoutTicks({ random, tuning }: MemberState): number {
  return tuning.electionTicks + Math.floor(random.random() * tuning.electionTicks);
}
