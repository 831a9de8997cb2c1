/**
 * A running hash of everything that happened, in order. Two runs that are the
 * same have the same; one that differs in a single event has, practically,
 * another. Not for strangers' data: it is fast, not strong.
 */
export class TraceHash {
  #low = 0x811c9dc5;
  #high = 0x2f7b4c1d;

  /** Adds an integer, of which the lower 32 bits count. */
  add(value: number): void {
    this.#low = Math.imul(this.#low ^ value, 0x01000193);
    this.#high = Math.imul(this.#high ^ (this.#low >>> 15) ^ value, 0x85ebca6b);
  }

  /** Adds a text, character by character. */
  addText(text: string): void {
    for (let at = 0; at < text.length; at += 1) {
      this.add(text.charCodeAt(at));
    }
  }

  /** 16 hexadecimal digits. */
  toString(): string {
    return hex(this.#high) + hex(this.#low);
  }
}

function hex(value: number): string {
  return (value >>> 0).toString(16).padStart(8, "0");
}
