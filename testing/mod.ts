/**
 * Tools to break what was built from the other modules, and to show that it holds.
 *
 * The simulator runs any number of Raft members in one process, on virtual
 * time, with everything that happens to them drawn from one seed: delayed, lost
 * and reordered messages, partitions, crashes between any two steps, slow disks,
 * jumping clocks, membership changes. It checks all the time, and a seed that
 * breaks something breaks it again, event by event.
 *
 * ```ts
 * import { simulateCore } from "kvorum/testing";
 *
 * const { failure, commits, trace } = simulateCore({ seed: 42, events: 2_000 });
 * console.log(failure, commits > 0, trace.length); // null true 16
 * ```
 *
 * The conformance suites tell whether an implementation of one of the
 * interfaces is right: `logStoreCases`, `backendCases`, `snapshotStoreCases`,
 * `fileSystemCases`, `stateMachineCases` and `transportCases` return cases, one
 * for each requirement, that any test runner can run. `examples/README.md` shows
 * how.
 *
 * What it leaves to you: a check of what your own state machine means by right.
 *
 * @module
 */
export { BackendRequirementError } from "./conformance/backend/backend_requirement.ts";
export {
  type BackendAbility,
  type BackendCase,
  backendCases,
  type BackendSuiteOptions,
  type BackendTestbed,
} from "./conformance/backend/backend_suite.ts";
export {
  type CoreSimulationOptions,
  type CoreSimulationResult,
  simulateCore,
} from "./simulation/simulate_core.ts";
export { CRASH_POINTS, type CrashPoint } from "./simulation/crash_point.ts";
export { type Fault, FAULTS } from "./simulation/fault.ts";
export { type Mark, MARKS } from "./simulation/marks.ts";
export type { NetworkOptions } from "./simulation/simulated_network.ts";
export { drawSwarm, type SwarmConfiguration, TICK_US } from "./simulation/swarm.ts";
export {
  COMMITS_PER_SEED_MIN,
  COVERAGE_SEEDS,
  coverageProblems,
  EMPTY_REPORT,
  type FailedSeed,
  mergeReports,
  reportOf,
  type SwarmReport,
} from "./simulation/swarm_report.ts";
export {
  checkLinearizable,
  type LinearizabilityOptions,
  type LinearizabilityVerdict,
} from "./linearizability/check_linearizable.ts";
export type { Operation, SequentialModel } from "./linearizability/operation.ts";
export {
  REGISTER_MODEL,
  type RegisterInput,
  type RegisterOutput,
} from "./linearizability/register_model.ts";
export { FileSystemRequirementError } from "./conformance/file_system/file_system_requirement.ts";
export {
  type FileSystemAbility,
  type FileSystemCase,
  fileSystemCases,
  type FileSystemSuiteOptions,
  type FileSystemTestbed,
  type OtherProcess,
} from "./conformance/file_system/file_system_suite.ts";
export { LogStoreRequirementError } from "./conformance/log_store/log_store_requirement.ts";
export {
  type LogStoreAbility,
  type LogStoreCase,
  logStoreCases,
  type LogStoreSuiteOptions,
  type LogStoreTestbed,
} from "./conformance/log_store/log_store_suite.ts";
export { must, type Scenario } from "./scenario/scenario.ts";
export type { MessageFilter } from "./scenario/message_filter.ts";
export { ScriptedGroup, type ScriptedGroupOptions } from "./scenario/scripted_group.ts";
export { SeededRandom } from "./seeded_random.ts";
export {
  type SnapshotStoreAbility,
  type SnapshotStoreCase,
  snapshotStoreCases,
  type SnapshotStoreSuiteOptions,
  type SnapshotStoreTestbed,
} from "./conformance/snapshot_store/snapshot_store_suite.ts";
export { SnapshotStoreRequirementError } from "./conformance/snapshot_store/snapshot_store_requirement.ts";
export {
  type StateMachineCase,
  stateMachineCases,
  StateMachineRequirementError,
  type StateMachineSuiteOptions,
  type StateMachineTestbed,
} from "./conformance/state_machine/state_machine_suite.ts";
export { TransportRequirementError } from "./conformance/transport/transport_requirement.ts";
export {
  type TransportAbility,
  type TransportCase,
  transportCases,
  type TransportSuiteOptions,
  type TransportTestbed,
} from "./conformance/transport/transport_suite.ts";
export { ViolationError } from "./violation.ts";
