import { CORE_MUTANTS } from "./core_mutants.ts";
import { DATA_MUTANTS } from "./data_mutants.ts";
import { DRIVER_MUTANTS } from "./driver_mutants.ts";
import { ELECTION_MUTANTS } from "./election_mutants.ts";
import { FILES_MUTANTS } from "./files_mutants.ts";
import { FOLLOWER_MUTANTS } from "./follower_mutants.ts";
import { LEADER_MUTANTS } from "./leader_mutants.ts";
import { LISTED_MUTANTS } from "./listed.ts";
import { LMDB_MUTANTS } from "./lmdb_mutants.ts";
import { LOG_MUTANTS } from "./log_mutants.ts";
import { MEMBER_LOG_MUTANTS } from "./member_log_mutants.ts";
import { MEMBERSHIP_MUTANTS } from "./membership_mutants.ts";
import { MESSAGE_MUTANTS } from "./message_mutants.ts";
import type { Mutant } from "./mutant.ts";
import { NODE_MUTANTS } from "./node_mutants.ts";
import { PENDING_MUTANTS } from "./pending_mutants.ts";
import { READ_MUTANTS } from "./read_mutants.ts";
import { REPLICATION_MUTANTS } from "./replication_mutants.ts";
import { RESTORE_MUTANTS } from "./restore_mutants.ts";
import { SNAPSHOT_MUTANTS } from "./snapshot_mutants.ts";
import { SNAPSHOT_STORE_MUTANTS } from "./snapshot_store_mutants.ts";
import { STORAGE_MUTANTS } from "./storage_mutants.ts";
import { SUSPECT_MUTANTS } from "./suspect_mutants.ts";

/** All seeded bugs: the listed ones first, then those of the core, then those of its driver, then those of storage and of the server. */
export const ALL_MUTANTS: readonly Mutant[] = [
  ...LISTED_MUTANTS,
  ...ELECTION_MUTANTS,
  ...LOG_MUTANTS,
  ...READ_MUTANTS,
  ...MEMBERSHIP_MUTANTS,
  ...CORE_MUTANTS,
  ...LEADER_MUTANTS,
  ...REPLICATION_MUTANTS,
  ...FOLLOWER_MUTANTS,
  ...MESSAGE_MUTANTS,
  ...DRIVER_MUTANTS,
  ...NODE_MUTANTS,
  ...PENDING_MUTANTS,
  ...SNAPSHOT_MUTANTS,
  ...MEMBER_LOG_MUTANTS,
  ...STORAGE_MUTANTS,
  ...RESTORE_MUTANTS,
  ...SNAPSHOT_STORE_MUTANTS,
  ...FILES_MUTANTS,
  ...LMDB_MUTANTS,
  ...DATA_MUTANTS,
  ...SUSPECT_MUTANTS,
];
