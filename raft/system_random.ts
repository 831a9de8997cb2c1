import type { Random } from "./random.ts";

/** The machine's chance. Good enough to keep members from starting elections at once. */
export function systemRandom(): Random {
  return { random: () => Math.random() };
}
