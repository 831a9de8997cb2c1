import type { RaftCoreOptions, RaftTuning } from "./core_options.ts";
import { withDefaults } from "./core_options.ts";
import type { Entry, EntryId, EntryKind } from "./entry.ts";
import { invariant } from "./errors.ts";
import type { HardState, NodeId } from "./hard_state.ts";
import type { Membership } from "./membership.ts";
import type { Message } from "./message.ts";
import { allMembers, allVoters, isKnownTo } from "./quorum.ts";
import type { RaftEffect } from "./raft_effect.ts";
import { RaftLog } from "./raft_log.ts";
import type { Random } from "./random.ts";

/** A message without what all have. */
export type MessageBody = Message extends infer Each
  ? Each extends Message ? Omit<Each, "from"> : never
  : never;

/**
 * What a member is, whatever its role: its hard state, its log, its membership,
 * and what is to happen outside. Roles come and go, this stays.
 */
export class MemberState {
  readonly id: NodeId;
  readonly tuning: Required<RaftTuning>;
  readonly random: Random;
  readonly log: RaftLog;
  /** Names this life of the member to those to whom it forwards proposals. */
  readonly session: number;
  /**
   * Ticks since a leader was last heard, or since the start: a member that has
   * just started may have heard one, and promised a lease. Whatever role or term
   * comes next, the promise stands. Nothing but a leader's own word sets it back,
   * or a dead one would go on being heard.
   */
  leaderSilence = 0;
  #membership: Membership;
  #isRemoved = false;
  #droppedMessages = 0;

  #hardState: HardState;
  #effects: RaftEffect[] = [];

  /** Entries and hard state of this step, which one `persist` effect will carry. */
  #stagedEntries: Entry[] = [];
  #isHardStateStaged = false;
  /** Number of the next `persist` effect. */
  #nextSequence = 1;
  #persistedSequence = 0;
  #nextForwardSequence = 1;

  /** The hard state that is durable. */
  #durable: HardState;
  /**
   * Messages that promise what is not yet durable: term and vote as they are now.
   * The newest of each kind to each member: a disk may take its time, and an older
   * one says nothing that it does not.
   */
  readonly #awaitingHardState = new Map<string, Message>();

  constructor(options: RaftCoreOptions) {
    this.id = options.id;
    this.tuning = withDefaults(options.tuning ?? {});
    this.random = options.random;
    this.session = Math.floor(options.random.random() * 2 ** 32);
    this.log = new RaftLog(options.logState, options.appliedIndex, this.tuning.tailBytesMax);
    this.#membership = options.membership;
    this.#hardState = options.logState.hardState;
    this.#durable = options.logState.hardState;
  }

  get term(): number {
    return this.#hardState.term;
  }

  get vote(): NodeId | null {
    return this.#hardState.vote;
  }

  /** The membership in force. */
  get membership(): Membership {
    return this.#membership;
  }

  /** Whether this member was taken out of the group: it belonged to it, and does no more. */
  get isRemoved(): boolean {
    return this.#isRemoved;
  }

  setMembership(membership: Membership): void {
    // Who joins applies old memberships first, which it never was part of.
    const belonged = this.#isRemoved || allMembers(this.#membership).includes(this.id);
    this.#membership = membership;
    this.#isRemoved = belonged && !allMembers(membership).includes(this.id);
  }

  /** Messages that were dropped because they made no sense, or came from who has no say. */
  get droppedMessages(): number {
    return this.#droppedMessages;
  }

  noteDropped(): void {
    this.#droppedMessages += 1;
  }

  /**
   * Whether the end of this log may be missing. It is over once the word of that
   * is durable, or another crash would leave a member that has forgotten its doubts.
   */
  get isSuspect(): boolean {
    return this.#hardState.isSuspect === true || this.#durable.isSuspect === true;
  }

  /** Nothing that was acknowledged can be missing in this log any more. */
  clearSuspicion(): void {
    if (this.#hardState.isSuspect === true) {
      const { term, vote, commit } = this.#hardState;
      this.#hardState = { term, vote, commit };
      this.#isHardStateStaged = true;
    }
  }

  /** Whether this member may be elected, as far as the membership goes. */
  get isVoter(): boolean {
    const { voters, votersOutgoing } = this.membership;
    return voters.includes(this.id) || votersOutgoing.includes(this.id);
  }

  /**
   * Whether an election begins with a pre-vote. One that may need all votes often
   * comes to nothing, and must not keep who has the newest log from its own.
   */
  get asksFirst(): boolean {
    return this.tuning.preVote || this.isSuspect;
  }

  get otherVoters(): NodeId[] {
    return allVoters(this.membership).filter((id) => id !== this.id);
  }

  /**
   * Voters whose logs together have all that was ever acknowledged, even if a
   * minority is damaged: those of the membership in force, and of one that stands
   * in the log and may be in force elsewhere, if its quorums have too few of them.
   */
  get possibleVoters(): NodeId[] {
    const voters = allVoters(this.membership);
    const others = this.log.pendingMemberships.filter((pending) => !isKnownTo(pending, voters));
    return [...new Set([...voters, ...others.flatMap(allVoters)])];
  }

  /** Whether a write to the disk is under way. */
  get isPersisting(): boolean {
    return this.#persistedSequence < this.#nextSequence - 1;
  }

  /** Whether term and vote, as they are now, are durable. */
  get isHardStateDurable(): boolean {
    return this.#durable.term === this.#hardState.term &&
      this.#durable.vote === this.#hardState.vote;
  }

  /** Begins a later term, or votes in this one. Term and vote change together or not at all. */
  setTermAndVote(term: number, vote: NodeId | null): void {
    invariant(term >= this.term, "terms never go back", this.term, term);
    invariant(
      term > this.term || this.vote === null || this.vote === vote,
      "one vote in a term",
      this.vote,
      vote,
    );
    this.#hardState = { ...this.#hardState, term, vote };
    this.#isHardStateStaged = true;
    // What they promised was of another term, or of another vote.
    this.#awaitingHardState.clear();
  }

  /** Appends entries, dropping first what stands from the first of them on. */
  append(entries: readonly Entry[]): void {
    const [first] = entries;
    invariant(first !== undefined, "there is something to append");
    if (first.index <= this.log.lastIndex) {
      this.log.truncate(first.index, this.#nextSequence);
      this.#stagedEntries = this.#stagedEntries.filter(({ index }) => index < first.index);
    }
    this.#stage(entries);
  }

  /** Appends an entry of a leader's own term. */
  appendOwn(kind: EntryKind, data: Uint8Array): Entry {
    const entry: Entry = { term: this.term, index: this.log.lastIndex + 1, kind, data };
    this.#stage([entry]);
    return entry;
  }

  #stage(entries: readonly Entry[]): void {
    this.log.append(entries);
    for (const entry of entries) {
      this.#stagedEntries.push(entry);
      // A membership is proposed after the one before it was committed. Both
      // facts go to disk together: who forgot that commit over a restart could
      // be elected by a quorum of a membership two steps back.
      this.#isHardStateStaged ||= entry.kind === "membership";
    }
  }

  /** Notes that a `persist` effect is done. */
  persisted(sequence: number, upTo: EntryId | null, hardState: HardState | null): void {
    invariant(sequence < this.#nextSequence, "what is durable was to be made so", sequence);
    const wasSuspect = this.isSuspect;
    if (hardState !== null && sequence > this.#persistedSequence) {
      this.#durable = hardState;
    }
    if (wasSuspect && !this.isSuspect) {
      this.emit({ type: "confirmed" });
    }
    this.#persistedSequence = Math.max(this.#persistedSequence, sequence);
    if (upTo !== null) {
      this.log.maybePersistTo(upTo, sequence);
    }
    if (this.isHardStateDurable) {
      this.#awaitingHardState.forEach((message) => this.emit({ type: "send", message }));
      this.#awaitingHardState.clear();
    }
  }

  /** Numbers a message of forwarded proposals. */
  takeForwardSequence(): number {
    this.#nextForwardSequence += 1;
    return this.#nextForwardSequence - 1;
  }

  emit(effect: RaftEffect): void {
    this.#effects.push(effect);
  }

  /** Sends a message that promises nothing, or only what is durable. */
  send(body: MessageBody): void {
    this.emit({ type: "send", message: this.#toMessage(body) });
  }

  /** Sends a message once term and vote, as they are now, are durable. */
  sendOnceDurable(body: MessageBody): void {
    if (this.isHardStateDurable) {
      this.send(body);
    } else {
      const kind = "isPreVote" in body ? `${body.type} ${body.isPreVote}` : body.type;
      this.#awaitingHardState.set(`${kind} ${body.to}`, this.#toMessage(body));
    }
  }

  #toMessage(body: MessageBody): Message {
    invariant(body.term > 0, "who sends has a term", body.type, body.to);
    const suspicion = this.isSuspect && isAnswer(body) ? { suspectLife: this.session } : {};
    return { ...body, ...suspicion, from: this.id } as Message;
  }

  /** Ends a step: what is to be made durable comes first, so that the disk starts early. */
  takeEffects(): RaftEffect[] {
    const effects = this.#effects;
    this.#effects = [];
    if (this.#isHardStateStaged || this.#stagedEntries.length > 0) {
      this.#hardState = { ...this.#hardState, commit: this.log.committedIndex };
      effects.unshift({
        type: "persist",
        sequence: this.#nextSequence,
        hardState: this.#isHardStateStaged ? this.#hardState : null,
        entries: this.#stagedEntries,
      });
      this.#nextSequence += 1;
      this.#isHardStateStaged = false;
      this.#stagedEntries = [];
    }
    return effects;
  }
}

/** Whether a message says something that a suspect member may be wrong about. */
function isAnswer({ type }: MessageBody): boolean {
  return type === "appendAccepted" || type === "appendRejected" || type === "heartbeatResponse" ||
    type === "voteResponse";
}
