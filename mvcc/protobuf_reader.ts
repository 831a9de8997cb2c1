import { MalformedRecordError } from "./errors.ts";

/**
 * Reads protobuf's encoding from front to back. What is read comes as the
 * caller asks for it: it knows from the tag what follows.
 *
 * Every method throws `MalformedRecordError` where the bytes end too early or
 * a number has more than 64 bits.
 */
export class ProtobufReader {
  readonly #bytes: Uint8Array;
  #at = 0;
  // Halves of the number that was read last.
  #high = 0;
  #low = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  /** The tag of the next field: its number, and in the last 3 bits its wire type. */
  tag(): number {
    this.#varint();
    if (this.#high !== 0 || this.#low < 8) {
      throw new MalformedRecordError("a field's number is out of range");
    }
    return this.#low;
  }

  /** A number from 0 to 2⁵³ − 1; for any other it throws. */
  number(): number {
    this.#varint();
    if (this.#high >= 0x20_0000) {
      throw new MalformedRecordError("a number is not between 0 and 2^53 - 1");
    }
    return this.#high * 0x1_0000_0000 + this.#low;
  }

  /** 64 bits as 16 digits of hex, or an empty string if all are zero. */
  hex(): string {
    this.#varint();
    if (this.#high === 0 && this.#low === 0) {
      return "";
    }
    return toDigits(this.#high) + toDigits(this.#low);
  }

  /** A view of bytes, not a copy. */
  bytes(): Uint8Array {
    const length = this.number();
    const start = this.#at;
    this.#advance(length);
    return this.#bytes.subarray(start, this.#at);
  }

  /** Passes over the field that `tag` announced. */
  skip(tag: number): void {
    switch (tag & 7) {
      case 0:
        return this.#varint();
      case 1:
        return this.#advance(8);
      case 2:
        return this.#advance(this.number());
      case 5:
        return this.#advance(4);
      default:
        // Groups (3, 4) are older than proto3: no newer version can have added one.
        throw new MalformedRecordError(`wire type ${tag & 7}`);
    }
  }

  #advance(length: number): void {
    if (length > this.#bytes.length - this.#at) {
      throw new MalformedRecordError("it ends within a field");
    }
    this.#at += length;
  }

  #varint(): void {
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) {
        throw new MalformedRecordError("it ends within a number");
      }
      const bits = byte & 0x7f;
      if (shift < 28) {
        low |= bits << shift;
      } else if (shift === 28) {
        // These 7 bits belong to both halves.
        low |= bits << 28;
        high = bits >>> 4;
      } else {
        high |= bits << (shift - 32);
      }
      if (byte < 0x80 && (shift < 63 || byte <= 1)) {
        this.#low = low >>> 0;
        this.#high = high >>> 0;
        return;
      }
    }
    throw new MalformedRecordError("a number has more than 64 bits");
  }
}

function toDigits(half: number): string {
  return half.toString(16).padStart(8, "0");
}
