import { commandOf } from "../simulation/command.ts";
import type {
  DropReason,
  Entry,
  MembershipChange,
  Message,
  NodeId,
  RaftTuning,
  SnapshotMeta,
} from "../../raft/mod.ts";
import { AppliedInOrder } from "./applied_in_order.ts";
import { CommittedLog } from "./committed_log.ts";
import { CurrentTermCommit } from "./current_term_commit.ts";
import { DurablePromises } from "./durable_promises.ts";
import { DurableQuorum } from "./durable_quorum.ts";
import { ElectedByQuorum } from "./elected_by_quorum.ts";
import { ElectionSafety } from "./election_safety.ts";
import { ExactlyOnce } from "./exactly_once.ts";
import { FirstConflict } from "./first_conflict.ts";
import type { GroupInvariant, MemberView } from "./group_invariant.ts";
import { LeaderAppendOnly } from "./leader_append_only.ts";
import { LeaderCompleteness } from "./leader_completeness.ts";
import { Limits } from "./limits.ts";
import { LinearizableReads } from "./linearizable_reads.ts";
import { LogMatching } from "./log_matching.ts";
import { MembershipInForce } from "./membership_in_force.ts";
import { MembershipSteps } from "./membership_steps.ts";
import { MembershipTargets } from "./membership_targets.ts";
import { MirroredLog } from "./mirrored_log.ts";
import { MonotonicCommit } from "./monotonic_commit.ts";
import { OneVote } from "./one_vote.ts";
import { StateMachineSafety } from "./state_machine_safety.ts";
import { TransferEnds } from "./transfer_ends.ts";
import { UncommittedLimit } from "./uncommitted_limit.ts";

type Hooks = Omit<GroupInvariant, "name" | "compareAll">;
type Hook<Name extends keyof Hooks> = NonNullable<Hooks[Name]>;

/**
 * All invariants of a group, as one: what happens is told to each that wants to
 * know. `StateMachineSafety` comes first, since it fills the committed log that
 * others compare with.
 */
export class InvariantSuite {
  readonly committed: CommittedLog = new CommittedLog();
  readonly #invariants: readonly GroupInvariant[];
  readonly #started: readonly Hook<"onStarted">[];
  readonly #roleChanged: readonly Hook<"onRoleChanged">[];
  readonly #appending: readonly Hook<"onAppending">[];
  readonly #appended: readonly Hook<"onAppended">[];
  readonly #committedHooks: readonly Hook<"onCommitted">[];
  readonly #receiving: readonly Hook<"onReceiving">[];
  readonly #sending: readonly Hook<"onSending">[];
  readonly #applying: readonly Hook<"onApplying">[];
  readonly #applied: readonly Hook<"onApplied">[];
  readonly #membershipChanged: readonly Hook<"onMembershipChanged">[];
  readonly #entriesRead: readonly Hook<"onEntriesRead">[];
  readonly #restored: readonly Hook<"onRestored">[];
  readonly #changeRequested: readonly Hook<"onChangeRequested">[];
  readonly #changeTaken: readonly Hook<"onChangeTaken">[];
  readonly #transferRequested: readonly Hook<"onTransferRequested">[];
  readonly #transferEnded: readonly Hook<"onTransferEnded">[];
  readonly #ticked: readonly Hook<"onTicked">[];
  readonly #accepted: readonly Hook<"onAccepted">[];
  readonly #refused: readonly Hook<"onRefused">[];
  readonly #acknowledged: readonly Hook<"onAcknowledged">[];
  readonly #dropped: readonly Hook<"onDropped">[];
  readonly #readBegun: readonly Hook<"onReadBegun">[];
  readonly #readConfirmed: readonly Hook<"onReadConfirmed">[];
  readonly #readServed: readonly Hook<"onReadServed">[];
  readonly #readDropped: readonly Hook<"onReadDropped">[];

  constructor(
    members: ReadonlyMap<string, MemberView>,
    tuning: RaftTuning & { readonly electionTicks: number },
  ) {
    const { committed } = this;
    this.#invariants = [
      new StateMachineSafety(committed),
      new ElectionSafety(),
      new ElectedByQuorum(),
      new FirstConflict(),
      new LogMatching(),
      new LeaderAppendOnly(),
      new LeaderCompleteness(committed),
      new MonotonicCommit(),
      new CurrentTermCommit(committed),
      new DurableQuorum(members),
      new DurablePromises(),
      new OneVote(),
      new MembershipInForce(committed),
      new MembershipSteps(),
      new MembershipTargets(members, tuning),
      new AppliedInOrder(),
      new ExactlyOnce(committed, commandOf),
      new LinearizableReads(),
      new TransferEnds(tuning.electionTicks),
      new Limits(tuning),
      new UncommittedLimit(tuning),
      new MirroredLog(),
    ];
    this.#started = this.#hooks("onStarted");
    this.#roleChanged = this.#hooks("onRoleChanged");
    this.#appending = this.#hooks("onAppending");
    this.#appended = this.#hooks("onAppended");
    this.#committedHooks = this.#hooks("onCommitted");
    this.#receiving = this.#hooks("onReceiving");
    this.#sending = this.#hooks("onSending");
    this.#applying = this.#hooks("onApplying");
    this.#applied = this.#hooks("onApplied");
    this.#membershipChanged = this.#hooks("onMembershipChanged");
    this.#entriesRead = this.#hooks("onEntriesRead");
    this.#restored = this.#hooks("onRestored");
    this.#changeRequested = this.#hooks("onChangeRequested");
    this.#changeTaken = this.#hooks("onChangeTaken");
    this.#transferRequested = this.#hooks("onTransferRequested");
    this.#transferEnded = this.#hooks("onTransferEnded");
    this.#ticked = this.#hooks("onTicked");
    this.#accepted = this.#hooks("onAccepted");
    this.#refused = this.#hooks("onRefused");
    this.#acknowledged = this.#hooks("onAcknowledged");
    this.#dropped = this.#hooks("onDropped");
    this.#readBegun = this.#hooks("onReadBegun");
    this.#readConfirmed = this.#hooks("onReadConfirmed");
    this.#readServed = this.#hooks("onReadServed");
    this.#readDropped = this.#hooks("onReadDropped");
  }

  /** Names of all checks. */
  get names(): string[] {
    return this.#invariants.map(({ name }) => name);
  }

  onStarted(member: MemberView): void {
    for (const hook of this.#started) hook(member);
  }

  onRoleChanged(member: MemberView): void {
    for (const hook of this.#roleChanged) hook(member);
  }

  onAppending(member: MemberView, entries: readonly Entry[]): void {
    for (const hook of this.#appending) hook(member, entries);
  }

  onAppended(member: MemberView, entries: readonly Entry[], lastBefore: number): void {
    for (const hook of this.#appended) hook(member, entries, lastBefore);
  }

  onCommitted(member: MemberView, before: number): void {
    for (const hook of this.#committedHooks) hook(member, before);
  }

  onReceiving(member: MemberView, message: Message): void {
    for (const hook of this.#receiving) hook(member, message);
  }

  onSending(member: MemberView, message: Message): void {
    for (const hook of this.#sending) hook(member, message);
  }

  onApplying(member: MemberView, entries: readonly Entry[]): void {
    for (const hook of this.#applying) hook(member, entries);
  }

  onApplied(member: MemberView): void {
    for (const hook of this.#applied) hook(member);
  }

  onMembershipChanged(member: MemberView, index: number): void {
    for (const hook of this.#membershipChanged) hook(member, index);
  }

  onEntriesRead(member: MemberView, first: number): void {
    for (const hook of this.#entriesRead) hook(member, first);
  }

  onRestored(member: MemberView, snapshot: SnapshotMeta): void {
    for (const hook of this.#restored) hook(member, snapshot);
  }

  onChangeRequested(member: MemberView, changes: readonly MembershipChange[]): void {
    for (const hook of this.#changeRequested) hook(member, changes);
  }

  onChangeTaken(member: MemberView): void {
    for (const hook of this.#changeTaken) hook(member);
  }

  onTransferRequested(member: MemberView, to: NodeId, ticks: number): void {
    for (const hook of this.#transferRequested) hook(member, to, ticks);
  }

  onTransferEnded(member: MemberView, to: NodeId): void {
    for (const hook of this.#transferEnded) hook(member, to);
  }

  onTicked(member: MemberView, ticks: number): void {
    for (const hook of this.#ticked) hook(member, ticks);
  }

  onAccepted(member: MemberView): void {
    for (const hook of this.#accepted) hook(member);
  }

  onRefused(member: MemberView, reason: DropReason, ticks: number): void {
    for (const hook of this.#refused) hook(member, reason, ticks);
  }

  onAcknowledged(command: number, index: number): void {
    for (const hook of this.#acknowledged) hook(command, index);
  }

  onDropped(command: number): void {
    for (const hook of this.#dropped) hook(command);
  }

  onReadBegun(read: number): void {
    for (const hook of this.#readBegun) hook(read);
  }

  onReadConfirmed(read: number, index: number): void {
    for (const hook of this.#readConfirmed) hook(read, index);
  }

  onReadServed(read: number, index: number): void {
    for (const hook of this.#readServed) hook(read, index);
  }

  onReadDropped(read: number): void {
    for (const hook of this.#readDropped) hook(read);
  }

  /** Compares everything with everything. */
  compareAll(members: readonly MemberView[]): void {
    for (const invariant of this.#invariants) {
      invariant.compareAll?.(members);
    }
  }

  #hooks<Name extends keyof Hooks>(name: Name): Hook<Name>[] {
    return this.#invariants.flatMap((invariant) => {
      const hook = invariant[name];
      return hook === undefined ? [] : [hook.bind(invariant) as Hook<Name>];
    });
  }
}
