import type { Scenario } from "../../../testing/mod.ts";
import { ANSWER_SCENARIOS } from "./answers.ts";
import { BOUND_SCENARIOS } from "./bounds.ts";
import { ELECTION_SCENARIOS } from "./elections.ts";
import { FLOW_SCENARIOS } from "./flow.ts";
import { LOG_SCENARIOS } from "./log.ts";
import { MEMBERSHIP_SCENARIOS } from "./membership.ts";
import { NONSENSE_SCENARIOS } from "./nonsense.ts";
import { READ_SCENARIOS } from "./reads.ts";
import { SILENCE_SCENARIOS } from "./silence.ts";
import { SNAPSHOT_SCENARIOS } from "./snapshots.ts";
import { SUSPECT_SCENARIOS } from "./suspects.ts";
import { TRANSFER_SCENARIOS } from "./transfers.ts";

/** The scenarios of the catalogue of faults that concern the core. */
export const ALL_SCENARIOS: readonly Scenario[] = [
  ...ELECTION_SCENARIOS,
  ...LOG_SCENARIOS,
  ...BOUND_SCENARIOS,
  ...READ_SCENARIOS,
  ...TRANSFER_SCENARIOS,
  ...MEMBERSHIP_SCENARIOS,
  ...SNAPSHOT_SCENARIOS,
  ...SILENCE_SCENARIOS,
  ...FLOW_SCENARIOS,
  ...ANSWER_SCENARIOS,
  ...NONSENSE_SCENARIOS,
  ...SUSPECT_SCENARIOS,
];
