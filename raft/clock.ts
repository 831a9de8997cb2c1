/**
 * Time, as the driver of a member sees it. The system's is `systemClock`;
 * a simulator has its own.
 */
export interface Clock {
  /** Milliseconds since the Unix epoch. May jump. */
  now(): number;

  /** Milliseconds from some point on. Never jumps, whatever becomes of `now`. */
  monotonic(): number;

  /** Calls back once after `delayMs`, unless the returned function was called before. */
  setTimer(delayMs: number, callback: () => void): () => void;

  /**
   * Calls back at the end of this turn of the event loop, after all sockets that
   * are ready were read, so that their requests make one batch.
   */
  defer(callback: () => void): void;
}
