/**
 * Raft consensus: `RaftCore`, which decides, and `RaftNode`, which drives it.
 *
 * `RaftCore` is pure: events in, effects out, no clock, no chance but the one
 * passed in, no I/O. `RaftNode` performs the effects on the `LogStore`, the
 * `StateMachine` and the `Transport` that you give it, and turns them into
 * promises.
 *
 * ```ts
 * import { type Entry, RaftNode, type StateMachine, systemClock } from "kvorum/raft";
 * import { MemoryLogStore } from "kvorum/storage";
 * import { MemoryNetwork } from "kvorum/transport";
 *
 * // A replicated counter: each command adds its first byte.
 * class Counter implements StateMachine<number> {
 *   value = 0;
 *   #applied = { appliedIndex: 0, term: 0 };
 *
 *   async open() {
 *     return { ...this.#applied, membership: null };
 *   }
 *   apply(entries: readonly Entry[]) {
 *     return entries.map(({ index, term, kind, data }) => {
 *       this.#applied = { appliedIndex: index, term };
 *       return kind === "command" ? this.value += data[0] ?? 0 : this.value;
 *     });
 *   }
 *   durableIndex() {
 *     return 0; // It lives in memory, so the log must be kept whole.
 *   }
 *   snapshot() {
 *     const chunks = (async function* (value: number) {
 *       yield Uint8Array.of(value);
 *     })(this.value);
 *     return { appliedIndex: this.#applied.appliedIndex, chunks };
 *   }
 *   async restore({ last }: { last: { index: number; term: number } }, chunks: AsyncIterable<Uint8Array>) {
 *     for await (const chunk of chunks) this.value = chunk[0] ?? 0;
 *     this.#applied = { appliedIndex: last.index, term: last.term };
 *   }
 * }
 *
 * const clock = systemClock();
 * const network = new MemoryNetwork({ clock });
 * const ids = ["a", "b", "c"];
 * const nodes = await Promise.all(ids.map((id) =>
 *   RaftNode.start({
 *     id,
 *     initialVoters: ids,
 *     logStore: new MemoryLogStore(),
 *     stateMachine: new Counter(),
 *     transport: network.transport(id),
 *     clock,
 *     tickMs: 10,
 *   })
 * ));
 * await Promise.all(nodes.map((node) => node.whenLeaderKnown()));
 * await nodes[0]?.propose(Uint8Array.of(2)); // Any member takes proposals.
 * const applied = await nodes[1]?.propose(Uint8Array.of(3));
 * console.log(applied?.result); // 5
 * await Promise.all(nodes.map((node) => node.stop()));
 * ```
 *
 * What it leaves to you: where the log lives (`kvorum/storage/wal` has files,
 * `kvorum/storage` memory), how messages travel (`kvorum/transport`), what a
 * command means, whether to try again, and calling `stop`.
 *
 * Where the parts are, and where they come from (Ongaro's thesis, "Consensus:
 * Bridging Theory and Practice"):
 *
 * | part                                        | in                                             | source         |
 * | ------------------------------------------- | ---------------------------------------------- | -------------- |
 * | terms, votes, election timeouts             | `raft_core.ts`, `candidate.ts`, `follower.ts`  | §3.4           |
 * | log replication, matching, conflict back-off| `replication.ts`, `progress.ts`, `raft_log.ts` | §3.5           |
 * | election restriction, commitment            | `raft_core.ts`, `leader.ts`, `quorum.ts`       | §3.6           |
 * | leadership transfer                         | `leader_transfer.ts`                           | §3.10          |
 * | membership changes, one at a time           | `membership_change.ts`, `leader_membership.ts` | §4.1           |
 * | learners and their promotion                | `leader_membership.ts`                         | §4.2.1         |
 * | joint consensus                             | `membership_change.ts`, `quorum.ts`            | §4.3           |
 * | compaction                                  | `log_compaction.ts`                            | §5             |
 * | snapshots                                   | `snapshot_restore.ts`, `snapshot_sender.ts`, … | §5             |
 * | linearizable reads, leases                  | `leader_reads.ts`, `read_rounds.ts`            | §6.4           |
 * | check-quorum, ignored elections             | `leader.ts`, `raft_core.ts`                    | §6.2, §4.2.3   |
 * | pre-vote                                    | `candidate.ts`                                 | §9.6           |
 * | logs whose end may be missing               | `progress.ts`, `quorum.ts`, `follower.ts`      | (none)         |
 * | parallel writes of leader and followers     | `member_state.ts`, `persist_queue.ts`          | §10.2.1        |
 *
 * Unlike the thesis, a membership is in force when it is applied, not when it
 * is appended, as in etcd: an entry that is overwritten then changed nothing.
 *
 * Pointers, from old to new, of which each is at most the next:
 * compacted ≤ applied ≤ committed ≤ last index, and applied ≤ persisted ≤ last.
 *
 * @module
 */
export type { CallOptions } from "./abortable.ts";
export type { Clock } from "./clock.ts";
export type { RaftCoreOptions, RaftTuning } from "./core_options.ts";
export type { Entry, EntryId, EntryKind, EntryRange } from "./entry.ts";
export {
  CompactedError,
  invariant,
  InvariantError,
  MemberStoppedError,
  ProposalDroppedError,
  ProposalUnknownError,
  ReadDroppedError,
  TransferError,
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
export {
  isJoint,
  leaveJoint,
  type MembershipChange,
  MembershipChangeError,
  planMembership,
} from "./membership_change.ts";
export { decodeMembership, encodeMembership, MembershipFormatError } from "./membership_codec.ts";
export type {
  AppendAccepted,
  AppendRejected,
  AppendRequest,
  Envelope,
  ForwardedProposal,
  Heartbeat,
  HeartbeatResponse,
  LogConfirmed,
  Message,
  ProposalForward,
  ProposalsAccepted,
  ProposalsRefused,
  ReadForward,
  ReadsConfirmed,
  SnapshotMeta,
  SnapshotOffer,
  Suspicion,
  TimeoutNow,
  VoteRequest,
  VoteResponse,
} from "./message.ts";
export {
  allMembers,
  allVoters,
  committedIndex,
  type ElectionOutcome,
  electionOutcome,
  isQuorum,
  jointCommittedIndex,
  type Vote,
} from "./quorum.ts";
export { RaftCore, type RaftCoreStatus } from "./raft_core.ts";
export type { DropReason, RaftEffect, Role, SoftState } from "./raft_effect.ts";
export type { Proposal, RaftEvent, ReadPurpose } from "./raft_event.ts";
export type { Ack, Applied, Outcome } from "./pending_proposals.ts";
export type { EventReader } from "./event_stream.ts";
export { RaftNode } from "./raft_node.ts";
export type { RaftNodeEvent } from "./raft_node_event.ts";
export type { RaftNodeOptions } from "./raft_node_options.ts";
export type { Random } from "./random.ts";
export { StartError } from "./start_core.ts";
export type { StateMachine, StateMachineSnapshot, StateMachineState } from "./state_machine.ts";
export { systemClock } from "./system_clock.ts";
export type { IncomingSnapshot, SnapshotSink, Transport, TransportHandlers } from "./transport.ts";
