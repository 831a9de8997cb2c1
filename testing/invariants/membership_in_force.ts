import {
  decodeMembership,
  type Entry,
  type Membership,
  type NodeId,
  type SnapshotMeta,
} from "../../raft/mod.ts";
import { expect } from "../violation.ts";
import type { CommittedLog } from "./committed_log.ts";
import type { GroupInvariant, MemberView } from "./group_invariant.ts";
import { isSameMembership } from "./membership_rules.ts";

/**
 * The membership by which a member decides is the newest of those that it has
 * handed out to be applied, in the log that the group has committed. A snapshot
 * brings that of its last entry, and a restart changes nothing.
 */
export class MembershipInForce implements GroupInvariant {
  readonly name = "membership in force";
  readonly #committed: CommittedLog;
  /** What was committed, rising by index. */
  readonly #memberships: { readonly index: number; readonly membership: Membership }[] = [];
  #seen = 0;
  readonly #inForce = new Map<NodeId, Membership>();

  constructor(committed: CommittedLog) {
    this.#committed = committed;
  }

  onStarted(member: MemberView): void {
    this.#assertIs(member, member.membership, this.#asOf(member.machine.state.appliedIndex));
    this.#inForce.set(member.id, member.membership);
  }

  onCommitted(): void {
    for (; this.#seen < this.#committed.lastIndex; this.#seen += 1) {
      const entry = this.#committed.at(this.#seen + 1)?.entry;
      if (entry?.kind === "membership") {
        this.#memberships.push({ index: entry.index, membership: decodeMembership(entry.data) });
      }
    }
  }

  onApplying({ id }: MemberView, entries: readonly Entry[]): void {
    for (const { kind, data } of entries) {
      if (kind === "membership") {
        this.#inForce.set(id, decodeMembership(data));
      }
    }
  }

  onMembershipChanged(member: MemberView, index: number): void {
    this.#assertIs(member, member.membership, this.#asOf(index));
  }

  onRoleChanged(member: MemberView): void {
    if (member.role === "leader") {
      this.#assertBelieved(member);
    }
  }

  onRestored(member: MemberView, { last, membership }: SnapshotMeta): void {
    this.#assertIs(member, membership, this.#asOf(last.index));
    this.#inForce.set(member.id, membership);
  }

  compareAll(members: readonly MemberView[]): void {
    members.filter(({ isRunning }) => isRunning).forEach((member) => this.#assertBelieved(member));
  }

  #assertBelieved(member: MemberView): void {
    this.#assertIs(member, member.believed.membership, this.#inForce.get(member.id));
  }

  /** The membership as of an index, `undefined` for that of the founders. */
  #asOf(index: number): Membership | undefined {
    return this.#memberships.findLast((each) => each.index <= index)?.membership;
  }

  #assertIs({ id }: MemberView, is: Membership, wanted: Membership | undefined): void {
    expect(
      wanted === undefined || isSameMembership(is, wanted),
      this.name,
      () => `${id} goes by ${JSON.stringify(is)}; in force is ${JSON.stringify(wanted)}`,
    );
  }
}
