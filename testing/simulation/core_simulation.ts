import type { Membership, Message, NodeId, Role, SnapshotMeta } from "../../raft/mod.ts";
import { allMembers } from "../../raft/mod.ts";
import { InvariantSuite } from "../invariants/invariant_suite.ts";
import { SeededRandom } from "../seeded_random.ts";
import { ViolationError } from "../violation.ts";
import { ClientLedger } from "./client_ledger.ts";
import { ClientLoad } from "./client_load.ts";
import type { CrashPoint } from "./crash_point.ts";
import { EventQueue } from "./event_queue.ts";
import type { Fault } from "./fault.ts";
import { Healing } from "./healing.ts";
import { type Mark, MarkCounts } from "./marks.ts";
import { Nemesis } from "./nemesis.ts";
import type { MachineState } from "./simulated_state_machine.ts";
import type { MemberWorld } from "./member_world.ts";
import { SimulatedMember } from "./simulated_member.ts";
import type { Work } from "./work.ts";
import { SimulatedNetwork } from "./simulated_network.ts";
import { drawSwarm, type SwarmConfiguration, TICK_US } from "./swarm.ts";
import { TraceHash } from "./trace_hash.ts";

/** What happens at a time. */
type SimulationEvent =
  | { readonly type: "tick"; readonly member: SimulatedMember }
  | {
    readonly type: "message";
    readonly message: Message;
    /** Comes through whatever is blocked. */
    readonly isForced: boolean;
  }
  | {
    readonly type: "work";
    readonly member: SimulatedMember;
    readonly life: number;
    readonly work: Work;
  }
  | { readonly type: "action"; readonly action: () => void };

/** What waits for a member to go on. */
interface Pause {
  ticks: number;
  readonly events: SimulationEvent[];
}

/** How a run is to be. */
export interface CoreSimulationOptions {
  readonly seed: number;
  /** Events after which the faults end and the group must heal. Default: 10,000. */
  readonly events?: number;
  /** Takes the place of what the seed draws. */
  readonly configuration?: SwarmConfiguration;
  /** Is told of every event, for people; slow. */
  readonly onTrace?: (line: string) => void;
}

/** What a run came to. */
export interface CoreSimulationResult {
  readonly seed: number;
  /** What was broken, `null` if nothing was. */
  readonly failure: ViolationError | null;
  /** Hash of all that happened, the same for the same seed on every machine. */
  readonly trace: string;
  readonly events: number;
  /** Virtual time. */
  readonly virtualUs: number;
  /** Entries that the group has committed. */
  readonly commits: number;
  /** Commands that clients were told to be done. */
  readonly acknowledged: number;
  readonly readsServed: number;
  /** Virtual time from the end of the faults until the group had made progress. */
  readonly healedUs: number;
  /** As a multiple of the election timeout. */
  readonly healedTimeouts: number;
  readonly marks: Readonly<Record<Mark, number>>;
  /** How often each configured fault struck. */
  readonly faults: ReadonlyMap<Fault | "loss" | "duplication" | "straggling", number>;
  readonly crashPoints: ReadonlyMap<CrashPoint, number>;
}

/** Mean time of anything local once the faults have ended, so that a backlog is no excuse. */
const HEALTHY_US = 20;

/** More events than may ever wait: messages multiply. A few hundred are usual. */
const STORM_EVENTS = 20_000;

/** How many events pass between two full comparisons. */
const COMPARISON_EVENTS = 1_000;

/** Runs one seed, to its end or to the first thing that is broken. */
export function simulateCore(options: CoreSimulationOptions): CoreSimulationResult {
  return new CoreSimulation(options).run();
}

/**
 * A group of members on virtual time, all in one process, with everything that
 * happens to it drawn from one seed: first with faults, then without, when it
 * must heal.
 */
export class CoreSimulation implements MemberWorld {
  readonly configuration: SwarmConfiguration;
  readonly random: SeededRandom;
  readonly marks: MarkCounts = new MarkCounts();
  readonly members: readonly SimulatedMember[];
  readonly network: SimulatedNetwork;
  readonly invariants: InvariantSuite;
  readonly ledger: ClientLedger;
  readonly nemesis: Nemesis;
  readonly #seed: number;
  readonly #eventsMax: number;
  readonly #onTrace: ((line: string) => void) | null;
  readonly #byId = new Map<NodeId, SimulatedMember>();
  readonly #queue = new EventQueue<SimulationEvent>();
  readonly #trace = new TraceHash();
  readonly #load: ClientLoad;
  readonly #pauses = new Map<SimulatedMember, Pause>();
  /** By member: microseconds between two of its ticks. */
  readonly #tickUs: number[] = [];
  readonly #stoppedClocks = new Set<SimulatedMember>();
  readonly #stalledDisks = new Map<SimulatedMember, SimulationEvent | null>();
  readonly #slowMachines = new Set<SimulatedMember>();
  #leaderTermMax = 0;
  #events = 0;
  #healing: Healing | null = null;

  constructor(options: CoreSimulationOptions) {
    const { seed, events = 10_000, configuration = drawSwarm(seed), onTrace = null } = options;
    this.#seed = seed;
    this.#eventsMax = events;
    this.#onTrace = onTrace;
    this.configuration = configuration;
    this.random = new SeededRandom(seed);
    this.invariants = new InvariantSuite(this.#byId, configuration.tuning);
    this.ledger = new ClientLedger(this.invariants);
    this.members = this.#createMembers();
    this.network = new SimulatedNetwork(
      this.members.length,
      configuration.network,
      this.random.fork(),
      (delayUs, message) =>
        this.#queue.push(delayUs, { type: "message", message, isForced: false }),
    );
    this.#load = new ClientLoad(this, this.random.fork());
    this.nemesis = new Nemesis(this, this.random.fork());
  }

  get now(): number {
    return this.#queue.now;
  }

  get electionUs(): number {
    return this.configuration.tuning.electionTicks * TICK_US;
  }

  get readBytesMax(): number {
    return this.#healing === null ? this.configuration.readBytesMax : Infinity;
  }

  run(): CoreSimulationResult {
    let failure: ViolationError | null = null;
    try {
      this.#begin();
      this.#runFaults();
      this.#runHealing();
    } catch (error) {
      if (!(error instanceof ViolationError)) {
        throw error;
      }
      failure = error;
    }
    return this.#result(failure);
  }

  member(id: NodeId): SimulatedMember | undefined {
    return this.#byId.get(id);
  }

  /** The member that leads the highest term, if any runs that leads at all. */
  get leader(): SimulatedMember | undefined {
    let leader: SimulatedMember | undefined;
    for (const member of this.members) {
      if (member.isRunning && member.role === "leader" && member.term > (leader?.term ?? 0)) {
        leader = member;
      }
    }
    return leader;
  }

  /** Calls back after a while. */
  after(delayUs: number, action: () => void): void {
    this.#queue.push(Math.floor(delayUs), { type: "action", action });
  }

  /** For people who look at what a seed does. */
  note(describe: () => string): void {
    this.#onTrace?.(`${String(this.now).padStart(10)} ${describe()}`);
  }

  send(message: Message): void {
    const from = this.#byId.get(message.from);
    const to = this.#byId.get(message.to);
    this.note(() => `  send ${describeMessage(message)}`);
    if (from === undefined || to === undefined) {
      return;
    }
    if (this.nemesis.isHeldBack(message, from, to)) {
      return;
    }
    this.network.send(from.number, to.number, message);
  }

  begin(member: SimulatedMember, work: Work): void {
    const event = { type: "work", member, life: member.life, work } as const;
    if (work.type === "write" && this.#stalledDisks.has(member)) {
      this.#stalledDisks.set(member, event);
      return;
    }
    this.#queue.push(this.#durationOf(member, work), event);
  }

  crashesAt(member: SimulatedMember, point: CrashPoint): boolean {
    return this.#healing === null && this.nemesis.crashesAt(member, point);
  }

  onCrashed(member: SimulatedMember): void {
    this.note(() => `${member.id} crashes`);
    this.#pauses.delete(member);
    this.nemesis.onCrashed(member);
  }

  onRoleChanged(member: SimulatedMember, before: Role): void {
    this.note(() =>
      `${member.id} ${before} -> ${member.role}, term ${member.term}, leader ${member.leader}`
    );
    if (member.role === "leader") {
      if (member.term < this.#leaderTermMax) {
        this.marks.hit("late winner");
      }
      this.#leaderTermMax = Math.max(this.#leaderTermMax, member.term);
      this.nemesis.onElected(member);
    }
  }

  fetchSnapshot(from: NodeId, to: NodeId, snapshot: SnapshotMeta): MachineState | null {
    const sender = this.#byId.get(from);
    const receiver = this.#byId.get(to);
    if (sender === undefined || receiver === undefined || !this.#canStream(sender, receiver)) {
      return null;
    }
    return sender.snapshotFor(to, snapshot.last.index);
  }

  canSnapshot(_member: SimulatedMember): boolean {
    return this.#healing !== null || !this.random.chance(0.05);
  }

  isSnapshotSent(from: NodeId, to: NodeId): boolean {
    const sender = this.#byId.get(from);
    const receiver = this.#byId.get(to);
    return sender !== undefined && receiver !== undefined && this.#canStream(sender, receiver);
  }

  // What the nemesis does.

  restart(member: SimulatedMember): void {
    if (!member.isRunning) {
      this.note(() => `${member.id} starts`);
      const { term } = member.disk.hardState;
      const votedBefore = member.disk.hardState.vote !== null;
      member.start();
      if (votedBefore && member.term === term) {
        this.marks.hit("voter restarted in its term");
      }
    }
  }

  isPaused(member: SimulatedMember): boolean {
    return this.#pauses.has(member);
  }

  pause(member: SimulatedMember): void {
    if (!this.#pauses.has(member)) {
      this.note(() => `${member.id} pauses`);
      this.#pauses.set(member, { ticks: 0, events: [] });
    }
  }

  /**
   * Goes on after a pause, first with the ticks that were missed: a driver asks
   * the monotonic clock before it takes up what has waited, or a lease would
   * outlive the pause.
   */
  resume(member: SimulatedMember): void {
    const pause = this.#pauses.get(member);
    if (pause === undefined) {
      return;
    }
    this.note(() => `${member.id} resumes`);
    this.#pauses.delete(member);
    this.#giveTicks(member, pause.ticks);
    pause.events.forEach((event) => this.#dispatch(event));
  }

  jumpClock(member: SimulatedMember, ticks: number): void {
    this.note(() => `${member.id} clock jumps by ${ticks}`);
    this.#giveTicks(member, ticks);
  }

  stopClock(member: SimulatedMember): void {
    this.#stoppedClocks.add(member);
  }

  startClock(member: SimulatedMember): void {
    this.#stoppedClocks.delete(member);
  }

  stallDisk(member: SimulatedMember): void {
    if (!this.#stalledDisks.has(member)) {
      this.note(() => `${member.id} disk stalls`);
      this.#stalledDisks.set(member, null);
    }
  }

  freeDisk(member: SimulatedMember): void {
    const event = this.#stalledDisks.get(member);
    this.#stalledDisks.delete(member);
    if (event !== undefined && event !== null) {
      this.#queue.push(0, event);
    }
  }

  slowMachine(member: SimulatedMember, isSlow: boolean): void {
    if (isSlow) {
      this.#slowMachines.add(member);
    } else {
      this.#slowMachines.delete(member);
    }
  }

  /** Messages that a transport invents or delivers out of their time. */
  inject(message: Message, delayUs: number): void {
    this.#queue.push(delayUs, { type: "message", message, isForced: true });
  }

  /** Whether an event would reach the member now. */
  isReachable(member: SimulatedMember): boolean {
    return member.isRunning && !this.isPaused(member);
  }

  /** A request of a client reaches a member, at once or after its pause. */
  request(member: SimulatedMember, action: () => void): void {
    const pause = this.#pauses.get(member);
    if (pause !== undefined) {
      pause.events.push({ type: "action", action: () => this.request(member, action) });
    } else if (member.isRunning) {
      action();
    }
  }

  #createMembers(): SimulatedMember[] {
    const { size, spares, tuning, mergesWrites } = this.configuration;
    const ids = Array.from(
      { length: size + spares },
      (_, number) => MEMBER_IDS[number] ?? `m${number}`,
    );
    const founders = ids.slice(0, size);
    return ids.map((id, number) => {
      const member = new SimulatedMember(
        {
          id,
          number,
          initialVoters: number < size ? founders : [],
          tuning,
          mergesWrites,
        },
        this,
      );
      this.#byId.set(id, member);
      return member;
    });
  }

  #begin(): void {
    const { drift } = this.configuration;
    for (const member of this.members) {
      this.#tickUs.push(Math.floor(TICK_US * (1 + drift * (2 * this.random.random() - 1))));
      member.start();
      this.#queue.push(this.random.below(TICK_US), { type: "tick", member });
      this.#scheduleMaintenance(member);
    }
    this.#load.start();
    this.nemesis.start();
  }

  #runFaults(): void {
    while (this.#events < this.#eventsMax) {
      this.#runNext();
    }
  }

  #runHealing(): void {
    this.note(() => "all faults end");
    this.#healing = new Healing(this);
    this.#endFaults();
    this.#healing.start();
    while (!this.#healing.isDone) {
      this.#runNext();
    }
    this.invariants.compareAll(this.members);
  }

  #endFaults(): void {
    this.network.heal();
    this.nemesis.stop();
    this.#load.stop();
    this.#stoppedClocks.clear();
    this.#slowMachines.clear();
    for (const member of this.members) {
      this.#tickUs[member.number] = TICK_US;
      this.freeDisk(member);
      this.resume(member);
      this.restart(member);
    }
  }

  #runNext(): void {
    const event = this.#queue.pop();
    if (event === undefined) {
      throw new ViolationError("simulation", "nothing is left to happen");
    }
    this.#events += 1;
    if (this.#queue.size > STORM_EVENTS) {
      throw new ViolationError("message storm", `${this.#queue.size} events wait to happen`);
    }
    this.#trace.add(this.#queue.now);
    this.#dispatch(event);
    if (this.#events % COMPARISON_EVENTS === 0) {
      this.invariants.compareAll(this.members);
    }
  }

  #dispatch(event: SimulationEvent): void {
    switch (event.type) {
      case "tick":
        return this.#tick(event.member, event);
      case "message":
        return this.#receive(event);
      case "work":
        return this.#finish(event);
      case "action":
        return event.action();
    }
  }

  #tick(member: SimulatedMember, event: SimulationEvent): void {
    this.#queue.push(this.#tickUs[member.number] ?? TICK_US, event);
    const pause = this.#pauses.get(member);
    if (pause !== undefined) {
      pause.ticks += 1;
    } else if (!this.#stoppedClocks.has(member)) {
      this.#giveTicks(member, 1);
    }
  }

  #giveTicks(member: SimulatedMember, ticks: number): void {
    for (let count = 0; count < ticks; count += 1) {
      this.#trace.add(member.number);
      member.step({ type: "tick" });
    }
  }

  #receive(event: SimulationEvent & { readonly type: "message" }): void {
    const { message, isForced } = event;
    const from = this.#byId.get(message.from);
    const to = this.#byId.get(message.to);
    if (from === undefined || to === undefined) {
      return;
    }
    if (!isForced && this.network.isBlocked(from.number, to.number)) {
      return;
    }
    const pause = this.#pauses.get(to);
    if (pause !== undefined) {
      pause.events.push(event);
      return;
    }
    if (!to.isRunning || this.#healing?.refuses(from, to) === true) {
      return;
    }
    this.#trace.add(message.type.length * 64 + to.number);
    this.#trace.add(message.term);
    this.note(() => `${to.id} receives ${describeMessage(message)}`);
    to.step({ type: "received", message });
  }

  #finish(event: SimulationEvent & { readonly type: "work" }): void {
    const { member, life, work } = event;
    if (member.life !== life || !member.isRunning) {
      return;
    }
    const pause = this.#pauses.get(member);
    if (pause !== undefined) {
      pause.events.push(event);
      return;
    }
    if (work.type === "write" && this.#stalledDisks.has(member)) {
      this.#stalledDisks.set(member, event);
      return;
    }
    this.#trace.add(work.type.length * 1024 + member.number);
    this.note(() => `${member.id} finishes ${work.type}`);
    member.finish(work);
  }

  #durationOf(member: SimulatedMember, work: Work): number {
    const { random, configuration } = this;
    if (this.#healing !== null) {
      return random.around(HEALTHY_US);
    }
    switch (work.type) {
      case "write":
        return random.around(configuration.diskUs);
      case "read":
        // Reads wait for others now and then, long enough for the log to change.
        return random.chance(0.1)
          ? random.below(this.electionUs)
          : random.around(configuration.diskUs);
      case "apply":
        return this.#healing === null
          ? random.around(configuration.applyUs) * (this.#slowMachines.has(member) ? 20 : 1)
          : random.around(HEALTHY_US);
      case "makeSnapshot":
        return random.around(configuration.applyUs + configuration.diskUs);
      case "sendSnapshot":
      case "receiveSnapshot":
        return random.around(4 * configuration.network.delayUs + configuration.diskUs);
    }
  }

  #canStream(sender: SimulatedMember, receiver: SimulatedMember): boolean {
    return sender.isRunning && receiver.isRunning && !this.isPaused(sender) &&
      !this.network.isBlocked(sender.number, receiver.number) &&
      (this.#healing !== null || !this.random.chance(0.1));
  }

  #scheduleMaintenance(member: SimulatedMember): void {
    const { maintenanceUs, compactionTail } = this.configuration;
    this.after(this.random.around(maintenanceUs), () => {
      if (this.isReachable(member)) {
        const compactsTail = this.random.chance(0.5) ? compactionTail : null;
        member.maintain({ compactsTail });
      }
      this.#scheduleMaintenance(member);
    });
  }

  #result(failure: ViolationError | null): CoreSimulationResult {
    const { committed } = this.invariants;
    this.#trace.add(committed.lastIndex);
    this.#trace.add(this.ledger.acknowledged);
    this.#trace.add(this.ledger.served);
    this.#trace.addText(failure?.message ?? "");
    const healedUs = this.#healing?.tookUs ?? 0;
    return {
      seed: this.#seed,
      failure,
      trace: this.#trace.toString(),
      events: this.#events,
      virtualUs: this.now,
      commits: committed.lastIndex,
      acknowledged: this.ledger.acknowledged,
      readsServed: this.ledger.served,
      healedUs,
      healedTimeouts: healedUs / this.electionUs,
      marks: this.marks.all(),
      faults: new Map<Fault | "loss" | "duplication" | "straggling", number>([
        ...this.nemesis.strikes,
        ...Object.entries(this.network.counts)
          .filter(([name]) => this.configuration.network[name as "loss"] > 0) as ["loss", number][],
      ]),
      crashPoints: this.nemesis.crashes,
    };
  }
}

const MEMBER_IDS = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];

/** The members that a membership names, as text. */
export function describeMembership(membership: Membership): string {
  return `${membership.voters}/${membership.votersOutgoing}/${membership.learners} of ${
    allMembers(membership).length
  }`;
}

function describeMessage(message: Message): string {
  const { type, from, to, term, ...rest } = message;
  return `${from}->${to} ${type} term ${term} ${
    JSON.stringify(rest, (key, value) => key === "data" ? undefined : value)
  }`;
}
