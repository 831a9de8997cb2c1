import type { Entry, EntryId } from "./entry.ts";
import type { NodeId } from "./hard_state.ts";
import type { Membership } from "./membership.ts";
import type { DropReason } from "./raft_effect.ts";

/** What all messages have. */
export interface Envelope {
  readonly from: NodeId;
  readonly to: NodeId;
  /** The sender's term; in a pre-vote, the term that an election would have. */
  readonly term: number;
}

/**
 * What voters and candidates tell each other beside the vote. A member that
 * holds the sender's last committed entry may commit up to it: the logs match
 * up to there. So word of a commit gets through even when nobody leads, which
 * matters when it is a change of membership: who is voter no longer may be the
 * only one who knows.
 */
export interface CommitNews {
  /** The sender's last committed entry. */
  readonly commit: EntryId;
}

/**
 * Answers of a member whose log may lack what it has acknowledged. They never
 * count: not towards a commit, nor for reads, nor, but where all voters give
 * theirs, as votes. The life is named, so that what a member says after another
 * crash is told from what it said before.
 */
export interface Suspicion {
  /** Present as long as the sender is suspect: its session. */
  readonly suspectLife?: number;
}

/** Asks for a vote, or, as a pre-vote, whether one would be given (Raft thesis §3.4, §9.6). */
export interface VoteRequest extends Envelope, CommitNews {
  readonly type: "voteRequest";
  readonly isPreVote: boolean;
  /** The candidate's last entry. */
  readonly last: EntryId;
  /** A leader asked for this election, so a voter that still hears from it does not ignore it. */
  readonly isTransfer: boolean;
}

/** Gives or refuses a vote. A refusal has the voter's term, a grant that of the request. */
export interface VoteResponse extends Envelope, CommitNews, Suspicion {
  readonly type: "voteResponse";
  readonly isPreVote: boolean;
  readonly granted: boolean;
}

/**
 * Appends and their answers. A leader that has to go back numbers its attempts,
 * so that answers to an earlier one do not send it back, or on, once more.
 */
export interface AppendAttempt {
  readonly attempt: number;
}

/** Entries that follow on `previous` (Raft thesis §3.5). */
export interface AppendRequest extends Envelope, AppendAttempt {
  readonly type: "appendRequest";
  readonly previous: EntryId;
  readonly entries: readonly Entry[];
  readonly commit: number;
}

/** The follower holds the leader's log durably up to `match`. */
export interface AppendAccepted extends Envelope, AppendAttempt, Suspicion {
  readonly type: "appendAccepted";
  readonly match: number;
}

/** The follower's log does not hold `previous`. */
export interface AppendRejected extends Envelope, AppendAttempt, Suspicion {
  readonly type: "appendRejected";
  /** Index of the `previous` that did not fit. */
  readonly rejected: number;
  /** The last entry of the follower that might fit: index and term. */
  readonly hint: EntryId;
}

/** The leader lives. Small, and sent on its own, so that bulk does not delay it. */
export interface Heartbeat extends Envelope {
  readonly type: "heartbeat";
  /** What the follower may commit: not beyond what it is known to hold. */
  readonly commit: number;
  /** Number of the newest round of read confirmations, unique in the term. */
  readonly round: number;
}

/** The follower still takes the sender of the heartbeat for its leader. */
export interface HeartbeatResponse extends Envelope, Suspicion {
  readonly type: "heartbeatResponse";
  readonly round: number;
}

/**
 * To a suspect follower: whoever holds the leader's log up to here has again
 * all that it can ever have acknowledged and that matters.
 */
export interface LogConfirmed extends Envelope {
  readonly type: "logConfirmed";
  /** The life that this is meant for. */
  readonly life: number;
  readonly upTo: number;
}

/** Tells the target of a leadership transfer to start its election now (Raft thesis §3.10). */
export interface TimeoutNow extends Envelope {
  readonly type: "timeoutNow";
}

/**
 * Requests that a member passes on, and their answers. Ids of requests are
 * counted from the start after a restart, so both name the life of the member
 * that asks: an answer to an earlier one means nothing to it.
 */
export interface SessionBound {
  readonly session: number;
}

/** A command as it was proposed on another member. */
export interface ForwardedProposal {
  readonly id: number;
  readonly data: Uint8Array;
}

/** Proposals that a follower passes on to its leader. */
export interface ProposalForward extends Envelope, SessionBound {
  readonly type: "proposalForward";
  /** Rises by message within the session: a leader takes each once. */
  readonly sequence: number;
  readonly proposals: readonly ForwardedProposal[];
}

/** What became of forwarded proposals: the proposal `ids[i]` is the entry `first.index + i`. */
export interface ProposalsAccepted extends Envelope, SessionBound {
  readonly type: "proposalsAccepted";
  readonly ids: readonly number[];
  readonly first: EntryId;
}

/** Forwarded proposals that the leader did not take. */
export interface ProposalsRefused extends Envelope, SessionBound {
  readonly type: "proposalsRefused";
  readonly ids: readonly number[];
  readonly reason: DropReason;
}

/** Reads that a follower wants its leader to confirm. */
export interface ReadForward extends Envelope, SessionBound {
  readonly type: "readForward";
  readonly ids: readonly number[];
}

/** Forwarded reads are linearizable once `index` is applied. */
export interface ReadsConfirmed extends Envelope, SessionBound {
  readonly type: "readsConfirmed";
  readonly ids: readonly number[];
  readonly index: number;
}

/** What a snapshot holds, told before its bytes are sent. */
export interface SnapshotMeta {
  /** Last entry that it covers. */
  readonly last: EntryId;
  /** Membership as of that entry. */
  readonly membership: Membership;
}

/** A snapshot is ready at the sender: may it be streamed? The answer is an `appendAccepted` later. */
export interface SnapshotOffer extends Envelope {
  readonly type: "snapshotOffer";
  readonly snapshot: SnapshotMeta;
}

/** All that members say to each other. A snapshot's bytes go on a stream of their own. */
export type Message =
  | VoteRequest
  | VoteResponse
  | AppendRequest
  | AppendAccepted
  | AppendRejected
  | Heartbeat
  | HeartbeatResponse
  | LogConfirmed
  | TimeoutNow
  | ProposalForward
  | ProposalsAccepted
  | ProposalsRefused
  | ReadForward
  | ReadsConfirmed
  | SnapshotOffer;
