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
  #running: Offer | null = null;
  #isAborting = false;

  constructor(state: MemberState) {
    this.#state = state;
  }

  /** Whether a snapshot is being restored, or is to be: nothing is applied meanwhile. */
  get isActive(): boolean {
    return this.#waiting !== null || this.#running !== null;
  }

  /** Takes the present leader's offer, in the place of an older one and of another leader's. */
  offer(from: NodeId, snapshot: SnapshotMeta): void {
    const former = this.#waiting ?? this.#running;
    const isNews = former?.from !== from || former.snapshot.last.index < snapshot.last.index;
    if (isNews) {
      this.#waiting = { from, snapshot };
      this.#maybeAbort();
    }
  }

  /**
   * Gives up what another leader has offered: its stream may have ended with its
   * leadership, and as long as it is awaited, this member takes nothing else.
   */
  follow(leader: NodeId | null): void {
    if (leader === null) {
      return;
    }
    if (this.#waiting !== null && this.#waiting.from !== leader) {
      this.#waiting = null;
    }
    if (this.#running !== null && this.#running.from !== leader) {
      this.#maybeAbort();
    }
  }

  /** Starts what waits, once nothing is being applied. */
  maybeStart(isApplierBusy: boolean): void {
    const offer = this.#waiting;
    if (offer === null || isApplierBusy || this.#running !== null) {
      return;
    }
    this.#waiting = null;
    // The one before may have been beyond stopping, and have brought more.
    if (offer.snapshot.last.index > this.#state.log.committedIndex) {
      this.#running = offer;
      this.#state.emit({ type: "restoreSnapshot", ...offer });
    }
  }

  /** Ends the one that was started. */
  finish(): void {
    this.#running = null;
    this.#isAborting = false;
  }

  #maybeAbort(): void {
    if (this.#running !== null && !this.#isAborting) {
      this.#isAborting = true;
      this.#state.emit({ type: "abortRestore", snapshot: this.#running.snapshot });
    }
  }
}
