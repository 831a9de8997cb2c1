import type { NodeId } from "./hard_state.ts";
import type { MemberState } from "./member_state.ts";
import type { SnapshotMeta } from "./message.ts";

interface Offer {
  readonly from: NodeId;
  readonly snapshot: SnapshotMeta;
}

/**
 * A snapshot on its way into this member. It outlives roles: whoever leads
 * meanwhile, what it holds is committed.
 */
export class SnapshotRestore {
  readonly #state: MemberState;
  #waiting: Offer | null = null;
  #running: SnapshotMeta | null = null;

  constructor(state: MemberState) {
    this.#state = state;
  }

  /** Whether a snapshot is being restored, or is to be: nothing is applied meanwhile. */
  get isActive(): boolean {
    return this.#waiting !== null || this.#running !== null;
  }

  /** Takes an offer, unless another one is under way. */
  offer(from: NodeId, snapshot: SnapshotMeta): void {
    if (!this.isActive) {
      this.#waiting = { from, snapshot };
    }
  }

  /** Starts what waits, once nothing is being applied. */
  maybeStart(isApplierBusy: boolean): void {
    const offer = this.#waiting;
    if (offer === null || isApplierBusy || this.#running !== null) {
      return;
    }
    this.#waiting = null;
    this.#running = offer.snapshot;
    this.#state.emit({ type: "restoreSnapshot", ...offer });
  }

  /** Ends the one that was started. */
  finish(): void {
    this.#running = null;
  }
}
