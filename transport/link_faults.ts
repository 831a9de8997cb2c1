import { invariant, type Random } from "../raft/mod.ts";

/** What goes wrong on the way from one member to another. */
export interface LinkFaults {
  /** Share of the messages that are lost, from 0 to 1. Default: 0. */
  readonly lossRate?: number;
  /** Share of the messages that arrive twice, from 0 to 1. Default: 0. */
  readonly duplicateRate?: number;
  /**
   * How long a message and a piece of a snapshot take, drawn for each from
   * `[lowMs, highMs)`, so that messages overtake each other. Default: none, all
   * arrive at the end of the turn.
   */
  readonly delay?: { readonly lowMs: number; readonly highMs: number };
}

/** Decides what happens to what is sent. The same chance gives the same decisions. */
export class FaultDice {
  readonly #random: Random | null;
  readonly #faults: LinkFaults;

  constructor(faults: LinkFaults, random: Random | null) {
    this.#faults = faults;
    this.#random = random;
    invariant(!this.hasFaults || random !== null, "faults need a source of chance");
  }

  /** Whether anything is left to chance. */
  get hasFaults(): boolean {
    const { lossRate = 0, duplicateRate = 0, delay } = this.#faults;
    return lossRate > 0 || duplicateRate > 0 || delay !== undefined;
  }

  isLost(): boolean {
    return this.#happens(this.#faults.lossRate);
  }

  isDoubled(): boolean {
    return this.#happens(this.#faults.duplicateRate);
  }

  delayMs(): number {
    const { delay } = this.#faults;
    return delay === undefined || this.#random === null
      ? 0
      : delay.lowMs + this.#random.random() * (delay.highMs - delay.lowMs);
  }

  #happens(rate = 0): boolean {
    return rate > 0 && this.#random !== null && this.#random.random() < rate;
  }
}
