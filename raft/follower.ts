import type { EntryId } from "./entry.ts";
import { invariant } from "./errors.ts";
import { electionTimeoutTicks } from "./election_timeout.ts";
import { Forwarded } from "./forwarded.ts";
import type { NodeId } from "./hard_state.ts";
import type { MemberState } from "./member_state.ts";
import type { AppendRequest, Heartbeat, LogConfirmed, Message, SnapshotOffer } from "./message.ts";
import type { Proposal } from "./raft_event.ts";
import type { RoleBehaviour, Transition } from "./role.ts";
import type { SnapshotRestore } from "./snapshot_restore.ts";

/** The behaviour of a member that follows: a leader, or none while none is known. */
export class Follower implements RoleBehaviour {
  readonly name = "follower";
  readonly leader: NodeId | null;
  readonly #state: MemberState;
  readonly #restore: SnapshotRestore;
  readonly #timeoutTicks: number;
  /** Ticks since the leader was heard, a vote was given, or an election was due. */
  #electionElapsed: number;
  /** Up to here, this log is known to be that of the leader. */
  #matched = 0;
  /** The leader's newest attempt to send. */
  #attempt = 0;
  /** What the leader was last told of `#matched`. */
  #acknowledged = 0;
  /** Whether the leader was told so as by one who is suspect. */
  #isSuspect: boolean;
  readonly #forwarded: Forwarded;

  /** `electionElapsed` is what has passed in an earlier term. */
  constructor(
    state: MemberState,
    { leader, restore, electionElapsed = 0 }: {
      readonly leader: NodeId | null;
      readonly restore: SnapshotRestore;
      readonly electionElapsed?: number;
    },
  ) {
    this.#state = state;
    this.leader = leader;
    this.#restore = restore;
    this.#electionElapsed = electionElapsed;
    this.#timeoutTicks = electionTimeoutTicks(state);
    this.#isSuspect = state.isSuspect;
    this.#forwarded = new Forwarded(state, leader);
  }

  /** Whether a leader was heard from within the shortest election timeout. */
  get hearsLeader(): boolean {
    return this.leader !== null && this.#state.leaderSilence < this.#state.tuning.electionTicks;
  }

  /** Ticks since the leader was heard, a vote was given, or an election was due. */
  get electionElapsed(): number {
    return this.#electionElapsed;
  }

  /** A vote was given: its candidate gets the time to win. */
  postponeElection(): void {
    this.#electionElapsed = 0;
  }

  tick(): Transition | undefined {
    this.#forwarded.tick();
    this.#electionElapsed += 1;
    // With nobody to wait for, a timeout would only delay the start.
    const isAlone = this.#state.isVoter && this.#state.otherVoters.length === 0;
    if (this.#electionElapsed < this.#timeoutTicks && !isAlone) {
      return;
    }
    this.#electionElapsed = 0;
    if (!this.#mayCampaign()) {
      return;
    }
    return this.#state.asksFirst ? { to: "preCandidate" } : { to: "candidate", isTransfer: false };
  }

  receive(message: Message): Transition | undefined {
    switch (message.type) {
      case "appendRequest":
        this.#hearLeader();
        // A snapshot on its way in decides where the log begins; what is appended
        // or committed meanwhile could be neither before nor after it.
        if (!this.#restore.isActive) {
          this.#takeAppend(message);
        }
        return;
      case "heartbeat":
        this.#hearLeader();
        this.#takeHeartbeat(message);
        return;
      case "snapshotOffer":
        this.#hearLeader();
        this.#takeSnapshotOffer(message);
        return;
      case "logConfirmed":
        this.#hearLeader();
        this.#takeConfirmation(message);
        return;
      case "timeoutNow":
        // Whoever is to lead does not ask first (pre-vote), nor waits.
        return this.#mayCampaign() ? { to: "candidate", isTransfer: true } : undefined;
      case "proposalsAccepted":
      case "proposalsRefused":
      case "readsConfirmed":
        this.#forwarded.onAnswer(message);
        return;
      // For leaders and candidates; as one of them this member asked, and is none any more.
      case "voteRequest":
      case "voteResponse":
      case "appendAccepted":
      case "appendRejected":
      case "heartbeatResponse":
      case "proposalForward":
      case "readForward":
        return;
    }
  }

  propose(proposals: readonly Proposal[]): void {
    if (this.#state.isRemoved) {
      const ids = proposals.map(({ id }) => id);
      this.#state.emit({ type: "proposalsDropped", ids, reason: "removed" });
    } else {
      this.#forwarded.propose(proposals);
    }
  }

  requestRead(ids: readonly number[]): void {
    if (this.#state.isRemoved) {
      this.#state.emit({ type: "readsDropped", ids, reason: "removed" });
    } else {
      this.#forwarded.requestRead(ids);
    }
  }

  onPersisted(): Transition | undefined {
    if (this.#isSuspect && !this.#state.isSuspect) {
      // The same again, this time to be relied on.
      this.#acknowledged = 0;
    }
    this.#isSuspect = this.#state.isSuspect;
    this.#acknowledge();
    return undefined;
  }

  /** A snapshot was restored: the log up to its end is the leader's. */
  onSnapshotRestored(): void {
    if (this.leader !== null) {
      this.#matched = Math.max(this.#matched, this.#state.log.committedIndex);
      this.#acknowledge();
    }
  }

  onMembershipChanged(): Transition | undefined {
    if (this.#state.isRemoved) {
      // The leader does not answer strangers.
      this.#forwarded.end();
    }
    return undefined;
  }

  end(): void {
    this.#forwarded.end();
  }

  /**
   * Whether this member may ask for votes: it has one, or is asked for its own
   * where others are suspect, and no committed membership that it has not yet
   * taken notice of could take it away. (Who is asked may be the only one with
   * the newest log, and refuse all others.)
   */
  #mayCampaign(): boolean {
    const { id, isVoter, possibleVoters, log } = this.#state;
    return (isVoter || possibleVoters.includes(id)) && !log.hasCommittedMembership &&
      !this.#restore.isActive;
  }

  #hearLeader(): void {
    this.#state.leaderSilence = 0;
    this.#electionElapsed = 0;
  }

  #takeAppend(append: AppendRequest): void {
    const { log, term } = this.#state;
    const { from, previous, entries, commit, attempt } = withoutCommitted(append, log.committed);
    this.#attempt = Math.max(this.#attempt, attempt);
    if (!log.holds(previous)) {
      // What is committed is compacted first, and the leader has it too.
      const hint = log.lastAtMost(previous) ?? log.committed;
      const rejected = previous.index;
      this.#state.sendOnceDurable({
        type: "appendRejected",
        to: from,
        term,
        attempt,
        rejected,
        hint,
      });
      return;
    }
    const conflict = entries.findIndex((entry) => !log.holds(entry));
    if (conflict !== -1) {
      this.#state.append(entries.slice(conflict));
    }
    // Not the last index: what lies beyond the message may be another leader's.
    const matched = entries.at(-1)?.index ?? previous.index;
    this.#matched = Math.max(this.#matched, matched);
    this.#commitTo(Math.min(commit, matched));
    this.#acknowledged = Math.min(this.#acknowledged, matched - 1);
    this.#acknowledge();
  }

  #takeHeartbeat({ from, commit, round }: Heartbeat): void {
    if (!this.#restore.isActive) {
      this.#commitTo(Math.min(commit, this.#matched));
    }
    this.#state.sendOnceDurable({
      type: "heartbeatResponse",
      to: from,
      term: this.#state.term,
      round,
    });
  }

  /** What is durable here of the leader's log, not what it has heard, decides. */
  #takeConfirmation({ life, upTo }: LogConfirmed): void {
    const { log, session } = this.#state;
    if (life === session && Math.min(this.#matched, log.persistedIndex) >= upTo) {
      this.#state.clearSuspicion();
    }
  }

  #takeSnapshotOffer({ snapshot }: SnapshotOffer): void {
    const { log } = this.#state;
    if (snapshot.last.index <= log.committedIndex) {
      const term = log.termAt(snapshot.last.index);
      invariant(
        term === null || term === snapshot.last.term,
        "a snapshot holds what is committed",
        snapshot.last.index,
        snapshot.last.term,
        term,
      );
      this.#matched = Math.max(this.#matched, log.committedIndex);
      this.#acknowledged = Math.min(this.#acknowledged, log.committedIndex - 1);
      this.#acknowledge();
      return;
    }
    if (log.holds(snapshot.last)) {
      // The log has what the snapshot would bring.
      this.#matched = Math.max(this.#matched, snapshot.last.index);
      this.#commitTo(snapshot.last.index);
      this.#acknowledge();
      return;
    }
    invariant(this.leader !== null, "a snapshot comes from the leader");
    this.#restore.offer(this.leader, snapshot);
  }

  #commitTo(index: number): void {
    const { log } = this.#state;
    if (index > log.committedIndex) {
      log.commitTo(index);
    }
  }

  /**
   * Tells the leader what is durable here of its log. Only then: an
   * acknowledgement counts towards a commit, and a vote for another term may
   * have been promised since.
   */
  #acknowledge(): void {
    const { log, isHardStateDurable, term } = this.#state;
    const match = Math.min(this.#matched, log.persistedIndex);
    if (this.leader === null || !isHardStateDurable || match <= this.#acknowledged) {
      return;
    }
    if (match < this.#matched && match === 0) {
      return;
    }
    this.#acknowledged = match;
    this.#state.send({
      type: "appendAccepted",
      to: this.leader,
      term,
      attempt: this.#attempt,
      match,
    });
  }
}

/**
 * An append without what the follower has committed: that is the leader's too,
 * only the leader does not know yet. What comes after it may be new.
 */
function withoutCommitted(append: AppendRequest, committed: EntryId): AppendRequest {
  if (append.previous.index >= committed.index) {
    return append;
  }
  const entries = append.entries.filter(({ index }) => index > committed.index);
  return { ...append, previous: committed, entries };
}
