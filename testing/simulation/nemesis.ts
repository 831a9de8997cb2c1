import type { Message } from "../../raft/mod.ts";
import type { SeededRandom } from "../seeded_random.ts";
import type { CrashPoint } from "./crash_point.ts";
import type { Fault } from "./fault.ts";
import { FaultTiming } from "./fault_timing.ts";
import { LinkFaults } from "./link_faults.ts";
import { Meddler } from "./meddler.ts";
import type { SimulatedMember } from "./simulated_member.ts";
import type { StruckGroup } from "./struck_group.ts";

/** What strikes a group: the faults that its configuration has, when and where chance wants it. */
export class Nemesis {
  readonly #group: StruckGroup;
  readonly #random: SeededRandom;
  readonly #timing: FaultTiming;
  readonly #links: LinkFaults;
  readonly #meddler: Meddler;
  readonly #strikes = new Map<Fault, number>();
  readonly #crashes = new Map<CrashPoint, number>();
  /** Whether the crash that comes now is soon over. */
  #isQuick = false;

  constructor(group: StruckGroup, random: SeededRandom) {
    const { configuration, electionUs } = group;
    this.#group = group;
    this.#random = random;
    this.#timing = new FaultTiming({
      configuration,
      electionUs,
      random,
      after: (delayUs, action) => group.after(delayUs, action),
    });
    this.#links = new LinkFaults(group, random, this.#timing);
    this.#meddler = new Meddler(group, random);
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
    const { faultsUs, triggers, crashPoints } = this.#group.configuration;
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
    this.#timing.stop();
  }

  crashesAt(member: SimulatedMember, point: CrashPoint): boolean {
    const { configuration } = this.#group;
    const probability = configuration.crashPoints.get(point);
    if (
      probability === undefined || this.#timing.isStopped ||
      !configuration.triggers.has("crash at a step") || !this.#random.chance(probability)
    ) {
      return false;
    }
    this.#group.note(() => `${member.id} is to crash: ${point}`);
    this.#crashes.set(point, (this.#crashes.get(point) ?? 0) + 1);
    this.#count("crash at a step");
    this.#isQuick = this.#random.chance(0.5);
    return true;
  }

  onCrashed(member: SimulatedMember): void {
    const { configuration } = this.#group;
    const downUs = this.#isQuick
      ? this.#random.between(10, 2_000)
      : this.#random.around(configuration.downUs);
    this.#isQuick = false;
    this.#group.after(downUs, () => this.#group.restart(member));
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
      this.#timing.later(this.#timing.soon(), () => leader.crash());
    }
    if (this.#triggers("isolate the new leader")) {
      this.#timing.later(this.#timing.soon(), () => this.#links.isolate(leader));
    }
  }

  /** A member has just voted for a candidate. */
  #onVoteSent(voter: SimulatedMember, candidate: SimulatedMember, message: Message): boolean {
    if (this.#triggers("restart in the term")) {
      this.#timing.later(this.#random.between(1, 3_000), () => {
        this.#isQuick = true;
        voter.crash();
        this.#isQuick = false;
      });
    }
    if (this.#triggers("hold a vote back")) {
      this.#links.isolate(candidate);
      this.#group.inject(message, this.#random.around(2 * this.#group.electionUs));
      return true;
    }
    return false;
  }

  /** One answer in a hundred, at most, comes an election or more too late. */
  #maybeHold(message: Message): boolean {
    if (!this.#random.chance(0.02) || !this.#triggers("hold an answer back")) {
      return false;
    }
    this.#group.inject(message, this.#random.around(3 * this.#group.electionUs));
    return true;
  }

  #schedule(fault: Fault, meanUs: number): void {
    this.#timing.later(this.#random.around(meanUs), () => {
      if (this.#strike(fault)) {
        this.#count(fault);
      }
      this.#schedule(fault, meanUs);
    });
  }

  /** Strikes. Returns whether it could. */
  #strike(fault: Fault): boolean {
    const group = this.#group;
    const { members, leader } = group;
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
        return this.#links.isolate(member);
      case "isolate the leader":
        return leader !== undefined && this.#links.isolate(leader);
      case "partition":
        return this.#links.partition();
      case "one-way":
        return this.#links.blockOneWay(member);
      case "partial partition":
        return this.#links.blockPair();
      case "slow link":
        return this.#links.slowLink();
      case "clock jump":
        if (!group.isReachable(member)) {
          return false;
        }
        group.jumpClock(
          member,
          random.between(1, 4 * group.configuration.tuning.electionTicks),
        );
        return true;
      case "clock stop":
        group.hindrances.stopClock(member);
        this.#timing.later(this.#timing.duration(), () => group.hindrances.startClock(member));
        return true;
      case "disk stall":
        return this.#stallDisk(member);
      case "stall the leader's disk":
        return leader !== undefined && this.#stallDisk(leader);
      case "slow machine":
        group.hindrances.slowMachine(member, true);
        this.#timing.later(
          this.#timing.duration(),
          () => group.hindrances.slowMachine(member, false),
        );
        return true;
      case "unreachable":
        return this.#meddler.reportUnreachable(leader ?? member);
      case "membership change":
        return this.#meddler.changeMembership(leader ?? member);
      case "transfer":
        return this.#meddler.transfer(random.chance(0.8) ? leader ?? member : member);
      case "invite an election":
        return this.#meddler.inviteElection();
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
    const group = this.#group;
    if (!group.isReachable(member)) {
      return false;
    }
    group.hindrances.pause(member);
    this.#timing.later(this.#timing.duration(), () => group.hindrances.resume(member));
    return true;
  }

  #stallDisk(member: SimulatedMember): boolean {
    const group = this.#group;
    group.hindrances.stallDisk(member);
    this.#timing.later(this.#timing.duration(), () => group.freeDisk(member));
    return true;
  }

  #triggers(fault: Fault): boolean {
    const probability = this.#group.configuration.triggers.get(fault) ?? 0;
    if (this.#timing.isStopped || !this.#random.chance(probability)) {
      return false;
    }
    this.#count(fault);
    return true;
  }

  #count(fault: Fault): void {
    this.#strikes.set(fault, (this.#strikes.get(fault) ?? 0) + 1);
  }
}
