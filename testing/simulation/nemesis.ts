import type { Message } from "../../raft/mod.ts";
import type { SeededRandom } from "../seeded_random.ts";
import type { CrashPoint } from "./crash_point.ts";
import { mayBeDamaged } from "./damage.ts";
import type { Fault } from "./fault.ts";
import { FaultChances } from "./fault_chances.ts";
import { FaultTiming } from "./fault_timing.ts";
import { HeldAnswers, isVote } from "./held_answers.ts";
import { LinkFaults } from "./link_faults.ts";
import { Meddler } from "./meddler.ts";
import { NetworkLinks } from "./network_links.ts";
import type { SimulatedMember } from "./simulated_member.ts";
import type { StruckGroup } from "./struck_group.ts";

/** What strikes a group: the faults that its configuration has, when and where chance wants it. */
export class Nemesis {
  readonly #group: StruckGroup;
  readonly #random: SeededRandom;
  readonly #timing: FaultTiming;
  readonly #chances: FaultChances;
  readonly #links: LinkFaults<SimulatedMember>;
  readonly #held: HeldAnswers<SimulatedMember>;
  readonly #meddler: Meddler;
  /** Whether the crash that comes now is soon over. */
  #isQuick = false;

  constructor(group: StruckGroup, random: SeededRandom) {
    const { configuration, electionUs, members } = group;
    const timing = new FaultTiming({
      configuration,
      electionUs,
      random,
      after: (delayUs, action) => group.after(delayUs, action),
    });
    const chances = new FaultChances({ configuration, random, timing });
    this.#group = group;
    this.#random = random;
    this.#timing = timing;
    this.#chances = chances;
    this.#links = new LinkFaults({ members, links: new NetworkLinks(group), random, timing });
    this.#held = new HeldAnswers({
      electionUs,
      random,
      chances,
      cutOff: (candidate, durationUs) => this.#cutOff(candidate, durationUs),
      inject: (message, delayUs) => group.inject(message, delayUs),
    });
    this.#meddler = new Meddler(group, random);
  }

  /** How often each configured fault struck. */
  get strikes(): ReadonlyMap<Fault, number> {
    return this.#chances.strikes;
  }

  /** How often a member crashed at each configured step. */
  get crashes(): ReadonlyMap<CrashPoint, number> {
    return this.#chances.crashes;
  }

  start(): void {
    for (const [fault, meanUs] of this.#group.configuration.faultsUs) {
      this.#schedule(fault, meanUs);
    }
  }

  stop(): void {
    this.#timing.stop();
  }

  crashesAt(member: SimulatedMember, point: CrashPoint): boolean {
    if (!this.#chances.crashesAt(point)) {
      return false;
    }
    this.#group.note(() => `${member.id} is to crash: ${point}`);
    this.#isQuick = this.#random.chance(0.5);
    return true;
  }

  onCrashed(member: SimulatedMember): void {
    const { configuration } = this.#group;
    this.#maybeHitDisk(member);
    const downUs = this.#isQuick
      ? this.#random.between(10, 2_000)
      : this.#random.around(configuration.downUs);
    this.#isQuick = false;
    this.#group.after(downUs, () => this.#group.restart(member));
  }

  /** A crash may leave a member with a log that looks damaged, or is. */
  #maybeHitDisk({ id, disk }: SimulatedMember): void {
    const { members } = this.#group;
    if (this.#chances.triggers("damage") && mayBeDamaged(id, members) && disk.damage()) {
      this.#group.note(() => `${id} has lost what was durable: ${JSON.stringify(disk.lost)}`);
      this.#chances.count("damage");
    } else if (disk.hasLostWrites && this.#chances.triggers("torn write")) {
      disk.tear();
      this.#chances.count("torn write");
    }
  }

  /** Whether a message is taken away, to come later or never. */
  isHeldBack(message: Message, from: SimulatedMember, to: SimulatedMember): boolean {
    return isVote(message) ? this.#onVoteSent(from, to, message) : this.#held.holds(message);
  }

  /** A member has just been elected. */
  onElected(leader: SimulatedMember): void {
    if (this.#chances.triggers("crash the new leader")) {
      this.#timing.later(this.#timing.soon(), () => {
        if (leader.isRunning) {
          this.#chances.count("crash the new leader");
          leader.crash();
        }
      });
    }
    if (this.#chances.triggers("isolate the new leader")) {
      this.#timing.later(this.#timing.soon(), () => {
        if (this.#links.isolate(leader)) {
          this.#chances.count("isolate the new leader");
        }
      });
    }
  }

  /** A member has just voted for a candidate. */
  #onVoteSent(voter: SimulatedMember, candidate: SimulatedMember, message: Message): boolean {
    if (this.#chances.triggers("restart in the term")) {
      this.#timing.later(this.#random.between(1, 3_000), () => {
        if (voter.isRunning) {
          this.#chances.count("restart in the term");
          this.#isQuick = true;
          voter.crash();
          this.#isQuick = false;
        }
      });
    }
    return this.#held.holdsVote(candidate, message);
  }

  /** Nobody hears a candidate. Its clock stands still, or it would give up. */
  #cutOff(candidate: SimulatedMember, durationUs: number): void {
    const { configuration: { tuning }, hindrances } = this.#group;
    this.#links.isolate(candidate, durationUs);
    if (tuning.leaseReads !== true && hindrances.stopClock(candidate)) {
      this.#timing.later(durationUs + 1, () => hindrances.startClock(candidate));
    }
  }

  #schedule(fault: Fault, meanUs: number): void {
    this.#timing.later(this.#random.around(meanUs), () => {
      if (this.#strike(fault)) {
        this.#chances.count(fault);
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
        return members.filter((each) => this.#crash(each)).length > 0;
      case "pause":
        return this.#pause(member);
      case "pause the leader":
        return leader !== undefined && this.#pause(leader);
      case "isolate":
        return this.#links.isolate(member);
      case "isolate the leader":
        return leader !== undefined && this.#links.isolate(leader);
      case "leave the leader behind":
        return leader !== undefined && this.#leaveBehind(leader);
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
        return this.#stopClock(member);
      case "clock drift":
        group.setClockRate(member, 2 * random.random() - 1);
        return true;
      case "slow the leader's clock":
        return leader !== undefined && this.#slowClock(leader);
      case "disk stall":
        return this.#stallDisk(member);
      case "stall the leader's disk":
        return leader !== undefined && this.#stallDisk(leader);
      case "slow machine":
        return this.#slowMachine(member);
      case "unreachable":
        return this.#meddler.reportUnreachable(leader ?? member);
      case "membership change":
        return this.#meddler.changeMembership(this.#leading ?? member);
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

  #stopClock(member: SimulatedMember): boolean {
    const { hindrances } = this.#group;
    if (!member.isRunning || !hindrances.stopClock(member)) {
      return false;
    }
    this.#timing.later(this.#timing.duration(), () => hindrances.startClock(member));
    return true;
  }

  #slowClock(leader: SimulatedMember): boolean {
    for (const member of this.#group.members) {
      this.#group.setClockRate(member, member === leader ? -1 : 1);
    }
    return true;
  }

  #slowMachine(member: SimulatedMember): boolean {
    const { hindrances } = this.#group;
    if (!member.isRunning || hindrances.isMachineSlow(member)) {
      return false;
    }
    hindrances.slowMachine(member, true);
    this.#timing.later(this.#timing.duration(), () => hindrances.slowMachine(member, false));
    return true;
  }

  /** Cuts a leader off that has, or is yet to get, entries which are to be lost. */
  #leaveBehind(leader: SimulatedMember): boolean {
    const group = this.#group;
    const durationUs = this.#random.between(2, 8) * group.electionUs;
    this.#timing.later(durationUs - 1, () => {
      group.members.filter((member) => member !== leader && group.isReachable(member))
        .forEach((member) => member.maintain({ compactsTail: 0 }));
    });
    return this.#links.isolate(leader, durationUs);
  }

  /** Whoever leads, mostly: now and then one that has been replaced and does not know it. */
  get #leading(): SimulatedMember | undefined {
    const leaders = this.#group.members.filter(({ isRunning, role }) =>
      isRunning && role === "leader"
    );
    return leaders.length > 1 && this.#random.chance(0.5)
      ? this.#random.pick(leaders)
      : this.#group.leader;
  }

  #stallDisk(member: SimulatedMember): boolean {
    const group = this.#group;
    if (!member.isRunning || group.hindrances.isDiskStalled(member)) {
      return false;
    }
    group.hindrances.stallDisk(member);
    this.#timing.later(this.#timing.duration(), () => group.freeDisk(member));
    return true;
  }
}
