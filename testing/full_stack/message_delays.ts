import type { Message } from "../../raft/mod.ts";
import type { LinkFaults } from "../../transport/mod.ts";
import type { SeededRandom } from "../seeded_random.ts";
import { TICK_US } from "../simulation/swarm.ts";
import type { FullStackConfiguration } from "./full_stack_configuration.ts";
import type { LinkControl } from "./link_control.ts";
import type { VirtualExecutor } from "./virtual_executor.ts";

export interface MessageDelaysOptions {
  readonly configuration: FullStackConfiguration;
  readonly random: SeededRandom;
  readonly executor: Pick<VirtualExecutor, "after">;
  readonly links: Pick<LinkControl, "slowness" | "isCut">;
  /** Gives a message to its receiver, if that is there. */
  readonly deliver: (message: Message) => void;
}

/** Takes messages out of the network's hands that are to come late: over slow ways, or as stragglers. */
export class MessageDelays {
  readonly #options: MessageDelaysOptions;
  #straggled = 0;

  constructor(options: MessageDelaysOptions) {
    this.#options = options;
  }

  /** How many messages came long after all that were sent with them. */
  get straggled(): number {
    return this.#straggled;
  }

  /** Whether a message that is about to leave comes late, past the network. */
  detains(message: Message): boolean {
    const { configuration, random, links } = this.#options;
    const { network, isOrderly, tuning } = configuration;
    const slowness = links.slowness(message);
    if (slowness > 1) {
      this.#deliverLate(message, random.around(network.delayUs * slowness));
      return true;
    }
    if (isOrderly || !random.chance(network.straggling)) {
      return false;
    }
    this.#straggled += 1;
    this.inject(message, random.around(tuning.electionTicks * TICK_US / 2));
    return true;
  }

  /** A message comes, past the network: late, or out of nowhere. */
  inject(message: Message, delayUs: number): void {
    const { executor, deliver } = this.#options;
    executor.after(delayUs, () => deliver(message));
  }

  /** A message that has been long on its way, over a way that may be cut meanwhile. */
  #deliverLate(message: Message, delayUs: number): void {
    const { executor, links } = this.#options;
    executor.after(delayUs, () => {
      if (!links.isCut(message)) {
        this.inject(message, 0);
      }
    });
  }
}

/** What the network itself does to messages while there are faults. */
export function linkFaultsOf(
  { network: { delayUs, loss, duplication }, isOrderly }: FullStackConfiguration,
): LinkFaults {
  return isOrderly ? {} : {
    lossRate: loss,
    duplicateRate: duplication,
    delay: { lowMs: delayUs / 4000, highMs: 2 * delayUs / 1000 },
  };
}
