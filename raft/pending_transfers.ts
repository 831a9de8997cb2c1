import type { Clock } from "./clock.ts";
import { TransferError } from "./errors.ts";
import type { NodeId } from "./hard_state.ts";
import type { SoftState } from "./raft_effect.ts";

/** Whom a caller wants to lead. */
interface Target {
  readonly to: NodeId;
  /** The term in which it was asked for. */
  readonly term: number;
}

interface Pending extends Target {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
  readonly cancelTimer: () => void;
}

/** How long transfers may take. */
export interface PendingTransfersOptions {
  readonly clock: Pick<Clock, "setTimer">;
  readonly timeoutMs: number;
}

/**
 * Leadership transfers of this member's callers, from the call to its answer. A
 * leader that is deposed meanwhile says nothing more of them, and there may not
 * be another one, so each ends after a while by itself.
 */
export class PendingTransfers {
  readonly #options: PendingTransfersOptions;
  readonly #byId = new Map<number, Pending>();

  constructor(options: PendingTransfersOptions) {
    this.#options = options;
  }

  open(id: number, { to, term }: Target): Promise<void> {
    const { clock, timeoutMs } = this.#options;
    return new Promise((resolve, reject) => {
      const cancelTimer = clock.setTimer(
        timeoutMs,
        () => this.reject(id, new TransferError(to, `it does not lead after ${timeoutMs} ms`)),
      );
      this.#byId.set(id, { to, term, resolve, reject, cancelTimer });
    });
  }

  /** A transfer has succeeded when its target leads, and failed when another does. */
  onSoftState({ leader, term }: SoftState): void {
    if (leader === null) {
      return;
    }
    for (const [id, transfer] of this.#byId) {
      if (leader === transfer.to) {
        this.#take(id)?.resolve();
      } else if (term > transfer.term) {
        this.reject(id, new TransferError(transfer.to, `${leader} leads`));
      }
    }
  }

  /** The core has done with all transfers to `to`. */
  onEnded(to: NodeId, succeeded: boolean): void {
    const reason =
      "this member does not lead, or that one is no voter, or did not catch up in time";
    for (const [id, transfer] of this.#byId) {
      if (transfer.to === to && succeeded) {
        this.#take(id)?.resolve();
      } else if (transfer.to === to) {
        this.reject(id, new TransferError(to, reason));
      }
    }
  }

  /** All transfers have failed. */
  fail(reason: string): void {
    this.#byId.forEach(({ to }, id) => this.reject(id, new TransferError(to, reason)));
  }

  reject(id: number, error: Error): void {
    this.#take(id)?.reject(error);
  }

  rejectAll(error: Error): void {
    [...this.#byId.keys()].forEach((id) => this.reject(id, error));
  }

  #take(id: number): Pending | undefined {
    const pending = this.#byId.get(id);
    this.#byId.delete(id);
    pending?.cancelTimer();
    return pending;
  }
}
