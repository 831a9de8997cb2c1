import type { Clock } from "../../raft/mod.ts";

interface Timer {
  readonly dueMs: number;
  readonly callback: () => void;
}

/** A clock that stands still until a test moves it. */
export class VirtualClock implements Clock {
  /** How far the wall clock is ahead of the monotonic one. */
  #offsetMs = 1_000_000;
  #elapsedMs = 0;
  #timers: Timer[] = [];
  #deferred: (() => void)[] = [];

  monotonic(): number {
    return this.#elapsedMs;
  }

  now(): number {
    return this.#elapsedMs + this.#offsetMs;
  }

  /** Timers that are set. */
  get waiting(): number {
    return this.#timers.length;
  }

  setTimer(delayMs: number, callback: () => void): () => void {
    const timer = { dueMs: this.#elapsedMs + delayMs, callback };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  defer(callback: () => void): void {
    this.#deferred.push(callback);
  }

  /** Ends the turn: runs what was deferred in it. */
  runDeferred(): void {
    const deferred = this.#deferred;
    this.#deferred = [];
    deferred.forEach((callback) => callback());
  }

  /** Lets time pass and runs the timers that come due, in their order. */
  advance(ms: number): void {
    const endMs = this.#elapsedMs + ms;
    for (;;) {
      const next = this.#nextTimer();
      if (next === undefined || next.dueMs > endMs) {
        break;
      }
      this.#elapsedMs = Math.max(this.#elapsedMs, next.dueMs);
      this.#fire(next);
    }
    this.#elapsedMs = endMs;
  }

  /** Lets time pass without a timer: the process was stopped, or its loop was blocked. */
  stall(ms: number): void {
    this.#elapsedMs += ms;
  }

  /** Runs the timer that is due first, alone, however late it is. */
  fireNext(): void {
    const next = this.#nextTimer();
    if (next !== undefined) {
      this.#fire(next);
    }
  }

  /** Moves the wall clock alone, as an operator or a bad time server would. */
  jump(ms: number): void {
    this.#offsetMs += ms;
  }

  #nextTimer(): Timer | undefined {
    return this.#timers.toSorted((one, other) => one.dueMs - other.dueMs)[0];
  }

  #fire(timer: Timer): void {
    this.#timers = this.#timers.filter((other) => other !== timer);
    timer.callback();
  }
}
