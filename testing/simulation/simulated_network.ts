import type { Message } from "../../raft/mod.ts";
import type { SeededRandom } from "../seeded_random.ts";

/** What a network does to messages, beside partitions. */
export interface NetworkOptions {
  /** Mean delay of a message, in microseconds. */
  readonly delayUs: number;
  /** Part of the messages that are lost. */
  readonly loss: number;
  /** Part of the messages that arrive twice. */
  readonly duplication: number;
  /** Part of the messages that are held up for many times the mean delay. */
  readonly straggling: number;
}

/** Mean delay of a message once the faults have ended. */
const HEALTHY_DELAY_US = 200;

/**
 * Links between members, one for each direction. Messages overtake each other,
 * since each is delayed on its own.
 */
export class SimulatedNetwork {
  readonly #size: number;
  readonly #random: SeededRandom;
  readonly #deliver: (delayUs: number, message: Message) => void;
  /** By link: how many faults block it now. */
  readonly #blocks: Uint16Array;
  /** By link: how many faults make it slow now. */
  readonly #slowings: Uint16Array;
  /** By link: how many times slower than usual it is, by the newest of them. */
  readonly #slowness: Float64Array;
  #options: NetworkOptions;
  #isHealed = false;
  #dropped = 0;
  #duplicated = 0;
  #straggled = 0;

  constructor(
    size: number,
    options: NetworkOptions,
    random: SeededRandom,
    deliver: (delayUs: number, message: Message) => void,
  ) {
    this.#size = size;
    this.#options = options;
    this.#random = random;
    this.#deliver = deliver;
    this.#blocks = new Uint16Array(size * size);
    this.#slowings = new Uint16Array(size * size);
    this.#slowness = new Float64Array(size * size).fill(1);
  }

  /** How often each of its faults struck. */
  get counts(): {
    readonly loss: number;
    readonly duplication: number;
    readonly straggling: number;
  } {
    return { loss: this.#dropped, duplication: this.#duplicated, straggling: this.#straggled };
  }

  isBlocked(from: number, to: number): boolean {
    return (this.#blocks[this.#link(from, to)] ?? 0) > 0;
  }

  /** Blocks one direction; every `block` needs an `unblock`. */
  block(from: number, to: number): void {
    this.#add(from, to, 1);
  }

  unblock(from: number, to: number): void {
    if (this.isBlocked(from, to)) {
      this.#add(from, to, -1);
    }
  }

  /** Makes one direction `factor` times slower than usual; every `slowDown` needs a `speedUp`. */
  slowDown(from: number, to: number, factor: number): void {
    const link = this.#link(from, to);
    this.#slowings[link] = (this.#slowings[link] ?? 0) + 1;
    this.#slowness[link] = factor;
  }

  speedUp(from: number, to: number): void {
    const link = this.#link(from, to);
    const left = Math.max(0, (this.#slowings[link] ?? 0) - 1);
    this.#slowings[link] = left;
    if (left === 0) {
      this.#slowness[link] = 1;
    }
  }

  /** Ends all faults; from now on each link keeps the order of its messages. */
  heal(): void {
    this.#isHealed = true;
    this.#blocks.fill(0);
    this.#slowings.fill(0);
    this.#slowness.fill(1);
    const delayUs = Math.min(this.#options.delayUs, HEALTHY_DELAY_US);
    this.#options = { delayUs, loss: 0, duplication: 0, straggling: 0 };
  }

  /** Sends a message from one member, by number, to another. */
  send(from: number, to: number, message: Message): void {
    const random = this.#random;
    const { delayUs, loss, duplication, straggling } = this.#options;
    if (loss > 0 && random.chance(loss)) {
      this.#dropped += 1;
      return;
    }
    const slowness = this.#slowness[this.#link(from, to)] ?? 1;
    this.#deliver(this.#delay(delayUs * slowness, straggling), message);
    if (duplication > 0 && random.chance(duplication)) {
      this.#duplicated += 1;
      this.#deliver(this.#delay(delayUs * slowness, straggling) * random.between(1, 5), message);
    }
  }

  #delay(meanUs: number, straggling: number): number {
    if (this.#isHealed) {
      return meanUs;
    }
    if (straggling > 0 && this.#random.chance(straggling)) {
      this.#straggled += 1;
      return this.#random.around(meanUs * 20);
    }
    return this.#random.around(meanUs);
  }

  #link(from: number, to: number): number {
    return from * this.#size + to;
  }

  #add(from: number, to: number, change: number): void {
    const link = this.#link(from, to);
    this.#blocks[link] = (this.#blocks[link] ?? 0) + change;
  }
}
