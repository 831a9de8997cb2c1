import type { Clock } from "../../raft/mod.ts";
import { systemTimer } from "../system_timer.ts";

/** Long enough to cost nothing under load, short enough that little is ever unconfirmed. */
const DELAY_MS = 10;

export interface WatermarkTimerOptions {
  /** Default: 10. */
  readonly delayMs?: number;
  /** Default: the system's timers, which do not keep the process alive. */
  readonly setTimer?: Clock["setTimer"];
  /** Called when an append has stood alone for so long. */
  readonly confirm: () => void;
}

/** Tells when the last append should be confirmed by a watermark. */
export class WatermarkTimer {
  readonly #options: WatermarkTimerOptions;
  #isDue = false;
  /** Appends so far, by which the timer sees whether there was one since it was set. */
  #appends = 0;
  #stop: (() => void) | null = null;

  constructor(options: WatermarkTimerOptions) {
    this.#options = options;
  }

  /** Whether there is an append that no watermark confirms. */
  get isDue(): boolean {
    return this.#isDue;
  }

  onAppended(): void {
    this.#appends += 1;
    this.#isDue = true;
    this.#arm();
  }

  onConfirmed(): void {
    this.#isDue = false;
  }

  stop(): void {
    this.#stop?.();
    this.#stop = null;
  }

  /** One timer at a time: setting one anew for each append would cost more than it tells. */
  #arm(): void {
    if (this.#stop !== null) {
      return;
    }
    const { setTimer = systemTimer, delayMs = DELAY_MS, confirm } = this.#options;
    const appends = this.#appends;
    this.#stop = setTimer(delayMs, () => {
      this.#stop = null;
      if (!this.#isDue) {
        return;
      }
      if (this.#appends === appends) {
        confirm();
      } else {
        this.#arm();
      }
    });
  }
}
