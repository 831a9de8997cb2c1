import type { Clock } from "./clock.ts";
import type { RaftTuning } from "./core_options.ts";
import type { NodeId } from "./hard_state.ts";
import type { LogStore } from "./log_store.ts";
import type { Random } from "./random.ts";
import type { StateMachine } from "./state_machine.ts";
import type { Transport } from "./transport.ts";

/** What a member is made from. */
export interface RaftNodeOptions<Result> {
  readonly id: NodeId;
  /**
   * Voters that the group was founded with, the same on each of them and at
   * each start: it holds until the log or the state machine has a membership of
   * its own. Empty for a member that joins a group that exists.
   */
  readonly initialVoters: readonly NodeId[];
  readonly logStore: LogStore;
  readonly stateMachine: StateMachine<Result>;
  /** How the members reach each other. Default: `null`, for a group of one. */
  readonly transport?: Transport | null;
  readonly clock: Clock;
  /** Chance for election timeouts. Default: `Math`. */
  readonly random?: Random;
  /** Length of a tick. Default: 100 ms, etcd's heartbeat interval. */
  readonly tickMs?: number;
  /** How the core behaves. */
  readonly tuning?: RaftTuning;
  /** Applied entries that are kept for slow followers when the log is compacted. Default: 5,000. */
  readonly compactionTail?: number;
  /** The log is compacted when it has this many entries beyond the tail. Default: 10,000. */
  readonly compactionThreshold?: number;
}
