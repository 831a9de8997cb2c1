import type { SeededRandom } from "../seeded_random.ts";
import type { SwarmConfiguration } from "./swarm.ts";

export interface FaultTimingOptions {
  readonly configuration: SwarmConfiguration;
  readonly electionUs: number;
  readonly random: SeededRandom;
  /** Calls back after a while. */
  readonly after: (delayUs: number, action: () => void) => void;
}

/** When faults come and how long they last, until there are to be none any more. */
export class FaultTiming {
  readonly #options: FaultTimingOptions;
  #isStopped = false;

  constructor(options: FaultTimingOptions) {
    this.#options = options;
  }

  get isStopped(): boolean {
    return this.#isStopped;
  }

  stop(): void {
    this.#isStopped = true;
  }

  /** Does something later, unless the faults have ended by then. */
  later(delayUs: number, action: () => void): void {
    this.#options.after(delayUs, () => {
      if (!this.#isStopped) {
        action();
      }
    });
  }

  /** A time within which what has just begun is hardly over. */
  soon(): number {
    const { random, configuration: { network, diskUs } } = this.#options;
    return random.below(3 * (network.delayUs + diskUs));
  }

  /** How long a fault lasts. */
  duration(): number {
    const { random, electionUs } = this.#options;
    return random.around(random.pick([0.3, 1, 3]) * electionUs);
  }
}
