import { ELECTION_MUTANTS } from "./election_mutants.ts";
import { LISTED_MUTANTS } from "./listed.ts";
import { LOG_MUTANTS } from "./log_mutants.ts";
import { MEMBERSHIP_MUTANTS } from "./membership_mutants.ts";
import type { Mutant } from "./mutant.ts";
import { READ_MUTANTS } from "./read_mutants.ts";
import { SUSPECT_MUTANTS } from "./suspect_mutants.ts";

/** All seeded bugs: the listed ones first. */
export const ALL_MUTANTS: readonly Mutant[] = [
  ...LISTED_MUTANTS,
  ...ELECTION_MUTANTS,
  ...LOG_MUTANTS,
  ...READ_MUTANTS,
  ...MEMBERSHIP_MUTANTS,
  ...SUSPECT_MUTANTS,
];
