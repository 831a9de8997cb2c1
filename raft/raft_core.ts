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
import { allVoters } from "./quorum.ts";
import type { RaftEffect, SoftState } from "./raft_effect.ts";
import type { RaftEvent } from "./raft_event.ts";
import type { RoleBehaviour, Transition } from "./role.ts";
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
  /** Whether this member was removed from the group that it belonged to. */
  readonly isRemoved: boolean;
  /**
   * Whether the end of its log may be missing. It neither votes nor acknowledges
   * until a leader has confirmed its log, or all voters have elected it.
   */
  readonly isSuspect: boolean;
  /** Messages that were dropped: they made no sense, or came from who has no say. */
  readonly droppedMessages: number;
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
  #role: RoleBehaviour;
  #reported: SoftState;

  constructor(options: RaftCoreOptions) {
    this.#state = new MemberState(options);
    this.#applier = new Applier(this.#state, options.appliedIndex);
    this.#restore = new SnapshotRestore(this.#state);
    this.#role = new Follower(this.#state, { leader: null, restore: this.#restore });
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
    const { id, membership, log, isRemoved, isSuspect, droppedMessages } = this.#state;
    return {
      ...this.#softState,
      id,
      membership,
      lastIndex: log.lastIndex,
      persistedIndex: log.persistedIndex,
      committedIndex: log.committedIndex,
      appliedIndex: this.#applier.appliedIndex,
      compactedIndex: log.marker.index,
      isRemoved,
      isSuspect,
      droppedMessages,
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
        this.#state.leaderSilence += 1;
        return this.#role.tick();
      case "received":
        return this.#receive(event.message);
      case "proposed":
        return void this.#role.propose(event.proposals);
      case "readRequested":
        return void this.#role.requestRead(event.ids);
      case "membershipChangeRequested":
        return void this.#requestMembershipChange(event);
      case "transferRequested":
        return void this.#requestTransfer(event.to);
      case "persisted":
        this.#state.persisted(event.sequence, event.upTo, event.hardState);
        return this.#role.onPersisted();
      case "entriesRead":
        return event.purpose.type === "apply"
          ? void this.#notice(this.#applier.onEntriesRead(event.entries))
          : void this.#leader?.onEntriesRead(event.purpose.to, event.entries);
      case "applied":
        return void this.#applier.onApplied(event.index);
      case "compacted":
        return void this.#state.log.compactTo(event.index);
      case "unreachable":
        return void this.#leader?.onUnreachable(event.id);
      case "snapshotReady":
        return void this.#leader?.onSnapshotReady(event);
      case "snapshotSent":
        return this.#leader?.onSnapshotSent(event);
      case "snapshotRestored":
        return void this.#finishRestore(event.snapshot);
      case "snapshotFailed":
        return void this.#restore.finish();
    }
  }

  /** This member's leadership, if it leads. */
  get #leader(): Leader | null {
    return this.#role instanceof Leader ? this.#role : null;
  }

  #requestMembershipChange(event: RaftEvent & { type: "membershipChangeRequested" }): void {
    if (this.#leader !== null) {
      this.#leader.requestMembershipChange(event);
      return;
    }
    const reason = "this member is not the leader";
    this.#state.emit({ type: "membershipChangeRefused", id: event.id, reason });
  }

  #requestTransfer(to: NodeId): void {
    if (this.#leader !== null) {
      this.#leader.requestTransfer(to);
      return;
    }
    this.#state.emit({ type: "transferEnded", to, succeeded: false });
  }

  #receive(message: Message): Transition | undefined {
    const { id } = this.#state;
    const { from, to, term } = message;
    if (from === id || to !== id || !isPlausible(message, this.#state.term)) {
      this.#state.noteDropped();
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
      if (!this.#mayLead(from)) {
        this.#state.noteDropped();
        return;
      }
      this.#follow({ to: "follower", term, leader: from });
    }
    return this.#role.receive(message);
  }

  /**
   * Whether another member may be the leader of this term. A second one is
   * somebody's mistake, unless both are voters: then the group is broken. Who is
   * no voter may be one that this member has not heard of yet, and gives way to
   * one that it has.
   */
  #mayLead(id: NodeId): boolean {
    const { leader, name } = this.#role;
    const isVoter = (member: NodeId) => allVoters(this.#state.membership).includes(member);
    invariant(
      name !== "leader" || !isVoter(id) || !this.#state.isVoter,
      "one leader in a term",
      id,
      this.#state.term,
    );
    return leader === null || (name !== "leader" && !isVoter(leader) && isVoter(id));
  }

  /**
   * Commits what a voter or candidate has committed, if this log holds it (see
   * `CommitNews`). All entries of a term are of one leader, which only ever
   * appends: with a later one of the term, an earlier one is committed too.
   */
  #learnCommit(commit: EntryId): void {
    const { log } = this.#state;
    if (commit.index <= log.committedIndex || this.#restore.isActive) {
      return;
    }
    const known = log.lastAtMost(commit);
    if (known?.term === commit.term && known.index > log.committedIndex) {
      log.commitTo(known.index);
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
      const { from: to, isPreVote } = message;
      if (!this.#mustIgnoreElection(message)) {
        this.#answerVoteRequest(message);
      } else if (isPreVote && this.#state.term > 0) {
        // Who was removed may not know it, and would go on asking. A refusal
        // changes nothing here, and tells what is committed. Who has no term yet
        // has nothing to tell.
        this.#answerVote({ to, term: this.#state.term, isPreVote, granted: false });
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
   * Where leases are used, that is a promise, which outlives role and term.
   */
  #mustIgnoreElection({ isTransfer }: VoteRequest): boolean {
    const { checkQuorum, leaseReads, electionTicks } = this.#state.tuning;
    if (isTransfer || !checkQuorum) {
      return false;
    }
    const hearsLeader = this.#role.name === "leader" ||
      (this.#role instanceof Follower && this.#role.hearsLeader);
    return hearsLeader || (leaseReads && this.#state.leaderSilence < electionTicks);
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

  /**
   * A later term alone postpones no election (Raft §5.2): a candidate that nobody
   * can vote for, with a faster clock, would keep from it for ever who could win.
   */
  #elapsedBefore(leader: NodeId | null): number {
    return leader === null && this.#role instanceof Follower ? this.#role.electionElapsed : 0;
  }

  #enter(transition: Transition): Transition | undefined {
    switch (transition.to) {
      case "follower":
        if (transition.term > this.#state.term) {
          this.#state.setTermAndVote(transition.term, null);
        }
        this.#role = new Follower(this.#state, {
          leader: transition.leader,
          restore: this.#restore,
          electionElapsed: this.#elapsedBefore(transition.leader),
        });
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
    // What was just handed out need not be read again for that.
    this.#state.log.trim();
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
    this.#state.setMembership(membership);
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
    // Who was removed may still hear a leader, which is none of its own.
    const leader = this.#state.isRemoved ? null : this.#role.leader;
    return { role: this.#role.name, term: this.#state.term, leader };
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
    type === "timeoutNow" || type === "logConfirmed";
}
