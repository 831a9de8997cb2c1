import type { Message, NodeId, Role, SnapshotMeta } from "../../raft/mod.ts";
import { InvariantSuite } from "../invariants/invariant_suite.ts";
import { SeededRandom } from "../seeded_random.ts";
import { ViolationError } from "../violation.ts";
import { ClientLedger } from "./client_ledger.ts";
import { ClientLoad } from "./client_load.ts";
import type { CrashPoint } from "./crash_point.ts";
import { describeMessage } from "./describe_message.ts";
import { EventQueue } from "./event_queue.ts";
import { Healing } from "./healing.ts";
import { Hindrances } from "./hindrances.ts";
import { MarkCounts } from "./marks.ts";
import { markElection } from "./member_marks.ts";
import type { MemberWorld } from "./member_world.ts";
import { Nemesis } from "./nemesis.ts";
import { SimulatedMember } from "./simulated_member.ts";
import { SimulatedNetwork } from "./simulated_network.ts";
import type { MachineState } from "./simulated_state_machine.ts";
import type { SimulationEvent, WorkDone } from "./simulation_event.ts";
import type { StruckGroup } from "./struck_group.ts";
import { type SwarmConfiguration, TICK_US } from "./swarm.ts";
import { TraceHash } from "./trace_hash.ts";
import { traceMessage } from "./trace_message.ts";
import type { Work } from "./work.ts";
import { WorkTimes } from "./work_times.ts";

/** More events than may ever wait: messages multiply. A few hundred are usual. */
const STORM_EVENTS = 20_000;

/** How many events pass between two full comparisons. */
const COMPARISON_EVENTS = 1_000;

const MEMBER_IDS = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];

/**
 * A group of members on virtual time, all in one process, with everything that
 * happens to it, event by event, drawn from one seed.
 */
export class CoreSimulation implements MemberWorld, StruckGroup {
  readonly configuration: SwarmConfiguration;
  readonly random: SeededRandom;
  readonly marks: MarkCounts = new MarkCounts();
  readonly members: readonly SimulatedMember[];
  readonly network: SimulatedNetwork;
  readonly invariants: InvariantSuite;
  readonly ledger: ClientLedger;
  readonly hindrances: Hindrances;
  readonly nemesis: Nemesis;
  /** Of all that has happened. */
  readonly trace: TraceHash = new TraceHash();
  readonly #onTrace: ((line: string) => void) | null;
  readonly #byId = new Map<NodeId, SimulatedMember>();
  readonly #queue = new EventQueue<SimulationEvent>();
  readonly #load: ClientLoad;
  /** By member: microseconds between two of its ticks. */
  readonly #tickUs: number[] = [];
  readonly #workTimes: WorkTimes;
  #leaderTermMax = 0;
  #events = 0;
  #healing: Healing | null = null;

  constructor(
    options: {
      readonly seed: number;
      readonly configuration: SwarmConfiguration;
      /** Is told of every event, for people. */
      readonly onTrace: ((line: string) => void) | null;
    },
  ) {
    const { configuration } = options;
    this.#onTrace = options.onTrace;
    this.configuration = configuration;
    this.random = new SeededRandom(options.seed);
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
    this.hindrances = new Hindrances({
      note: (describe) => this.note(describe),
      giveTicks: (member, ticks) => this.#giveTicks(member, ticks),
      happen: (event) => this.#dispatch(event),
    });
    this.#workTimes = new WorkTimes(configuration, this.random);
    this.#load = new ClientLoad(this, this.random.fork());
    this.nemesis = new Nemesis(this, this.random.fork());
  }

  get now(): number {
    return this.#queue.now;
  }

  /** How many events have happened. */
  get events(): number {
    return this.#events;
  }

  /** What the group owes, once the faults have ended. */
  get healing(): Healing | null {
    return this.#healing;
  }

  get electionUs(): number {
    return this.configuration.tuning.electionTicks * TICK_US;
  }

  get readBytesMax(): number {
    return this.#healing === null ? this.configuration.readBytesMax : Infinity;
  }

  member(id: NodeId): SimulatedMember | undefined {
    return this.#byId.get(id);
  }

  get leader(): SimulatedMember | undefined {
    let leader: SimulatedMember | undefined;
    for (const member of this.members) {
      if (member.isRunning && member.role === "leader" && member.term > (leader?.term ?? 0)) {
        leader = member;
      }
    }
    return leader;
  }

  // The course of a run.

  start(): void {
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

  /** Lets the next event happen. */
  runNext(): void {
    const event = this.#queue.pop();
    if (event === undefined) {
      throw new ViolationError("simulation", "nothing is left to happen");
    }
    this.#events += 1;
    if (this.#queue.size > STORM_EVENTS) {
      throw new ViolationError("message storm", `${this.#queue.size} events wait to happen`);
    }
    this.trace.add(this.#queue.now);
    this.#dispatch(event);
    if (this.#events % COMPARISON_EVENTS === 0) {
      this.invariants.compareAll(this.members);
      this.#traceStates();
    }
  }

  /** Ends all faults and the load of clients; from now on the group must heal. */
  endFaults(): Healing {
    this.note(() => "all faults end");
    const healing = new Healing(this);
    this.#healing = healing;
    this.network.heal();
    this.nemesis.stop();
    this.#load.stop();
    this.hindrances.heal();
    this.#workTimes.heal();
    this.#tickUs.fill(TICK_US);
    for (const member of this.members) {
      this.freeDisk(member);
      this.hindrances.resume(member);
      this.restart(member);
    }
    healing.start();
    return healing;
  }

  /** Calls back after a while. */
  after(delayUs: number, action: () => void): void {
    this.#queue.push(Math.floor(delayUs), { type: "action", action });
  }

  /** For people who look at what a seed does. */
  note(describe: () => string): void {
    this.#onTrace?.(`${String(this.now).padStart(10)} ${describe()}`);
  }

  /** A request of a client reaches a member, at once or after its pause. */
  request(member: SimulatedMember, action: () => void): void {
    if (this.hindrances.isPaused(member)) {
      const again = (): void => this.request(member, action);
      this.hindrances.keeps(member, { type: "action", action: again });
    } else if (member.isRunning) {
      action();
    }
  }

  // What members ask of their world.

  send(message: Message): void {
    const from = this.#byId.get(message.from);
    const to = this.#byId.get(message.to);
    this.note(() => `  send ${describeMessage(message)}`);
    if (from !== undefined && to !== undefined && !this.nemesis.isHeldBack(message, from, to)) {
      this.network.send(from.number, to.number, message);
    }
  }

  begin(member: SimulatedMember, work: Work): void {
    const done: WorkDone = { type: "work", member, life: member.life, work };
    if (!this.hindrances.keepsWrite(done)) {
      const isMachineSlow = this.hindrances.isMachineSlow(member);
      this.#queue.push(this.#workTimes.draw(work, { isMachineSlow }), done);
    }
  }

  crashesAt(member: SimulatedMember, point: CrashPoint): boolean {
    return this.nemesis.crashesAt(member, point);
  }

  onCrashed(member: SimulatedMember): void {
    this.note(() => `${member.id} crashes`);
    this.hindrances.onCrashed(member);
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
      markElection(this.marks, member, (id) => this.member(id));
      this.nemesis.onElected(member);
    }
  }

  fetchSnapshot(from: NodeId, to: NodeId, snapshot: SnapshotMeta): MachineState | null {
    return this.#canStream(from, to)
      ? this.#byId.get(from)?.snapshotFor(to, snapshot.last.index) ?? null
      : null;
  }

  canSnapshot(_member: SimulatedMember): boolean {
    return this.#healing !== null || !this.random.chance(0.05);
  }

  isSnapshotSent(from: NodeId, to: NodeId): boolean {
    return this.#canStream(from, to);
  }

  // What the nemesis does.

  isReachable(member: SimulatedMember): boolean {
    return member.isRunning && !this.hindrances.isPaused(member);
  }

  restart(member: SimulatedMember): void {
    if (!member.isRunning) {
      this.note(() => `${member.id} starts`);
      const { term, vote } = member.disk.hardState;
      member.start();
      if (vote !== null && member.term === term) {
        this.marks.hit("voter restarted in its term");
      }
    }
  }

  jumpClock(member: SimulatedMember, ticks: number): void {
    this.note(() => `${member.id} clock jumps by ${ticks}`);
    this.#giveTicks(member, ticks);
  }

  setClockRate(member: SimulatedMember, part: number): void {
    const { drift } = this.configuration;
    this.#tickUs[member.number] = Math.floor(TICK_US * (1 - drift * part));
  }

  freeDisk(member: SimulatedMember): void {
    const done = this.hindrances.freeDisk(member);
    if (done !== null) {
      this.#queue.push(0, done);
    }
  }

  inject(message: Message, delayUs: number): void {
    this.#queue.push(delayUs, { type: "message", message, isForced: true });
  }

  /** Adds what all members are and hold by now. */
  #traceStates(): void {
    for (const { term, committedIndex, log, machine: { state } } of this.members) {
      [term, committedIndex, log.lastIndex, log.lastTerm, state.appliedIndex].forEach((part) =>
        this.trace.add(part)
      );
      this.trace.add(state.digest);
      this.trace.add(state.digestHigh);
    }
  }

  #canStream(from: NodeId, to: NodeId): boolean {
    const sender = this.#byId.get(from);
    const receiver = this.#byId.get(to);
    return sender !== undefined && receiver !== undefined &&
      this.isReachable(sender) && receiver.isRunning &&
      !this.network.isBlocked(sender.number, receiver.number) &&
      (this.#healing !== null || !this.random.chance(0.1));
  }

  #createMembers(): SimulatedMember[] {
    const { size, spares, tuning, mergesWrites } = this.configuration;
    const ids = Array.from(
      { length: size + spares },
      (_, number) => MEMBER_IDS[number] ?? `m${number}`,
    );
    const founders = ids.slice(0, size);
    return ids.map((id, number) => {
      const initialVoters = number < size ? founders : [];
      const member = new SimulatedMember(
        { id, number, initialVoters, tuning, mergesWrites },
        this,
      );
      this.#byId.set(id, member);
      return member;
    });
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
    if (!this.hindrances.missesTick(member)) {
      this.#giveTicks(member, 1);
    }
  }

  #giveTicks(member: SimulatedMember, ticks: number): void {
    for (let count = 0; count < ticks; count += 1) {
      this.trace.add(member.number);
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
    if (this.hindrances.keeps(to, event)) {
      return;
    }
    if (!to.isRunning || this.#healing?.refuses(from, to) === true) {
      return;
    }
    traceMessage(this.trace, message, { from: from.number, to: to.number });
    this.note(() => `${to.id} receives ${describeMessage(message)}`);
    to.step({ type: "received", message });
  }

  #finish(done: WorkDone): void {
    const { member, life, work } = done;
    if (member.life !== life || !member.isRunning) {
      return;
    }
    if (this.hindrances.keeps(member, done) || this.hindrances.keepsWrite(done)) {
      return;
    }
    this.trace.add(work.type.length * 1024 + member.number);
    this.note(() => `${member.id} finishes ${work.type}`);
    member.finish(work);
  }
}
