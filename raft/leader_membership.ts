import type { NodeId } from "./hard_state.ts";
import type { LeaderTransfer } from "./leader_transfer.ts";
import type { MemberState } from "./member_state.ts";
import type { Membership } from "./membership.ts";
import { encodeMembership } from "./membership_codec.ts";
import {
  isJoint,
  leaveJoint,
  type MembershipChange,
  MembershipChangeError,
  planMembership,
} from "./membership_change.ts";
import type { RaftEvent } from "./raft_event.ts";
import type { Replication } from "./replication.ts";

/** What decides, beside the member's state, whether the membership may be changed. */
interface Leadership {
  readonly replication: Replication;
  readonly transfer: Pick<LeaderTransfer, "isActive">;
  /** The first entry of the term. */
  readonly noopIndex: number;
}

/**
 * The membership entries of one leader: the changes that callers ask for, the
 * leaving of joint configurations, and the promotion of learners.
 */
export class LeaderMembership {
  readonly #state: MemberState;
  readonly #replication: Replication;
  readonly #transfer: Pick<LeaderTransfer, "isActive">;
  readonly #noopIndex: number;

  constructor(state: MemberState, { replication, transfer, noopIndex }: Leadership) {
    this.#state = state;
    this.#replication = replication;
    this.#transfer = transfer;
    this.#noopIndex = noopIndex;
  }

  request({ id, changes }: RaftEvent & { type: "membershipChangeRequested" }): void {
    const refuse = (reason: string) =>
      this.#state.emit({ type: "membershipChangeRefused", id, reason });
    const obstacle = this.#obstacle() ?? this.#laggard(changes);
    if (obstacle !== null) {
      refuse(obstacle);
      return;
    }
    try {
      const target = planMembership(this.#state.membership, changes);
      const entry = this.#state.appendOwn("membership", encodeMembership(target));
      this.#state.emit({ type: "accepted", ids: [id], first: entry });
      this.#replication.broadcast();
    } catch (error) {
      if (!(error instanceof MembershipChangeError)) {
        throw error;
      }
      refuse(error.message);
    }
  }

  /**
   * Leaves a joint configuration once it is in force. The leader that entered it
   * may be gone, so every leader does, as soon as it may change the membership.
   */
  maybeLeaveJoint(): void {
    const { membership, log } = this.#state;
    if (isJoint(membership) && !log.hasPendingMembership && log.committedIndex >= this.#noopIndex) {
      this.#propose(leaveJoint(membership));
    }
  }

  /** Makes a voter of a learner that has caught up and is there, if that is wanted (Raft thesis §4.2.1). */
  maybePromoteLearner(): void {
    const { tuning, membership } = this.#state;
    if (!tuning.promoteLearners || this.#obstacle() !== null) {
      return;
    }
    // One that has gone silent since it caught up could cost the group its quorum.
    const ready = membership.learners.find((id) =>
      this.#hasCaughtUp(id) && this.#replication.isActive(id)
    );
    if (ready !== undefined) {
      this.#propose(planMembership(membership, [{ type: "addVoter", id: ready }]));
    }
  }

  /** Why a learner may not be promoted, `null` if nothing speaks against it. */
  #laggard(changes: readonly MembershipChange[]): string | null {
    const { learners } = this.#state.membership;
    const laggard = changes.find(({ type, id }) =>
      type === "addVoter" && learners.includes(id) && !this.#hasCaughtUp(id)
    );
    return laggard === undefined
      ? null
      : `learner ${laggard.id} is too far behind to have a vote yet`;
  }

  #hasCaughtUp(learner: NodeId): boolean {
    return this.#replication.isCaughtUp(learner, this.#state.tuning.promotionLagMax);
  }

  #propose(target: Membership): void {
    this.#state.appendOwn("membership", encodeMembership(target));
    this.#replication.broadcast();
  }

  /** Why no membership change may be proposed now, `null` if one may. */
  #obstacle(): string | null {
    const { log, membership } = this.#state;
    if (this.#transfer.isActive) {
      return "leadership is being transferred";
    }
    // Two leaders could otherwise each change the membership on a quorum of its
    // own (Raft thesis, the bug in §4.1 that was found later).
    if (log.committedIndex < this.#noopIndex) {
      return "no entry of this leader's term is committed yet";
    }
    if (log.hasPendingMembership || isJoint(membership)) {
      return "another change is under way";
    }
    return null;
  }
}
