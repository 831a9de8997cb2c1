const MIN_BYTES = 64 * 1024;
const TWO_POW_32 = 0x1_0000_0000;

/**
 * Little-endian bytes put together in one buffer that is used again and again,
 * and grows to the largest that was needed.
 */
export class ByteWriter {
  /** Replaced when it grows; what is written stays. */
  bytes: Uint8Array;
  #view: DataView;
  /** Where the next write goes. */
  position = 0;

  constructor(sizeBytes: number = MIN_BYTES) {
    this.bytes = new Uint8Array(sizeBytes);
    this.#view = new DataView(this.bytes.buffer);
  }

  /** Makes room for `sizeBytes` from the position on. All writes below need it to be there. */
  reserve(sizeBytes: number): void {
    const needed = this.position + sizeBytes;
    if (needed <= this.bytes.length) {
      return;
    }
    const grown = new Uint8Array(Math.max(needed, this.bytes.length * 2));
    grown.set(this.bytes.subarray(0, this.position));
    this.bytes = grown;
    this.#view = new DataView(grown.buffer);
  }

  uint8(value: number): void {
    this.bytes[this.position++] = value;
  }

  uint32(value: number): void {
    this.#view.setUint32(this.position, value, true);
    this.position += 4;
  }

  /** A safe integer, not negative, in eight bytes. */
  uint64(value: number): void {
    this.#view.setUint32(this.position, value >>> 0, true);
    this.#view.setUint32(this.position + 4, value / TWO_POW_32, true);
    this.position += 8;
  }

  put(bytes: Uint8Array): void {
    this.bytes.set(bytes, this.position);
    this.position += bytes.length;
  }

  /** Zeros up to the next multiple of `alignment`. */
  align(alignment: number): void {
    while (this.position % alignment !== 0) {
      this.bytes[this.position++] = 0;
    }
  }

  uint16At(position: number, value: number): void {
    this.#view.setUint16(position, value, true);
  }

  uint32At(position: number, value: number): void {
    this.#view.setUint32(position, value, true);
  }
}
