/** Name of a member of the group. Any non-empty string that is unique in it. */
export type NodeId = string;

/**
 * What a member must remember over a restart, beside its log.
 *
 * Term and vote are one record: a crash may never separate them, or a member
 * could vote twice in one term (Raft thesis §3.4).
 */
export interface HardState {
  /** Latest term that this member has seen, 0 before the first election. */
  readonly term: number;
  /** Candidate that got this member's vote in `term`, if any. */
  readonly vote: NodeId | null;
  /**
   * Highest index known to be committed. It may lag: what it says is true,
   * and the leader brings it up to date.
   */
  readonly commit: number;
  /**
   * The end of the log may be missing, although it was acknowledged: set by a
   * log store that had to cut it, cleared by the core. Until then the member's
   * answers do not count (see `suspectLife` in the messages). Term, vote and
   * memberships are never missing. Left out where it is false.
   */
  readonly isSuspect?: boolean;
}

/** The hard state of a member that has never run. */
export const INITIAL_HARD_STATE: HardState = { term: 0, vote: null, commit: 0 };
