import type { Clock } from "../../raft/mod.ts";

/** A commit has not ended in time. Whether it will is not known. */
export class CommitTimeoutError extends Error {
  readonly code = "COMMIT_TIMEOUT";
  readonly timeoutMs: number;

  constructor(timeoutMs: number) {
    super(`commit not done after ${Math.round(timeoutMs)} ms`);
    this.name = "CommitTimeoutError";
    this.timeoutMs = timeoutMs;
  }
}

/** What a `CommitWatch` needs. */
export interface CommitWatchOptions {
  readonly setTimer: Clock["setTimer"];
  readonly timeoutMs: number;
  readonly onTimeout: () => void;
}

/**
 * A machine that slept, or an event loop that stood still, finds one timer due
 * at once, not ten in a row: the commit gets its time while the process runs.
 */
const TICKS = 10;

/** Tells when a commit takes too long. */
export class CommitWatch {
  readonly #options: CommitWatchOptions;
  #ticksLeft = TICKS;
  #stopTimer: () => void;

  constructor(options: CommitWatchOptions) {
    this.#options = options;
    this.#stopTimer = this.#arm();
  }

  end(): void {
    this.#stopTimer();
  }

  #arm(): () => void {
    const { setTimer, timeoutMs, onTimeout } = this.#options;
    return setTimer(timeoutMs / TICKS, () => {
      this.#ticksLeft -= 1;
      if (this.#ticksLeft === 0) {
        onTimeout();
      } else {
        this.#stopTimer = this.#arm();
      }
    });
  }
}
