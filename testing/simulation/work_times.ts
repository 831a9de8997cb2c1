import type { SeededRandom } from "../seeded_random.ts";
import { type SwarmConfiguration, TICK_US } from "./swarm.ts";
import type { Work } from "./work.ts";

/** Mean time of anything local once the faults have ended, so that a backlog is no excuse. */
const HEALTHY_US = 20;

/** How many times longer a slow state machine takes to apply. */
const SLOW_FACTOR = 20;

/** How long work takes that members begin. */
export class WorkTimes {
  readonly #configuration: SwarmConfiguration;
  readonly #random: SeededRandom;
  #isHealed = false;

  constructor(configuration: SwarmConfiguration, random: SeededRandom) {
    this.#configuration = configuration;
    this.#random = random;
  }

  /** From now on all work is quick. */
  heal(): void {
    this.#isHealed = true;
  }

  /** Draws how long it takes, in microseconds. */
  draw(work: Work, options: { readonly isMachineSlow: boolean }): number {
    const random = this.#random;
    const { tuning, network, diskUs, applyUs } = this.#configuration;
    if (this.#isHealed) {
      return random.around(HEALTHY_US);
    }
    switch (work.type) {
      case "write":
        return random.around(diskUs);
      case "read":
        // Reads wait for others now and then, long enough for the log to change.
        return random.chance(0.1)
          ? random.below(tuning.electionTicks * TICK_US)
          : random.around(diskUs);
      case "apply":
        return random.around(applyUs) * (options.isMachineSlow ? SLOW_FACTOR : 1);
      case "makeSnapshot":
        return random.around(applyUs + diskUs);
      case "sendSnapshot":
      case "receiveSnapshot":
        return random.around(4 * network.delayUs + diskUs);
    }
  }
}
