import type { VirtualExecutor } from "./virtual_executor.ts";

/** Why a callback comes: timers come last when a process goes on after a pause. */
type Door = "timer" | "event";

/**
 * The border of one life of a simulated process. Everything that comes in from
 * outside, such as timers, messages, answers of the disk and requests of
 * clients, comes through it: at once while the process runs, later while it is
 * paused, never once it is dead. Everything that goes out is asked for first.
 */
export class ProcessGate {
  readonly #executor: VirtualExecutor;
  #state: "running" | "paused" | "dead" = "running";
  #areTimersHeld = false;
  #timers: (() => void)[] = [];
  #events: (() => void)[] = [];
  #onDeath: (() => void)[] = [];
  /** Whether the next callback that has waited is on its way. */
  #isReleasing = false;

  constructor(executor: VirtualExecutor) {
    this.#executor = executor;
  }

  get isDead(): boolean {
    return this.#state === "dead";
  }

  get isPaused(): boolean {
    return this.#state === "paused";
  }

  /** Lets a callback in. */
  enter(callback: () => void, door: Door = "event"): void {
    if (this.#state === "dead") {
      return;
    }
    // What waits goes first, so that nothing overtakes it.
    const mustWait = this.isPaused || this.#isReleasing ||
      (door === "timer" && this.#areTimersHeld);
    if (mustWait) {
      (door === "timer" ? this.#timers : this.#events).push(callback);
    } else {
      callback();
    }
  }

  /** The answer to a question that the process asked outside. */
  hold<Value>(answer: Promise<Value>): Promise<Value> {
    return new Promise((resolve, reject) => {
      answer.then(
        (value) => this.enter(() => resolve(value)),
        (error) => this.enter(() => reject(error)),
      );
    });
  }

  pause(): void {
    if (this.#state === "running") {
      this.#state = "paused";
    }
  }

  /**
   * Goes on: first what has come in meanwhile, then the timers that came due,
   * each in its order. So does an event loop that was stopped while it waited
   * for sockets.
   */
  resume(): void {
    if (this.#state === "paused") {
      this.#state = "running";
      this.#release();
    }
  }

  /** Keeps timers from firing, until `releaseTimers`: a clock that stands still. */
  holdTimers(): void {
    this.#areTimersHeld = true;
  }

  releaseTimers(): void {
    this.#areTimersHeld = false;
    if (this.#state === "running") {
      this.#release();
    }
  }

  /** The process is gone. */
  kill(): void {
    this.#state = "dead";
    this.#timers = [];
    this.#events = [];
    const told = this.#onDeath;
    this.#onDeath = [];
    told.forEach((callback) => callback());
  }

  /** Calls back when the process dies, unless the returned function was called before. */
  onDeath(callback: () => void): () => void {
    this.#onDeath.push(callback);
    return () => {
      this.#onDeath = this.#onDeath.filter((other) => other !== callback);
    };
  }

  /** Lets in what waits, one after the other, each as an event of its own. */
  #release(): void {
    const hasWaiting = this.#events.length > 0 ||
      (!this.#areTimersHeld && this.#timers.length > 0);
    if (this.#isReleasing || !hasWaiting) {
      return;
    }
    this.#isReleasing = true;
    this.#executor.after(0, () => {
      this.#isReleasing = false;
      if (this.#state === "running") {
        const next = this.#events.shift() ?? (this.#areTimersHeld ? null : this.#timers.shift());
        next?.();
        this.#release();
      }
    });
  }
}
