import type { Level } from "../simulation/levels.ts";

/** What is known to catch a mutant: one of these, or several. */
export interface Killer {
  /** Title of the first scenario that fails. */
  readonly scenario?: string;
  /** The first seed that fails, from scratch, with the check that notices. */
  readonly seed?: { readonly level: Level; readonly seed: number; readonly check: string };
  /** So many seeds from the first on were played, and none failed. */
  readonly seedsPassed?: number;
  /** Title of the first test that fails. */
  readonly test?: string;
}

/** By mutant. Written by `npm run mutate -- --pin`. */
export const KILLERS: Readonly<Record<string, Killer>> = {};
