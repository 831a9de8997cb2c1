import type { Clock } from "../../raft/mod.ts";
import { EventQueue } from "../simulation/event_queue.ts";
import { TraceHash } from "../simulation/trace_hash.ts";
import { MicrotaskDrain } from "./microtask_drain.ts";

/** Something that is to happen, until it was taken back. */
interface Job {
  callback: (() => void) | null;
}

/** Where virtual time begins: some day in 2026, so that times look like times. */
const EPOCH_MS = 1_790_000_000_000;

/**
 * Runs asynchronous code on virtual time. Everything outside, such as time, disk
 * and network, is simulated by its timers; all else that code can wait for is a
 * promise, which settles in microtasks. So between two events the executor lets
 * all microtasks run out, in the order that the language lays down, and a run
 * is the same on every engine.
 *
 * One event is a timer or a deferred callback with all that follows from it.
 */
export class VirtualExecutor implements Clock {
  readonly trace: TraceHash = new TraceHash();
  readonly #queue = new EventQueue<Job>();
  readonly #drain = new MicrotaskDrain();
  /** Timers that will run, unless they are taken back. */
  readonly #timers = new Set<Job>();
  #deferred: Job[] = [];
  #events = 0;

  /** Virtual time since the beginning. */
  get nowUs(): number {
    return this.#queue.now;
  }

  now(): number {
    return EPOCH_MS + this.monotonic();
  }

  monotonic(): number {
    return this.#queue.now / 1000;
  }

  /** Events so far. */
  get events(): number {
    return this.#events;
  }

  /** Timers that are set, and were not taken back. */
  get waiting(): number {
    return this.#timers.size;
  }

  setTimer(delayMs: number, callback: () => void): () => void {
    return this.after(Math.floor(delayMs * 1000), callback);
  }

  /** Calls back after `delayUs`, an integer, unless the returned function was called before. */
  after(delayUs: number, callback: () => void): () => void {
    const job: Job = { callback };
    this.#queue.push(delayUs, job);
    this.#timers.add(job);
    return () => {
      job.callback = null;
      this.#timers.delete(job);
    };
  }

  /** Calls back in this moment, once all that was under way has come to rest. */
  defer(callback: () => void): void {
    this.#deferred.push({ callback });
  }

  /** Resolves after `delayUs`. */
  sleep(delayUs: number): Promise<void> {
    return new Promise((resolve) => void this.after(delayUs, resolve));
  }

  /**
   * Lets events happen as long as `goesOn` says, which is asked before each.
   * Rejects with what an event throws. Resolves with whether anything is left.
   */
  async run(goesOn: () => boolean): Promise<boolean> {
    await this.#drain.wait();
    while (goesOn()) {
      const job = this.#next();
      if (job === null) {
        return false;
      }
      this.#events += 1;
      this.trace.add(this.#queue.now);
      job();
      await this.#drain.wait();
    }
    return true;
  }

  /** Ends all use: nothing that waits ever happens. */
  close(): void {
    this.#queue.clear();
    this.#timers.clear();
    this.#deferred = [];
    this.#drain.close();
  }

  #next(): (() => void) | null {
    for (;;) {
      const job = this.#deferred.shift() ?? this.#queue.pop();
      if (job === undefined) {
        return null;
      }
      this.#timers.delete(job);
      if (job.callback !== null) {
        return job.callback;
      }
    }
  }
}
