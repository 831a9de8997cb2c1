/**
 * Raft consensus: `RaftCore`, which decides, and `RaftNode`, which drives it.
 *
 * `RaftCore` is pure: events in, effects out, no clock, no chance, no I/O.
 * `RaftNode` performs the effects on the `LogStore` and the `StateMachine`
 * that you give it, and turns them into promises.
 *
 * ```ts
 * import { type Entry, RaftNode, systemClock } from "kvorum/raft";
 * import { MemoryLogStore } from "kvorum/storage";
 *
 * // A replicated counter: each command adds its first byte.
 * let count = 0;
 * await using node = await RaftNode.start<number>({
 *   id: "a",
 *   initialVoters: ["a"],
 *   logStore: new MemoryLogStore(),
 *   clock: systemClock(),
 *   stateMachine: {
 *     open: () => Promise.resolve({ appliedIndex: 0, term: 0, membership: null }),
 *     apply: (entries: readonly Entry[]) => entries.map(({ data }) => count += data[0] ?? 0),
 *     durableIndex: () => 0,
 *   },
 * });
 * await node.whenLeaderKnown();
 * const { result } = await node.propose(Uint8Array.of(2));
 * console.log(result); // 2
 * ```
 *
 * What it leaves to you: where the log lives (`kvorum/storage/wal` has files,
 * `kvorum/storage` memory), what a command means, and calling `stop`.
 *
 * The group has one voter for now.
 *
 * Pointers, from old to new, of which each is at most the next:
 * compacted ≤ applied ≤ committed ≤ last index, and applied ≤ persisted.
 *
 * @module
 */
export type { Clock } from "./clock.ts";
export type { Entry, EntryId, EntryKind, EntryRange } from "./entry.ts";
export {
  CompactedError,
  invariant,
  InvariantError,
  MemberStoppedError,
  ProposalDroppedError,
  ReadDroppedError,
} from "./errors.ts";
export { type HardState, INITIAL_HARD_STATE, type NodeId } from "./hard_state.ts";
export {
  type AppendBatch,
  type CompactionMarker,
  type LogState,
  type LogStore,
  type TermRun,
  WHOLE_LOG,
} from "./log_store.ts";
export { type Membership, membershipOf } from "./membership.ts";
export { decodeMembership, encodeMembership, MembershipFormatError } from "./membership_codec.ts";
export { RaftCore, type RaftCoreOptions, type RaftCoreStatus } from "./raft_core.ts";
export type { DropReason, RaftEffect, Role, SoftState } from "./raft_effect.ts";
export type { Proposal, RaftEvent } from "./raft_event.ts";
export { type Applied, RaftNode, type RaftNodeOptions } from "./raft_node.ts";
export type { StateMachine, StateMachineState } from "./state_machine.ts";
export { systemClock } from "./system_clock.ts";
