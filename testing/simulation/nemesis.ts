import type { MembershipChange, Message } from "../../raft/mod.ts";
import type { SeededRandom } from "../seeded_random.ts";
import type { CoreSimulation } from "./core_simulation.ts";
import type { CrashPoint } from "./crash_point.ts";
import type { Fault } from "./fault.ts";
import type { SimulatedMember } from "./simulated_member.ts";

/** What strikes a group: the faults that its configuration has, when and where chance wants it. */
export class Nemesis {
  readonly #simulation: CoreSimulation;
  readonly #random: SeededRandom;
  readonly #strikes = new Map<Fault, number>();
  readonly #crashes = new Map<CrashPoint, number>();
  #isStopped = false;
  /** Whether the crash that comes now is soon over. */
  #isQuick = false;

  constructor(simulation: CoreSimulation, random: SeededRandom) {
    this.#simulation = simulation;
    this.#random = random;
  }

  /** How often each configured fault struck. */
  get strikes(): ReadonlyMap<Fault, number> {
    return this.#strikes;
  }

  /** How often a member crashed at each configured step. */
  get crashes(): ReadonlyMap<CrashPoint, number> {
    return this.#crashes;
  }

  start(): void {
    const { faultsUs, triggers, crashPoints } = this.#simulation.configuration;
    for (const fault of [...faultsUs.keys(), ...triggers.keys()]) {
      this.#strikes.set(fault, 0);
    }
    for (const point of triggers.has("crash at a step") ? crashPoints.keys() : []) {
      this.#crashes.set(point, 0);
    }
    for (const [fault, meanUs] of faultsUs) {
      this.#schedule(fault, meanUs);
    }
  }

  stop(): void {
    this.#isStopped = true;
  }

  crashesAt(member: SimulatedMember, point: CrashPoint): boolean {
    const { configuration } = this.#simulation;
    const probability = configuration.crashPoints.get(point);
    if (
      probability === undefined || this.#isStopped ||
      !configuration.triggers.has("crash at a step") || !this.#random.chance(probability)
    ) {
      return false;
    }
    this.#simulation.note(() => `${member.id} is to crash: ${point}`);
    this.#crashes.set(point, (this.#crashes.get(point) ?? 0) + 1);
    this.#count("crash at a step");
    this.#isQuick = this.#random.chance(0.5);
    return true;
  }

  onCrashed(member: SimulatedMember): void {
    const { configuration } = this.#simulation;
    const downUs = this.#isQuick
      ? this.#random.between(10, 2_000)
      : this.#random.around(configuration.downUs);
    this.#isQuick = false;
    this.#simulation.after(downUs, () => this.#simulation.restart(member));
  }

  /** Whether a message is taken away, to come later or never. */
  isHeldBack(message: Message, from: SimulatedMember, to: SimulatedMember): boolean {
    switch (message.type) {
      case "voteResponse":
        return message.granted && !message.isPreVote && this.#onVoteSent(from, to, message);
      case "appendAccepted":
      case "appendRejected":
      case "heartbeatResponse":
      case "readsConfirmed":
        return this.#maybeHold(message);
      default:
        return false;
    }
  }

  /** A member has just been elected. */
  onElected(leader: SimulatedMember): void {
    if (this.#triggers("crash the new leader")) {
      this.#later(this.#soon(), () => leader.crash());
    }
    if (this.#triggers("isolate the new leader")) {
      this.#later(this.#soon(), () => this.#isolate(leader));
    }
  }

  /** A member has just voted for a candidate. */
  #onVoteSent(voter: SimulatedMember, candidate: SimulatedMember, message: Message): boolean {
    if (this.#triggers("restart in the term")) {
      this.#later(this.#random.between(1, 3_000), () => {
        this.#isQuick = true;
        voter.crash();
        this.#isQuick = false;
      });
    }
    if (this.#triggers("hold a vote back")) {
      this.#isolate(candidate);
      this.#simulation.inject(message, this.#random.around(2 * this.#simulation.electionUs));
      return true;
    }
    return false;
  }

  /** One answer in a hundred, at most, comes an election or more too late. */
  #maybeHold(message: Message): boolean {
    if (!this.#random.chance(0.02) || !this.#triggers("hold an answer back")) {
      return false;
    }
    this.#simulation.inject(message, this.#random.around(3 * this.#simulation.electionUs));
    return true;
  }

  #schedule(fault: Fault, meanUs: number): void {
    this.#simulation.after(this.#random.around(meanUs), () => {
      if (!this.#isStopped) {
        if (this.#strike(fault)) {
          this.#count(fault);
        }
        this.#schedule(fault, meanUs);
      }
    });
  }

  /** Strikes. Returns whether it could. */
  #strike(fault: Fault): boolean {
    const simulation = this.#simulation;
    const { members, leader } = simulation;
    const random = this.#random;
    const member = random.pick(members);
    switch (fault) {
      case "crash":
        return this.#crash(member);
      case "power cut":
        members.forEach((each) => each.crash());
        return true;
      case "pause":
        return this.#pause(member);
      case "pause the leader":
        return leader !== undefined && this.#pause(leader);
      case "isolate":
        return this.#isolate(member);
      case "isolate the leader":
        return leader !== undefined && this.#isolate(leader);
      case "partition":
        return this.#partition();
      case "one-way":
        return this.#blockOneWay(member);
      case "partial partition":
        return this.#blockPair();
      case "slow link":
        return this.#slowLink();
      case "clock jump":
        if (!simulation.isReachable(member)) {
          return false;
        }
        simulation.jumpClock(
          member,
          random.between(1, 4 * simulation.configuration.tuning.electionTicks),
        );
        return true;
      case "clock stop":
        simulation.stopClock(member);
        this.#later(this.#duration(), () => simulation.startClock(member));
        return true;
      case "disk stall":
        return this.#stallDisk(member);
      case "stall the leader's disk":
        return leader !== undefined && this.#stallDisk(leader);
      case "slow machine":
        simulation.slowMachine(member, true);
        this.#later(this.#duration(), () => simulation.slowMachine(member, false));
        return true;
      case "unreachable":
        return this.#reportUnreachable(leader ?? member);
      case "membership change":
        return this.#changeMembership(leader ?? member);
      case "transfer":
        return this.#transfer(random.chance(0.8) ? leader ?? member : member);
      case "invite an election":
        return this.#inviteElection();
      default:
        return false;
    }
  }

  #crash(member: SimulatedMember): boolean {
    if (!member.isRunning) {
      return false;
    }
    this.#isQuick = this.#random.chance(0.3);
    member.crash();
    return true;
  }

  #pause(member: SimulatedMember): boolean {
    const simulation = this.#simulation;
    if (!simulation.isReachable(member)) {
      return false;
    }
    simulation.pause(member);
    this.#later(this.#duration(), () => simulation.resume(member));
    return true;
  }

  #isolate(member: SimulatedMember): boolean {
    const others = this.#others(member);
    return this.#block(others.flatMap((other) => [[member, other], [other, member]]));
  }

  #partition(): boolean {
    const { members } = this.#simulation;
    const shuffled = this.#random.shuffled(members);
    const size = this.#random.between(1, members.length - 1);
    const [left, right] = [shuffled.slice(0, size), shuffled.slice(size)];
    return this.#block(
      left.flatMap((one) => right.flatMap((other) => [[one, other], [other, one]])),
    );
  }

  #blockOneWay(member: SimulatedMember): boolean {
    const others = this.#others(member).filter(() => this.#random.chance(0.7));
    const isOutgoing = this.#random.chance(0.5);
    return this.#block(others.map((other) => isOutgoing ? [member, other] : [other, member]));
  }

  #blockPair(): boolean {
    const [one, other] = this.#random.shuffled(this.#simulation.members);
    return one !== undefined && other !== undefined && this.#block([[one, other], [other, one]]);
  }

  /** Blocks links for a while. */
  #block(links: readonly (readonly SimulatedMember[])[]): boolean {
    const { network } = this.#simulation;
    const pairs = links.map(([from, to]) => [from?.number ?? 0, to?.number ?? 0] as const);
    pairs.forEach(([from, to]) => network.block(from, to));
    this.#simulation.note(() => `blocked: ${pairs.map((pair) => pair.join(">")).join(" ")}`);
    this.#later(this.#duration(), () => {
      pairs.forEach(([from, to]) => network.unblock(from, to));
      this.#simulation.note(() => `unblocked: ${pairs.map((pair) => pair.join(">")).join(" ")}`);
    });
    return pairs.length > 0;
  }

  #slowLink(): boolean {
    const [one, other] = this.#random.shuffled(this.#simulation.members);
    if (one === undefined || other === undefined) {
      return false;
    }
    const { network } = this.#simulation;
    network.slowDown(one.number, other.number, this.#random.pick([10, 50, 200]));
    this.#later(this.#duration(), () => network.slowDown(one.number, other.number, 1));
    return true;
  }

  #stallDisk(member: SimulatedMember): boolean {
    const simulation = this.#simulation;
    simulation.stallDisk(member);
    this.#later(this.#duration(), () => simulation.freeDisk(member));
    return true;
  }

  #reportUnreachable(member: SimulatedMember): boolean {
    const other = this.#random.pick(this.#simulation.members);
    if (!this.#simulation.isReachable(member) || other === member) {
      return false;
    }
    member.step({ type: "unreachable", id: other.id });
    return true;
  }

  #changeMembership(member: SimulatedMember): boolean {
    const simulation = this.#simulation;
    if (!simulation.isReachable(member)) {
      return false;
    }
    const count = this.#random.pick([1, 1, 1, 2, 3]);
    const changes = this.#random.shuffled(simulation.members).slice(0, count)
      .map((each): MembershipChange => ({ type: this.#changeOf(member, each), id: each.id }));
    simulation.note(() => `${member.id} is asked for ${JSON.stringify(changes)}`);
    member.step({ type: "membershipChangeRequested", id: simulation.ledger.takeId(), changes });
    return true;
  }

  /** Mostly something that is possible. */
  #changeOf({ membership }: SimulatedMember, { id }: SimulatedMember): MembershipChange["type"] {
    if (membership.voters.includes(id)) {
      // The group should not shrink to nothing.
      return this.#random.chance(membership.voters.length > 2 ? 0.6 : 0.2)
        ? "remove"
        : "addLearner";
    }
    return membership.learners.includes(id) && this.#random.chance(0.3)
      ? "remove"
      : this.#random.pick(["addVoter", "addVoter", "addLearner"]);
  }

  #transfer(member: SimulatedMember): boolean {
    const simulation = this.#simulation;
    if (!simulation.isReachable(member)) {
      return false;
    }
    member.step({ type: "transferRequested", to: this.#random.pick(simulation.members).id });
    return true;
  }

  /** As a message of a transfer that was given up may come late. */
  #inviteElection(): boolean {
    const simulation = this.#simulation;
    const { leader } = simulation;
    if (leader === undefined || simulation.configuration.tuning.leaseReads === true) {
      return false;
    }
    const to = this.#random.pick(simulation.members);
    if (to === leader) {
      return false;
    }
    const message = { type: "timeoutNow", from: leader.id, to: to.id, term: leader.term } as const;
    simulation.inject(message, this.#random.around(simulation.electionUs));
    return true;
  }

  #others(member: SimulatedMember): SimulatedMember[] {
    return this.#simulation.members.filter((other) => other !== member);
  }

  #triggers(fault: Fault): boolean {
    const probability = this.#simulation.configuration.triggers.get(fault) ?? 0;
    if (this.#isStopped || !this.#random.chance(probability)) {
      return false;
    }
    this.#count(fault);
    return true;
  }

  /** Does something later, unless the faults have ended by then. */
  #later(delayUs: number, action: () => void): void {
    this.#simulation.after(delayUs, () => {
      if (!this.#isStopped) {
        action();
      }
    });
  }

  #soon(): number {
    const { network, diskUs } = this.#simulation.configuration;
    return this.#random.below(3 * (network.delayUs + diskUs));
  }

  #duration(): number {
    return this.#random.around(this.#random.pick([0.3, 1, 3]) * this.#simulation.electionUs);
  }

  #count(fault: Fault): void {
    this.#strikes.set(fault, (this.#strikes.get(fault) ?? 0) + 1);
  }
}
