import { randomInt } from "node:crypto";
import process from "node:process";
import type { ExecutionContext } from "ava";

/** Chance that comes from a seed alone. */
export interface SeededRandom {
  /** An integer in `[low, high)`. */
  int(low: number, high: number): number;
  bytes(length: number): Uint8Array;
  pick<T>(items: readonly [T, ...T[]]): T;
}

/**
 * Chance for one test. The seed is in the test's log; to have the same again,
 * set `KVORUM_TEST_SEED` to it.
 */
export function randomOfTest(t: ExecutionContext): SeededRandom {
  const given = process.env["KVORUM_TEST_SEED"];
  const seed = given === undefined ? randomInt(2 ** 32) : Number(given);
  t.log(`replay with KVORUM_TEST_SEED=${seed}`);
  return seededRandom(seed);
}

/** Mulberry32: 32 bits of state, enough to scatter test cases. */
export function seededRandom(seed: number): SeededRandom {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const int = (low: number, high: number): number => low + Math.floor(next() * (high - low));
  return {
    int,
    bytes: (length) => Uint8Array.from({ length }, () => int(0, 256)),
    pick: ([first, ...rest]) => [first, ...rest][int(0, rest.length + 1)] ?? first,
  };
}
