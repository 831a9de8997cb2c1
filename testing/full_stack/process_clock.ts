import type { Clock } from "../../raft/mod.ts";
import type { ProcessGate } from "./process_gate.ts";
import type { VirtualExecutor } from "./virtual_executor.ts";

/** How the clock of a process runs. */
export interface ProcessClockOptions {
  readonly executor: VirtualExecutor;
  readonly gate: ProcessGate;
  /** How much time passes for it in a second, at first: 1.05 is a clock that runs ahead. */
  readonly rate: number;
}

/** The clock of one process: it drifts, it may jump, and its timers die with the process. */
export class ProcessClock implements Clock {
  readonly #options: ProcessClockOptions;
  #offsetMs = 0;
  #rate: number;
  /** When the rate was changed: what this clock showed, and the true time. */
  #changed: { readonly shown: number; readonly at: number } = { shown: 0, at: 0 };

  constructor(options: ProcessClockOptions) {
    this.#options = options;
    this.#rate = options.rate;
  }

  now(): number {
    const { executor } = this.#options;
    return executor.now() - executor.monotonic() + this.monotonic() + this.#offsetMs;
  }

  monotonic(): number {
    const { shown, at } = this.#changed;
    return shown + (this.#options.executor.monotonic() - at) * this.#rate;
  }

  /** Goes on at another rate. A timer that is set already keeps its time. */
  setRate(rate: number): void {
    this.#changed = { shown: this.monotonic(), at: this.#options.executor.monotonic() };
    this.#rate = rate;
  }

  setTimer(delayMs: number, callback: () => void): () => void {
    const { executor, gate } = this.#options;
    let isCancelled = false;
    const fire = () => isCancelled ? undefined : callback();
    const cancel = executor.setTimer(delayMs / this.#rate, () => gate.enter(fire, "timer"));
    return () => {
      isCancelled = true;
      cancel();
    };
  }

  defer(callback: () => void): void {
    const { executor, gate } = this.#options;
    executor.defer(() => gate.enter(callback));
  }

  /** Moves the time of day; timers go by another clock. */
  jump(ms: number): void {
    this.#offsetMs += ms;
  }
}
