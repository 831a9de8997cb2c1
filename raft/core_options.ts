import type { NodeId } from "./hard_state.ts";
import type { LogState } from "./log_store.ts";
import type { Membership } from "./membership.ts";
import type { Random } from "./random.ts";

/** What a core is made from. */
export interface RaftCoreOptions {
  readonly id: NodeId;
  /** The membership as of `appliedIndex`. */
  readonly membership: Membership;
  readonly logState: LogState;
  /** Last index that the state machine holds. */
  readonly appliedIndex: number;
  readonly random: Random;
  readonly tuning?: RaftTuning;
}

/** How a core behaves. All members of a group should have the same. */
export interface RaftTuning {
  /** Ticks without a leader after which an election starts, doubled at random. Default: 10. */
  readonly electionTicks?: number;
  /** Ticks between two heartbeats. Default: 1. */
  readonly heartbeatTicks?: number;
  /** Ask whether an election could be won before its term is begun (Raft thesis §9.6). Default: true. */
  readonly preVote?: boolean;
  /**
   * A leader that has not heard from a quorum for an election timeout steps
   * down, and who hears from a leader takes part in no election (Raft thesis
   * §6.2, §4.2.3). Default: true.
   */
  readonly checkQuorum?: boolean;
  /**
   * Confirm reads by the leader's lease instead of a round of heartbeats (Raft
   * thesis §6.4.1). Correct only while no clock runs faster than another by
   * more than `leaseDriftRatio`. Needs `checkQuorum`. Default: false.
   */
  readonly leaseReads?: boolean;
  /** Part of the election timeout that drifting clocks may eat up. Default: 0.1. */
  readonly leaseDriftRatio?: number;
  /** Promote learners that have caught up, and are heard, to voters. Default: false. */
  readonly promoteLearners?: boolean;
  /** How many entries a learner that is promoted, by itself or on request, may be behind. Default: 100. */
  readonly promotionLagMax?: number;
  /** Data bytes in one append to a follower. Default: 1 MiB, as in etcd. */
  readonly appendBytesMax?: number;
  /** Appends on the way to one follower. Default: 512, as in etcd. */
  readonly inflightMessagesMax?: number;
  /** Bytes of entries, each at its data and 32 more, on the way to one follower. Default: 16 MiB, some round trips of a fast network. */
  readonly inflightBytesMax?: number;
  /** Data bytes handed out for one apply. Default: 1 MiB, some milliseconds of work. */
  readonly applyBytesMax?: number;
  /**
   * Bytes of commands, each at its data and 32 more, that may wait to be
   * committed; proposals beyond are dropped. Default: 64 MiB, seconds of a disk's
   * throughput.
   */
  readonly uncommittedBytesMax?: number;
  /**
   * Bytes of committed entries kept in memory, for the state machine and for
   * followers a little behind. Default: 16 MiB.
   */
  readonly tailBytesMax?: number;
  /**
   * Ticks after which a leader whose own disk has not finished a write hands
   * over. Default: two election timeouts less a heartbeat, since it may be that
   * long until it hears from the one that it hands over to.
   */
  readonly stalledDiskTicks?: number;
}

/** The defaults. Where one follows from another, it is `withDefaults` that knows. */
const DEFAULTS: Omit<Required<RaftTuning>, "stalledDiskTicks"> = {
  electionTicks: 10,
  heartbeatTicks: 1,
  preVote: true,
  checkQuorum: true,
  leaseReads: false,
  leaseDriftRatio: 0.1,
  promoteLearners: false,
  promotionLagMax: 100,
  appendBytesMax: 1 << 20,
  inflightMessagesMax: 512,
  inflightBytesMax: 16 << 20,
  applyBytesMax: 1 << 20,
  uncommittedBytesMax: 64 << 20,
  tailBytesMax: 16 << 20,
};

/**
 * The whole tuning.
 *
 * @throws {RangeError} if the parts contradict each other.
 */
export function withDefaults(tuning: RaftTuning): Required<RaftTuning> {
  const whole = { ...DEFAULTS, ...tuning };
  if (whole.electionTicks <= whole.heartbeatTicks || whole.heartbeatTicks < 1) {
    throw new RangeError(
      `electionTicks (${whole.electionTicks}) must be above heartbeatTicks (${whole.heartbeatTicks}), and that at least 1`,
    );
  }
  if (whole.leaseReads && !whole.checkQuorum) {
    throw new RangeError("leaseReads needs checkQuorum: without it, a leader has no lease");
  }
  return {
    ...whole,
    stalledDiskTicks: tuning.stalledDiskTicks ?? 2 * whole.electionTicks - whole.heartbeatTicks,
  };
}
