import { type Entry, entryBytes } from "./entry.ts";
import { invariant } from "./errors.ts";
import type { NodeId } from "./hard_state.ts";
import { LeaderMembership } from "./leader_membership.ts";
import { LeaderReads } from "./leader_reads.ts";
import { LeaderTransfer } from "./leader_transfer.ts";
import type { MemberState } from "./member_state.ts";
import type { Message, ProposalForward } from "./message.ts";
import { jointCommittedIndex } from "./quorum.ts";
import type { DropReason } from "./raft_effect.ts";
import type { Proposal, RaftEvent } from "./raft_event.ts";
import type { Reader } from "./read_rounds.ts";
import { Replication } from "./replication.ts";
import type { RoleBehaviour, Transition } from "./role.ts";

/** The behaviour of a leader, from its election to its step-down. */
export class Leader implements RoleBehaviour {
  readonly name = "leader";
  readonly leader: NodeId;
  readonly #state: MemberState;
  readonly #replication: Replication;
  readonly #reads: LeaderReads;
  readonly #transfer: LeaderTransfer;
  readonly #membership: LeaderMembership;
  /** The first entry of the term. Before it is committed, nothing older is known to be. */
  readonly #noopIndex: number;
  #heartbeatElapsed = 0;
  #electionElapsed = 0;
  /** Ticks for which the disk has not finished anything, though it has something to do. */
  #stalledTicks = 0;
  /** What the commands of this leadership count that are not committed. */
  #uncommittedBytes = 0;
  /** Last message of forwarded proposals that was taken, by the sender's session. */
  readonly #forwardSequences = new Map<string, number>();

  constructor(state: MemberState) {
    this.#state = state;
    this.leader = state.id;
    this.#replication = new Replication(state);
    this.#reads = new LeaderReads(state, this.#replication);
    this.#transfer = new LeaderTransfer(state, this.#replication);
    // Whoever is elected has all that was ever acknowledged. Its word of that goes
    // to disk with its first entry, before which nothing of its log counts.
    state.clearSuspicion();
    this.#noopIndex = state.appendOwn("noop", new Uint8Array(0)).index;
    this.#membership = new LeaderMembership(state, {
      replication: this.#replication,
      transfer: this.#transfer,
      noopIndex: this.#noopIndex,
    });
    this.#replication.broadcast();
    // The followers learn of their leader by the append; a group of one needs no more.
  }

  tick(): Transition | undefined {
    this.#heartbeatElapsed += 1;
    this.#electionElapsed += 1;
    const stalled = this.#checkDisk();
    if (stalled !== undefined) {
      return stalled;
    }
    if (this.#electionElapsed >= this.#state.tuning.electionTicks) {
      this.#electionElapsed = 0;
      if (this.#state.tuning.checkQuorum && !this.#replication.hasActiveQuorum()) {
        return this.#stepDown();
      }
      this.#membership.maybePromoteLearner();
      this.#replication.forgetActivity();
    }
    this.#replication.tick();
    this.#transfer.tick();
    this.#reads.tick();
    if (this.#heartbeatElapsed >= this.#state.tuning.heartbeatTicks) {
      this.#heartbeat();
    }
    return undefined;
  }

  receive(message: Message): Transition | undefined {
    if (!this.#replication.serves(message.from)) {
      this.#receiveFromStranger(message);
      return;
    }
    switch (message.type) {
      case "appendAccepted":
        this.#replication.onAccepted(message);
        this.#maybeCommit();
        // All that was ever acknowledged, and may be committed, by an earlier
        // leader is before the first own entry; of what this one has, only what
        // is committed may rest on acknowledgements that were forgotten since.
        this.#replication.maybeConfirm(
          message,
          Math.max(this.#noopIndex, this.#state.log.committedIndex),
        );
        this.#transfer.maybeFinish(message.from);
        return;
      case "appendRejected":
        this.#replication.onRejected(message);
        return;
      case "heartbeatResponse":
        this.#replication.onHeartbeatResponse(message);
        this.#reads.onConfirmed();
        this.#maybeStartRound();
        return;
      case "proposalForward":
        this.#takeForward(message);
        return;
      case "readForward":
        this.#requestRead({ id: message.from, session: message.session }, message.ids);
        return;
      case "appendRequest":
      case "heartbeat":
      case "snapshotOffer":
        invariant(message.from === this.#state.id, "one leader in a term", message.from);
        return;
      // Late answers to this leader's own election, and what only followers take.
      case "voteRequest":
      case "voteResponse":
      case "timeoutNow":
      case "logConfirmed":
      case "proposalsAccepted":
      case "proposalsRefused":
      case "readsConfirmed":
        return;
    }
  }

  propose(proposals: readonly Proposal[]): void {
    const ids = proposals.map(({ id }) => id);
    const { taken, reason } = this.#admit(proposals);
    const first = this.#appendCommands(proposals.slice(0, taken));
    if (taken > 0) {
      this.#state.emit({ type: "accepted", ids: ids.slice(0, taken), first });
    }
    if (taken < ids.length) {
      this.#state.emit({ type: "proposalsDropped", ids: ids.slice(taken), reason });
    }
  }

  requestRead(ids: readonly number[]): void {
    this.#requestRead(this.#state, ids);
  }

  requestMembershipChange(request: RaftEvent & { type: "membershipChangeRequested" }): void {
    this.#membership.request(request);
  }

  requestTransfer(to: NodeId): void {
    this.#transfer.request(to);
  }

  onPersisted(): Transition | undefined {
    this.#stalledTicks = 0;
    this.#maybeCommit();
    return undefined;
  }

  onMembershipChanged(): Transition | undefined {
    // Who was removed gets the commit of its removal, so that it knows.
    this.#replication.broadcast();
    this.#replication.followMembership();
    this.#transfer.onMembershipChanged();
    if (!this.#state.isVoter) {
      return this.#handOver();
    }
    this.#maybeCommit();
    this.#membership.maybeLeaveJoint();
    return undefined;
  }

  onEntriesRead(to: NodeId, entries: readonly Entry[] | null): void {
    this.#replication.onEntriesRead(to, entries);
  }

  onUnreachable(id: NodeId): void {
    this.#replication.onUnreachable(id);
  }

  onSnapshotReady(event: RaftEvent & { type: "snapshotReady" }): void {
    this.#replication.onSnapshotReady(event);
  }

  /** A leader that cannot make snapshots is of no use to those who need one. */
  onSnapshotSent(event: RaftEvent & { type: "snapshotSent" }): Transition | undefined {
    this.#replication.onSnapshotSent(event);
    const isOver = this.#replication.cannotMakeSnapshots && this.#replication.heir() !== null;
    return isOver ? this.#handOver() : undefined;
  }

  end(): void {
    this.#reads.end();
  }

  /** How many of the proposals may be appended, and why the others may not. */
  #admit(
    proposals: readonly { readonly data: Uint8Array }[],
  ): { taken: number; reason: DropReason } {
    if (this.#transfer.isActive) {
      return { taken: 0, reason: "transferring" };
    }
    let bytes = this.#uncommittedBytes;
    let taken = 0;
    for (const proposal of proposals) {
      // One always fits when nothing waits, or it never could.
      if (bytes > 0 && bytes + entryBytes(proposal) > this.#state.tuning.uncommittedBytesMax) {
        break;
      }
      bytes += entryBytes(proposal);
      taken += 1;
    }
    return { taken, reason: "uncommittedLimit" };
  }

  #appendCommands(
    commands: readonly { readonly data: Uint8Array }[],
  ): { term: number; index: number } {
    const first = { term: this.#state.term, index: this.#state.log.lastIndex + 1 };
    for (const { data } of commands) {
      this.#uncommittedBytes += entryBytes(this.#state.appendOwn("command", data));
    }
    if (commands.length > 0) {
      this.#replication.broadcast();
    }
    return first;
  }

  /** Who is no member, or no more, has no say here. Its proposals certainly are not taken. */
  #receiveFromStranger(message: Message): void {
    this.#state.noteDropped();
    if (message.type === "proposalForward" && this.#isNew(message)) {
      const { from: to, session, proposals } = message;
      const { term } = this.#state;
      const ids = proposals.map(({ id }) => id);
      this.#state.send({ type: "proposalsRefused", to, term, session, ids, reason: "removed" });
    }
  }

  /** Notes a message of forwarded proposals. Returns false if it was duplicated, or overtaken. */
  #isNew({ from, session, sequence }: ProposalForward): boolean {
    const sender = `${from}/${session}`;
    if (sequence <= (this.#forwardSequences.get(sender) ?? 0)) {
      return false;
    }
    this.#forwardSequences.set(sender, sequence);
    return true;
  }

  /** Takes forwarded proposals, each once. */
  #takeForward(message: ProposalForward): void {
    if (!this.#isNew(message)) {
      return;
    }
    const { from, session, proposals } = message;
    const ids = proposals.map(({ id }) => id);
    const { taken, reason } = this.#admit(proposals);
    const first = this.#appendCommands(proposals.slice(0, taken));
    const { term } = this.#state;
    if (taken > 0) {
      this.#state.send({
        type: "proposalsAccepted",
        to: from,
        term,
        session,
        ids: ids.slice(0, taken),
        first,
      });
    }
    if (taken < ids.length) {
      const refused = ids.slice(taken);
      this.#state.send({
        type: "proposalsRefused",
        to: from,
        term,
        session,
        ids: refused,
        reason,
      });
    }
  }

  #requestRead(from: Reader, ids: readonly number[]): void {
    this.#reads.request(from, ids, {
      isReadable: this.#state.log.committedIndex >= this.#noopIndex,
      hasLease: !this.#transfer.hasInvitedElection,
    });
    this.#maybeStartRound();
  }

  /** Asks a quorum for the reads that wait, unless it is being asked for others: then they gather. */
  #maybeStartRound(): void {
    if (this.#reads.isRoundDue) {
      this.#heartbeat();
    }
  }

  #heartbeat(): void {
    this.#heartbeatElapsed = 0;
    this.#replication.heartbeat(this.#reads.startRound());
    this.#reads.onConfirmed();
  }

  /** Commits what a quorum holds durably, if it is of this term (Raft thesis §3.6.2). */
  #maybeCommit(): void {
    const { log, membership, term, id } = this.#state;
    const index = jointCommittedIndex(
      membership,
      (voter) => voter === id ? log.persistedIndex : this.#replication.matchOf(voter),
    );
    if (index <= log.committedIndex || index > log.lastIndex || log.termAt(index) !== term) {
      return;
    }
    // What was inherited was not counted.
    const firstOwn = Math.max(log.committedIndex, this.#noopIndex) + 1;
    this.#uncommittedBytes -= log.commandBytes(firstOwn, index + 1);
    log.commitTo(index);
    this.#replication.broadcast();
    if (index >= this.#noopIndex) {
      this.#reads.onReadable();
      this.#maybeStartRound();
      this.#membership.maybeLeaveJoint();
    }
  }

  /**
   * A leader whose disk hangs would keep the group from electing a better one,
   * since its heartbeats still flow: it hands over to the follower that has most.
   */
  #checkDisk(): Transition | undefined {
    if (!this.#state.isPersisting) {
      this.#stalledTicks = 0;
      return;
    }
    this.#stalledTicks += 1;
    if (this.#stalledTicks < this.#state.tuning.stalledDiskTicks) {
      return;
    }
    // Nobody may have been heard of late: the next tick sees.
    return this.#replication.heir() === null ? undefined : this.#handOver();
  }

  /** Steps down, and has the follower that has most start its election at once. */
  #handOver(): Transition {
    const heir = this.#replication.heir();
    if (heir !== null) {
      this.#state.send({ type: "timeoutNow", to: heir, term: this.#state.term });
    }
    return this.#stepDown();
  }

  #stepDown(): Transition {
    return { to: "follower", term: this.#state.term, leader: null };
  }
}
