/**
 * The simulator with whole members: `RaftNode` on the log in files of
 * `kvorum/storage/wal`, a state machine, clients, and everything around them
 * simulated: time, network and disk. One seed decides all of it, so a run that
 * breaks something breaks it again.
 *
 * ```ts
 * import { runFullStackSeed } from "kvorum/testing/full_stack";
 *
 * const { failure, commits, trace } = await runFullStackSeed(42, { events: 1_000 });
 * console.log(failure, commits > 0, trace.length); // null true 16
 * ```
 *
 * The group replicates registers, whose clients have sessions, unless an
 * `Application` of yours takes their place: a state machine, its clients, and a
 * check of what they were told.
 *
 * What it leaves to you: that check.
 * It runs on Node and Deno; a browser lacks what the log in files needs.
 *
 * @module
 */
export type {
  Application,
  ClientWorld,
  MachineDigest,
  MachineResources,
  SimulatedClient,
  SimulatedMachine,
} from "./application.ts";
export { DISK_MARKS, type DiskMark } from "./disk_marks.ts";
export { drawFullStack, type FullStackConfiguration } from "./full_stack_configuration.ts";
export { FULL_STACK_HEALING_TIMEOUTS } from "./full_stack_healing.ts";
export type { FullStackResult } from "./full_stack_result.ts";
export { RegisterApplication } from "./register_application.ts";
export { type FullStackOptions, runFullStackSeed } from "./run_full_stack_seed.ts";
export { VirtualExecutor } from "./virtual_executor.ts";
