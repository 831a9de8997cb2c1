import type { Clock } from "../../raft/mod.ts";

interface Timer {
  readonly dueMs: number;
  readonly callback: () => void;
}

/** A clock that stands still until a test moves it. */
export class VirtualClock implements Clock {
  #nowMs = 1_000_000;
  #elapsedMs = 0;
  #timers: Timer[] = [];
  #deferred: (() => void)[] = [];

  monotonic(): number {
    return this.#elapsedMs;
  }

  now(): number {
    return this.#nowMs;
  }

  setTimer(delayMs: number, callback: () => void): () => void {
    const timer = { dueMs: this.#nowMs + delayMs, callback };
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
    const endMs = this.#nowMs + ms;
    for (;;) {
      const [next] = this.#timers.filter(({ dueMs }) => dueMs <= endMs)
        .sort((a, b) => a.dueMs - b.dueMs);
      if (next === undefined) {
        break;
      }
      this.#timers = this.#timers.filter((other) => other !== next);
      this.#nowMs = Math.max(this.#nowMs, next.dueMs);
      next.callback();
    }
    this.#elapsedMs += ms;
    this.#nowMs = endMs;
  }

  /** Moves the wall clock alone, as an operator or a bad time server would. */
  jump(ms: number): void {
    this.#nowMs += ms;
  }
}
