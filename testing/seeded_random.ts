import type { Random } from "../raft/mod.ts";

/**
 * Chance from a seed: the same numbers on every machine, in every browser.
 *
 * The generator is xoshiro128** on 32-bit integers, which needs nothing that
 * engines may compute differently, filled by splitmix32.
 */
export class SeededRandom implements Random {
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  /** `seed` is an integer; its lower 53 bits count. */
  constructor(seed: number) {
    const low = seed >>> 0;
    const high = Math.floor(seed / 2 ** 32) >>> 0;
    this.#a = mix(low + 0x9e3779b9);
    this.#b = mix(low + 0x3c6ef372 + high);
    this.#c = mix(this.#a ^ 0xdaa66d2b ^ high);
    this.#d = mix(this.#b ^ 0x78dde6e4) | 1;
  }

  /** The next integer in `[0, 2³²)`. */
  next(): number {
    const product = Math.imul(this.#b, 5);
    const result = Math.imul((product << 7) | (product >>> 25), 9) >>> 0;
    const shifted = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= shifted;
    this.#d = (this.#d << 11) | (this.#d >>> 21);
    return result;
  }

  /** The next number in `[0, 1)`. */
  random(): number {
    return this.next() / 2 ** 32;
  }

  /** An integer in `[0, bound)`. */
  below(bound: number): number {
    return Math.floor(this.random() * bound);
  }

  /** An integer in `[first, last]`. */
  between(first: number, last: number): number {
    return first + this.below(last - first + 1);
  }

  /** True with the given probability. */
  chance(probability: number): boolean {
    return this.random() < probability;
  }

  /** One of the items, of which there is at least one. */
  pick<Item>(items: readonly Item[]): Item {
    const item = items[this.below(items.length)];
    if (item === undefined) {
      throw new RangeError("Nothing to pick from");
    }
    return item;
  }

  /** The items in a new order. */
  shuffled<Item>(items: readonly Item[]): Item[] {
    const shuffled = [...items];
    for (let end = shuffled.length - 1; end > 0; end -= 1) {
      const other = this.below(end + 1);
      const item = shuffled[end] as Item;
      shuffled[end] = shuffled[other] as Item;
      shuffled[other] = item;
    }
    return shuffled;
  }

  /**
   * About `mean`, rarely up to ten times as much: a delay with a long tail, by
   * multiplication alone, since engines may round logarithms differently.
   */
  around(mean: number): number {
    const draw = this.random();
    const square = draw * draw;
    return Math.floor(mean * (0.25 + draw + 9 * square * square * square * square));
  }

  /** A generator of its own, so that one consumer's draws do not shift another's. */
  fork(): SeededRandom {
    return new SeededRandom(this.next() * 2 ** 21 + (this.next() >>> 11));
  }
}

/** The finaliser of splitmix32. */
function mix(value: number): number {
  let mixed = value >>> 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
  return (mixed ^ (mixed >>> 15)) >>> 0;
}
