import type { Application, SimulatedMachine } from "./application.ts";
import type { FullStackConfiguration } from "./full_stack_configuration.ts";
import type { FullStackResult } from "./full_stack_result.ts";
import { FullStackSimulation } from "./full_stack_simulation.ts";
import { RegisterApplication } from "./register_application.ts";

/** How a run is to be. */
export interface FullStackOptions {
  /**
   * Makes what the group replicates, anew for each run. Default: registers,
   * whose clients have sessions.
   */
  readonly application?: () => Application<SimulatedMachine>;
  /** Events after which the faults end and the group must heal. Default: 10,000. */
  readonly events?: number;
  /** Takes the place of what the seed draws. */
  readonly configuration?: FullStackConfiguration;
  /** Is told of every event, for people; slow. */
  readonly onTrace?: (line: string) => void;
}

/**
 * Runs one seed with whole members, to its end or to the first thing that is
 * broken: `RaftNode` on the log of `kvorum/storage/wal` and a state machine, on
 * a simulated disk, over a simulated network.
 */
export function runFullStackSeed(
  seed: number,
  options: FullStackOptions = {},
): Promise<FullStackResult> {
  const { application = () => new RegisterApplication() } = options;
  return new FullStackSimulation(seed, application(), options).run();
}
