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

/** A vote, or, as a pre-vote, the word that it would be given. */
export interface Vote {
  readonly granted: boolean;
  /** Whether the voter may have forgotten entries that it acknowledged. */
  readonly isSuspect: boolean;
}

/**
 * What an election has come to, given the votes so far: by voter, so that none
 * counts twice.
 *
 * It takes a quorum whose logs are whole, or else all of `possibleVoters`: at
 * most a minority has really lost something, so that everything that was ever
 * acknowledged is then in a log that is not newer than the candidate's.
 */
export function electionOutcome(
  membership: Membership,
  votes: ReadonlyMap<NodeId, Vote>,
  possibleVoters: readonly NodeId[] = allVoters(membership),
): ElectionOutcome {
  const isGranted = (id: NodeId) => votes.get(id)?.granted === true;
  const isWhole = (id: NodeId) => isGranted(id) && votes.get(id)?.isSuspect === false;
  if (isQuorum(membership, isWhole) || possibleVoters.every(isGranted)) {
    return "won";
  }
  const mayBeGranted = (id: NodeId) => votes.get(id)?.granted !== false;
  const mayBeWhole = (id: NodeId) => !votes.has(id) || isWhole(id);
  const isOpen = isQuorum(membership, mayBeWhole) || possibleVoters.every(mayBeGranted);
  return isOpen ? "pending" : "lost";
}

/**
 * Whether each quorum of a membership has one of `voters` that is not damaged,
 * as at most a minority of the membership is. So what it has committed is known
 * to who asks all of `voters`. (Of two new voters in four, one may be in a quorum
 * with just one more; of one new voter in three, too.)
 */
export function isKnownTo(membership: Membership, voters: readonly NodeId[]): boolean {
  return [membership.voters, membership.votersOutgoing].some((half) => {
    const strangers = half.filter((id) => !voters.includes(id)).length;
    const damagedMax = Math.ceil(half.length / 2) - 1;
    return half.length > 0 && majorityOf(half.length) - strangers > damagedMax;
  });
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
