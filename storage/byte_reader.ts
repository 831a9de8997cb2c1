const TWO_POW_32 = 0x1_0000_0000;

/** Bytes that check are not what the format says: a bug in a writer, or a forgery. */
export class FormatError extends Error {
  readonly code = "STORAGE_FORMAT";

  constructor(what: string) {
    super(what);
    this.name = "FormatError";
  }
}

/** Reads what `ByteWriter` wrote. Never reads beyond `end`, whatever the bytes claim. */
export class ByteReader {
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  position: number;
  readonly #end: number;

  /** @throws {FormatError} from any read that would cross `end`. */
  constructor(bytes: Uint8Array, position: number, end: number) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.position = position;
    this.#end = end;
  }

  uint8(): number {
    return this.#view.getUint8(this.#advance(1));
  }

  uint32(): number {
    return this.#view.getUint32(this.#advance(4), true);
  }

  /** @throws {FormatError} if the number is not a safe integer. */
  uint64(): number {
    const position = this.#advance(8);
    return uint64At(this.#view, position);
  }

  /** A copy, so that the buffer can be used again. */
  take(sizeBytes: number): Uint8Array {
    const position = this.#advance(sizeBytes);
    return this.bytes.slice(position, position + sizeBytes);
  }

  /** The bytes themselves, for a buffer that is not used again. */
  view(sizeBytes: number): Uint8Array {
    const position = this.#advance(sizeBytes);
    return this.bytes.subarray(position, position + sizeBytes);
  }

  skip(sizeBytes: number): void {
    this.#advance(sizeBytes);
  }

  isAtEnd(): boolean {
    return this.position === this.#end;
  }

  #advance(sizeBytes: number): number {
    const position = this.position;
    if (sizeBytes > this.#end - position) {
      throw new FormatError(`${sizeBytes} bytes expected, ${this.#end - position} left`);
    }
    this.position = position + sizeBytes;
    return position;
  }
}

/** @throws {FormatError} if the number is not a safe integer. */
export function uint64At(view: DataView, position: number): number {
  const high = view.getUint32(position + 4, true);
  if (high > 0x1f_ffff) {
    throw new FormatError("a number beyond 2^53");
  }
  return high * TWO_POW_32 + view.getUint32(position, true);
}
