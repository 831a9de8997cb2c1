import { setImmediate } from "node:timers";

interface Timer {
  readonly dueMs: number;
  readonly callback: () => void;
}

/** Virtual time that never waits: with each turn of the event loop the next timer is due. */
export class PumpedClock {
  #nowMs = 0;
  #timers: Timer[] = [];
  #isPumping = false;

  setTimer(delayMs: number, callback: () => void): () => void {
    const timer = { dueMs: this.#nowMs + delayMs, callback };
    const later = this.#timers.findIndex(({ dueMs }) => dueMs > timer.dueMs);
    this.#timers.splice(later === -1 ? this.#timers.length : later, 0, timer);
    this.#pump();
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  #pump(): void {
    if (this.#isPumping || this.#timers.length === 0) {
      return;
    }
    this.#isPumping = true;
    setImmediate(() => {
      this.#isPumping = false;
      const timer = this.#timers.shift();
      if (timer !== undefined) {
        this.#nowMs = timer.dueMs;
        timer.callback();
      }
      this.#pump();
    });
  }
}
