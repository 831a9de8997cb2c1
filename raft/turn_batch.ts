import type { Clock } from "./clock.ts";
import type { Proposal, RaftEvent } from "./raft_event.ts";

/** What a batch needs of its surroundings. */
export interface TurnBatchParts {
  readonly clock: Pick<Clock, "defer">;
  /** Takes what gathered, at the end of the turn. */
  readonly push: (event: RaftEvent) => void;
}

/** Proposals and reads of one turn of the event loop, which go to the core together. */
export class TurnBatch {
  readonly #parts: TurnBatchParts;
  #proposals: Proposal[] = [];
  #reads: number[] = [];
  #isDeferred = false;

  constructor(parts: TurnBatchParts) {
    this.#parts = parts;
  }

  addProposal(proposal: Proposal): void {
    this.#proposals.push(proposal);
    this.#defer();
  }

  addRead(id: number): void {
    this.#reads.push(id);
    this.#defer();
  }

  /** Takes a proposal back, and returns whether it was still here. */
  removeProposal(id: number): boolean {
    const at = this.#proposals.findIndex((proposal) => proposal.id === id);
    if (at !== -1) {
      this.#proposals.splice(at, 1);
    }
    return at !== -1;
  }

  /** Takes everything back, and returns the ids of the proposals. */
  takeAll(): number[] {
    const ids = this.#proposals.map(({ id }) => id);
    this.#proposals = [];
    this.#reads = [];
    return ids;
  }

  #defer(): void {
    if (this.#isDeferred) {
      return;
    }
    this.#isDeferred = true;
    this.#parts.clock.defer(() => {
      this.#isDeferred = false;
      this.#handOver();
    });
  }

  /** Proposals come before reads. */
  #handOver(): void {
    const proposals = this.#proposals;
    const ids = this.#reads;
    this.#proposals = [];
    this.#reads = [];
    if (proposals.length > 0) {
      this.#parts.push({ type: "proposed", proposals });
    }
    if (ids.length > 0) {
      this.#parts.push({ type: "readRequested", ids });
    }
  }
}
