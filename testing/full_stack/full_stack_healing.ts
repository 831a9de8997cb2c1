import { everyone } from "../invariants/membership_rules.ts";
import { ViolationError } from "../violation.ts";
import type { SimulatedClient, SimulatedMachine } from "./application.ts";
import type { FullStackMember } from "./full_stack_member.ts";
import type { FullStackSimulation } from "./full_stack_simulation.ts";

/** Election timeouts, each the longest that chance may draw, within which a group must heal. */
export const FULL_STACK_HEALING_TIMEOUTS = 15;

/** Fresh writes and fresh reads that must be served. */
const FRESH_REQUESTS = 10;

/**
 * What a group owes once all faults have ended: within fifteen election
 * timeouts it has a leader, serves fresh writes and reads at any member, has
 * answered all that clients still waited for, and all logs and states are equal
 * (R38).
 */
export class FullStackHealing<Machine extends SimulatedMachine> {
  readonly #simulation: FullStackSimulation<Machine>;
  readonly #client: SimulatedClient<Machine>;
  readonly #startUs: number;
  #endUs: number | null = null;
  #written = 0;
  #read = 0;
  #step = "no leader that all follow";

  constructor(simulation: FullStackSimulation<Machine>, client: SimulatedClient<Machine>) {
    this.#simulation = simulation;
    this.#client = client;
    this.#startUs = simulation.executor.nowUs;
  }

  get isDone(): boolean {
    return this.#endUs !== null;
  }

  /** How long it took, so far or in all. */
  get tookUs(): number {
    return (this.#endUs ?? this.#simulation.executor.nowUs) - this.#startUs;
  }

  /**
   * Whether a transport would refuse what a member sends that was removed. Where
   * neither pre-vote nor check-quorum keep it from campaigning, nothing else
   * would (Raft thesis §4.2.3).
   */
  refuses(from: string, to: FullStackMember): boolean {
    const { tuning } = this.#simulation.configuration;
    const sender = this.#simulation.member(from)?.node?.status();
    const receiver = to.node?.status();
    return !(tuning.preVote === true && tuning.checkQuorum === true) &&
      sender !== undefined && receiver !== undefined && receiver.membership.voters.length > 0 &&
      sender.membership.voters.includes(from) && receiver.appliedIndex > sender.appliedIndex &&
      !everyone(receiver.membership).has(from);
  }

  async run(): Promise<void> {
    const { executor, electionUs } = this.#simulation;
    const deadlineUs = 2 * FULL_STACK_HEALING_TIMEOUTS * electionUs;
    executor.after(deadlineUs, () => {
      if (!this.isDone) {
        this.#simulation.fail(new ViolationError("progress after healing", this.#describe()));
      }
    });
    await this.#until("no leader that all follow", () => this.#group.length > 0);
    while (this.#written < FRESH_REQUESTS) {
      this.#step = `${this.#written} fresh writes`;
      this.#written += await this.#client.command(this.#target(this.#written)) ? 1 : 0;
      await this.#pause();
    }
    while (this.#read < FRESH_REQUESTS) {
      this.#step = `${this.#read} fresh reads`;
      this.#read += await this.#client.read(this.#target(this.#read), electionUs) ? 1 : 0;
      await this.#pause();
    }
    await this.#until("requests that nobody answers", () => this.#isAnswered);
    await this.#until("members that are not equal", () => this.#isEven);
    this.#endUs = executor.nowUs;
  }

  /** The members as the leader has them, if all of them follow it. */
  get #group(): FullStackMember<Machine>[] {
    const { leader } = this.#simulation;
    const status = leader?.node?.status();
    if (status === undefined) {
      return [];
    }
    const group = this.#membersOf([...everyone(status.membership)]);
    const isLed = group.every(({ node }) => {
      const own = node?.status();
      return own?.term === status.term && own.leader === status.id;
    });
    return isLed ? group : [];
  }

  get #isAnswered(): boolean {
    // Who is no member any more does not hear of what it has accepted.
    const group = this.#group.map(({ id }) => id);
    return !this.#waiting.some(({ member }) => group.includes(member));
  }

  get #waiting(): { readonly member: string; readonly what: string }[] {
    const { application, wishes } = this.#simulation;
    return [...application.waiting(), ...wishes];
  }

  /** Whether all logs are equal, committed and applied. */
  get #isEven(): boolean {
    const group = this.#group;
    const first = group[0]?.node?.status();
    return first !== undefined && group.every(({ node, log }) => {
      const status = node?.status();
      return status?.lastIndex === first.lastIndex && log.lastIndex === first.lastIndex &&
        status.committedIndex === first.lastIndex && status.appliedIndex === first.lastIndex &&
        status.persistedIndex === first.lastIndex;
    });
  }

  #target(count: number): FullStackMember<Machine> {
    const { members, random } = this.#simulation;
    const group = this.#group;
    return group[count % Math.max(1, group.length)] ?? random.pick(members);
  }

  #membersOf(ids: readonly string[]): FullStackMember<Machine>[] {
    return this.#simulation.members.filter(({ id }) => ids.includes(id));
  }

  async #until(missing: string, holds: () => boolean): Promise<void> {
    this.#step = missing;
    while (!holds()) {
      await this.#pause();
    }
  }

  #pause(): Promise<void> {
    return this.#simulation.executor.sleep(Math.floor(this.#simulation.electionUs / 20));
  }

  #describe(): string {
    const { members } = this.#simulation;
    const lines = members.map(({ id, node, isRunning, log, disk }) => {
      if (node === null) {
        return `${id}: ${isRunning ? "starting" : "down"}`;
      }
      const {
        role,
        term,
        leader,
        membership,
        lastIndex,
        persistedIndex,
        committedIndex,
        appliedIndex,
      } = node.status();
      return `${id}: ${role} in term ${term}, leader ${leader}, log ${lastIndex}/${persistedIndex} ` +
        `(given to the store ${log.lastIndex}/${log.lastTerm}, on disk ${disk.log.lastIndex}), ` +
        `committed ${committedIndex}, applied ${appliedIndex}, voters ${membership.voters}` +
        (membership.votersOutgoing.length > 0 ? `|${membership.votersOutgoing}` : "") +
        (membership.learners.length > 0 ? `, learners ${membership.learners}` : "");
    });
    const open = this.#waiting.map(({ member, what }) => `${what} waits for ${member}`);
    return `within ${FULL_STACK_HEALING_TIMEOUTS} election timeouts there are still ${this.#step}\n` +
      [...lines, ...open].join("\n");
  }
}
