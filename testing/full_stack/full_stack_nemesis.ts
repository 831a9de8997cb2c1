import { type MembershipChange, MembershipChangeError, type Message } from "../../raft/mod.ts";
import type { Route } from "../../transport/mod.ts";
import type { SeededRandom } from "../seeded_random.ts";
import type { CrashPoint } from "../simulation/crash_point.ts";
import { mayBeDamaged } from "../simulation/damage.ts";
import type { Fault } from "../simulation/fault.ts";
import { TICK_US } from "../simulation/swarm.ts";
import type { Node } from "./full_stack_life.ts";
import type { FullStackMember } from "./full_stack_member.ts";
import type { FullStackSimulation, Wish } from "./full_stack_simulation.ts";

/** What strikes a group: the faults that its configuration has, when and where chance wants it. */
export class FullStackNemesis {
  readonly #simulation: FullStackSimulation;
  readonly #random: SeededRandom;
  readonly #strikes = new Map<Fault, number>();
  readonly #crashes = new Map<CrashPoint, number>();
  /** The last election of which votes are held back. */
  #heldElection: {
    readonly candidate: FullStackMember;
    readonly term: number;
    readonly latenessUs: number;
  } | null = null;
  #isStopped = false;
  /** Whether the crash that comes now is soon over. */
  #isQuick = false;

  constructor(simulation: FullStackSimulation, random: SeededRandom) {
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

  crashesAt(member: FullStackMember, point: CrashPoint): boolean {
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

  onCrashed(member: FullStackMember): void {
    const { configuration, executor, members } = this.#simulation;
    if (this.#triggers("damage") && mayBeDamaged(member.id, members) && member.rotLog()) {
      this.#simulation.note(() => `the end of the log of ${member.id} rots`);
      this.#count("damage");
    }
    const downUs = this.#isQuick
      ? this.#random.between(10, 2_000)
      : this.#random.around(configuration.downUs);
    this.#isQuick = false;
    executor.after(downUs, () => member.start());
  }

  /** Whether a message that is about to leave is taken away, to come later or never. */
  isHeldBack(message: Message, from: FullStackMember): boolean {
    switch (message.type) {
      case "voteResponse":
        return message.granted && !message.isPreVote && this.#onVoteSent(from, message);
      case "appendAccepted":
      case "appendRejected":
      case "heartbeatResponse":
      case "readsConfirmed":
        return this.#maybeHold(message);
      default:
        return false;
    }
  }

  /** One answer in a hundred, at most, comes an election or more too late. */
  #maybeHold(message: Message): boolean {
    if (!this.#random.chance(0.02) || !this.#triggers("hold an answer back")) {
      return false;
    }
    this.#count("hold an answer back");
    this.#simulation.inject(message, this.#random.around(3 * this.#simulation.electionUs));
    return true;
  }

  #onVoteSent(voter: FullStackMember, message: Message): boolean {
    const candidate = this.#simulation.member(message.to);
    const held = this.#heldElection;
    if (held?.candidate === candidate && held?.term === message.term) {
      this.#simulation.inject(message, held.latenessUs);
      return true;
    }
    if (candidate !== undefined && this.#triggers("hold a vote back")) {
      this.#holdElection(candidate, message);
      return true;
    }
    if (this.#triggers("restart in the term")) {
      this.#later(this.#random.between(1, 3_000), () => {
        this.#isQuick = true;
        if (this.#crash(voter)) {
          this.#count("restart in the term");
        }
        this.#isQuick = false;
      });
    }
    return false;
  }

  /**
   * Cuts a candidate off before its votes come, and lets them come when others
   * have moved on. Its clock stands still, or it would have given up by then.
   */
  #holdElection(candidate: FullStackMember, message: Message): void {
    const { electionUs, configuration } = this.#simulation;
    const latenessUs = Math.floor(electionUs * (1 + 2 * this.#random.random()));
    this.#count("hold a vote back");
    this.#heldElection = { candidate, term: message.term, latenessUs };
    this.#isolate(candidate, latenessUs);
    const gate = candidate.process?.gate;
    if (configuration.tuning.leaseReads !== true && gate !== undefined) {
      gate.holdTimers();
      this.#later(latenessUs + 1, () => gate.releaseTimers());
    }
    this.#simulation.inject(message, latenessUs);
  }

  /** A member has just been elected. */
  onElected(leader: FullStackMember): void {
    if (this.#triggers("crash the new leader")) {
      this.#later(
        this.#soon(),
        () => this.#crash(leader) && this.#count("crash the new leader"),
      );
    }
    if (this.#triggers("isolate the new leader")) {
      this.#later(
        this.#soon(),
        () => this.#isolate(leader) && this.#count("isolate the new leader"),
      );
    }
  }

  #schedule(fault: Fault, meanUs: number): void {
    this.#simulation.executor.after(this.#random.around(meanUs), () => {
      if (!this.#isStopped) {
        if (this.#strike(fault)) {
          this.#simulation.note(() => `strikes: ${fault}`);
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
        return this.#crashOrStop(member);
      case "power cut":
        return members.filter((each) => each.isRunning)
          .map((each) => each.crash({ power: true })).length > 0;
      case "pause":
        return this.#pause(member);
      case "pause the leader":
        return leader !== undefined && this.#pause(leader);
      case "isolate":
        return this.#isolate(member);
      case "isolate the leader":
        return leader !== undefined && this.#isolate(leader);
      case "leave the leader behind":
        return leader !== undefined && this.#leaveBehind(leader);
      case "partition":
        return this.#partition();
      case "one-way":
        return this.#blockOneWay(member);
      case "partial partition":
        return this.#blockPair();
      case "slow link":
        return this.#slowLink();
      case "clock jump":
        member.process?.clock.jump(random.between(-3_600_000, 3_600_000));
        return member.isRunning;
      case "clock drift":
        return simulation.setClockRate(member, 2 * random.random() - 1);
      case "slow the leader's clock":
        return leader !== undefined &&
          members.map((each) => simulation.setClockRate(each, each === leader ? -1 : 1)).includes(
            true,
          );
      case "clock stop":
        return this.#stopClock(member);
      case "disk stall":
        return this.#stallDisk(member);
      case "stall the leader's disk":
        return leader !== undefined && this.#stallDisk(leader);
      case "slow machine":
        if (!member.isRunning) {
          return false;
        }
        simulation.slowMachine(member, true);
        this.#later(this.#duration(), () => simulation.slowMachine(member, false));
        return true;
      case "unreachable":
        return this.#reportUnreachable(leader ?? member);
      case "membership change":
        return this.#changeMembership(this.#leading ?? member);
      case "transfer":
        return this.#transfer(random.chance(0.8) ? leader ?? member : member);
      case "invite an election":
        return this.#inviteElection();
      default:
        return false;
    }
  }

  #crashOrStop(member: FullStackMember): boolean {
    const { stops } = this.#simulation.configuration;
    if (member.isReachable && this.#random.chance(stops)) {
      member.stop().catch((error) => this.#simulation.fail(error));
      return true;
    }
    this.#isQuick = this.#random.chance(0.3);
    return this.#crash(member);
  }

  #crash(member: FullStackMember): boolean {
    const wasRunning = member.isRunning;
    member.crash({ power: !this.#random.chance(this.#simulation.configuration.kills) });
    return wasRunning;
  }

  #pause(member: FullStackMember): boolean {
    const gate = member.process?.gate;
    if (gate === undefined || gate.isPaused) {
      return false;
    }
    gate.pause();
    this.#later(this.#duration(), () => gate.resume());
    return true;
  }

  #stopClock(member: FullStackMember): boolean {
    const gate = member.process?.gate;
    gate?.holdTimers();
    this.#later(this.#duration(), () => gate?.releaseTimers());
    return gate !== undefined;
  }

  #isolate(member: FullStackMember, durationUs: number = this.#duration()): boolean {
    const routes = this.#others(member).flatMap((other) => bothWays(member, other));
    return this.#block(routes, durationUs);
  }

  /** Cuts a leader off for so long that the others compact what it would need. */
  #leaveBehind(leader: FullStackMember): boolean {
    const durationUs = this.#random.between(2, 8) * this.#simulation.electionUs;
    // They compact what their state machines hold durably, as soon as they apply more.
    this.#later(durationUs / 2, () => this.#others(leader).forEach((each) => each.saveMachine()));
    this.#later(durationUs - 1, () => this.#others(leader).forEach((each) => each.saveMachine()));
    if (this.#random.chance(0.3)) {
      // What it has taken meanwhile is being written when it learns of its loss.
      const fileSystem = leader.process?.fileSystem;
      this.#later(this.#soon(), () => fileSystem?.stall());
      this.#later(durationUs + this.#simulation.electionUs, () => fileSystem?.resume());
    }
    return this.#isolate(leader, durationUs);
  }

  /** Makes one direction many times slower. */
  #slowLink(): boolean {
    const [one, other] = this.#random.shuffled(this.#simulation.members);
    if (one === undefined || other === undefined) {
      return false;
    }
    const route = { from: one.id, to: other.id };
    const restore = this.#simulation.links.slow([route], this.#random.pick([10, 50, 200]));
    this.#later(this.#duration(), restore);
    return true;
  }

  #partition(): boolean {
    const { members } = this.#simulation;
    const shuffled = this.#random.shuffled(members);
    const size = this.#random.between(1, Math.max(1, members.length - 1));
    const [left, right] = [shuffled.slice(0, size), shuffled.slice(size)];
    return this.#block(left.flatMap((one) => right.flatMap((other) => bothWays(one, other))));
  }

  #blockOneWay(member: FullStackMember): boolean {
    const others = this.#others(member).filter(() => this.#random.chance(0.7));
    const isOutgoing = this.#random.chance(0.5);
    return this.#block(
      others.map(({ id }) =>
        isOutgoing ? { from: member.id, to: id } : { from: id, to: member.id }
      ),
    );
  }

  #blockPair(): boolean {
    const [one, other] = this.#random.shuffled(this.#simulation.members);
    return one !== undefined && other !== undefined && this.#block(bothWays(one, other));
  }

  /** Blocks ways for a while. */
  #block(routes: readonly Route[], durationUs: number = this.#duration()): boolean {
    const restore = this.#simulation.links.cut(routes);
    this.#later(durationUs, restore);
    return routes.length > 0;
  }

  #stallDisk(member: FullStackMember): boolean {
    const fileSystem = member.process?.fileSystem;
    fileSystem?.stall();
    this.#later(this.#duration(), () => fileSystem?.resume());
    return fileSystem !== undefined;
  }

  #reportUnreachable(member: FullStackMember): boolean {
    const other = this.#random.pick(this.#simulation.members);
    if (!member.isReachable || other === member) {
      return false;
    }
    member.process?.transport.reportUnreachable(other.id);
    return true;
  }

  /** Whoever leads, mostly: now and then one that has been replaced and does not know it. */
  get #leading(): FullStackMember | undefined {
    const { members, leader } = this.#simulation;
    const leaders = members.filter(({ node }) => node?.status().role === "leader");
    return leaders.length > 1 && this.#random.chance(0.5) ? this.#random.pick(leaders) : leader;
  }

  #changeMembership(member: FullStackMember): boolean {
    const { node } = member;
    if (node === null || !member.isReachable) {
      return false;
    }
    const count = this.#random.pick([1, 1, 2, 3]);
    const changes = this.#random.shuffled(this.#simulation.members).slice(0, count)
      .map(({ id }): MembershipChange => ({ type: this.#changeOf(node, id), id }));
    this.#simulation.note(() => `${member.id} is asked for ${JSON.stringify(changes)}`);
    this.#simulation.invariants.onChangeRequested(member, changes);
    const asked = member.request((asked) => asked.changeMembership(changes));
    this.#await(asked, { member: member.id, what: JSON.stringify(changes) });
    asked.catch((error) => {
      if (error instanceof MembershipChangeError) {
        this.#simulation.marks.hit("membership refused");
      }
    });
    return true;
  }

  /** Mostly something that is possible. */
  #changeOf(node: Node, id: string): MembershipChange["type"] {
    const { membership } = node.status();
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

  #transfer(member: FullStackMember): boolean {
    if (!member.isReachable) {
      return false;
    }
    const { marks, members } = this.#simulation;
    const to = this.#random.pick(members).id;
    const asked = member.request((node) => node.transferLeadership(to));
    this.#await(asked, { member: member.id, what: `a transfer to ${to}` });
    asked.then(
      () => marks.hit("transfer succeeded"),
      () => marks.hit("transfer aborted"),
    );
    return true;
  }

  /** Whoever wishes for something is owed an answer, in the end. */
  #await(asked: Promise<unknown>, wish: Wish): void {
    const { wishes } = this.#simulation;
    wishes.add(wish);
    const end = (): void => void wishes.delete(wish);
    asked.then(end, end);
  }

  /** As a message of a transfer that was given up may come late. */
  #inviteElection(): boolean {
    const { leader, members, configuration, electionUs } = this.#simulation;
    if (leader === undefined || configuration.tuning.leaseReads === true) {
      return false;
    }
    const to = this.#random.pick(members);
    if (to === leader) {
      return false;
    }
    const message = { type: "timeoutNow", from: leader.id, to: to.id, term: leader.term } as const;
    this.#simulation.inject(message, this.#random.around(electionUs));
    return true;
  }

  #others(member: FullStackMember): FullStackMember[] {
    return this.#simulation.members.filter((other) => other !== member);
  }

  /** Whether a fault is to come. It counts once it is there. */
  #triggers(fault: Fault): boolean {
    const probability = this.#simulation.configuration.triggers.get(fault) ?? 0;
    return !this.#isStopped && this.#random.chance(probability);
  }

  /** Does something later, unless the faults have ended by then. */
  #later(delayUs: number, action: () => void): void {
    this.#simulation.executor.after(Math.floor(delayUs), () => {
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
    const { electionUs } = this.#simulation;
    return this.#random.around(Math.max(TICK_US, this.#random.pick([0.3, 1, 3]) * electionUs));
  }

  #count(fault: Fault): void {
    this.#strikes.set(fault, (this.#strikes.get(fault) ?? 0) + 1);
  }
}

function bothWays(one: FullStackMember, other: FullStackMember): Route[] {
  return [{ from: one.id, to: other.id }, { from: other.id, to: one.id }];
}
