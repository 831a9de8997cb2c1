import type { NodeId } from "./hard_state.ts";

/** Who asks for a read: a follower, or the leader itself, in one of its lives. */
export interface Reader {
  readonly id: NodeId;
  readonly session: number;
}

/** Reads that wait until a quorum has confirmed the leader. */
export interface PendingRead {
  readonly from: Reader;
  readonly ids: readonly number[];
  /** Committed index when the read came: what it must see. */
  readonly index: number;
  /** A quorum that confirms this round, or a later one, confirms the read. */
  readonly round: number;
}

/**
 * Linearizable reads of a leader (Raft thesis §6.4), in rounds. A heartbeat
 * carries the newest round and its response returns it, so a response to an
 * older heartbeat confirms nothing that came after it. Rounds are counted
 * within a term.
 *
 * Invariant: indexes and rounds rise from read to read.
 */
export class ReadRounds {
  /** Number of the newest round. */
  #round = 0;
  #pending: PendingRead[] = [];
  /** Whether a heartbeat with the newest round was sent. */
  #isRoundSent = true;

  get round(): number {
    return this.#round;
  }

  /** Whether reads wait for a heartbeat that was not sent yet. */
  get isWaiting(): boolean {
    return !this.#isRoundSent;
  }

  /** Whether reads wait for the answers to a round that was sent. */
  get isUnderWay(): boolean {
    const newestSent = this.#isRoundSent ? this.#round : this.#round - 1;
    return (this.#pending[0]?.round ?? Infinity) <= newestSent;
  }

  /** Adds reads to the round that is not yet sent. */
  add(from: Reader, ids: readonly number[], index: number): void {
    this.begin();
    this.#pending.push({ from, ids, index, round: this.#round });
  }

  /** Begins a round, unless one waits to be sent. */
  begin(): void {
    if (this.#isRoundSent) {
      this.#round += 1;
      this.#isRoundSent = false;
    }
  }

  /** Notes that heartbeats carry the newest round from now on. */
  sent(): void {
    this.#isRoundSent = true;
  }

  /** Takes off the reads that are confirmed by a quorum's `round`. */
  takeConfirmed(round: number): PendingRead[] {
    const end = this.#pending.findIndex((read) => read.round > round);
    return this.#pending.splice(0, end === -1 ? this.#pending.length : end);
  }

  /** Takes off everything, because this member no longer leads. */
  takeAll(): PendingRead[] {
    return this.#pending.splice(0);
  }
}
