/** Bytes with room to grow; what was never written reads as zeros. */
export class GrowingBytes {
  #bytes = new Uint8Array(0);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  read(target: Uint8Array, offset: number): number {
    const end = Math.min(this.#size, offset + target.length);
    if (end <= offset) {
      return 0;
    }
    target.set(this.#bytes.subarray(offset, end));
    return end - offset;
  }

  write(bytes: Uint8Array, offset: number): void {
    this.resize(Math.max(this.#size, offset + bytes.length));
    this.#bytes.set(bytes, offset);
  }

  /** Turns bits of a byte around, if it is there. */
  flip(offset: number, bits: number): void {
    if (offset < this.#size) {
      this.#bytes[offset] = (this.#bytes[offset] ?? 0) ^ bits;
    }
  }

  resize(size: number): void {
    if (size > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(size, Math.min(2 * this.#bytes.length, size + 65_536)));
      grown.set(this.#bytes.subarray(0, this.#size));
      this.#bytes = grown;
    } else if (size < this.#size) {
      this.#bytes.fill(0, size, this.#size);
    }
    this.#size = size;
  }

  copy(): GrowingBytes {
    const copy = new GrowingBytes();
    copy.#bytes = this.#bytes.slice(0, this.#size);
    copy.#size = this.#size;
    return copy;
  }
}
