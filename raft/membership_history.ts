import type { Entry } from "./entry.ts";
import { invariant } from "./errors.ts";
import type { Membership } from "./membership.ts";
import { decodeMembership } from "./membership_codec.ts";

/** A membership, and an index as of which it is in force. */
export interface DatedMembership {
  readonly index: number;
  readonly membership: Membership;
}

/**
 * The memberships of a member, in order, so that it can be told which one was
 * in force as of an entry: what a snapshot or a compacted log begins with.
 */
export class MembershipHistory {
  // Invariant: never empty, and indexes never fall.
  readonly #changes: DatedMembership[];

  constructor(changes: readonly DatedMembership[]) {
    invariant(changes.length > 0, "a membership is in force");
    this.#changes = [...changes];
  }

  add(change: DatedMembership): void {
    this.#changes.push(change);
  }

  /** Notes the memberships among entries, which are in force as soon as they are applied. */
  addOf(entries: readonly Entry[]): void {
    for (const { kind, index, data } of entries) {
      if (kind === "membership") {
        this.add({ index, membership: decodeMembership(data) });
      }
    }
  }

  /** The membership as of an index, `null` if that is too long ago. */
  at(index: number): Membership | null {
    return this.#changes.findLast((change) => change.index <= index)?.membership ?? null;
  }

  /** Forgets what was in force before an index. */
  forgetBefore(index: number): void {
    const current = this.#changes.findLastIndex((change) => change.index <= index);
    this.#changes.splice(0, Math.max(0, current));
  }
}
