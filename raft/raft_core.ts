import { Applier } from "./applier.ts";
import { Candidate } from "./candidate.ts";
import type { RaftCoreOptions } from "./core_options.ts";
import type { Entry, EntryId } from "./entry.ts";
import { invariant } from "./errors.ts";
import { Follower } from "./follower.ts";
import type { NodeId } from "./hard_state.ts";
import { Leader } from "./leader.ts";
import type { Membership } from "./membership.ts";
import { decodeMembership } from "./membership_codec.ts";
import { MemberState } from "./member_state.ts";
import { isPlausible } from "./message_check.ts";
import type { Message, SnapshotMeta, VoteRequest, VoteResponse } from "./message.ts";
import type { RaftEffect, SoftState } from "./raft_effect.ts";
import type { RaftEvent } from "./raft_event.ts";
import type { Role, Transition } from "./role.ts";
import { SnapshotRestore } from "./snapshot_restore.ts";

/** A core's position, for people and metrics. */
export interface RaftCoreStatus extends SoftState {
  readonly id: NodeId;
  readonly membership: Membership;
  readonly lastIndex: number;
  readonly persistedIndex: number;
  readonly committedIndex: number;
  readonly appliedIndex: number;
  /** Last index that the log store no longer holds. */
  readonly compactedIndex: number;
}

/**
 * The decisions of Raft for one member: events go in, effects come out.
 *
 * Synchronous and deterministic: no clock, no chance but the one passed in, no
 * I/O. The driver performs the effects in their order and feeds their
 * completions back. Nothing waits for the disk but what promises durability.
 */
export class RaftCore {
  readonly #state: MemberState;
  readonly #applier: Applier;
  readonly #restore: SnapshotRestore;
  #role: Role;
  #ticks = 0;
  #reported: SoftState;

  constructor(options: RaftCoreOptions) {
    this.#state = new MemberState(options);
    this.#applier = new Applier(this.#state, options.appliedIndex);
    this.#restore = new SnapshotRestore(this.#state);
    this.#role = new Follower(this.#state, null, this.#restore);
    this.#reported = this.#softState;
  }

  /** Takes one event and returns what must now happen. The caller owns the array. */
  step(event: RaftEvent): RaftEffect[] {
    this.#follow(this.#dispatch(event));
    this.#advance();
    this.#reportSoftState();
    return this.#state.takeEffects();
  }

  get status(): RaftCoreStatus {
    const { id, membership, log } = this.#state;
    return {
      ...this.#softState,
      id,
      membership,
      lastIndex: log.lastIndex,
      persistedIndex: log.persistedIndex,
      committedIndex: log.committedIndex,
      appliedIndex: this.#applier.appliedIndex,
      compactedIndex: log.marker.index,
    };
  }

  get term(): number {
    return this.#state.term;
  }

  get committedIndex(): number {
    return this.#state.log.committedIndex;
  }

  /** The term of an entry, `null` where the log does not tell: compacted, or beyond the end. */
  termAt(index: number): number | null {
    return this.#state.log.termAt(index);
  }

  #dispatch(event: RaftEvent): Transition | undefined {
    switch (event.type) {
      case "tick":
        this.#ticks += 1;
        return this.#role.tick();
      case "received":
        return this.#receive(event.message);
      case "proposed":
        return void this.#role.propose(event.proposals);
      case "readRequested":
        return void this.#role.requestRead(event.ids);
      case "membershipChangeRequested":
        return void this.#role.requestMembershipChange(event);
      case "transferRequested":
        return this.#role.requestTransfer(event.to);
      case "persisted":
        this.#state.persisted(event.sequence, event.upTo, event.hardState);
        return this.#role.onPersisted();
      case "entriesRead":
        return event.purpose.type === "apply"
          ? void this.#notice(this.#applier.onEntriesRead(event.entries))
          : void this.#role.onEntriesRead(event.purpose.to, event.entries);
      case "applied":
        return void this.#applier.onApplied(event.index);
      case "compacted":
        return void this.#state.log.compactTo(event.index);
      case "unreachable":
        return void this.#role.onUnreachable(event.id);
      case "snapshotReady":
        return void this.#role.onSnapshotReady(event);
      case "snapshotSent":
        return void this.#role.onSnapshotSent(event);
      case "snapshotRestored":
        return void this.#finishRestore(event.snapshot);
      case "snapshotFailed":
        return void this.#restore.finish();
    }
  }

  #receive(message: Message): Transition | undefined {
    const { from, to, term } = message;
    if (from === this.#state.id || to !== this.#state.id || !isPlausible(message)) {
      return;
    }
    if (message.type === "voteRequest" || message.type === "voteResponse") {
      this.#learnCommit(message.commit);
    }
    if (term > this.#state.term && !this.#enterTerm(message)) {
      return this.#receiveAhead(message);
    }
    if (term < this.#state.term) {
      this.#receiveStale(message);
      return;
    }
    if (message.type === "voteRequest") {
      this.#answerVoteRequest(message);
      return;
    }
    if (speaksForLeader(message) && this.#role.leader !== from) {
      invariant(this.#role.name !== "leader", "one leader in a term", from, term);
      this.#follow({ to: "follower", term, leader: from });
    }
    return this.#role.receive(message);
  }

  /** Commits what a voter or candidate has committed, if this log holds it (see `CommitNews`). */
  #learnCommit(commit: EntryId): void {
    const { log } = this.#state;
    if (commit.index > log.committedIndex && log.holds(commit) && !this.#restore.isActive) {
      log.commitTo(commit.index);
    }
  }

  /** Begins the term of a message from a later one, unless the message does not begin it. */
  #enterTerm(message: Message): boolean {
    const isPreVoteAhead = message.type === "voteRequest" && message.isPreVote ||
      message.type === "voteResponse" && message.isPreVote && message.granted;
    const isDisruptive = message.type === "voteRequest" && this.#mustIgnoreElection(message);
    if (isPreVoteAhead || isDisruptive) {
      return false;
    }
    const leader = speaksForLeader(message) ? message.from : null;
    this.#follow({ to: "follower", term: message.term, leader });
    return true;
  }

  /** Messages of a later term that do not begin it: pre-votes, and elections that are not wanted. */
  #receiveAhead(message: Message): Transition | undefined {
    if (message.type === "voteRequest") {
      if (!this.#mustIgnoreElection(message)) {
        this.#answerVoteRequest(message);
      }
      return undefined;
    }
    // A pre-vote that was granted for the next term, and nothing else.
    return message.term === this.#state.term + 1 ? this.#role.receive(message) : undefined;
  }

  /**
   * Messages of an earlier term. Their sender is told where it matters that it
   * learns of this one, or it would go on for ever.
   */
  #receiveStale(message: Message): void {
    const { from: to } = message;
    const { term, tuning } = this.#state;
    if (speaksForLeader(message) && (tuning.checkQuorum || tuning.preVote)) {
      const hint = { term: 0, index: 0 };
      this.#state.sendOnceDurable({
        type: "appendRejected",
        to,
        term,
        attempt: 0,
        rejected: 0,
        hint,
      });
    } else if (message.type === "voteRequest") {
      const { isPreVote } = message;
      this.#answerVote({ to, term, isPreVote, granted: false });
    }
  }

  /**
   * Whether an election is none of this member's business: it hears from a
   * leader, so the candidate is cut off or was removed (Raft thesis §4.2.3).
   * A member that has just started may have promised a lease that it forgot.
   */
  #mustIgnoreElection({ isTransfer }: VoteRequest): boolean {
    const { checkQuorum, leaseReads, electionTicks } = this.#state.tuning;
    if (isTransfer || !checkQuorum) {
      return false;
    }
    const hearsLeader = this.#role.name === "leader" ||
      (this.#role instanceof Follower && this.#role.hearsLeader);
    return hearsLeader || (leaseReads && this.#ticks < electionTicks);
  }

  #answerVoteRequest({ from: to, term, isPreVote, last }: VoteRequest): void {
    const { vote, log } = this.#state;
    const isFree = vote === to || (vote === null && this.#role.leader === null) ||
      (isPreVote && term > this.#state.term);
    if (!isFree || !log.isUpToDate(last)) {
      const own = this.#state.term;
      this.#answerVote({ to, term: own, isPreVote, granted: false });
      return;
    }
    if (isPreVote) {
      // Not a promise: it changes nothing here, so that it may be given to many.
      const commit = this.#state.log.committed;
      this.#state.send({ type: "voteResponse", to, term, isPreVote, granted: true, commit });
      return;
    }
    if (vote === null) {
      this.#state.setTermAndVote(term, to);
    }
    if (this.#role instanceof Follower) {
      this.#role.postponeElection();
    }
    this.#answerVote({ to, term, isPreVote, granted: true });
  }

  #answerVote(answer: Pick<VoteResponse, "to" | "term" | "isPreVote" | "granted">): void {
    const commit = this.#state.log.committed;
    this.#state.sendOnceDurable({ type: "voteResponse", ...answer, commit });
  }

  /** Changes roles, as long as one leads to the next. */
  #follow(transition: Transition | undefined): void {
    let next = transition;
    while (next !== undefined) {
      this.#role.end();
      next = this.#enter(next);
    }
  }

  #enter(transition: Transition): Transition | undefined {
    switch (transition.to) {
      case "follower":
        if (transition.term > this.#state.term) {
          this.#state.setTermAndVote(transition.term, null);
        }
        this.#role = new Follower(this.#state, transition.leader, this.#restore);
        return;
      case "preCandidate": {
        const candidate = new Candidate(this.#state, { isPreVote: true, isTransfer: false });
        this.#role = candidate;
        return candidate.countOwnVote();
      }
      case "candidate": {
        this.#state.setTermAndVote(this.#state.term + 1, this.#state.id);
        const { isTransfer } = transition;
        this.#role = new Candidate(this.#state, { isPreVote: false, isTransfer });
        return;
      }
      case "leader":
        this.#role = new Leader(this.#state);
        return;
    }
  }

  /** Hands out what can be applied, and starts a snapshot that waits for the state machine. */
  #advance(): void {
    if (!this.#restore.isActive) {
      this.#notice(this.#applier.maybeApply());
    }
    this.#restore.follow(this.#role.leader);
    this.#restore.maybeStart(this.#applier.isBusy);
  }

  /** Looks at entries that are being applied for what concerns the core itself: memberships. */
  #notice(entries: readonly Entry[]): void {
    for (const { kind, data, index } of entries) {
      if (kind === "membership") {
        this.#setMembership(decodeMembership(data), index);
      }
    }
  }

  #setMembership(membership: Membership, index: number): void {
    this.#state.membership = membership;
    this.#state.emit({ type: "membershipChanged", membership, index });
    this.#follow(this.#role.onMembershipChanged());
  }

  #finishRestore({ last, membership }: SnapshotMeta): void {
    this.#restore.finish();
    if (last.index <= this.#state.log.committedIndex) {
      return;
    }
    this.#state.log.restore(last);
    this.#applier.restore(last.index);
    this.#setMembership(membership, last.index);
    if (this.#role instanceof Follower) {
      this.#role.onSnapshotRestored();
    }
  }

  get #softState(): SoftState {
    return { role: this.#role.name, term: this.#state.term, leader: this.#role.leader };
  }

  #reportSoftState(): void {
    const { role, term, leader } = this.#softState;
    const { role: oldRole, term: oldTerm, leader: oldLeader } = this.#reported;
    if (role !== oldRole || term !== oldTerm || leader !== oldLeader) {
      this.#reported = { role, term, leader };
      this.#state.emit({ type: "softStateChanged", softState: this.#reported });
    }
  }
}

/** Whether only the leader of its term can have sent a message. */
function speaksForLeader({ type }: Message): boolean {
  return type === "appendRequest" || type === "heartbeat" || type === "snapshotOffer" ||
    type === "timeoutNow";
}
