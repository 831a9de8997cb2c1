import type { SeededRandom } from "../seeded_random.ts";
import { encodeCommand } from "./command.ts";
import type { CoreSimulation } from "./core_simulation.ts";
import type { SimulatedMember } from "./simulated_member.ts";

/** Part of the requests that go to any member that leads as far as it knows. */
const STALE_PART = 0.15;

/** Clients that propose and read, at random members, at random times. */
export class ClientLoad {
  readonly #simulation: CoreSimulation;
  readonly #random: SeededRandom;
  #isStopped = false;

  constructor(simulation: CoreSimulation, random: SeededRandom) {
    this.#simulation = simulation;
    this.#random = random;
  }

  start(): void {
    this.#scheduleNext();
  }

  stop(): void {
    this.#isStopped = true;
  }

  #scheduleNext(): void {
    const { clientUs } = this.#simulation.configuration;
    this.#simulation.after(this.#random.around(clientUs), () => {
      if (!this.#isStopped) {
        this.#act();
        this.#scheduleNext();
      }
    });
  }

  #act(): void {
    const { reads, batchMax } = this.#simulation.configuration;
    const member = this.#chooseMember();
    const count = this.#random.between(1, batchMax);
    if (this.#random.chance(reads)) {
      this.#simulation.request(member, () => this.#read(member, count));
    } else {
      this.#simulation.request(member, () => this.#propose(member, count));
    }
  }

  #chooseMember(): SimulatedMember {
    const { leader, members, configuration } = this.#simulation;
    if (this.#random.chance(STALE_PART)) {
      // Some go on asking whoever still takes itself for the leader.
      const leaders = members.filter(({ isRunning, role }) => isRunning && role === "leader");
      return this.#random.pick(leaders.length > 0 ? leaders : members);
    }
    return leader !== undefined && this.#random.chance(configuration.loyalty)
      ? leader
      : this.#random.pick(members);
  }

  #propose(member: SimulatedMember, count: number): void {
    const { ledger, configuration } = this.#simulation;
    const commands = Array.from({ length: count }, () => {
      const id = ledger.takeId();
      return { id, data: encodeCommand(id, this.#random.below(configuration.commandBytesMax + 1)) };
    });
    member.propose(commands);
  }

  #read(member: SimulatedMember, count: number): void {
    const { ledger } = this.#simulation;
    member.read(Array.from({ length: count }, () => ledger.takeId()));
  }
}
