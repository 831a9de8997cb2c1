import type { Random } from "../../raft/mod.ts";

/**
 * No chance at all: each member's election timeout is always the same, and no
 * two members' are, so that the script decides whose ends first. The numbers
 * still differ a little, since a core names its life by 32 bits of one.
 */
export class ScriptedRandom implements Random {
  readonly #base: number;
  #drawn = 0;

  /** The first member (0) has the longest timeout, the last of ten the shortest. */
  constructor(number: number) {
    this.#base = 0.95 - number / 10;
  }

  random(): number {
    this.#drawn += 1;
    return this.#base + this.#drawn / 2 ** 31;
  }
}
