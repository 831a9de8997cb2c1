import type { NodeId } from "./hard_state.ts";
import type { MemberState } from "./member_state.ts";
import type { Replication } from "./replication.ts";

/** A leadership transfer under way. */
interface Transfer {
  readonly to: NodeId;
  ticks: number;
}

/**
 * One leader's transfers of its leadership, from the request to the word to the
 * target (Raft thesis §3.10). Whether one succeeded, the next leader's name tells.
 */
export class LeaderTransfer {
  readonly #state: MemberState;
  readonly #replication: Replication;
  #transfer: Transfer | null = null;
  #hasInvitedElection = false;

  constructor(state: MemberState, replication: Replication) {
    this.#state = state;
    this.#replication = replication;
  }

  /** Whether a transfer is under way. Nothing new is taken then, so that its target can catch up. */
  get isActive(): boolean {
    return this.#transfer !== null;
  }

  /**
   * Whether a follower was told to start an election in spite of the lease. The
   * word may arrive late, so leases mean nothing for the rest of the term.
   */
  get hasInvitedElection(): boolean {
    return this.#hasInvitedElection;
  }

  request(to: NodeId): void {
    const { id, membership } = this.#state;
    if (to === id || !membership.voters.includes(to)) {
      this.#state.emit({ type: "transferEnded", to, succeeded: to === id });
      return;
    }
    if (this.#transfer?.to === to) {
      return;
    }
    this.#abort();
    this.#transfer = { to, ticks: 0 };
    this.#replication.sendTo(to);
    this.maybeFinish(to);
  }

  /** Gives a transfer up after an election timeout, so that writes go on. */
  tick(): void {
    if (this.#transfer !== null) {
      this.#transfer.ticks += 1;
      if (this.#transfer.ticks >= this.#state.tuning.electionTicks) {
        this.#abort();
      }
    }
  }

  /** Tells the target to start its election as soon as it has the whole log. */
  maybeFinish(follower: NodeId): void {
    const { log, term } = this.#state;
    if (this.#transfer?.to === follower && this.#replication.matchOf(follower) === log.lastIndex) {
      this.#hasInvitedElection = true;
      this.#state.send({ type: "timeoutNow", to: follower, term });
    }
  }

  /** The target may be no voter any more. */
  onMembershipChanged(): void {
    if (this.#transfer !== null && !this.#state.membership.voters.includes(this.#transfer.to)) {
      this.#abort();
    }
  }

  #abort(): void {
    const transfer = this.#transfer;
    this.#transfer = null;
    if (transfer !== null) {
      this.#state.emit({ type: "transferEnded", to: transfer.to, succeeded: false });
    }
  }
}
