import { everyone } from "../invariants/membership_rules.ts";
import { ViolationError } from "../violation.ts";
import { encodeCommand } from "./command.ts";
import type { CoreSimulation } from "./core_simulation.ts";
import type { SimulatedMember } from "./simulated_member.ts";

/** Election timeouts, each the longest that chance may draw, within which a group must heal. */
export const HEALING_TIMEOUTS = 10;

/** Fresh writes and fresh reads that must be served. */
const FRESH_REQUESTS = 10;

/** A request, and whom and when. */
interface Asked {
  readonly member: SimulatedMember;
  readonly atUs: number;
}

/**
 * What a group owes once all faults have ended: within ten election timeouts it
 * has a leader, serves fresh writes and reads at any member of the group, has
 * answered every request of before, if only with "unknown", and all logs are
 * equal and applied (R38).
 */
export class Healing {
  readonly #simulation: CoreSimulation;
  readonly #startUs: number;
  readonly #deadlineUs: number;
  #endUs: number | null = null;
  /** Fresh commands that were proposed and whose outcome is awaited. */
  readonly #writing = new Map<number, Asked>();
  #written = 0;
  #readsBefore = 0;
  /** Number of the first fresh request: those before it must be answered too. */
  #firstId = 0;
  #reading = 0;

  constructor(simulation: CoreSimulation) {
    this.#simulation = simulation;
    this.#startUs = simulation.now;
    this.#deadlineUs = simulation.now + 2 * HEALING_TIMEOUTS * simulation.electionUs;
  }

  get isDone(): boolean {
    return this.#endUs !== null;
  }

  /** How long it took, so far or in all. */
  get tookUs(): number {
    return (this.#endUs ?? this.#simulation.now) - this.#startUs;
  }

  start(): void {
    this.#firstId = this.#simulation.ledger.nextId;
    this.#readsBefore = this.#simulation.ledger.served;
    this.#check();
  }

  /**
   * Whether a transport would refuse the message: a member that was removed is
   * told so by those who know. Without pre-vote and check-quorum nothing else
   * would keep it from campaigning for ever (Raft thesis §4.2.3).
   */
  refuses(from: SimulatedMember, to: SimulatedMember): boolean {
    const { tuning } = this.#simulation.configuration;
    return !(tuning.preVote === true && tuning.checkQuorum === true) &&
      from.membership.voters.includes(from.id) && to.membership.voters.length > 0 &&
      to.machine.state.appliedIndex > from.machine.state.appliedIndex &&
      !everyone(to.membership).has(from.id);
  }

  #check(): void {
    const simulation = this.#simulation;
    const { leader } = simulation;
    if (leader !== undefined && this.#isLed(leader)) {
      this.#request(leader);
      const isAnswered = this.#group(leader).every((member) => !member.isOwing(this.#firstId));
      if (this.#isServed && isAnswered && this.#isEven(leader)) {
        this.#endUs = simulation.now;
        return;
      }
    }
    if (simulation.now >= this.#deadlineUs) {
      throw new ViolationError("progress after healing", this.#describe());
    }
    simulation.after(simulation.electionUs / 10, () => this.#check());
  }

  /** Whether all members of the group follow this leader. */
  #isLed(leader: SimulatedMember): boolean {
    return this.#group(leader).every((member) =>
      member.isRunning && member.term === leader.term && member.leader === leader.id
    );
  }

  get #isServed(): boolean {
    return this.#written >= FRESH_REQUESTS &&
      this.#simulation.ledger.served - this.#readsBefore >= FRESH_REQUESTS;
  }

  /** Keeps as many requests under way as are still owed. */
  #request(leader: SimulatedMember): void {
    const { ledger } = this.#simulation;
    const group = this.#group(leader);
    const { now, electionUs } = this.#simulation;
    for (const [id, { member, atUs }] of this.#writing) {
      const outcome = ledger.outcomeOf(id);
      // Who is no member any more does not hear of what it has accepted, and of
      // what an earlier leader accepted perhaps nobody ever does.
      if (outcome !== "pending" || !group.includes(member) || now > atUs + 2 * electionUs) {
        this.#writing.delete(id);
        this.#written += outcome === "acknowledged" ? 1 : 0;
      }
    }
    for (let count = this.#writing.size; count < FRESH_REQUESTS - this.#written; count += 1) {
      const member = group[count % group.length] ?? leader;
      const id = ledger.takeId();
      this.#writing.set(id, { member, atUs: now });
      member.propose([{ id, data: encodeCommand(id) }]);
    }
    if (ledger.served - this.#readsBefore < FRESH_REQUESTS) {
      const member = group[this.#reading % group.length] ?? leader;
      this.#reading += 1;
      member.read([ledger.takeId(), ledger.takeId(), ledger.takeId(), ledger.takeId()]);
    }
  }

  /** Whether all logs are equal, committed and applied. */
  #isEven(leader: SimulatedMember): boolean {
    const last = leader.log.lastIndex;
    return this.#group(leader).every(({ log, committedIndex, machine }) =>
      log.lastIndex === last && log.lastTerm === leader.log.lastTerm && committedIndex === last &&
      machine.state.appliedIndex === last
    );
  }

  /** The members as the leader has them, which the others come to have. */
  #group(leader: SimulatedMember): SimulatedMember[] {
    return [...everyone(leader.membership)].map((id) => this.#simulation.member(id))
      .filter((member) => member !== undefined);
  }

  #describe(): string {
    const members = this.#simulation.members.map((member) =>
      `${member.id}: ${member.role} in term ${member.term}, leader ${member.leader}, ` +
      `log ${member.log.lastIndex}/${member.log.lastTerm}, committed ${member.committedIndex}, ` +
      `applied ${member.machine.state.appliedIndex}, ` +
      (member.isOwing(this.#firstId) ? "owes an answer, " : "") +
      `voters ${member.membership.voters}` +
      (member.membership.votersOutgoing.length > 0 ? `|${member.membership.votersOutgoing}` : "") +
      (member.membership.learners.length > 0 ? `, learners ${member.membership.learners}` : "")
    );
    return `no progress within ${HEALING_TIMEOUTS} election timeouts (${this.#written} writes, ` +
      `${this.#simulation.ledger.served - this.#readsBefore} reads served)\n${members.join("\n")}`;
  }
}
