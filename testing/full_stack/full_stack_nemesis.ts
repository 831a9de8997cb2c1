import type { Message } from "../../raft/mod.ts";
import type { Route } from "../../transport/mod.ts";
import type { SeededRandom } from "../seeded_random.ts";
import type { CrashPoint } from "../simulation/crash_point.ts";
import { mayBeDamaged } from "../simulation/damage.ts";
import type { FailingDiskFault, Fault } from "../simulation/fault.ts";
import { FaultChances } from "../simulation/fault_chances.ts";
import { FaultTiming } from "../simulation/fault_timing.ts";
import { HeldAnswers, isVote } from "../simulation/held_answers.ts";
import { type Link, LinkFaults } from "../simulation/link_faults.ts";
import { drawTrouble } from "./disk_trouble.ts";
import { FullStackMeddler } from "./full_stack_meddler.ts";
import type { FullStackMember } from "./full_stack_member.ts";
import type { StruckFullStack } from "./struck_full_stack.ts";

/** What strikes a group: the faults that its configuration has, when and where chance wants it. */
export class FullStackNemesis {
  readonly #group: StruckFullStack;
  readonly #random: SeededRandom;
  readonly #timing: FaultTiming;
  readonly #chances: FaultChances;
  readonly #links: LinkFaults<FullStackMember>;
  readonly #held: HeldAnswers<FullStackMember>;
  readonly #meddler: FullStackMeddler;
  /** Whether the crash that comes now is soon over. */
  #isQuick = false;

  constructor(group: StruckFullStack, random: SeededRandom) {
    const { configuration, electionUs, executor, links, members } = group;
    const timing = new FaultTiming({
      configuration,
      electionUs,
      random,
      after: (delayUs, action) => void executor.after(Math.floor(delayUs), action),
    });
    const chances = new FaultChances({ configuration, random, timing });
    this.#group = group;
    this.#random = random;
    this.#timing = timing;
    this.#chances = chances;
    this.#links = new LinkFaults({
      members,
      links: {
        cut: (each) => links.cut(each.map(routeOf)),
        slow: (link, factor) => links.slow([routeOf(link)], factor),
      },
      random,
      timing,
    });
    this.#held = new HeldAnswers({
      electionUs,
      random,
      chances,
      cutOff: (candidate, durationUs) => this.#cutOff(candidate, durationUs),
      inject: (message, delayUs) => group.inject(message, delayUs),
    });
    this.#meddler = new FullStackMeddler(group, random);
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

  crashesAt(member: FullStackMember, point: CrashPoint): boolean {
    if (!this.#chances.crashesAt(point)) {
      return false;
    }
    this.#group.note(() => `${member.id} is to crash: ${point}`);
    this.#isQuick = this.#random.chance(0.5);
    return true;
  }

  onCrashed(member: FullStackMember): void {
    const { configuration, executor, members } = this.#group;
    if (this.#chances.triggers("damage") && mayBeDamaged(member.id, members) && member.rotLog()) {
      this.#group.note(() => `the end of the log of ${member.id} rots`);
      this.#chances.count("damage");
    }
    const downUs = this.#isQuick
      ? this.#random.between(10, 2_000)
      : this.#random.around(configuration.downUs);
    this.#isQuick = false;
    executor.after(downUs, () => member.start());
  }

  /** Whether a message that is about to leave is taken away, to come later or never. */
  isHeldBack(message: Message, from: FullStackMember): boolean {
    return isVote(message) ? this.#onVoteSent(from, message) : this.#held.holds(message);
  }

  /** A member has just been elected. */
  onElected(leader: FullStackMember): void {
    if (this.#chances.triggers("crash the new leader")) {
      this.#timing.later(
        this.#timing.soon(),
        () => this.#crash(leader) && this.#chances.count("crash the new leader"),
      );
    }
    if (this.#chances.triggers("isolate the new leader")) {
      this.#timing.later(
        this.#timing.soon(),
        () => this.#links.isolate(leader) && this.#chances.count("isolate the new leader"),
      );
    }
  }

  #onVoteSent(voter: FullStackMember, message: Message): boolean {
    const candidate = this.#group.member(message.to);
    if (candidate !== undefined && this.#held.holdsVote(candidate, message)) {
      return true;
    }
    if (this.#chances.triggers("restart in the term")) {
      this.#timing.later(this.#random.between(1, 3_000), () => {
        this.#isQuick = true;
        if (this.#crash(voter)) {
          this.#chances.count("restart in the term");
        }
        this.#isQuick = false;
      });
    }
    return false;
  }

  /** Nobody hears a candidate. Its clock stands still, or it would give up. */
  #cutOff(candidate: FullStackMember, durationUs: number): void {
    const { leaseReads } = this.#group.configuration.tuning;
    const gate = candidate.process?.gate;
    this.#links.isolate(candidate, durationUs);
    if (leaseReads !== true && gate !== undefined) {
      gate.holdTimers();
      this.#timing.later(durationUs + 1, () => gate.releaseTimers());
    }
  }

  #schedule(fault: Fault, meanUs: number): void {
    this.#timing.later(this.#random.around(meanUs), () => {
      if (this.#strike(fault)) {
        this.#group.note(() => `strikes: ${fault}`);
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
        return this.#crashOrStop(member);
      case "power cut":
        return members.filter((each) => each.isRunning)
          .map((each) => each.crash({ power: true })).length > 0;
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
        member.process?.clock.jump(random.between(-3_600_000, 3_600_000));
        return member.isRunning;
      case "clock drift":
        return group.setClockRate(member, 2 * random.random() - 1);
      case "slow the leader's clock":
        return leader !== undefined &&
          members.map((each) => group.setClockRate(each, each === leader ? -1 : 1)).includes(
            true,
          );
      case "clock stop":
        return this.#stopClock(member);
      case "disk stall":
        return this.#stallDisk(member);
      case "stall the leader's disk":
        return leader !== undefined && this.#stallDisk(leader);
      case "disk error":
      case "disk full":
      case "read-only disk":
        return this.#breakDisk(fault, random.chance(0.5) ? leader ?? member : member);
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

  #crashOrStop(member: FullStackMember): boolean {
    const { stops } = this.#group.configuration;
    if (member.isReachable && this.#random.chance(stops)) {
      member.stop().catch((error) => this.#group.fail(error));
      return true;
    }
    this.#isQuick = this.#random.chance(0.3);
    return this.#crash(member);
  }

  #crash(member: FullStackMember): boolean {
    const wasRunning = member.isRunning;
    member.crash({ power: !this.#random.chance(this.#group.configuration.kills) });
    return wasRunning;
  }

  #pause(member: FullStackMember): boolean {
    const gate = member.process?.gate;
    if (gate === undefined || gate.isPaused) {
      return false;
    }
    gate.pause();
    this.#timing.later(this.#timing.duration(), () => gate.resume());
    return true;
  }

  #stopClock(member: FullStackMember): boolean {
    const gate = member.process?.gate;
    gate?.holdTimers();
    this.#timing.later(this.#timing.duration(), () => gate?.releaseTimers());
    return gate !== undefined;
  }

  #slowMachine(member: FullStackMember): boolean {
    if (!member.isRunning) {
      return false;
    }
    const { times } = this.#group;
    times.slowMachine(member, true);
    this.#timing.later(this.#timing.duration(), () => times.slowMachine(member, false));
    return true;
  }

  /** Cuts a leader off for so long that the others compact what it would need. */
  #leaveBehind(leader: FullStackMember): boolean {
    const durationUs = this.#random.between(2, 8) * this.#group.electionUs;
    // They compact what their state machines hold durably, as soon as they apply more.
    const others = this.#group.members.filter((other) => other !== leader);
    this.#timing.later(durationUs / 2, () => others.forEach((each) => each.saveMachine()));
    this.#timing.later(durationUs - 1, () => others.forEach((each) => each.saveMachine()));
    if (this.#random.chance(0.3)) {
      // What it has taken meanwhile is being written when it learns of its loss.
      const fileSystem = leader.process?.fileSystem;
      this.#timing.later(this.#timing.soon(), () => fileSystem?.stall());
      this.#timing.later(durationUs + this.#group.electionUs, () => fileSystem?.resume());
    }
    return this.#links.isolate(leader, durationUs);
  }

  #stallDisk(member: FullStackMember): boolean {
    const fileSystem = member.process?.fileSystem;
    fileSystem?.stall();
    this.#timing.later(this.#timing.duration(), () => fileSystem?.resume());
    return fileSystem !== undefined;
  }

  #breakDisk(fault: FailingDiskFault, member: FullStackMember): boolean {
    const trouble = drawTrouble(fault, this.#random);
    const isNew = member.breakDisk(trouble);
    if (isNew) {
      this.#group.note(() => `the disk of ${member.id} is to fail: ${JSON.stringify(trouble)}`);
    }
    return isNew;
  }

  /** Whoever leads, mostly: now and then one that has been replaced and does not know it. */
  get #leading(): FullStackMember | undefined {
    const { members, leader } = this.#group;
    const leaders = members.filter(({ node }) => node?.status().role === "leader");
    return leaders.length > 1 && this.#random.chance(0.5) ? this.#random.pick(leaders) : leader;
  }
}

function routeOf([from, to]: Link<FullStackMember>): Route {
  return { from: from.id, to: to.id };
}
