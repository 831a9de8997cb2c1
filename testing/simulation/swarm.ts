import type { RaftTuning } from "../../raft/mod.ts";
import { SeededRandom } from "../seeded_random.ts";
import { CRASH_POINTS, type CrashPoint } from "./crash_point.ts";
import { FAILING_DISK_FAULTS, type Fault, FAULTS, TRIGGERED_FAULTS } from "./fault.ts";
import type { NetworkOptions } from "./simulated_network.ts";

/** Length of a tick, in microseconds. */
export const TICK_US = 10_000;

/** Everything that a seed decides before its run begins. */
export interface SwarmConfiguration {
  /** Voters that the group begins with. */
  readonly size: number;
  /** Members that wait to be added. */
  readonly spares: number;
  readonly tuning: RaftTuning & { readonly electionTicks: number };
  readonly network: NetworkOptions;
  /** Mean time of a write, in microseconds. */
  readonly diskUs: number;
  /** Mean time to apply a batch. */
  readonly applyUs: number;
  readonly mergesWrites: boolean;
  readonly readBytesMax: number;
  /** Part by which clocks run faster or slower than they should. */
  readonly drift: number;
  /** Mean time between two requests of clients. */
  readonly clientUs: number;
  /** Most commands that a client proposes at once. */
  readonly batchMax: number;
  /** Most bytes of a command. */
  readonly commandBytesMax: number;
  /** Part of the requests that are reads. */
  readonly reads: number;
  /** Part of the requests that go to the member that is known to lead. */
  readonly loyalty: number;
  /** Mean time between two syncs of a state machine, or two compactions. */
  readonly maintenanceUs: number;
  /** Entries that a compaction leaves, `null` for none ever. */
  readonly compactionTail: number | null;
  /** Mean time between two strikes of each fault. */
  readonly faultsUs: ReadonlyMap<Fault, number>;
  /** Probability of each triggered fault, where its trigger happens. */
  readonly triggers: ReadonlyMap<Fault, number>;
  /** Probability of a crash at each step, where it is to be tried. */
  readonly crashPoints: ReadonlyMap<CrashPoint, number>;
  /** Mean time that a crashed member is down. */
  readonly downUs: number;
}

/** Clocks that run so much too fast and too slow differ by a tenth, the `leaseDriftRatio` of a core. */
const LEASE_DRIFT = 0.047;

/** Faults that nobody would notice where clocks do not drift. */
const DRIFT_FAULTS: ReadonlySet<Fault> = new Set<Fault>(["clock drift", "slow the leader's clock"]);

/** Faults that a core cannot have, as it has no files. */
const OTHER_FAULTS: ReadonlySet<Fault> = new Set<Fault>(FAILING_DISK_FAULTS);

/** Steps to which few runs get at all, and then seldom. */
const RARE_POINTS: ReadonlySet<CrashPoint> = new Set<CrashPoint>([
  "snapshot restored",
  "log reset",
  "election invited",
  "membership committed",
  "joint entered",
  "joint left",
]);

/** What may become of a disk in a crash. */
const DISK_TRIGGERS: readonly Fault[] = ["torn write", "damage"];

const SIZES = [1, 2, 3, 3, 3, 4, 5, 5, 5, 7];

/** The configuration of a seed: its own mix and rates of faults, and its own group. */
export function drawSwarm(seed: number): SwarmConfiguration {
  const random = new SeededRandom(seed).fork();
  const delayUs = random.pick([100, 500, 2_000, 8_000]);
  const diskUs = random.pick([50, 500, 3_000, 10_000]);
  const roundTripUs = 2 * delayUs + diskUs;
  // Elections must be possible: a timeout is several round trips.
  const electionTicks = Math.max(
    random.pick([5, 8, 10, 20]),
    Math.ceil((6 * roundTripUs) / TICK_US),
  );
  const electionUs = electionTicks * TICK_US;
  const size = random.pick(SIZES);
  const tuning = drawTuning(random, electionTicks);
  // Leases hold only while no clock is faster than another by more than is stated.
  const drift = tuning.leaseReads === true ? LEASE_DRIFT : random.pick([0, 0.05, 0.05, 0.3]);
  const configuration: SwarmConfiguration = {
    size,
    spares: size === 1 ? random.below(3) : random.below(4),
    tuning,
    network: {
      delayUs,
      loss: random.chance(0.5) ? random.pick([0.005, 0.02, 0.1, 0.2]) : 0,
      duplication: random.chance(0.5) ? random.pick([0.01, 0.05, 0.2]) : 0,
      straggling: random.chance(0.5) ? random.pick([0.005, 0.02, 0.1]) : 0,
    },
    diskUs,
    applyUs: random.pick([20, 200, 2_000]),
    mergesWrites: random.chance(0.7),
    readBytesMax: random.chance(0.5) ? random.pick([1, 64, 256]) : 1 << 20,
    drift,
    // A member alone takes whatever comes, faster than it applies it.
    clientUs: random.pick(size === 1 ? [3_000, 10_000] : [300, 1_000, 3_000, 10_000]),
    batchMax: random.pick(size === 1 ? [1, 4] : [1, 1, 4, 16]),
    commandBytesMax: random.pick([4, 16, 100]),
    reads: random.pick([0.05, 0.2, 0.5]),
    loyalty: random.pick([0.2, 0.8, 0.95]),
    maintenanceUs: random.pick([0.2, 0.5, 2, 10]) * electionUs,
    compactionTail: random.chance(0.85) ? random.pick([0, 0, 1, 10, 50]) : null,
    faultsUs: drawFaults(random, { electionUs, tuning, drift }),
    triggers: new Map(
      [...TRIGGERED_FAULTS]
        .filter((fault) => !DISK_TRIGGERS.includes(fault))
        .filter((fault) => random.chance(fault === "crash at a step" ? 0.7 : 0.5))
        .map((fault) => [fault, random.pick([0.05, 0.2, 0.5])]),
    ),
    crashPoints: new Map(
      (Object.keys(CRASH_POINTS) as CrashPoint[])
        .filter((point) => random.chance(RARE_POINTS.has(point) ? 0.5 : 0.25))
        .map((point) => [point, crashProbability(random, point)]),
    ),
    downUs: random.pick([0.05, 0.5, 2, 6]) * electionUs,
  };
  // Drawn last, so that what was drawn before them for a seed stays as it was.
  const triggers = new Map(configuration.triggers);
  for (const fault of DISK_TRIGGERS) {
    if (random.chance(0.4)) {
      triggers.set(fault, random.pick([0.1, 0.4, 0.9]));
    }
  }
  return { ...configuration, triggers };
}

function drawTuning(
  random: SeededRandom,
  electionTicks: number,
): SwarmConfiguration["tuning"] {
  const checkQuorum = random.chance(0.85);
  const leaseReads = checkQuorum && random.chance(0.25);
  return {
    electionTicks,
    heartbeatTicks: random.pick([1, 1, 2, 3]),
    checkQuorum,
    preVote: random.chance(0.8),
    leaseReads,
    promoteLearners: random.chance(0.3),
    promotionLagMax: random.pick([0, 5, 100]),
    ...drawFlowControl(random),
    applyBytesMax: random.pick([1, 64, 1 << 20]),
    uncommittedBytesMax: random.pick([32, 1024, 1 << 26]),
    tailBytesMax: random.pick([0, 1000, 10_000, 1 << 24]),
  };
}

/** Small messages or few of them: both together would hold up a healthy group for seconds. */
function drawFlowControl(random: SeededRandom): RaftTuning {
  return random.chance(0.5)
    ? {
      appendBytesMax: random.pick([1, 64, 512]),
      inflightMessagesMax: random.pick([32, 512]),
      inflightBytesMax: 1 << 24,
    }
    : {
      appendBytesMax: 1 << 20,
      inflightMessagesMax: random.pick([1, 2, 8, 512]),
      inflightBytesMax: random.pick([64, 1024, 1 << 24]),
    };
}

function drawFaults(
  random: SeededRandom,
  { electionUs, tuning, drift }: Pick<SwarmConfiguration, "tuning" | "drift"> & {
    readonly electionUs: number;
  },
): Map<Fault, number> {
  const faults = new Map<Fault, number>();
  const frequency = random.pick([0.5, 1, 1, 3]);
  for (const fault of Object.keys(FAULTS) as Fault[]) {
    const isPossible = !TRIGGERED_FAULTS.has(fault) && !OTHER_FAULTS.has(fault) &&
      isBearable(fault, tuning) &&
      (drift > 0 || !DRIFT_FAULTS.has(fault));
    if (isPossible && random.chance(fault === "membership change" ? 0.5 : 0.3)) {
      faults.set(fault, Math.floor(random.pick([2, 5, 15]) * electionUs * frequency));
    }
  }
  return faults;
}

/** Leases are correct only with clocks that neither jump nor stop. */
function isBearable(fault: Fault, { leaseReads }: RaftTuning): boolean {
  return leaseReads !== true || (fault !== "clock jump" && fault !== "clock stop");
}

/** What happens with every message must crash a member more rarely than what happens once a term. */
function crashProbability(random: SeededRandom, point: CrashPoint): number {
  switch (point) {
    case "between effects":
      return random.pick([0.0005, 0.002]);
    case "entries queued":
    case "entries durable":
    case "entries acknowledged":
    case "committed":
    case "acknowledged to a client":
      return random.pick([0.001, 0.005, 0.02]);
    case "snapshot restored":
    case "log reset":
    case "joint entered":
    case "joint left":
    case "membership committed":
    case "election invited":
      return random.pick([0.2, 0.5, 0.9]);
    default:
      return random.pick([0.05, 0.2, 0.5]);
  }
}
