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
}

/** Leadership transfers of this member's callers, from the call to its answer. */
export class PendingTransfers {
  readonly #byId = new Map<number, Pending>();

  open(id: number, { to, term }: Target): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#byId.set(id, { to, term, resolve, reject });
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
        this.reject(id, new TransferError(transfer.to));
      }
    }
  }

  /** The core has done with all transfers to `to`. */
  onEnded(to: NodeId, succeeded: boolean): void {
    for (const [id, transfer] of this.#byId) {
      if (transfer.to === to && succeeded) {
        this.#take(id)?.resolve();
      } else if (transfer.to === to) {
        this.reject(id, new TransferError(to));
      }
    }
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
    return pending;
  }
}
