import type { Mark } from "../simulation/marks.ts";
import type { CoreSimulationResult } from "../simulation/simulate_core.ts";
import type { ViolationError } from "../violation.ts";
import type { SimulatedMachine } from "./application.ts";
import type { DiskMark } from "./disk_marks.ts";
import type { FullStackSimulation } from "./full_stack_simulation.ts";

/** What a run came to: the same as on the core's level, and what only whole members have. */
export interface FullStackResult extends CoreSimulationResult {
  readonly marks: Readonly<Record<Mark | DiskMark, number>>;
}

/** What a run of a seed came to that has ended, with what was broken, if anything was. */
export function resultOf<Machine extends SimulatedMachine>(
  seed: number,
  simulation: FullStackSimulation<Machine>,
  failure: ViolationError | null,
): FullStackResult {
  const { executor, invariants: { committed }, nemesis, acknowledged, served } = simulation;
  executor.trace.add(committed.lastIndex);
  executor.trace.add(acknowledged);
  executor.trace.add(served);
  executor.trace.addText(failure?.check ?? "");
  const healedUs = simulation.healing?.tookUs ?? 0;
  return {
    seed,
    failure,
    trace: executor.trace.toString(),
    events: executor.events,
    virtualUs: executor.nowUs,
    commits: committed.lastIndex,
    acknowledged,
    readsServed: served,
    healedUs,
    healedTimeouts: healedUs / simulation.electionUs,
    marks: { ...simulation.marks.all(), ...simulation.diskMarks.all() },
    faults: new Map([...nemesis.strikes, ...networkFaultsOf(simulation)]),
    crashPoints: nemesis.crashes,
  };
}

/** How often the network did what its configuration lets it do. */
function networkFaultsOf<Machine extends SimulatedMachine>(
  { network, delays, configuration }: FullStackSimulation<Machine>,
): (readonly ["loss" | "duplication" | "straggling", number])[] {
  const { lost, duplicated } = network.counts;
  const faults = [
    ["loss", lost],
    ["duplication", duplicated],
    ["straggling", delays.straggled],
  ] as const;
  return faults.filter(([fault]) => configuration.network[fault] > 0 && !configuration.isOrderly);
}
