/** What may be on the way to one follower without an acknowledgement. */
export interface InflightLimits {
  readonly messagesMax: number;
  readonly bytesMax: number;
}

interface Inflight {
  readonly lastIndex: number;
  readonly bytes: number;
}

/**
 * Appends that are on the way to one follower, oldest first.
 *
 * Invariant: the last indexes rise, and the bytes add up to `#bytes`.
 */
export class Inflights {
  readonly #limits: InflightLimits;
  #waiting: Inflight[] = [];
  #bytes = 0;

  constructor(limits: InflightLimits) {
    this.#limits = limits;
  }

  /** Whether nothing more may be sent. One message always may, whatever its size. */
  get isFull(): boolean {
    return this.#waiting.length >= this.#limits.messagesMax ||
      (this.#waiting.length > 0 && this.#bytes >= this.#limits.bytesMax);
  }

  add(lastIndex: number, bytes: number): void {
    this.#waiting.push({ lastIndex, bytes });
    this.#bytes += bytes;
  }

  /** Takes off what an acknowledgement of `index` covers. */
  freeTo(index: number): void {
    let freed = 0;
    for (const { lastIndex, bytes } of this.#waiting) {
      if (lastIndex > index) {
        break;
      }
      this.#bytes -= bytes;
      freed += 1;
    }
    if (freed > 0) {
      this.#waiting.splice(0, freed);
    }
  }

  clear(): void {
    this.#waiting = [];
    this.#bytes = 0;
  }
}
