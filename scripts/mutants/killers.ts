/** What is known to catch a mutant: a scenario, a seed of the simulator, or both. */
export interface Killer {
  /** Title of the first scenario that fails. */
  readonly scenario?: string;
  /** The first seed that fails, from scratch, and the check that notices. */
  readonly seed?: number;
  readonly check?: string;
}

/** By mutant. Written by `npm run mutate -- --pin`. */
export const KILLERS: Readonly<Record<string, Killer>> = {};
