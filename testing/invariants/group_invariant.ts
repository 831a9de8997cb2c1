import type {
  DropReason,
  Entry,
  Membership,
  MembershipChange,
  Message,
  NodeId,
  Role,
  SnapshotMeta,
} from "../../raft/mod.ts";
import type { SimulatedDisk } from "../simulation/simulated_disk.ts";
import type { SimulatedStateMachine } from "../simulation/simulated_state_machine.ts";
import type { StoredLog } from "../simulation/stored_log.ts";

/** What an invariant may look at of a member. */
export interface MemberView {
  readonly id: NodeId;
  /** Whether it is not crashed. A paused member runs. */
  readonly isRunning: boolean;
  /** As of the effects that were performed so far. */
  readonly role: Role;
  readonly term: number;
  readonly membership: Membership;
  readonly committedIndex: number;
  /** The membership before the step that is being followed, where that is known. */
  readonly membershipBefore?: Membership;
  /** The membership that this step hands out to be applied, if it does. */
  readonly membershipAfter?: Membership | null;
  /** The log as the core holds it, whether durable or not. */
  readonly log: StoredLog;
  readonly disk: SimulatedDisk;
  readonly machine: SimulatedStateMachine;
  /** What the core itself believes; slow, for full comparisons. */
  readonly believed: {
    readonly lastIndex: number;
    readonly committedIndex: number;
    readonly term: number;
    readonly membership: Membership;
    readonly termAt: (index: number) => number | null;
  };
}

/**
 * Something that holds at all times in a group. It is told what happens, in
 * order, and throws `ViolationError` when it is broken. The hooks run between
 * the effects of a step, so each sees the group as it is at that point.
 */
export interface GroupInvariant {
  /** Names the check in a failure. */
  readonly name: string;

  /** A member has started, for the first time or again. */
  onStarted?(member: MemberView): void;
  /** Role, term or leader changed. */
  onRoleChanged?(member: MemberView): void;
  /** The core is about to append entries; its log is still as before. */
  onAppending?(member: MemberView, entries: readonly Entry[]): void;
  /** The core appended entries to its log. */
  onAppended?(member: MemberView, entries: readonly Entry[], lastBefore: number): void;
  /** The commit index went from `before` to `member.committedIndex`. */
  onCommitted?(member: MemberView, before: number): void;
  /** A message of another member has come, and is about to be dealt with. */
  onReceiving?(member: MemberView, message: Message): void;
  /** A message is about to leave. */
  onSending?(member: MemberView, message: Message): void;
  /** Entries were handed out to be applied. */
  onApplying?(member: MemberView, entries: readonly Entry[]): void;
  /** The state machine has applied, up to `member.machine.state.appliedIndex`. */
  onApplied?(member: MemberView): void;
  /** Another membership is in force, that of the entry at `index`. */
  onMembershipChanged?(member: MemberView, index: number): void;
  /** The disk is about to give the core entries for a follower, from `first` on. */
  onEntriesRead?(member: MemberView, first: number): void;
  /** The core took over a snapshot. */
  onRestored?(member: MemberView, snapshot: SnapshotMeta): void;
  /** Someone wants another membership of this member. */
  onChangeRequested?(member: MemberView, changes: readonly MembershipChange[]): void;
  /** The step in which that was dealt with is over. */
  onChangeTaken?(member: MemberView): void;
  /** Someone wants this member to hand its leadership over. */
  onTransferRequested?(member: MemberView, to: NodeId, ticks: number): void;
  /** A transfer has ended, in one way or the other. */
  onTransferEnded?(member: MemberView, to: NodeId): void;
  /** A tick has passed at a member that leads. */
  onTicked?(member: MemberView, ticks: number): void;
  /** The core took proposals. */
  onAccepted?(member: MemberView): void;
  /** The core did not take proposals. `ticks` counts the ticks of the member's life. */
  onRefused?(member: MemberView, reason: DropReason, ticks: number): void;
  /** A client was told that its command is the entry at `index`, and done. */
  onAcknowledged?(command: number, index: number): void;
  /** A client was told that its command certainly never will be applied. */
  onDropped?(command: number): void;
  /** A client begins a read. */
  onReadBegun?(read: number): void;
  /** A client's read is linearizable once `index` is applied. */
  onReadConfirmed?(read: number, index: number): void;
  /** A client's read was answered from a state that had applied up to `index`. */
  onReadServed?(read: number, index: number): void;
  /** A client's read was refused. */
  onReadDropped?(read: number): void;
  /** Compares everything with everything, as slowly as it takes. */
  compareAll?(members: readonly MemberView[]): void;
}
