import {
  allMembers,
  type MembershipChange,
  type Message,
  type NodeId,
  type RaftTuning,
} from "../../raft/mod.ts";
import type { InvariantSuite } from "../invariants/invariant_suite.ts";
import type { ClientLedger, CommandOutcome } from "../simulation/client_ledger.ts";
import { encodeCommand } from "../simulation/command.ts";
import type { CrashPoint } from "../simulation/crash_point.ts";
import type { MarkCounts } from "../simulation/marks.ts";
import { SimulatedMember } from "../simulation/simulated_member.ts";
import type { Work } from "../simulation/work.ts";
import { ViolationError } from "../violation.ts";
import { assertMakesProgress } from "./assert_makes_progress.ts";
import type { MessageFilter } from "./message_filter.ts";
import { ScriptedRandom } from "./scripted_random.ts";
import type { BegunWork } from "./scripted_work.ts";
import { ScriptedWorld } from "./scripted_world.ts";

/** How a scripted group begins. */
export interface ScriptedGroupOptions {
  /** Who founds the group. */
  readonly voters: readonly NodeId[];
  /** Members that run, but do not belong to the group yet. */
  readonly spares?: readonly NodeId[];
  readonly tuning?: RaftTuning;
  /** Whether batches that wait for a disk are written as one. Default: true. */
  readonly mergesWrites?: boolean;
  /** Is told of each message as it is sent. */
  readonly onSend?: (message: Message) => void;
  /** Is told of each member whose role, term or leader has changed. */
  readonly onRoleChanged?: (member: SimulatedMember) => void;
}

/** Steps within which a group must come to rest: messages must not multiply. */
const STEPS_MAX = 200_000;

/** How often a member that is to be elected may have to stand. */
const ELECTION_TRIES = 3;

/**
 * A group in which nothing happens but what the script says: time does not
 * pass, and messages, disks, reads and applies can be held and let go one by
 * one. All invariants are checked all the time.
 *
 * A script reads like a story: `elect("a")`, `isolate("a")`, `propose("a")`.
 * What it does not hold happens when it says `settle()`, in a fixed order.
 */
export class ScriptedGroup {
  readonly marks: MarkCounts;
  readonly invariants: InvariantSuite;
  readonly ledger: ClientLedger;
  readonly electionTicks: number;
  readonly #members = new Map<NodeId, SimulatedMember>();
  readonly #world: ScriptedWorld;

  constructor(options: ScriptedGroupOptions) {
    const { voters, spares = [], tuning = {}, mergesWrites = true } = options;
    this.electionTicks = tuning.electionTicks ?? 10;
    this.#world = new ScriptedWorld(this.#members, {
      tuning: { ...tuning, electionTicks: this.electionTicks },
      onSend: options.onSend ?? (() => {}),
      onRoleChanged: options.onRoleChanged ?? (() => {}),
    });
    this.marks = this.#world.marks;
    this.invariants = this.#world.invariants;
    this.ledger = this.#world.ledger;
    [...voters, ...spares].forEach((id, number) => {
      const initialVoters = voters.includes(id) ? voters : [];
      const random = new ScriptedRandom(number);
      const member = new SimulatedMember(
        { id, number, initialVoters, tuning, mergesWrites, random },
        this.#world,
      );
      this.#members.set(id, member);
      member.start();
    });
  }

  /** Most bytes that a read from a disk returns. */
  get readBytesMax(): number {
    return this.#world.readBytesMax;
  }

  set readBytesMax(bytes: number) {
    this.#world.readBytesMax = bytes;
  }

  /** Every message that was ever sent. */
  get sent(): readonly Message[] {
    return this.#world.network.sent;
  }

  /** Members whose state machine makes no snapshots. */
  get snapshotless(): Set<NodeId> {
    return this.#world.snapshotless;
  }

  /** How often one of these was to make a snapshot all the same. */
  get snapshotFailures(): number {
    return this.#world.snapshotFailures;
  }

  member(id: NodeId): SimulatedMember {
    const member = this.#members.get(id);
    if (member === undefined) {
      throw new RangeError(`No member ${id}`);
    }
    return member;
  }

  get members(): SimulatedMember[] {
    return [...this.#members.values()];
  }

  // Time.

  /** Lets ticks pass at one member. Nothing else happens. */
  tick(id: NodeId, count: number = 1): void {
    for (let done = 0; done < count; done += 1) {
      this.member(id).step({ type: "tick" });
    }
  }

  /** Lets ticks pass at all members, and everything happen that follows. */
  run(ticks: number): void {
    for (let done = 0; done < ticks; done += 1) {
      this.members.forEach(({ id }) => this.tick(id));
      this.settle();
    }
  }

  /** Delivers and finishes what is not held, until nothing is left to do. */
  settle(): void {
    for (let steps = 0; this.#doNext(); steps += 1) {
      if (steps > STEPS_MAX) {
        throw new ViolationError("message bound", `no rest after ${STEPS_MAX} steps`);
      }
    }
  }

  /**
   * Has a member elected: the others have not heard from a leader for an
   * election timeout, and its own timeout ends first.
   */
  elect(id: NodeId): void {
    for (const other of this.members) {
      if (other.id !== id) {
        this.tick(other.id, this.electionTicks);
      }
    }
    this.settle();
    // It may have to learn of a later term first, or to stand again in a term
    // in which votes are already given.
    for (let tries = 0; tries < ELECTION_TRIES && this.member(id).role !== "leader"; tries += 1) {
      this.campaign(id);
      this.settle();
    }
    const { role, term } = this.member(id);
    if (role !== "leader") {
      throw new ViolationError("script", `${id} should lead, and is ${role} in term ${term}`);
    }
  }

  /** Lets a member's timeout end. Its requests for votes are not delivered yet. */
  campaign(id: NodeId): void {
    const member = this.member(id);
    const { role, term } = member;
    for (let ticks = 0; ticks < 2 * this.electionTicks; ticks += 1) {
      member.step({ type: "tick" });
      if (member.role !== role || member.term !== term) {
        return;
      }
    }
  }

  // Messages.

  /** Nothing goes from one member to the other any more. */
  block(from: NodeId, to: NodeId): void {
    this.#world.network.block(from, to);
  }

  unblock(from: NodeId, to: NodeId): void {
    this.#world.network.unblock(from, to);
  }

  /** Cuts members off from all others, but not from each other. */
  isolate(...ids: readonly NodeId[]): void {
    for (const { id } of this.members) {
      if (!ids.includes(id)) {
        ids.forEach((cut) => {
          this.block(cut, id);
          this.block(id, cut);
        });
      }
    }
  }

  /** Ends all blocks. */
  heal(): void {
    this.#world.network.heal();
  }

  /** Takes messages that are sent from now on away, into the list that it returns. */
  hold(filter: MessageFilter): Message[] {
    return this.#world.network.hold(filter);
  }

  /** Ends all holding of messages; what was held stays with who holds it. */
  stopHolding(): void {
    this.#world.network.stopHolding();
  }

  /** Gives a message to its receiver now, whatever is blocked or held. */
  deliver(message: Message): void {
    this.#members.get(message.to)?.step({ type: "received", message });
  }

  /** Messages that are on their way and not held. */
  inFlight(filter: MessageFilter = {}): Message[] {
    return this.#world.network.inFlight(filter);
  }

  /** Delivers what is on its way, matches, and is not blocked; not what follows from it. */
  deliverAll(filter: MessageFilter = {}): void {
    this.#world.network.takeAll(filter)
      .filter(({ from, to }) => !this.#world.network.isBlocked(from, to))
      .forEach((message) => this.deliver(message));
  }

  /** Loses what is on its way and matches. */
  drop(filter: MessageFilter = {}): void {
    this.#world.network.takeAll(filter);
  }

  /** How many such messages were ever sent. */
  countSent(filter: MessageFilter): number {
    return this.#world.network.countSent(filter);
  }

  // Disks and state machines.

  /** Work of this kind does not end at this member until `release`. */
  holdWork(id: NodeId, type: Work["type"]): void {
    this.#world.work.hold(id, type);
  }

  release(id: NodeId, type: Work["type"]): void {
    this.#world.work.release(id, type);
  }

  /** Ends the oldest work of this kind that is under way at a member, held or not. */
  finish(id: NodeId, type: Work["type"]): void {
    const begun = this.#world.work.take(id, type);
    if (begun === undefined) {
      throw new ViolationError("script", `${id} has no ${type} under way`);
    }
    this.#finish(begun);
  }

  /** Work of this kind that is under way at a member. */
  underWay(id: NodeId, type: Work["type"]): number {
    return this.#world.work.count(id, type);
  }

  /** Syncs a state machine, and compacts the log up to it, but for a tail. */
  compact(id: NodeId, tail: number = 0): void {
    this.member(id).maintain({ compactsTail: tail });
    this.settle();
  }

  /**
   * A crash: of the writes under way, the oldest `surviving` reached the disk. Default: none.
   * The next one may be torn, or the last one that did reach it be damaged: the
   * log that is opened then is suspect.
   */
  crash(
    id: NodeId,
    options: { readonly surviving?: number; readonly disk?: "torn" | "damaged" } = {},
  ): void {
    const member = this.member(id);
    member.crash({ surviving: options.surviving ?? 0 });
    if (options.disk === "torn") {
      member.disk.tear();
    } else if (options.disk === "damaged" && !member.disk.damage()) {
      throw new ViolationError("script", `the last write of ${id} cannot be lost`);
    }
  }

  restart(id: NodeId): void {
    this.member(id).start();
  }

  /**
   * The member crashes when it comes to this point for the `nth` time from now.
   * Of the writes under way then, the oldest `surviving` reach the disk. Default: none.
   */
  crashAt(
    id: NodeId,
    point: CrashPoint,
    options: { readonly nth?: number; readonly surviving?: number } = {},
  ): void {
    const { nth = 1, surviving = 0 } = options;
    this.#world.setSurviving(id, surviving);
    this.#world.crashAt(id, point, nth);
  }

  // Requests.

  /** Proposes a command at a member; returns its id. */
  propose(id: NodeId, options: { readonly bytes?: number } = {}): number {
    const [command = 0] = this.proposeAll(id, 1, options);
    return command;
  }

  /** Proposes several commands at once; returns their ids. */
  proposeAll(id: NodeId, count: number, options: { readonly bytes?: number } = {}): number[] {
    const commands = Array.from({ length: count }, () => {
      const command = this.ledger.takeId();
      return { id: command, data: encodeCommand(command, options.bytes) };
    });
    this.member(id).propose(commands);
    return commands.map((command) => command.id);
  }

  /** Proposes a command and lets everything happen that follows. */
  write(id: NodeId): number {
    const command = this.propose(id);
    this.settle();
    return command;
  }

  outcomeOf(command: number): CommandOutcome | undefined {
    return this.ledger.outcomeOf(command);
  }

  /** Reads that were served so far. */
  served(): number {
    return this.ledger.served;
  }

  /** Begins a read at a member; returns its id. */
  read(id: NodeId): number {
    const read = this.ledger.takeId();
    this.member(id).read([read]);
    return read;
  }

  /** Wants another membership of a member; returns the wish's id. */
  change(id: NodeId, ...changes: readonly MembershipChange[]): number {
    const wish = this.ledger.takeId();
    this.member(id).change(wish, changes);
    return wish;
  }

  transfer(id: NodeId, to: NodeId): void {
    this.member(id).step({ type: "transferRequested", to });
  }

  // What is to be true in the end.

  /** Compares everything with everything. */
  compareAll(): void {
    this.invariants.compareAll(this.members);
  }

  /** The member that leads the highest term, `null` if none leads. */
  get leader(): SimulatedMember | null {
    const leaders = this.members.filter(({ isRunning, role }) => isRunning && role === "leader");
    return leaders.sort((one, other) => other.term - one.term)[0] ?? null;
  }

  /** Whether this member, and nobody in a later term, leads. */
  isLedBy(id: NodeId): boolean {
    return this.leader?.id === id;
  }

  /** Whether all members of the leader's group have the same log, committed and applied. */
  get isEven(): boolean {
    const { leader } = this;
    return leader !== null && allMembers(leader.membership).every((id) => {
      const { log, committedIndex, machine } = this.member(id);
      return log.lastIndex === leader.log.lastIndex && log.lastTerm === leader.log.lastTerm &&
        committedIndex === leader.log.lastIndex &&
        machine.state.appliedIndex === leader.log.lastIndex;
    });
  }

  /**
   * Ends all faults, and throws unless the group makes progress within ten
   * election timeouts: a leader, ten fresh writes and reads, equal logs (R38).
   */
  assertHeals(): void {
    this.#world.heal();
    this.members.filter(({ isRunning }) => !isRunning).forEach((member) => member.start());
    assertMakesProgress(this);
  }

  /** Does the next thing that is not held. Returns whether there was any. */
  #doNext(): boolean {
    const begun = this.#world.work.takeNext();
    if (begun !== undefined) {
      this.#finish(begun);
      return true;
    }
    const message = this.#world.network.takeNext();
    if (message === undefined) {
      return false;
    }
    if (!this.#world.network.isBlocked(message.from, message.to)) {
      this.deliver(message);
    }
    return true;
  }

  #finish({ member, life, work }: BegunWork): void {
    if (member.life === life && member.isRunning) {
      member.finish(work);
    }
  }
}
