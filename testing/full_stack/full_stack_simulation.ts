import type { Message } from "../../raft/mod.ts";
import { type LinkFaults, MemoryNetwork } from "../../transport/mod.ts";
import { SeededRandom } from "../seeded_random.ts";
import type { CrashPoint } from "../simulation/crash_point.ts";
import { MarkCounts } from "../simulation/marks.ts";
import { markElection } from "../simulation/member_marks.ts";
import { TICK_US } from "../simulation/swarm.ts";
import { ViolationError } from "../violation.ts";
import type { Application, ClientWorld, SimulatedClient, SimulatedMachine } from "./application.ts";
import { asViolation } from "./as_violation.ts";
import { DiskMarkCounts } from "./disk_marks.ts";
import { drawFullStack, type FullStackConfiguration } from "./full_stack_configuration.ts";
import { FullStackHealing } from "./full_stack_healing.ts";
import { FullStackInvariants } from "./full_stack_invariants.ts";
import { FullStackMember } from "./full_stack_member.ts";
import { FullStackNemesis } from "./full_stack_nemesis.ts";
import { type FullStackResult, resultOf } from "./full_stack_result.ts";
import type { FullStackWorld } from "./full_stack_world.ts";
import { LinkControl } from "./link_control.ts";
import { LocalTimes } from "./local_times.ts";
import { linkFaultsOf, MessageDelays } from "./message_delays.ts";
import type { FullStackOptions } from "./run_full_stack_seed.ts";
import type { StruckFullStack } from "./struck_full_stack.ts";
import { VirtualExecutor } from "./virtual_executor.ts";
import type { Wish } from "./wish.ts";

/** Times on the links once the faults have ended, so that a backlog is no excuse. */
const HEALTHY_LINKS: LinkFaults = { delay: { lowMs: 0.05, highMs: 0.2 } };

/** More events than may ever wait: messages multiply. A few hundred are usual. */
const STORM_EVENTS = 20_000;

/** How many events pass between two full comparisons. */
const COMPARISON_EVENTS = 1_000;

/** A group of whole members on virtual time, all in one process. */
export class FullStackSimulation<Machine extends SimulatedMachine = SimulatedMachine>
  implements FullStackWorld, StruckFullStack, ClientWorld<Machine> {
  readonly application: Application<Machine>;
  readonly configuration: FullStackConfiguration;
  readonly random: SeededRandom;
  readonly executor: VirtualExecutor = new VirtualExecutor();
  readonly network: MemoryNetwork;
  readonly links: LinkControl;
  readonly members: readonly FullStackMember<Machine>[];
  readonly invariants: FullStackInvariants;
  readonly marks: MarkCounts = new MarkCounts();
  readonly diskMarks: DiskMarkCounts = new DiskMarkCounts();
  /** How long disks and state machines take. */
  readonly times: LocalTimes;
  readonly delays: MessageDelays;
  readonly nemesis: FullStackNemesis;
  /** Wishes that are neither fulfilled nor refused. */
  readonly wishes: Set<Wish> = new Set();
  readonly #seed: number;
  readonly #eventsMax: number;
  readonly #onTrace: ((line: string) => void) | null;
  readonly #byId = new Map<string, FullStackMember<Machine>>();
  #healing: FullStackHealing<Machine> | null = null;
  #failure: ViolationError | null = null;
  #nextId = 1;
  #acknowledged = 0;
  #served = 0;
  #leaderTermMax = 0;
  #comparedAt = 0;

  constructor(
    seed: number,
    application: Application<Machine>,
    options: Omit<FullStackOptions, "application">,
  ) {
    const { events = 10_000, configuration = drawFullStack(seed), onTrace = null } = options;
    this.#seed = seed;
    this.application = application;
    this.#eventsMax = events;
    this.#onTrace = onTrace;
    this.configuration = configuration;
    this.random = new SeededRandom(seed);
    this.network = new MemoryNetwork({
      clock: this.executor,
      random: this.random.fork(),
      encodesFrames: configuration.encodesFrames,
      snapshotBufferBytesMax: configuration.snapshotBufferBytesMax,
    });
    this.links = new LinkControl(this.network);
    this.invariants = new FullStackInvariants(
      this.#byId,
      { tuning: configuration.tuning, commandOf: (data) => application.commandOf(data) },
    );
    this.times = new LocalTimes(configuration, this.random);
    this.delays = new MessageDelays({
      configuration,
      random: this.random,
      executor: this.executor,
      links: this.links,
      deliver: (message) => this.member(message.to)?.process?.transport.inject(message),
    });
    this.members = this.#createMembers();
    this.nemesis = new FullStackNemesis(this, this.random.fork());
  }

  get electionUs(): number {
    return this.configuration.tuning.electionTicks * TICK_US;
  }

  /** Whether the faults have ended. */
  get isHealing(): boolean {
    return this.#healing !== null;
  }

  /** What the group owes, once the faults have ended. */
  get healing(): FullStackHealing<Machine> | null {
    return this.#healing;
  }

  /** Commands that clients were told to be done. */
  get acknowledged(): number {
    return this.#acknowledged;
  }

  /** Reads that clients were answered. */
  get served(): number {
    return this.#served;
  }

  /** The member that leads the highest term, if any can be reached that leads at all. */
  get leader(): FullStackMember<Machine> | undefined {
    let leader: FullStackMember<Machine> | undefined;
    let highest = -1;
    for (const member of this.members) {
      const status = member.isReachable ? member.node?.status() : undefined;
      if (status?.role === "leader" && status.term > highest) {
        leader = member;
        highest = status.term;
      }
    }
    return leader;
  }

  async run(): Promise<FullStackResult> {
    try {
      this.#begin();
      await this.#runUntil(() => this.executor.events >= this.#eventsMax);
      this.note(() => "all faults end");
      this.#endFaults();
      await this.#runUntil(() => this.#healing?.isDone === true);
      if (this.#failure === null) {
        await this.#checkAll();
      }
    } catch (error) {
      this.fail(error);
    } finally {
      this.executor.close();
    }
    return resultOf(this.#seed, this, this.#failure);
  }

  takeId(): number {
    this.#nextId += 1;
    return this.#nextId - 1;
  }

  onAcknowledged(): void {
    this.#acknowledged += 1;
  }

  onServed(): void {
    this.#served += 1;
  }

  // What members need.

  note(describe: () => string): void {
    this.#onTrace?.(`${String(this.executor.nowUs).padStart(10)} ${describe()}`);
  }

  fail(error: unknown): void {
    this.#failure ??= asViolation("simulation", "an event failed", error);
  }

  crashesAt(member: FullStackMember, point: CrashPoint): boolean {
    return this.nemesis.crashesAt(member, point);
  }

  numberOf(id: string): number {
    return this.#byId.get(id)?.number ?? this.members.length;
  }

  refuses(from: string, to: FullStackMember): boolean {
    return this.#healing?.refuses(from, to) === true;
  }

  onCrashed(member: FullStackMember): void {
    this.note(() => `${member.id} is down`);
    if (!this.isHealing) {
      this.nemesis.onCrashed(member);
    } else {
      // It was stopping when the faults ended.
      this.executor.after(1, () => member.start());
    }
  }

  onElected(member: FullStackMember): void {
    const term = member.node?.term ?? 0;
    if (term < this.#leaderTermMax) {
      this.marks.hit("late winner");
    }
    this.#leaderTermMax = Math.max(this.#leaderTermMax, term);
    const { membership } = member;
    markElection(this.marks, { membership, role: "leader" }, (id) => this.member(id));
    this.nemesis.onElected(member);
  }

  detains(from: FullStackMember, message: Message): boolean {
    return !this.isHealing &&
      (this.nemesis.isHeldBack(message, from) || this.delays.detains(message));
  }

  // What the nemesis does.

  member(id: string): FullStackMember<Machine> | undefined {
    return this.#byId.get(id);
  }

  inject(message: Message, delayUs: number): void {
    this.delays.inject(message, delayUs);
  }

  /** A clock goes on fast (1), slow (-1) or in between, as far as clocks may drift. */
  setClockRate(member: FullStackMember, part: number): boolean {
    member.process?.clock.setRate(1 + this.configuration.drift * part);
    return member.process !== null;
  }

  #createMembers(): FullStackMember<Machine>[] {
    const { size, spares, drift } = this.configuration;
    const ids = Array.from({ length: size + spares }, (_, number) => `m${number}`);
    const founders = ids.slice(0, size);
    return ids.map((id, number) => {
      const member = new FullStackMember({
        application: this.application,
        id,
        number,
        initialVoters: number < size ? founders : [],
        rate: 1 + drift * (2 * this.random.random() - 1),
        random: this.random.fork(),
      }, this);
      this.#byId.set(id, member);
      return member;
    });
  }

  #begin(): void {
    const { clients, clientUs, batchMax, encodesFrames } = this.configuration;
    this.network.setFaults(linkFaultsOf(this.configuration));
    if (encodesFrames) {
      this.diskMarks.hit("frames encoded");
    }
    for (const member of this.members) {
      member.start();
      this.#scheduleMaintenance(member);
    }
    const lanes = clients * batchMax;
    for (let number = 1; number <= lanes; number += 1) {
      this.#client(number).run(clientUs * lanes).catch((error) => this.fail(error));
    }
    this.nemesis.start();
  }

  async #runUntil(isOver: () => boolean): Promise<void> {
    const hasMore = await this.executor.run(() => {
      this.#compareNowAndThen();
      return this.#failure === null && !isOver();
    });
    if (!hasMore) {
      throw new ViolationError("simulation", "nothing is left to happen");
    }
  }

  #compareNowAndThen(): void {
    if (this.executor.waiting > STORM_EVENTS) {
      throw new ViolationError("message storm", `${this.executor.waiting} events wait to happen`);
    }
    if (this.executor.events >= this.#comparedAt + COMPARISON_EVENTS) {
      this.#comparedAt = this.executor.events;
      this.invariants.compareAll(this.members);
      for (const { term, committedIndex, log, machine: { state } } of this.members) {
        [term, committedIndex, log.lastIndex, state.appliedIndex, state.digest, state.digestHigh]
          .forEach((part) => this.executor.trace.add(part));
      }
    }
  }

  #endFaults(): void {
    this.nemesis.stop();
    this.#healing = new FullStackHealing(this, this.#client(0));
    this.links.heal(HEALTHY_LINKS);
    this.times.heal();
    for (const member of this.members) {
      member.process?.fileSystem.setLatency(this.times.fileLatency);
      member.process?.fileSystem.resume();
      member.repairDisk();
      member.process?.gate.releaseTimers();
      member.process?.gate.resume();
      member.start();
    }
    this.#healing.run().catch((error) => this.fail(error));
  }

  /** Compares everything with everything, and what is on the disks with what should be. */
  async #checkAll(): Promise<void> {
    this.invariants.compareAll(this.members);
    this.invariants.assertSettled(this.members);
    let isRead = false;
    const reading = Promise.all(this.members.map((member) => member.assertDiskHoldsLog()));
    reading.then(() => isRead = true, (error) => this.fail(error));
    await this.#runUntil(() => isRead);
    this.application.assertFollows(
      this.invariants.committed,
      this.members.flatMap(({ process }) => process === null ? [] : [process.machine]),
    );
  }

  #scheduleMaintenance(member: FullStackMember): void {
    const { maintenanceUs } = this.configuration;
    this.executor.after(this.random.around(maintenanceUs), () => {
      member.saveMachine();
      this.#scheduleMaintenance(member);
    });
  }

  #client(number: number): SimulatedClient<Machine> {
    return this.application.createClient(this, this.random.fork(), number);
  }
}
