import {
  decodeMembership,
  type Entry,
  type EntryRange,
  type Membership,
  type Message,
  type NodeId,
  type RaftEffect,
  type RaftEvent,
  type ReadPurpose,
  type Role,
  type SnapshotMeta,
} from "../../raft/mod.ts";
import type { MemberView } from "../invariants/group_invariant.ts";
import type { CrashPoint } from "./crash_point.ts";
import { completionsOf, type DiskDriver } from "./disk_driver.ts";
import type { GuardedCore } from "./guarded_core.ts";
import type { MachineDriver } from "./machine_driver.ts";
import type { MemberMarks } from "./member_marks.ts";
import type { MemberWorld } from "./member_world.ts";
import type { PendingRequests } from "./pending_requests.ts";
import {
  pointOfMembership,
  pointOfMessage,
  pointsOfCommit,
  pointsOfPersist,
  pointsOfWrites,
} from "./reached_crash_points.ts";
import { markerOf } from "./simulated_disk.ts";
import type { SimulatedMember } from "./simulated_member.ts";
import type { Work } from "./work.ts";

/** What a life acts on. */
export interface MemberLifeParts {
  readonly core: GuardedCore;
  readonly disk: DiskDriver;
  readonly machine: MachineDriver;
  readonly requests: PendingRequests;
  readonly marks: MemberMarks;
}

/**
 * A member from a start to the next crash: gives events to the core, performs
 * the effects in their order, and keeps what can be seen of the member up to
 * date. It may crash at every step, and then does nothing any more.
 */
export class MemberLife {
  readonly #member: SimulatedMember;
  readonly #world: MemberWorld;
  readonly #core: GuardedCore;
  readonly #disk: DiskDriver;
  readonly #machine: MachineDriver;
  readonly #requests: PendingRequests;
  readonly #marks: MemberMarks;
  #ticks = 0;
  #isOver = false;
  /** Whether the core has given up the snapshot that is being received. */
  #isRestoreAborted = false;

  constructor(member: SimulatedMember, world: MemberWorld, parts: MemberLifeParts) {
    this.#member = member;
    this.#world = world;
    this.#core = parts.core;
    this.#disk = parts.disk;
    this.#machine = parts.machine;
    this.#requests = parts.requests;
    this.#marks = parts.marks;
  }

  get droppedMessages(): number {
    return this.#core.droppedMessages;
  }

  get believed(): MemberView["believed"] {
    return this.#core.believed;
  }

  /** The member has crashed. */
  end(): void {
    this.#isOver = true;
  }

  /** Gives an event to the core and performs what follows. */
  step(event: RaftEvent): void {
    const member = this.#member;
    member.membershipBefore = member.membership;
    member.membershipAfter = null;
    this.#announce(event);
    if (member.role === "leader" && isReadRequest(event)) {
      this.#marks.onReadRequested(member);
    }
    const effects = this.#core.step(event);
    this.#follow(event, effects);
    for (const effect of effects) {
      if (this.#isOver) {
        return;
      }
      this.#perform(effect);
      this.#maybeCrash("between effects");
    }
    if (event.type === "membershipChangeRequested") {
      this.#world.invariants.onChangeTaken(member);
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
        return this.#makeSnapshot(work.to);
      case "sendSnapshot": {
        const succeeded = this.#world.isSnapshotSent(this.#member.id, work.to);
        return this.step({ type: "snapshotSent", to: work.to, succeeded });
      }
      case "receiveSnapshot":
        return this.#finishReceiving(work.from, work.snapshot);
    }
  }

  /** Tells of an event before the core deals with it. */
  #announce(event: RaftEvent): void {
    const member = this.#member;
    const { invariants } = this.#world;
    switch (event.type) {
      case "tick":
        this.#ticks += 1;
        return member.role === "leader" ? invariants.onTicked(member, this.#ticks) : undefined;
      case "received":
        return event.message.type === "appendAccepted" || "suspectLife" in event.message
          ? invariants.onReceiving(member, event.message)
          : undefined;
      case "entriesRead": {
        const first = event.entries?.[0]?.index;
        return first === undefined ? undefined : invariants.onEntriesRead(member, first);
      }
      case "membershipChangeRequested":
        return invariants.onChangeRequested(member, event.changes);
      case "transferRequested":
        return invariants.onTransferRequested(member, event.to, this.#ticks);
    }
  }

  /** Brings what invariants look at up to date: log, term, commit. */
  #follow(event: RaftEvent, effects: readonly RaftEffect[]): void {
    const core = this.#core;
    const member = this.#member;
    const { invariants, marks } = this.#world;
    if (core.term !== member.term) {
      // Whoever enters a term does so without leading it.
      member.term = core.term;
      if (member.role === "leader") {
        marks.hit("leader deposed");
        member.role = "follower";
      }
    }
    if (event.type === "snapshotRestored" && event.snapshot.last.index > member.committedIndex) {
      member.log.reset(markerOf(event.snapshot));
      member.committedIndex = event.snapshot.last.index;
      invariants.onRestored(member, event.snapshot);
    }
    const persist = effects[0];
    if (persist?.type === "persist" && persist.entries.length > 0) {
      const lastBefore = member.log.lastIndex;
      this.#marks.onAppending(member.log, persist.entries);
      invariants.onAppending(member, persist.entries);
      member.log.append(persist.entries);
      invariants.onAppended(member, persist.entries, lastBefore);
    }
    if (core.committedIndex !== member.committedIndex) {
      member.membershipAfter = membershipHandedOut(effects);
      this.#followCommit(core.committedIndex);
    }
  }

  #followCommit(committedIndex: number): void {
    const member = this.#member;
    const before = member.committedIndex;
    member.committedIndex = committedIndex;
    this.#world.invariants.onCommitted(member, before);
    this.#requests.onCommitted(member.log, before, committedIndex);
    if (member.role === "leader") {
      this.#marks.onCommittedByLeader(member, before);
    }
    this.#maybeCrashAtAny(pointsOfCommit(member, before));
  }

  #perform(effect: RaftEffect): void {
    const member = this.#member;
    const world = this.#world;
    const { invariants, marks } = world;
    switch (effect.type) {
      case "persist":
        this.#disk.write({ ...effect, type: "batch" });
        return this.#maybeCrashAtAny(pointsOfPersist(effect));
      case "send":
        return this.#send(effect.message);
      case "accepted":
        invariants.onAccepted(member);
        return this.#requests.answer(effect, member);
      case "proposalsDropped":
        invariants.onRefused(member, effect.reason, this.#ticks);
        return this.#requests.answer(effect, member);
      case "proposalsUnknown":
      case "membershipChangeRefused":
      case "readsDropped":
      case "readsConfirmed":
        return this.#requests.answer(effect, member);
      case "readEntries":
        return this.#disk.beginRead(effect.purpose, effect.range);
      case "apply":
        this.#machine.startApply();
        invariants.onApplying(member, effect.entries);
        return world.begin(member, effect);
      case "makeSnapshot":
        return world.begin(member, effect);
      case "sendSnapshot":
        marks.hit("snapshot sent");
        return world.begin(member, effect);
      case "restoreSnapshot": {
        const { from, snapshot } = effect;
        this.#isRestoreAborted = false;
        return world.begin(member, { type: "receiveSnapshot", from, snapshot });
      }
      case "abortRestore":
        this.#isRestoreAborted = true;
        return;
      case "confirmed":
        return this.#marks.onConfirmed(member, invariants.committed);
      case "softStateChanged":
        return this.#changeRole(effect.softState.role, effect.softState.leader);
      case "membershipChanged":
        this.#changeMembership(effect.membership, member.log.termAt(effect.index));
        return this.#isOver ? undefined : invariants.onMembershipChanged(member, effect.index);
      case "transferEnded":
        invariants.onTransferEnded(member, effect.to);
        return marks.hit(effect.succeeded ? "transfer succeeded" : "transfer aborted");
    }
  }

  #send(message: Message): void {
    this.#world.invariants.onSending(this.#member, message);
    this.#world.send(message);
    const point = pointOfMessage(message);
    if (point !== null) {
      this.#maybeCrash(point);
    }
  }

  #changeRole(role: Role, leader: NodeId | null): void {
    const member = this.#member;
    const before = member.role;
    member.role = role;
    member.leader = leader;
    this.#marks.onRoleChanged(member, before);
    this.#world.invariants.onRoleChanged(member);
    this.#world.onRoleChanged(member, before);
    if (role === "leader") {
      this.#maybeCrash("elected");
    }
  }

  #changeMembership(after: Membership, term: number | null): void {
    const before = this.#member.membership;
    this.#member.membership = after;
    this.#marks.onMembershipChanged({ before, after, term });
    this.#maybeCrash(pointOfMembership(before, after));
  }

  #finishWrite(): void {
    const { disk, log } = this.#member;
    const written = disk.finish();
    this.#maybeCrashAtAny(pointsOfWrites(written));
    if (this.#isOver) {
      return;
    }
    this.#disk.maybeStartWrite();
    for (const event of completionsOf(written)) {
      if (this.#isOver) {
        return;
      }
      this.#marks.onWritten(log, event);
      this.step(event);
    }
  }

  #finishRead(purpose: ReadPurpose, range: EntryRange): void {
    const maxBytes = Math.min(range.maxBytes, this.#world.readBytesMax);
    this.step(this.#disk.finishRead(purpose, { ...range, maxBytes }));
  }

  #finishApply(entries: readonly Entry[]): void {
    this.#machine.finishApply(entries);
    this.#world.invariants.onApplied(this.#member);
    const { appliedIndex } = this.#member.machine.state;
    const acknowledged = this.#requests.onApplied(entries);
    if (acknowledged > 0) {
      this.#maybeCrash("acknowledged to a client");
    }
    if (!this.#isOver) {
      this.#machine.takeAwaiting().forEach((to) => this.#makeSnapshot(to));
    }
    if (!this.#isOver) {
      this.step({ type: "applied", index: appliedIndex });
    }
  }

  #makeSnapshot(to: NodeId): void {
    const made = this.#machine.makeSnapshot(to, () => this.#world.canSnapshot(this.#member));
    if (made !== null && !this.#isOver) {
      this.step(made);
    }
  }

  #finishReceiving(from: NodeId, snapshot: SnapshotMeta): void {
    const { marks } = this.#world;
    const { id, disk } = this.#member;
    const state = this.#world.fetchSnapshot(from, id, snapshot);
    if (state === null || this.#isRestoreAborted) {
      marks.hit("snapshot failed");
      return this.step({ type: "snapshotFailed", snapshot });
    }
    const term = disk.log.termAt(snapshot.last.index);
    if (term !== null && term !== snapshot.last.term) {
      marks.hit("snapshot restored over a conflicting log");
    }
    this.#machine.restore(state);
    this.#requests.onRestored(state.appliedIndex);
    this.#maybeCrash("snapshot restored");
    if (!this.#isOver) {
      this.#disk.write({ type: "reset", snapshot });
    }
  }

  /** Crashes at the first of these steps at which the world wants it. */
  #maybeCrashAtAny(points: readonly CrashPoint[]): void {
    for (const point of points) {
      this.#maybeCrash(point);
    }
  }

  /** Crashes here if the world wants it. */
  #maybeCrash(point: CrashPoint): void {
    if (!this.#isOver && this.#world.crashesAt(this.#member, point)) {
      this.#member.crash();
    }
  }
}

/** The newest membership among the entries that a step hands out to be applied. */
function membershipHandedOut(effects: readonly RaftEffect[]): Membership | null {
  const apply = effects.find((effect) => effect.type === "apply");
  const entry = apply?.entries.findLast(({ kind }) => kind === "membership");
  return entry === undefined ? null : decodeMembership(entry.data);
}

function isReadRequest(event: RaftEvent): boolean {
  return event.type === "readRequested" ||
    (event.type === "received" && event.message.type === "readForward");
}
