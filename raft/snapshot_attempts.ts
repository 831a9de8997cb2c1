/** Attempts in a row that fail until a leader is said to be unable to make snapshots. */
const FAILURES_MAX = 5;

/**
 * When a leader tries again to make snapshots that it could not make, and when
 * it should not lead any more: followers that need one get nowhere with it.
 */
export class SnapshotAttempts {
  readonly #ticksMax: number;
  #failures = 0;
  #ticksLeft = 0;

  /** `ticksMax` bounds the time between two attempts. */
  constructor(ticksMax: number) {
    this.#ticksMax = ticksMax;
  }

  /** Whether it is too early for another attempt. */
  get isWaiting(): boolean {
    return this.#ticksLeft > 0;
  }

  get isHopeless(): boolean {
    return this.#failures >= FAILURES_MAX;
  }

  tick(): void {
    this.#ticksLeft = Math.max(0, this.#ticksLeft - 1);
  }

  onMade(): void {
    this.#failures = 0;
    this.#ticksLeft = 0;
  }

  /** Each time that it fails in a row, the next attempt takes twice as long to come. */
  onFailed(): void {
    this.#ticksLeft = Math.min(2 ** this.#failures, this.#ticksMax);
    this.#failures = Math.min(this.#failures + 1, FAILURES_MAX);
  }
}
