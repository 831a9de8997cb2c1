import type { Clock } from "../raft/mod.ts";
import { etcdError } from "./errors.ts";

/** How long a request may take before its client is told so: etcd's 5 s and two election timeouts. */
export const REQUEST_TIMEOUT_MS = 7_000;

interface PendingRequest {
  readonly dueMs: number;
  readonly reject: (error: Error) => void;
  settled: boolean;
}

/**
 * Ends requests that take too long with etcd's `request timed out`.
 *
 * All have the same timeout, so they come due in the order in which they came:
 * one timer serves them all, and a request that is in time costs no timer.
 */
export class RequestDeadlines {
  readonly #clock: Clock;
  #pending: PendingRequest[] = [];
  #cancelTimer: (() => void) | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Settles as `answer` does, unless that takes too long. */
  guard<Value>(answer: Promise<Value>): Promise<Value> {
    return new Promise((resolve, reject) => {
      const request = { dueMs: this.#clock.now() + REQUEST_TIMEOUT_MS, reject, settled: false };
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
    const now = this.#clock.now();
    this.#pending = this.#pending.filter((request) => {
      if (!request.settled && request.dueMs <= now) {
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

/** How late a timeout may be. */
const SWEEP_MS = 250;
