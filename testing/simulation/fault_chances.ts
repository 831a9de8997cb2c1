import type { SeededRandom } from "../seeded_random.ts";
import type { CrashPoint } from "./crash_point.ts";
import type { Fault } from "./fault.ts";
import type { FaultTiming } from "./fault_timing.ts";
import type { SwarmConfiguration } from "./swarm.ts";

export interface FaultChancesOptions {
  readonly configuration: SwarmConfiguration;
  readonly random: SeededRandom;
  readonly timing: Pick<FaultTiming, "isStopped">;
}

/** Draws which of the faults come that something sets off, and counts all that came. */
export class FaultChances {
  readonly #options: FaultChancesOptions;
  readonly #strikes = new Map<Fault, number>();
  readonly #crashes = new Map<CrashPoint, number>();

  constructor(options: FaultChancesOptions) {
    const { faultsUs, triggers, crashPoints } = options.configuration;
    this.#options = options;
    for (const fault of [...faultsUs.keys(), ...triggers.keys()]) {
      this.#strikes.set(fault, 0);
    }
    for (const point of triggers.has("crash at a step") ? crashPoints.keys() : []) {
      this.#crashes.set(point, 0);
    }
  }

  /** How often each configured fault struck. */
  get strikes(): ReadonlyMap<Fault, number> {
    return this.#strikes;
  }

  /** How often a member crashed at each configured step. */
  get crashes(): ReadonlyMap<CrashPoint, number> {
    return this.#crashes;
  }

  /** Whether a fault is to come. It counts once it is there. */
  triggers(fault: Fault): boolean {
    const { configuration, timing, random } = this.#options;
    const probability = configuration.triggers.get(fault) ?? 0;
    return !timing.isStopped && random.chance(probability);
  }

  /** Whether a member that has come to this step is to crash at it. That counts at once. */
  crashesAt(point: CrashPoint): boolean {
    const { configuration, timing, random } = this.#options;
    const probability = configuration.crashPoints.get(point);
    if (
      probability === undefined || timing.isStopped ||
      !configuration.triggers.has("crash at a step") || !random.chance(probability)
    ) {
      return false;
    }
    this.#crashes.set(point, (this.#crashes.get(point) ?? 0) + 1);
    this.count("crash at a step");
    return true;
  }

  count(fault: Fault): void {
    this.#strikes.set(fault, (this.#strikes.get(fault) ?? 0) + 1);
  }
}
