import type { SeededRandom } from "../seeded_random.ts";
import type { FileLatency } from "../simulated_file_system/simulated_file_system.ts";
import { TICK_US } from "../simulation/swarm.ts";
import type { FullStackConfiguration } from "./full_stack_configuration.ts";
import type { FullStackMember } from "./full_stack_member.ts";

/** Time of calls of a disk once the faults have ended, so that a backlog is no excuse. */
const HEALTHY: FileLatency = { callUs: 5, syncUs: 20 };

/** How long disks and state machines of members take. */
export class LocalTimes {
  readonly #configuration: FullStackConfiguration;
  readonly #random: SeededRandom;
  readonly #slowMachines = new Set<FullStackMember>();
  #isHealed = false;

  constructor(configuration: FullStackConfiguration, random: SeededRandom) {
    this.#configuration = configuration;
    this.#random = random;
  }

  /** How long calls of a disk take now. */
  get fileLatency(): FileLatency {
    const { diskUs } = this.#configuration;
    return this.#isHealed ? HEALTHY : { callUs: diskUs / 10, syncUs: diskUs };
  }

  /** How long a state machine takes for its next apply, in milliseconds. */
  applyMs(member: FullStackMember): number {
    const { slowApplies, applyUs } = this.#configuration;
    if (this.#isHealed || !this.#random.chance(slowApplies)) {
      return 0;
    }
    return this.#random.around(applyUs) * (this.#slowMachines.has(member) ? 20 : 1) / 1000;
  }

  /** For how long a read has to wait for others at the disk: now and then until the log has changed. */
  readWaitUs(): number {
    const electionUs = this.#configuration.tuning.electionTicks * TICK_US;
    return this.#isHealed || !this.#random.chance(0.1) ? 0 : this.#random.below(electionUs);
  }

  slowMachine(member: FullStackMember, isSlow: boolean): void {
    if (isSlow) {
      this.#slowMachines.add(member);
    } else {
      this.#slowMachines.delete(member);
    }
  }

  /** From now on everything is fast. */
  heal(): void {
    this.#isHealed = true;
    this.#slowMachines.clear();
  }
}
