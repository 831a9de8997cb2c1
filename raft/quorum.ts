import type { NodeId } from "./hard_state.ts";
import type { Membership } from "./membership.ts";

/*
 * Decisions of a group, simple or joint. In a joint configuration both halves
 * must agree (Raft thesis §4.3); an empty half limits nothing.
 */

/** What an election has come to. */
export type ElectionOutcome = "won" | "lost" | "pending";

/**
 * The highest index that a majority of `voters` has, given each voter's own.
 * `Infinity` without voters: an empty half limits no joint quorum.
 */
export function committedIndex(acked: readonly number[]): number {
  if (acked.length === 0) {
    return Infinity;
  }
  const descending = [...acked].sort((a, b) => b - a);
  return descending[majorityOf(descending.length) - 1] ?? 0;
}

/** The same for a membership: what both halves have. */
export function jointCommittedIndex(
  { voters, votersOutgoing }: Membership,
  ackedBy: (id: NodeId) => number,
): number {
  return Math.min(
    committedIndex(voters.map(ackedBy)),
    committedIndex(votersOutgoing.map(ackedBy)),
  );
}

/** Whether those of whom `holds` is true are a quorum of the membership. */
export function isQuorum(
  { voters, votersOutgoing }: Membership,
  holds: (id: NodeId) => boolean,
): boolean {
  return isMajority(voters, holds) && isMajority(votersOutgoing, holds);
}

/** What an election has come to, given the votes so far: by voter, so that none counts twice. */
export function electionOutcome(
  membership: Membership,
  votes: ReadonlyMap<NodeId, boolean>,
): ElectionOutcome {
  if (isQuorum(membership, (id) => votes.get(id) === true)) {
    return "won";
  }
  return isQuorum(membership, (id) => votes.get(id) !== false) ? "pending" : "lost";
}

/** Members that have a vote, each once. */
export function allVoters({ voters, votersOutgoing }: Membership): NodeId[] {
  return [...new Set([...voters, ...votersOutgoing])];
}

/** Everyone who receives the log, each once. */
export function allMembers(membership: Membership): NodeId[] {
  return [...new Set([...allVoters(membership), ...membership.learners])];
}

function isMajority(voters: readonly NodeId[], holds: (id: NodeId) => boolean): boolean {
  return voters.length === 0 || voters.filter(holds).length >= majorityOf(voters.length);
}

function majorityOf(count: number): number {
  return Math.floor(count / 2) + 1;
}
