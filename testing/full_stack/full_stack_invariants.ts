import type {
  Entry,
  MembershipChange,
  Message,
  NodeId,
  RaftTuning,
  SnapshotMeta,
} from "../../raft/mod.ts";
import { AppliedInOrder } from "../invariants/applied_in_order.ts";
import { CommittedLog } from "../invariants/committed_log.ts";
import { CurrentTermCommit } from "../invariants/current_term_commit.ts";
import { DurablePromises } from "../invariants/durable_promises.ts";
import { DurableQuorum } from "../invariants/durable_quorum.ts";
import { ElectedByQuorum } from "../invariants/elected_by_quorum.ts";
import { ElectionSafety } from "../invariants/election_safety.ts";
import { ExactlyOnce } from "../invariants/exactly_once.ts";
import type { GroupInvariant, MemberView } from "../invariants/group_invariant.ts";
import { LeaderCompleteness } from "../invariants/leader_completeness.ts";
import { Limits } from "../invariants/limits.ts";
import { LinearizableReads } from "../invariants/linearizable_reads.ts";
import { LogMatching } from "../invariants/log_matching.ts";
import { MembershipInForce } from "../invariants/membership_in_force.ts";
import { MembershipSteps } from "../invariants/membership_steps.ts";
import { MembershipTargets } from "../invariants/membership_targets.ts";
import { OneVote } from "../invariants/one_vote.ts";
import { StateMachineSafety } from "../invariants/state_machine_safety.ts";
import { expect } from "../violation.ts";

/** How far a node says that it has got. */
export interface NodeProgress {
  readonly term: number;
  readonly committedIndex: number;
  readonly appliedIndex: number;
}

/**
 * The invariants of the core's simulation, as far as they can be seen from
 * outside a `RaftNode`: from what it asks its log store, its state machine and
 * its transport to do. What is committed is known once somebody applies it.
 *
 * Not among them: `MirroredLog`, since a node runs ahead of what it has asked
 * for so far (the end of a run compares, when all is done); `MonotonicCommit`,
 * in whose place stands `onStatus`; `FirstConflict`, since a log store gets the
 * changes of several steps as one; and of `TransferEnds` what clients are owed,
 * which is up to the healing.
 */
export class FullStackInvariants {
  readonly committed: CommittedLog = new CommittedLog();
  readonly #stateMachineSafety = new StateMachineSafety(this.committed);
  readonly #durableQuorum: DurableQuorum;
  readonly #exactlyOnce: ExactlyOnce;
  readonly #reads = new LinearizableReads();
  readonly #inForce = new MembershipInForce(this.committed);
  /** The highest commit index that any node has told of. */
  readonly #told = { lastIndex: 0 };
  readonly #currentTermCommit = new CurrentTermCommit(this.#told);
  /** Beside those above. */
  readonly #others: readonly GroupInvariant[];
  /** Acknowledged commands that nobody has applied yet, by index. */
  readonly #unapplied = new Map<number, number>();

  constructor(
    members: ReadonlyMap<string, MemberView>,
    options: {
      readonly tuning: RaftTuning;
      /** The number by which a client knows the command of an entry. */
      readonly commandOf: (data: Uint8Array) => number;
    },
  ) {
    const { tuning, commandOf } = options;
    this.#others = [
      new ElectionSafety(),
      new ElectedByQuorum(),
      new LogMatching(),
      new LeaderCompleteness(this.committed),
      new DurablePromises(),
      new OneVote(),
      new MembershipSteps(),
      new MembershipTargets(members, tuning),
      new AppliedInOrder(),
      // What a node keeps in memory is not to be seen from here.
      new Limits({ ...tuning, tailBytesMax: Infinity }),
    ];
    this.#exactlyOnce = new ExactlyOnce(this.committed, commandOf);
    this.#durableQuorum = new DurableQuorum(members);
  }

  onStarted(member: MemberView): void {
    this.#inForce.onStarted(member);
    this.#others.forEach((each) => each.onStarted?.(member));
  }

  onRoleChanged(member: MemberView): void {
    this.#others.forEach((each) => each.onRoleChanged?.(member));
  }

  onAppended(member: MemberView, entries: readonly Entry[], lastBefore: number): void {
    this.#others.forEach((each) => each.onAppended?.(member, entries, lastBefore));
  }

  /**
   * The log is to be overwritten from `first` on, by a member that says so of
   * itself. A leader never does that (Raft paper, figure 3), but what it appended
   * before it led may come to the log store together with its own first entry.
   */
  onTruncating({ id, log }: MemberView, first: number, led: { readonly term: number }): void {
    expect(
      log.lastTerm !== led.term,
      "leader append-only",
      () => `${id} leads term ${led.term} and overwrites its log from ${first} on`,
    );
  }

  onChangeRequested(member: MemberView, changes: readonly MembershipChange[]): void {
    this.#others.forEach((each) => each.onChangeRequested?.(member, changes));
  }

  onReceiving(member: MemberView, message: Message): void {
    this.#durableQuorum.onReceiving(member, message);
    this.#others.forEach((each) => each.onReceiving?.(member, message));
  }

  onSending(member: MemberView, message: Message): void {
    this.#durableQuorum.onSending(member, message);
    this.#others.forEach((each) => each.onSending?.(member, message));
  }

  /** A member is to apply entries, and so takes them for committed; `before` was committed before. */
  onApplying(member: MemberView, before: number, entries: readonly Entry[]): void {
    if (member.committedIndex > before) {
      this.#stateMachineSafety.onCommitted(member, before);
      this.#others.forEach((each) => each.onCommitted?.(member, before));
      this.#inForce.onCommitted();
      this.#exactlyOnce.onCommitted(member);
      this.#settleAcknowledged();
    }
    this.#stateMachineSafety.onApplying(member, entries);
    this.#others.forEach((each) => each.onApplying?.(member, entries));
    this.#inForce.onApplying(member, entries);
  }

  /** What a node says of itself never goes back while it lives; `before` it has said nothing, or this. */
  onStatus(id: NodeId, status: NodeProgress, before: NodeProgress | null): void {
    const { term, committedIndex, appliedIndex } = status;
    const last = before ?? { term: 0, committedIndex: 0, appliedIndex: 0 };
    expect(
      term >= last.term && committedIndex >= last.committedIndex &&
        appliedIndex >= last.appliedIndex && committedIndex >= appliedIndex,
      "commit never goes back",
      () =>
        `${id} says term ${term}, committed ${committedIndex}, applied ${appliedIndex}, ` +
        `after term ${last.term}, ${last.committedIndex}, ${last.appliedIndex}`,
    );
  }

  /** A node tells of a commit index that it did not have before. */
  onCommitTold(index: number): void {
    this.#told.lastIndex = Math.max(this.#told.lastIndex, index);
    this.#currentTermCommit.noteKnown();
  }

  /**
   * A leader has moved its commit index, to `leader.committedIndex`: by counting, or
   * because those who voted for it have told of a commit of an earlier term, which
   * was held against the disks of the membership that it was counted in.
   */
  onLeaderCommitted(leader: MemberView): void {
    const { committedIndex, log, term } = leader;
    if (log.termAt(committedIndex) === term || committedIndex > this.#told.lastIndex) {
      this.#durableQuorum.onCommitted(leader);
    }
    this.#currentTermCommit.onCommitted(leader);
  }

  onMembershipChanged(member: MemberView, index: number): void {
    this.#inForce.onMembershipChanged(member, index);
  }

  onApplied(member: MemberView): void {
    this.#stateMachineSafety.onApplied(member);
  }

  onRestored(member: MemberView, snapshot: SnapshotMeta): void {
    this.#stateMachineSafety.onRestored(member, snapshot);
    this.#others.forEach((each) => each.onRestored?.(member, snapshot));
    this.#inForce.onRestored(member, snapshot);
  }

  /** A client was told that its command is committed at `index`. */
  onAcknowledged(command: number, index: number): void {
    this.#reads.onAcknowledged(command, index);
    this.#unapplied.set(index, command);
    this.#settleAcknowledged();
  }

  onDropped(command: number): void {
    this.#exactlyOnce.onDropped(command);
  }

  onReadBegun(read: number): void {
    this.#reads.onReadBegun(read);
  }

  onReadServed(read: number, confirmed: number, applied: number): void {
    this.#reads.onReadConfirmed(read, confirmed);
    this.#reads.onReadServed(read, applied);
  }

  onReadDropped(read: number): void {
    this.#reads.onReadDropped(read);
  }

  compareAll(members: readonly MemberView[]): void {
    this.#others.forEach((each) => each.compareAll?.(members));
  }

  /** Once all is applied: nothing that was acknowledged is missing, and memberships are in force. */
  assertSettled(members: readonly MemberView[]): void {
    this.#inForce.compareAll(members);
    for (const [index, command] of this.#unapplied) {
      expect(
        false,
        "exactly once",
        () => `command ${command} was acknowledged at ${index}, but nobody has applied it`,
      );
    }
  }

  #settleAcknowledged(): void {
    for (const [index, command] of this.#unapplied) {
      if (index <= this.committed.lastIndex) {
        this.#unapplied.delete(index);
        this.#exactlyOnce.onAcknowledged(command, index);
      }
    }
  }
}
