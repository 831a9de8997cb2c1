import {
  type Entry,
  type EntryRange,
  type INITIAL_HARD_STATE,
  invariant,
  InvariantError,
  isJoint,
  type Membership,
  membershipOf,
  type Message,
  type NodeId,
  RaftCore,
  type RaftEffect,
  type RaftEvent,
  type RaftTuning,
  type Random,
  type ReadPurpose,
  type Role,
  type SnapshotMeta,
} from "../../raft/mod.ts";
import type { InvariantSuite } from "../invariants/invariant_suite.ts";
import type { MemberView } from "../invariants/group_invariant.ts";
import type { SeededRandom } from "../seeded_random.ts";
import { ViolationError } from "../violation.ts";
import type { ClientLedger } from "./client_ledger.ts";
import type { CrashPoint } from "./crash_point.ts";
import type { MarkCounts } from "./marks.ts";
import { PendingRequests } from "./pending_requests.ts";
import { type DiskWrite, markerOf, SimulatedDisk } from "./simulated_disk.ts";
import {
  type MachineState,
  membershipAt,
  SimulatedStateMachine,
} from "./simulated_state_machine.ts";
import { StoredLog } from "./stored_log.ts";

/** Something that a member has begun and that takes time. */
export type Work =
  | { readonly type: "write" }
  | { readonly type: "read"; readonly purpose: ReadPurpose; readonly range: EntryRange }
  | { readonly type: "apply"; readonly entries: readonly Entry[] }
  | { readonly type: "makeSnapshot"; readonly to: NodeId }
  | { readonly type: "sendSnapshot"; readonly to: NodeId; readonly snapshot: SnapshotMeta }
  | { readonly type: "receiveSnapshot"; readonly from: NodeId; readonly snapshot: SnapshotMeta };

/** What a member needs of the world around it. */
export interface MemberWorld {
  readonly random: SeededRandom;
  readonly invariants: InvariantSuite;
  readonly ledger: ClientLedger;
  readonly marks: MarkCounts;
  /** Most bytes that one read from the disk returns, whatever was asked for. */
  readonly readBytesMax: number;
  /** Takes a message away; it may be lost. */
  send(message: Message): void;
  /** Calls `member.finish(work)` when the work is done, unless the member crashes before. */
  begin(member: SimulatedMember, work: Work): void;
  /** Whether the member is to crash here. */
  crashesAt(member: SimulatedMember, point: CrashPoint): boolean;
  /** Takes note of a crash. */
  onCrashed(member: SimulatedMember): void;
  /** Takes note of a new role, term or leader. */
  onRoleChanged(member: SimulatedMember, before: Role): void;
  /** The snapshot that a member has made up to `index`, `null` if it is not to be had. */
  fetchSnapshot(from: NodeId, to: NodeId, snapshot: SnapshotMeta): MachineState | null;
  /** Whether a snapshot that is to be made can be. */
  canSnapshot(member: SimulatedMember): boolean;
  /** How a stream to a follower ended. */
  isSnapshotSent(from: NodeId, to: NodeId): boolean;
}

export interface SimulatedMemberOptions {
  readonly id: NodeId;
  readonly number: number;
  /** Founders of the group; empty for one that joins later. */
  readonly initialVoters: readonly NodeId[];
  readonly tuning: RaftTuning;
  /** Whether batches that wait for the disk are written as one. */
  readonly mergesWrites: boolean;
  /** The core's chance. Default: drawn from the world's. */
  readonly random?: Random;
}

/**
 * One member: a `RaftCore`, and the driver that performs its effects on a
 * simulated disk, state machine and network. It crashes and starts again.
 */
export class SimulatedMember implements MemberView {
  readonly id: NodeId;
  readonly number: number;
  readonly disk: SimulatedDisk = new SimulatedDisk();
  readonly machine: SimulatedStateMachine = new SimulatedStateMachine();
  log: StoredLog = new StoredLog();
  role: Role = "follower";
  leader: NodeId | null = null;
  term = 0;
  membership: Membership;
  membershipBefore: Membership;
  committedIndex = 0;
  /** Counts the starts: work that was begun in an earlier life is not finished in a later one. */
  life = 0;
  readonly #options: SimulatedMemberOptions;
  readonly #world: MemberWorld;
  /** What chance does to this member. */
  readonly #chance: SeededRandom;
  /** The core's own. */
  readonly #random: Random;
  #core: RaftCore | null = null;
  #requests: PendingRequests;
  #isApplying = false;
  /** Ticks of this life. */
  #ticks = 0;
  /** Reads of the disk that are under way, by whom they are for. */
  readonly #reading = new Set<string>();
  /** Term in which the joint configuration in force was entered. */
  #jointTerm: number | null = null;
  /** Snapshots that were made and not yet superseded, by follower. */
  readonly #snapshots = new Map<NodeId, MachineState>();
  /** Followers whose snapshot is made once the state machine stands still. */
  #awaitingApply: NodeId[] = [];

  constructor(options: SimulatedMemberOptions, world: MemberWorld) {
    this.id = options.id;
    this.number = options.number;
    this.membership = membershipOf(options.initialVoters);
    this.membershipBefore = this.membership;
    this.#options = options;
    this.#world = world;
    this.#chance = world.random.fork();
    this.#random = options.random ?? this.#chance;
    this.#requests = new PendingRequests(world.ledger, world.marks);
  }

  get isRunning(): boolean {
    return this.#core !== null;
  }

  get believed(): MemberView["believed"] {
    const core = this.#core;
    invariant(core !== null, "a member that runs has a core");
    const { lastIndex, committedIndex, term, membership } = core.status;
    return {
      lastIndex,
      committedIndex,
      term,
      membership,
      termAt: (index: number) => core.termAt(index),
    };
  }

  /** Messages that the core dropped in this life. */
  get droppedMessages(): number {
    return this.#core?.status.droppedMessages ?? 0;
  }

  /** Whether nothing is under way: no write, no apply, no read. */
  get isIdle(): boolean {
    return !this.disk.isBusy && !this.#isApplying && this.#reading.size === 0;
  }

  /** Whether a client waits in vain: a request with a lower number than this has no answer. */
  isOwing(beforeId: number): boolean {
    return this.#requests.isOwing(beforeId);
  }

  /** Starts from what the disk and the state machine's backend hold. */
  start(): void {
    const { machine, disk } = this;
    const { appliedIndex, term } = machine.state;
    if (disk.log.termAt(appliedIndex) !== term) {
      // A snapshot was restored, and a crash came before the log was reset.
      this.#world.marks.hit("log reset on restart");
      disk.log.reset({ index: appliedIndex, term, membership: this.#membershipAsOf(appliedIndex) });
    }
    this.life += 1;
    this.#ticks = 0;
    this.log = disk.log.copy();
    this.membership = this.#membershipAsOf(appliedIndex);
    this.#core = this.#guard(() =>
      new RaftCore({
        id: this.id,
        membership: this.membership,
        logState: disk.open(),
        appliedIndex,
        random: this.#random,
        tuning: this.#options.tuning,
      })
    );
    this.role = "follower";
    this.leader = null;
    this.#jointTerm = null;
    this.term = this.#core.term;
    this.committedIndex = this.#core.committedIndex;
    if (isJoint(this.membership)) {
      this.#world.marks.hit("joint on restart");
    }
    this.#world.invariants.onStarted(this);
  }

  /**
   * Loses everything that is not durable. Of the writes under way, the oldest
   * `surviving` may have reached the disk: any number of them, by default.
   */
  crash(options: { readonly surviving?: number } = {}): void {
    if (this.#core === null) {
      return;
    }
    const { disk, machine } = this;
    const { marks } = this.#world;
    const waiting = disk.waiting.length;
    const surviving = options.surviving ?? this.#chance.below(waiting + 1);
    this.#noteLosses(disk.waiting, surviving);
    if (surviving > 0) {
      marks.hit("batch survived a crash");
    }
    if (surviving < waiting) {
      marks.hit("batch lost in a crash");
    }
    disk.crash(surviving);
    machine.crash();
    this.#core = null;
    this.#isApplying = false;
    this.#reading.clear();
    this.#snapshots.clear();
    this.#awaitingApply = [];
    this.#requests.abandon();
    this.#requests = new PendingRequests(this.#world.ledger, marks);
    this.#world.onCrashed(this);
  }

  /** Gives an event to the core and performs what follows. */
  step(event: RaftEvent): void {
    const core = this.#core;
    if (core === null) {
      return;
    }
    const { life } = this;
    this.membershipBefore = this.membership;
    if (event.type === "tick") {
      this.#ticks += 1;
    } else if (event.type === "transferRequested") {
      this.#world.invariants.onTransferRequested(this);
    }
    if (this.role === "leader" && isReadRequest(event)) {
      this.#markRead();
    }
    const effects = this.#guard(() => core.step(event));
    this.#follow(core, event, effects);
    for (const effect of effects) {
      if (this.life !== life || this.#core === null) {
        return;
      }
      this.#perform(effect);
      if (this.#world.crashesAt(this, "between effects")) {
        this.crash();
      }
    }
  }

  /** A client proposes commands here. */
  propose(commands: readonly { readonly id: number; readonly data: Uint8Array }[]): void {
    this.#requests.propose(commands);
    this.step({ type: "proposed", proposals: commands });
  }

  /** A client reads here. */
  read(ids: readonly number[]): void {
    this.#requests.read(ids);
    this.step({ type: "readRequested", ids });
  }

  /** Lets the state machine sync, and drops from the log what it holds, but for a tail. */
  maintain(options: { readonly compactsTail: number | null }): void {
    if (this.#core === null) {
      return;
    }
    this.machine.sync();
    const { compactsTail } = options;
    const index = this.machine.durableIndex - (compactsTail ?? 0);
    const term = this.disk.log.termAt(index);
    if (compactsTail !== null && index > this.disk.log.marker.index && term !== null) {
      const marker = { index, term, membership: this.#membershipAsOf(index) };
      this.#write({ type: "compact", marker });
    }
  }

  /** Ends something that was begun in this life. */
  finish(work: Work): void {
    switch (work.type) {
      case "write":
        return this.#finishWrite();
      case "read":
        return this.#finishRead(work.purpose, work.range);
      case "apply":
        return this.#finishApply(work.entries);
      case "makeSnapshot":
        return this.#finishSnapshot(work.to);
      case "sendSnapshot": {
        const succeeded = this.#world.isSnapshotSent(this.id, work.to);
        return this.step({ type: "snapshotSent", to: work.to, succeeded });
      }
      case "receiveSnapshot":
        return this.#finishReceiving(work.from, work.snapshot);
    }
  }

  /** A snapshot that was made for a follower, if it is still here. */
  snapshotFor(to: NodeId, index: number): MachineState | null {
    const state = this.#snapshots.get(to);
    return state?.appliedIndex === index ? state : null;
  }

  /** Brings what invariants look at up to date: log, term, commit. */
  #follow(core: RaftCore, event: RaftEvent, effects: readonly RaftEffect[]): void {
    const { invariants, marks } = this.#world;
    if (core.term !== this.term) {
      // Whoever enters a term does so without leading it.
      this.term = core.term;
      if (this.role === "leader") {
        marks.hit("leader deposed");
        this.role = "follower";
      }
    }
    if (event.type === "snapshotRestored" && event.snapshot.last.index > this.committedIndex) {
      this.log.reset(markerOf(event.snapshot));
      this.committedIndex = event.snapshot.last.index;
      invariants.onRestored(this, event.snapshot);
    }
    const persist = effects[0];
    if (persist?.type === "persist" && persist.entries.length > 0) {
      this.#append(persist.entries);
    }
    const before = this.committedIndex;
    if (core.committedIndex !== before) {
      this.committedIndex = core.committedIndex;
      invariants.onCommitted(this, before);
      this.#requests.onCommitted(this.log, before, this.committedIndex);
      if (this.role === "leader") {
        this.#markCommit(before);
        this.#maybeCrash("committed");
      }
    }
  }

  #append(entries: readonly Entry[]): void {
    const lastBefore = this.log.lastIndex;
    const first = entries[0]?.index ?? 0;
    if (first <= lastBefore) {
      this.#world.marks.hit("entries truncated");
      for (let index = first; index <= lastBefore; index += 1) {
        if (this.log.entryAt(index)?.kind === "membership") {
          this.#world.marks.hit("membership rolled back");
        }
      }
    }
    this.log.append(entries);
    this.#world.invariants.onAppended(this, entries, lastBefore);
  }

  #perform(effect: RaftEffect): void {
    const { ledger, marks } = this.#world;
    switch (effect.type) {
      case "persist":
        this.#write({ ...effect, type: "batch" });
        return this.#crashAfterPersist(effect);
      case "send":
        return this.#send(effect.message);
      case "accepted":
        this.#world.invariants.onAccepted(this);
        return this.#requests.onAccepted(effect.ids, effect.first, this.machine.state.appliedIndex);
      case "proposalsDropped":
        marks.hit("proposal dropped");
        this.#world.invariants.onRefused(this, effect.reason, this.#ticks);
        if (effect.reason === "uncommittedLimit") {
          marks.hit("proposal over the limit");
        }
        return this.#requests.onDropped(effect.ids);
      case "proposalsUnknown":
        marks.hit("proposal unknown");
        return this.#requests.onUnknown(effect.ids);
      case "membershipChangeRefused":
        marks.hit("membership refused");
        return ledger.onChangeRefused(effect.id);
      case "readsDropped":
        marks.hit("read dropped");
        return this.#requests.onReadsDropped(effect.ids);
      case "readsConfirmed":
        marks.hit("read confirmed");
        if (this.role !== "leader") {
          marks.hit("read forwarded");
        }
        return this.#requests.onReadsConfirmed(
          effect.ids,
          effect.index,
          this.machine.state.appliedIndex,
        );
      case "readEntries":
        return this.#beginRead(effect);
      case "apply":
        return this.#beginApply(effect.entries);
      case "makeSnapshot":
        return this.#world.begin(this, effect);
      case "sendSnapshot":
        marks.hit("snapshot sent");
        return this.#world.begin(this, effect);
      case "restoreSnapshot":
        return this.#world.begin(this, {
          type: "receiveSnapshot",
          from: effect.from,
          snapshot: effect.snapshot,
        });
      case "softStateChanged": {
        const { role, leader } = effect.softState;
        const before = this.role;
        this.role = role;
        this.leader = leader;
        this.#markRole(before);
        this.#world.invariants.onRoleChanged(this);
        this.#world.onRoleChanged(this, before);
        if (role === "leader") {
          this.#maybeCrash("elected");
        }
        return;
      }
      case "membershipChanged":
        return this.#changeMembership(effect.membership, this.log.termAt(effect.index));
      case "transferEnded":
        return marks.hit(effect.succeeded ? "transfer succeeded" : "transfer aborted");
    }
  }

  #send(message: Message): void {
    this.#world.invariants.onSending(this, message);
    this.#world.send(message);
    if (message.type === "voteResponse" && message.granted && !message.isPreVote) {
      this.#maybeCrash("vote sent");
    } else if (message.type === "appendAccepted") {
      this.#maybeCrash("entries acknowledged");
    } else if (message.type === "timeoutNow") {
      this.#maybeCrash("election invited");
    }
  }

  #write(write: DiskWrite): void {
    this.disk.push(write);
    this.#maybeStartWrite();
  }

  #maybeStartWrite(): void {
    if (!this.disk.isBusy && this.disk.waiting.length > 0) {
      this.disk.start({ merges: this.#options.mergesWrites });
      this.#world.begin(this, { type: "write" });
    }
  }

  #finishWrite(): void {
    const { life } = this;
    const written = this.disk.finish();
    this.#crashAfterWrite(written);
    if (this.life !== life || this.#core === null) {
      return;
    }
    this.#maybeStartWrite();
    const event = persistedEvent(written);
    if (event !== null) {
      const { upTo } = event;
      if (upTo !== null && this.log.termAt(upTo.index) !== upTo.term) {
        this.#world.marks.hit("stale storage completion");
      }
      this.step(event);
    }
    for (const write of written) {
      if (this.life !== life || this.#core === null) {
        return;
      }
      if (write.type === "reset") {
        this.#world.marks.hit("snapshot restored");
        this.step({ type: "snapshotRestored", snapshot: write.snapshot });
      } else if (write.type === "compact") {
        this.step({ type: "compacted", index: write.marker.index });
      }
    }
  }

  #beginRead({ purpose, range }: RaftEffect & { type: "readEntries" }): void {
    const key = purpose.type === "apply" ? "apply" : `replicate ${purpose.to}`;
    this.#world.marks.hit(
      purpose.type === "apply" ? "entries read to be applied" : "entries read for a follower",
    );
    this.#reading.add(key);
    this.#world.begin(this, { type: "read", purpose, range });
  }

  #finishRead(purpose: ReadPurpose, range: EntryRange): void {
    this.#reading.delete(purpose.type === "apply" ? "apply" : `replicate ${purpose.to}`);
    const maxBytes = Math.min(range.maxBytes, this.#world.readBytesMax);
    const entries = this.disk.read({ ...range, maxBytes });
    if (entries !== null && entries.length > 0) {
      return this.step({ type: "entriesRead", purpose, entries });
    }
    if (entries === null) {
      this.#world.marks.hit("entries were compacted when read");
    } else if (purpose.type === "apply") {
      throw new ViolationError(
        "driver contract",
        `${this.id} is to apply entry ${range.low}, its disk ends with ${this.disk.log.lastIndex}`,
      );
    }
    // Nothing is left, too, of what a leader asked for that was deposed, and
    // whose log was cut meanwhile.
    this.step({ type: "entriesRead", purpose, entries: null });
  }

  #beginApply(entries: readonly Entry[]): void {
    if (this.#isApplying) {
      throw new ViolationError("driver contract", `${this.id} is to apply while it applies`);
    }
    this.#world.invariants.onApplying(this, entries);
    this.#isApplying = true;
    this.#world.begin(this, { type: "apply", entries });
  }

  #finishApply(entries: readonly Entry[]): void {
    this.#isApplying = false;
    const { life, machine } = this;
    machine.apply(entries);
    this.#world.invariants.onApplied(this);
    const { appliedIndex } = machine.state;
    const acknowledged = this.#requests.onApplied(entries);
    if (acknowledged > 0) {
      this.#maybeCrash("acknowledged to a client");
    }
    if (this.life === life && this.#core !== null) {
      this.#awaitingApply.splice(0).forEach((to) => this.#finishSnapshot(to));
    }
    if (this.life === life && this.#core !== null) {
      this.step({ type: "applied", index: appliedIndex });
    }
  }

  #finishSnapshot(to: NodeId): void {
    if (this.#isApplying) {
      this.#awaitingApply.push(to);
      return;
    }
    const { state } = this.machine;
    const { appliedIndex: index, term } = state;
    if (index === 0 || !this.#world.canSnapshot(this)) {
      return this.step({ type: "snapshotSent", to, succeeded: false });
    }
    this.#snapshots.set(to, state);
    const snapshot = { last: { term, index }, membership: this.#membershipAsOf(index) };
    this.step({ type: "snapshotReady", to, snapshot });
  }

  #finishReceiving(from: NodeId, snapshot: SnapshotMeta): void {
    const state = this.#world.fetchSnapshot(from, this.id, snapshot);
    if (state === null) {
      this.#world.marks.hit("snapshot failed");
      return this.step({ type: "snapshotFailed", snapshot });
    }
    if (this.#isApplying) {
      throw new ViolationError("driver contract", `${this.id} is to restore while it applies`);
    }
    const { log } = this.disk;
    const term = log.termAt(snapshot.last.index);
    if (term !== null && term !== snapshot.last.term) {
      this.#world.marks.hit("snapshot restored over a conflicting log");
    }
    this.machine.restore(state);
    this.#requests.onRestored(state.appliedIndex);
    if (this.#maybeCrash("snapshot restored")) {
      return;
    }
    this.#write({ type: "reset", snapshot });
  }

  #changeMembership(membership: Membership, term: number | null): void {
    const { marks } = this.#world;
    const before = this.membership;
    this.membership = membership;
    if (isJoint(membership)) {
      marks.hit("joint entered");
      this.#jointTerm = term;
      this.#maybeCrash("joint entered");
    } else if (isJoint(before)) {
      marks.hit("joint left");
      if (this.#jointTerm !== null && term !== null && this.#jointTerm !== term) {
        marks.hit("joint left by another leader");
      }
      this.#maybeCrash("joint left");
    } else {
      marks.hit("membership changed");
      this.#maybeCrash("membership applied");
    }
    if (membership.learners.some((id) => !before.learners.includes(id))) {
      marks.hit("learner added");
    }
    if (membership.voters.some((id) => before.learners.includes(id))) {
      marks.hit("learner promoted");
    }
  }

  #membershipAsOf(index: number): Membership {
    return membershipAt(this.machine.state, index) ?? membershipOf(this.#options.initialVoters);
  }

  /** Crashes here if the world wants it. Returns whether it did. */
  #maybeCrash(point: CrashPoint): boolean {
    if (this.#core !== null && this.#world.crashesAt(this, point)) {
      this.crash();
      return true;
    }
    return false;
  }

  #crashAfterPersist({ hardState, entries }: RaftEffect & { type: "persist" }): void {
    if (hardState !== null && hardState.vote !== null) {
      this.#maybeCrash("vote decided");
    }
    if (entries.length > 0) {
      this.#maybeCrash("entries queued");
    }
    if (entries.some(({ kind }) => kind === "membership")) {
      this.#maybeCrash("membership proposed");
    }
  }

  #crashAfterWrite(written: readonly DiskWrite[]): void {
    for (const write of written) {
      if (write.type === "batch") {
        if (write.hardState?.vote != null) {
          this.#maybeCrash("vote durable");
        }
        if (write.entries.length > 0) {
          this.#maybeCrash("entries durable");
        }
      } else if (write.type === "reset") {
        this.#maybeCrash("log reset");
      }
    }
  }

  #noteLosses(waiting: readonly DiskWrite[], surviving: number): void {
    const lost = waiting.slice(surviving);
    if (lost.some((write) => write.type === "batch" && write.hardState?.vote != null)) {
      this.#world.marks.hit("vote lost in a crash");
    }
  }

  #markCommit(before: number): void {
    const { marks } = this.#world;
    if (this.log.termAt(before + 1) !== this.term) {
      marks.hit("commit of an earlier term");
    }
    if (this.disk.log.lastIndex < this.committedIndex) {
      marks.hit("leader commit ahead of own disk");
    }
    for (let index = before + 1; index <= this.committedIndex; index += 1) {
      if (this.log.entryAt(index)?.kind === "membership") {
        this.#maybeCrash("membership committed");
      }
    }
  }

  #markRead(): void {
    if (this.log.termAt(this.committedIndex) !== this.term) {
      this.#world.marks.hit("read waited for the no-op");
    }
  }

  #markRole(before: Role): void {
    const { marks } = this.#world;
    if (this.role === "leader") {
      marks.hit("leader elected");
    } else if (before === "leader") {
      marks.hit("leader lost its quorum");
      if (!this.membership.voters.includes(this.id)) {
        marks.hit("leader removed");
      }
    } else if (before === "candidate" && this.leader === null && this.role === "follower") {
      marks.hit("candidate lost");
    }
  }

  /** Runs the core; its own assertions count as checks. */
  #guard<Result>(run: () => Result): Result {
    try {
      return run();
    } catch (error) {
      if (error instanceof InvariantError) {
        throw new ViolationError("core's own assertion", `${this.id}: ${error.message}`, {
          cause: error,
        });
      }
      throw error;
    }
  }
}

function isReadRequest(event: RaftEvent): boolean {
  return event.type === "readRequested" ||
    (event.type === "received" && event.message.type === "readForward");
}

/** What the core is told of batches that became durable together. */
function persistedEvent(written: readonly DiskWrite[]): RaftEvent & { type: "persisted" } | null {
  let sequence = 0;
  let upTo: { term: number; index: number } | null = null;
  let hardState: typeof INITIAL_HARD_STATE | null = null;
  for (const write of written) {
    if (write.type === "batch") {
      sequence = write.sequence;
      hardState = write.hardState ?? hardState;
      const last = write.entries.at(-1);
      upTo = last === undefined ? upTo : { term: last.term, index: last.index };
    }
  }
  return sequence === 0 ? null : { type: "persisted", sequence, upTo, hardState };
}
