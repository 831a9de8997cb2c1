import { ViolationError } from "../violation.ts";
import { CoreSimulation } from "./core_simulation.ts";
import type { CrashPoint } from "./crash_point.ts";
import type { Fault } from "./fault.ts";
import type { Mark } from "./marks.ts";
import { drawSwarm, type SwarmConfiguration } from "./swarm.ts";

/** How a run is to be. */
export interface CoreSimulationOptions {
  readonly seed: number;
  /** Events after which the faults end and the group must heal. Default: 10,000. */
  readonly events?: number;
  /** Takes the place of what the seed draws. */
  readonly configuration?: SwarmConfiguration;
  /** Is told of every event, for people; slow. */
  readonly onTrace?: (line: string) => void;
}

/** What a run came to. */
export interface CoreSimulationResult {
  readonly seed: number;
  /** What was broken, `null` if nothing was. */
  readonly failure: ViolationError | null;
  /** Hash of all that happened, the same for the same seed on every machine. */
  readonly trace: string;
  readonly events: number;
  /** Virtual time. */
  readonly virtualUs: number;
  /** Entries that the group has committed. */
  readonly commits: number;
  /** Commands that clients were told to be done. */
  readonly acknowledged: number;
  readonly readsServed: number;
  /** Virtual time from the end of the faults until the group had made progress. */
  readonly healedUs: number;
  /** As a multiple of the election timeout. */
  readonly healedTimeouts: number;
  readonly marks: Readonly<Record<Mark, number>>;
  /** How often each configured fault struck. */
  readonly faults: ReadonlyMap<Fault | "loss" | "duplication" | "straggling", number>;
  readonly crashPoints: ReadonlyMap<CrashPoint, number>;
}

/**
 * Runs one seed, to its end or to the first thing that is broken: first with
 * faults, then without, when the group must heal.
 */
export function simulateCore(options: CoreSimulationOptions): CoreSimulationResult {
  const { seed, events = 10_000, configuration = drawSwarm(seed), onTrace = null } = options;
  const simulation = new CoreSimulation({ seed, configuration, onTrace });
  return resultOf(seed, simulation, runToEnd(simulation, events));
}

/** Returns what was broken, `null` if nothing was. */
function runToEnd(simulation: CoreSimulation, events: number): ViolationError | null {
  try {
    simulation.start();
    while (simulation.events < events) {
      simulation.runNext();
    }
    const healing = simulation.endFaults();
    while (!healing.isDone) {
      simulation.runNext();
    }
    simulation.invariants.compareAll(simulation.members);
    return null;
  } catch (error) {
    if (error instanceof ViolationError) {
      return error;
    }
    throw error;
  }
}

function resultOf(
  seed: number,
  simulation: CoreSimulation,
  failure: ViolationError | null,
): CoreSimulationResult {
  const { configuration, trace, invariants, ledger, nemesis, network } = simulation;
  const { committed } = invariants;
  trace.add(committed.lastIndex);
  trace.add(ledger.acknowledged);
  trace.add(ledger.served);
  trace.addText(failure?.message ?? "");
  const healedUs = simulation.healing?.tookUs ?? 0;
  return {
    seed,
    failure,
    trace: trace.toString(),
    events: simulation.events,
    virtualUs: simulation.now,
    commits: committed.lastIndex,
    acknowledged: ledger.acknowledged,
    readsServed: ledger.served,
    healedUs,
    healedTimeouts: healedUs / simulation.electionUs,
    marks: simulation.marks.all(),
    faults: new Map<Fault | "loss" | "duplication" | "straggling", number>([
      ...nemesis.strikes,
      ...Object.entries(network.counts)
        .filter(([name]) => configuration.network[name as "loss"] > 0) as ["loss", number][],
    ]),
    crashPoints: nemesis.crashes,
  };
}
