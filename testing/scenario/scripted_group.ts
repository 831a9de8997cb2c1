import {
  allMembers,
  type MembershipChange,
  type Message,
  type NodeId,
  type RaftTuning,
  type SnapshotMeta,
} from "../../raft/mod.ts";
import { InvariantSuite } from "../invariants/invariant_suite.ts";
import { SeededRandom } from "../seeded_random.ts";
import { ClientLedger, type CommandOutcome } from "../simulation/client_ledger.ts";
import { encodeCommand } from "../simulation/command.ts";
import type { CrashPoint } from "../simulation/crash_point.ts";
import { MarkCounts } from "../simulation/marks.ts";
import type { MachineState } from "../simulation/simulated_state_machine.ts";
import { type MemberWorld, SimulatedMember, type Work } from "../simulation/simulated_member.ts";
import { ViolationError } from "../violation.ts";
import { ScriptedRandom } from "./scripted_random.ts";

/** How a scripted group begins. */
export interface ScriptedGroupOptions {
  /** Who founds the group. */
  readonly voters: readonly NodeId[];
  /** Members that run, but do not belong to the group yet. */
  readonly spares?: readonly NodeId[];
  readonly tuning?: RaftTuning;
  /** Whether batches that wait for a disk are written as one. Default: true. */
  readonly mergesWrites?: boolean;
}

/** Which messages; what is left out does not matter. */
export interface MessageFilter {
  readonly from?: NodeId;
  readonly to?: NodeId;
  readonly type?: Message["type"];
  /** What else must be true of it. */
  readonly where?: (message: Message) => boolean;
}

/** Something begun that has not ended. */
interface BegunWork {
  readonly member: SimulatedMember;
  readonly life: number;
  readonly work: Work;
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
export class ScriptedGroup implements MemberWorld {
  readonly random: SeededRandom = new SeededRandom(1);
  readonly marks: MarkCounts = new MarkCounts();
  readonly invariants: InvariantSuite;
  readonly ledger: ClientLedger;
  readonly electionTicks: number;
  /** Most bytes that a read from a disk returns. */
  readBytesMax: number = Infinity;
  /** Members whose state machine makes no snapshots. */
  readonly snapshotless: Set<NodeId> = new Set();
  /** How often one was to be made all the same. */
  snapshotFailures = 0;
  /** Every message that was ever sent. */
  readonly sent: Message[] = [];
  readonly #members = new Map<NodeId, SimulatedMember>();
  #messages: Message[] = [];
  #work: BegunWork[] = [];
  readonly #blocked = new Set<string>();
  #heldMessages: { readonly filter: MessageFilter; readonly held: Message[] }[] = [];
  readonly #heldWork = new Set<string>();
  readonly #crashPoints = new Map<string, number>();

  constructor(options: ScriptedGroupOptions) {
    const { voters, spares = [], tuning = {}, mergesWrites = true } = options;
    this.electionTicks = tuning.electionTicks ?? 10;
    this.invariants = new InvariantSuite(this.#members, { electionTicks: this.electionTicks });
    this.ledger = new ClientLedger(this.invariants);
    [...voters, ...spares].forEach((id, number) => {
      const initialVoters = voters.includes(id) ? voters : [];
      const random = new ScriptedRandom(number);
      const member = new SimulatedMember(
        { id, number, initialVoters, tuning, mergesWrites, random },
        this,
      );
      this.#members.set(id, member);
      member.start();
    });
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
    this.#blocked.add(`${from}>${to}`);
  }

  unblock(from: NodeId, to: NodeId): void {
    this.#blocked.delete(`${from}>${to}`);
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
    this.#blocked.clear();
  }

  /** Takes messages that are sent from now on away, into the list that it returns. */
  hold(filter: MessageFilter): Message[] {
    const held: Message[] = [];
    this.#heldMessages.push({ filter, held });
    return held;
  }

  /** Ends all holding of messages; what was held stays with who holds it. */
  stopHolding(): void {
    this.#heldMessages = [];
  }

  /** Gives a message to its receiver now, whatever is blocked or held. */
  deliver(message: Message): void {
    this.#members.get(message.to)?.step({ type: "received", message });
  }

  /** Messages that are on their way and not held. */
  inFlight(filter: MessageFilter = {}): Message[] {
    return this.#messages.filter((message) => matches(message, filter));
  }

  /** Delivers what is on its way, matches, and is not blocked; not what follows from it. */
  deliverAll(filter: MessageFilter = {}): void {
    const chosen = this.inFlight(filter);
    this.#messages = this.#messages.filter((message) => !chosen.includes(message));
    chosen.filter((message) => !this.#isBlocked(message)).forEach((message) =>
      this.deliver(message)
    );
  }

  /** Loses what is on its way and matches. */
  drop(filter: MessageFilter = {}): void {
    this.#messages = this.#messages.filter((message) => !matches(message, filter));
  }

  /** How many such messages were ever sent. */
  countSent(filter: MessageFilter): number {
    return this.sent.filter((message) => matches(message, filter)).length;
  }

  // Disks and state machines.

  /** Work of this kind does not end at this member until `release`. */
  holdWork(id: NodeId, type: Work["type"]): void {
    this.#heldWork.add(`${id} ${type}`);
  }

  release(id: NodeId, type: Work["type"]): void {
    this.#heldWork.delete(`${id} ${type}`);
  }

  /** Ends the oldest work of this kind that is under way at a member, held or not. */
  finish(id: NodeId, type: Work["type"]): void {
    const at = this.#work.findIndex(({ member, work }) => member.id === id && work.type === type);
    const [begun] = at === -1 ? [] : this.#work.splice(at, 1);
    if (begun === undefined) {
      throw new ViolationError("script", `${id} has no ${type} under way`);
    }
    this.#finish(begun);
  }

  /** Work of this kind that is under way at a member. */
  underWay(id: NodeId, type: Work["type"]): number {
    return this.#work.filter(({ member, life, work }) =>
      member.id === id && member.life === life && work.type === type
    ).length;
  }

  /** Syncs a state machine, and compacts the log up to it, but for a tail. */
  compact(id: NodeId, tail: number = 0): void {
    this.member(id).maintain({ compactsTail: tail });
    this.settle();
  }

  /** A crash: of the writes under way, the oldest `surviving` reached the disk. Default: none. */
  crash(id: NodeId, options: { readonly surviving?: number } = {}): void {
    this.member(id).crash({ surviving: options.surviving ?? 0 });
  }

  restart(id: NodeId): void {
    this.member(id).start();
  }

  /** The member crashes when it comes to this point for the `nth` time from now. */
  crashAt(id: NodeId, point: CrashPoint, nth: number = 1): void {
    this.#crashPoints.set(`${id} ${point}`, nth);
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

  change(id: NodeId, ...changes: readonly MembershipChange[]): void {
    this.member(id).step({
      type: "membershipChangeRequested",
      id: this.ledger.takeId(),
      changes,
    });
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
   * election timeouts: a leader, a fresh write and read, equal logs.
   */
  assertHeals(): void {
    this.heal();
    this.stopHolding();
    this.#heldWork.clear();
    this.#crashPoints.clear();
    this.members.filter(({ isRunning }) => !isRunning).forEach((member) => member.start());
    let command: number | null = null;
    for (let ticks = 0; ticks < 20 * this.electionTicks; ticks += 1) {
      this.run(1);
      const { leader } = this;
      if (leader !== null && (command === null || this.outcomeOf(command) !== "pending")) {
        if (command !== null && this.outcomeOf(command) === "acknowledged" && this.isEven) {
          const served = this.ledger.served;
          this.read(leader.id);
          this.settle();
          if (this.ledger.served > served) {
            this.compareAll();
            return;
          }
        }
        command = this.propose(leader.id);
        this.settle();
      }
    }
    throw new ViolationError(
      "progress after healing",
      this.members.map(({ id, role, term, leader, log, committedIndex, membership }) =>
        `${id}: ${role} in term ${term}, leader ${leader}, log ${log.lastIndex}/${log.lastTerm}, ` +
        `committed ${committedIndex}, voters ${membership.voters}|${membership.votersOutgoing}`
      ).join("\n"),
    );
  }

  // What members ask of their world.

  send(message: Message): void {
    this.sent.push(message);
    const hold = this.#heldMessages.find(({ filter }) => matches(message, filter));
    (hold?.held ?? this.#messages).push(message);
  }

  begin(member: SimulatedMember, work: Work): void {
    this.#work.push({ member, life: member.life, work });
  }

  crashesAt(member: SimulatedMember, point: CrashPoint): boolean {
    const key = `${member.id} ${point}`;
    const left = this.#crashPoints.get(key);
    if (left === undefined) {
      return false;
    }
    if (left > 1) {
      this.#crashPoints.set(key, left - 1);
      return false;
    }
    this.#crashPoints.delete(key);
    return true;
  }

  onCrashed(_member: SimulatedMember): void {}

  onRoleChanged(_member: SimulatedMember): void {}

  fetchSnapshot(from: NodeId, to: NodeId, snapshot: SnapshotMeta): MachineState | null {
    const sender = this.member(from);
    return sender.isRunning && !this.#blocked.has(`${from}>${to}`)
      ? sender.snapshotFor(to, snapshot.last.index)
      : null;
  }

  canSnapshot({ id }: SimulatedMember): boolean {
    const fails = this.snapshotless.has(id);
    this.snapshotFailures += fails ? 1 : 0;
    return !fails;
  }

  isSnapshotSent(from: NodeId, to: NodeId): boolean {
    return this.member(to).isRunning && !this.#blocked.has(`${from}>${to}`);
  }

  /** Does the next thing that is not held. Returns whether there was any. */
  #doNext(): boolean {
    const at = this.#work.findIndex(({ member, work }) =>
      !this.#heldWork.has(`${member.id} ${work.type}`)
    );
    const [begun] = at === -1 ? [] : this.#work.splice(at, 1);
    if (begun !== undefined) {
      this.#finish(begun);
      return true;
    }
    const message = this.#messages.shift();
    if (message === undefined) {
      return false;
    }
    if (!this.#isBlocked(message)) {
      this.deliver(message);
    }
    return true;
  }

  #finish({ member, life, work }: BegunWork): void {
    if (member.life === life && member.isRunning) {
      member.finish(work);
    }
  }

  #isBlocked({ from, to }: Message): boolean {
    return this.#blocked.has(`${from}>${to}`);
  }
}

function matches(message: Message, { from, to, type, where }: MessageFilter): boolean {
  return (from === undefined || message.from === from) &&
    (to === undefined || message.to === to) &&
    (type === undefined || message.type === type) &&
    (where === undefined || where(message));
}
