import type { Clock } from "../raft/mod.ts";
import { etcdError } from "./errors.ts";

/** How long a request may take before its client is told so: etcd's 5 s and two election timeouts. */
export const REQUEST_TIMEOUT_MS = 7_000;

/** How late a timeout may be. */
const SWEEP_MS = 250;

interface PendingRequest {
  /** Sweep that ends it. */
  readonly due: number;
  readonly reject: (error: Error) => void;
  settled: boolean;
}

/**
 * Ends requests that take too long with etcd's `request timed out`.
 *
 * All have the same timeout, so they come due in the order in which they came:
 * one timer serves them all, and a request that is in time costs no timer. Time
 * is counted in sweeps, so that a wall clock that jumps ends nothing.
 */
export class RequestDeadlines {
  readonly #clock: Clock;
  #pending: PendingRequest[] = [];
  #sweeps = 0;
  #cancelTimer: (() => void) | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Settles as `answer` does, unless that takes too long. */
  guard<Value>(answer: Promise<Value>): Promise<Value> {
    return new Promise((resolve, reject) => {
      // One more: the sweep that comes next may come at once.
      const due = this.#sweeps + REQUEST_TIMEOUT_MS / SWEEP_MS + 1;
      const request = { due, reject, settled: false };
      this.#pending.push(request);
      this.#armTimer();
      answer.then((value) => {
        request.settled = true;
        resolve(value);
      }, (error) => {
        request.settled = true;
        reject(error);
      });
    });
  }

  /** Ends the timer. */
  close(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = null;
  }

  #armTimer(): void {
    this.#cancelTimer ??= this.#clock.setTimer(SWEEP_MS, () => this.#sweep());
  }

  #sweep(): void {
    this.#cancelTimer = null;
    this.#sweeps += 1;
    this.#pending = this.#pending.filter((request) => {
      if (!request.settled && request.due <= this.#sweeps) {
        request.reject(etcdError("TIMEOUT"));
        return false;
      }
      return !request.settled;
    });
    if (this.#pending.length > 0) {
      this.#armTimer();
    }
  }
}
