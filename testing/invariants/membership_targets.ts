import {
  decodeMembership,
  type Entry,
  type Membership,
  type MembershipChange,
  type Message,
  type NodeId,
} from "../../raft/mod.ts";
import { expect } from "../violation.ts";
import type { GroupInvariant, MemberView } from "./group_invariant.ts";
import { changed, isBetweenTwo, isSameMembership, left } from "./membership_rules.ts";

/** What decides which memberships a leader may propose of its own accord. */
export interface PromotionTuning {
  readonly promoteLearners?: boolean;
  readonly promotionLagMax?: number;
}

/**
 * A membership in the log is what somebody asked for, member by member and role
 * by role; or the way out of a joint configuration; or the promotion of one
 * learner that has caught up, where that is wanted (Raft thesis §4.2.1, §4.3).
 */
export class MembershipTargets implements GroupInvariant {
  readonly name = "membership targets";
  readonly #members: ReadonlyMap<NodeId, MemberView>;
  readonly #tuning: PromotionTuning;
  /** By member that was asked: what it may propose. */
  readonly #requested = new Map<NodeId, (readonly MembershipChange[])[]>();
  /** Memberships that were seen before, in whatever log: index and term. */
  readonly #seen = new Set<string>();
  /** What its leader had committed when it first sent such an entry: others may see it later. */
  readonly #commits = new Map<string, number>();
  #founders: Membership | null = null;

  constructor(members: ReadonlyMap<NodeId, MemberView>, tuning: PromotionTuning) {
    this.#members = members;
    this.#tuning = tuning;
  }

  onStarted({ log, membership }: MemberView): void {
    if (log.lastIndex === 0 && membership.voters.length > 0) {
      this.#founders ??= membership;
    }
  }

  onSending(_member: MemberView, message: Message): void {
    if (message.type === "appendRequest") {
      for (const entry of message.entries) {
        if (entry.kind === "membership" && !this.#commits.has(nameOf(entry))) {
          this.#commits.set(nameOf(entry), message.commit);
        }
      }
    }
  }

  onChangeRequested({ id }: MemberView, changes: readonly MembershipChange[]): void {
    const requested = this.#requested.get(id);
    if (requested === undefined) {
      this.#requested.set(id, [changes]);
    } else {
      requested.push(changes);
    }
  }

  onChangeTaken({ id }: MemberView): void {
    this.#requested.delete(id);
  }

  onAppended(member: MemberView, entries: readonly Entry[]): void {
    for (const entry of entries) {
      if (entry.kind === "membership") {
        const name = nameOf(entry);
        if (!this.#seen.has(name)) {
          this.#seen.add(name);
          this.#check(member, entry);
        }
      }
    }
  }

  #check(member: MemberView, entry: Entry): void {
    const before = this.#before(member, entry);
    const after = decodeMembership(entry.data);
    const isWanted = isBetweenTwo(before)
      ? isSameMembership(after, left(before))
      : this.#isRequested(before, after) ||
        this.#isPromotion(this.#commits.get(nameOf(entry)) ?? member.committedIndex, before, after);
    expect(
      isWanted,
      this.name,
      () =>
        `${member.id} has a membership at ${entry.index} that nobody asked for: after ` +
        `${JSON.stringify(before)}, ${JSON.stringify(after)}`,
    );
  }

  #before({ log, membership }: MemberView, { index }: Entry): Membership {
    const previous = log.entries.findLast((entry) =>
      entry.kind === "membership" && entry.index < index
    );
    return previous === undefined
      ? log.marker.membership ?? this.#founders ?? membership
      : decodeMembership(previous.data);
  }

  #isRequested(before: Membership, after: Membership): boolean {
    return [...this.#requested.values()].flat()
      .some((changes) => isSameMembership(after, changed(before, changes)));
  }

  #isPromotion(committedIndex: number, before: Membership, after: Membership): boolean {
    const { promoteLearners = false, promotionLagMax = 100 } = this.#tuning;
    return promoteLearners && before.learners.some((id) => {
      const held = this.#members.get(id)?.disk.log.lastIndex ?? 0;
      return isSameMembership(after, changed(before, [{ type: "addVoter", id }])) &&
        held >= committedIndex - promotionLagMax;
    });
  }
}

function nameOf({ index, term }: Entry): string {
  return `${index}/${term}`;
}
