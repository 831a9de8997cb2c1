import { SeededRandom } from "../seeded_random.ts";
import type { PowerLoss, TearGrain } from "../simulated_file_system/power_cut.ts";
import { FAILING_DISK_FAULTS } from "../simulation/fault.ts";
import { drawSwarm, type SwarmConfiguration, TICK_US } from "../simulation/swarm.ts";

/**
 * Everything that a seed decides before its run begins: the scenario that it
 * has on the core's level too, and what only a whole member has.
 */
export interface FullStackConfiguration extends SwarmConfiguration {
  /** Whether messages cross as encoded frames. */
  readonly encodesFrames: boolean;
  /** Whether messages arrive in order, at once, several in a frame, as on a healthy link. */
  readonly isOrderly: boolean;
  readonly segmentBytes: number;
  readonly zerosAheadBytes: number;
  readonly tearGrain: TearGrain;
  /** What a power cut takes of what was not synced. */
  readonly powerLoss: PowerLoss;
  /** Part of the crashes in which the machine goes on and only the process ends. */
  readonly kills: number;
  /** Part of the downtimes that begin with an orderly stop. */
  readonly stops: number;
  /** Applied entries beyond the tail that start a compaction. */
  readonly compactionThreshold: number;
  readonly snapshotChunkBytes: number;
  readonly snapshotFillerBytes: number;
  /** Bytes of a snapshot between two members. */
  readonly snapshotBufferBytesMax: number;
  readonly clients: number;
  readonly registers: number;
  /** Part of the applies that take time. */
  readonly slowApplies: number;
}

/** The configuration of a seed. */
export function drawFullStack(seed: number): FullStackConfiguration {
  const random = new SeededRandom(seed + 0.5 * 2 ** 52).fork();
  const swarm = drawSwarm(seed);
  // Writes are torn by what the disk does, wherever the power is cut.
  const electionUs = swarm.tuning.electionTicks * TICK_US;
  const triggers = new Map([...swarm.triggers].filter(([fault]) => fault !== "torn write"));
  const configuration: FullStackConfiguration = {
    ...swarm,
    triggers,
    // The timers of a process may come late: leases go by the monotonic clock.
    faultsUs: swarm.tuning.leaseReads === true
      ? new Map([...swarm.faultsUs, ["clock stop", 5 * electionUs]])
      : swarm.faultsUs,
    encodesFrames: random.chance(0.6),
    isOrderly: random.chance(0.15),
    segmentBytes: random.pick([1_024, 4_096, 16_384, 65_536]),
    tearGrain: random.pick(["byte", "sector"]),
    kills: random.pick([0, 0.3, 0.8]),
    stops: random.pick([0, 0.2]),
    compactionThreshold: random.pick([1, 1, 10, 50]),
    snapshotChunkBytes: random.pick([16, 256, 4_096]),
    snapshotFillerBytes: random.pick([0, 1_000, 4_000]),
    snapshotBufferBytesMax: random.pick([1, 512, 1 << 20]),
    clients: random.pick([1, 3, 8]),
    registers: random.pick([1, 2, 5]),
    slowApplies: random.pick([0, 0.2, 1]),
    zerosAheadBytes: random.pick([64, 2_048, 16_384]),
    powerLoss: random.pick(["suffix", "suffix", "any"]),
  };
  const faultsUs = new Map(configuration.faultsUs);
  for (const fault of FAILING_DISK_FAULTS) {
    if (random.chance(0.2)) {
      faultsUs.set(fault, random.pick([5, 15, 40]) * electionUs);
    }
  }
  return { ...configuration, faultsUs };
}
