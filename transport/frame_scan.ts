import { FrameError } from "./errors.ts";

/**
 * Bytes in a string: member ids are the only ones. Longer strings are where
 * `@msgpack/msgpack` changes to a decoder that swallows a byte order mark.
 */
export const TEXT_BYTES_MAX = 200;

/** Arrays in arrays: the frame, its messages, a message, a list in it. */
const DEPTH_MAX = 4;

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Checks that bytes are one MessagePack value of the few forms that frames are
 * made of: arrays, non-negative safe integers, booleans, byte strings and short
 * strings, each in its shortest form, so that a frame has one encoding only.
 *
 * It allocates nothing and looks at each head once. What decodes afterwards can
 * then trust that lengths fit into the frame, whose size bounds its memory, and
 * that there are no maps, extensions or deep nestings.
 *
 * @throws {FrameError} if they are not.
 */
export function scanFrame(bytes: Uint8Array): void {
  new FrameScan(bytes).run();
}

class FrameScan {
  readonly #bytes: Uint8Array;
  #position = 0;
  /** Values that must still come in each array that is open, from the outside in. */
  readonly #open: number[] = [];
  /** Sum of `#open`. Invariant: at most the bytes that are left, as a value takes one at least. */
  #owed = 1;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  run(): void {
    this.#open.push(1);
    while (this.#open.length > 0) {
      this.#value();
      while (this.#open.at(-1) === 0) {
        this.#open.pop();
      }
    }
    if (this.#position !== this.#bytes.length) {
      throw new FrameError(`${this.#bytes.length - this.#position} bytes behind its end`);
    }
  }

  #value(): void {
    const head = this.#uint(1);
    this.#owed -= 1;
    this.#open[this.#open.length - 1] = (this.#open.at(-1) ?? 0) - 1;
    if (head < 0x80 || head === 0xc2 || head === 0xc3) {
      return;
    }
    if (head >= 0x90 && head < 0xa0) {
      return this.#array(head - 0x90);
    }
    if (head >= 0xa0 && head < 0xc0) {
      return this.#text(head - 0xa0);
    }
    switch (head) {
      case 0xc4:
        return this.#skip(this.#uint(1));
      case 0xc5:
        return this.#skip(this.#shortest(this.#uint(2), 0x100));
      case 0xc6:
        return this.#skip(this.#shortest(this.#uint(4), 0x1_0000));
      case 0xcc:
        return void this.#shortest(this.#uint(1), 0x80);
      case 0xcd:
        return void this.#shortest(this.#uint(2), 0x100);
      case 0xce:
        return void this.#shortest(this.#uint(4), 0x1_0000);
      case 0xcf:
        return this.#uint64();
      case 0xd9:
        return this.#text(this.#shortest(this.#uint(1), 0x20));
      case 0xdc:
        return this.#array(this.#shortest(this.#uint(2), 0x10));
      case 0xdd:
        return this.#array(this.#shortest(this.#uint(4), 0x1_0000));
      default:
        // Maps, extensions, floats, negative numbers, nil, longer strings.
        throw new FrameError(
          `a value of type 0x${head.toString(16)} at byte ${this.#position - 1}`,
        );
    }
  }

  #array(length: number): void {
    // The outermost level is not an array: it is what the frame stands in.
    if (this.#open.length > DEPTH_MAX) {
      throw new FrameError(`more than ${DEPTH_MAX} arrays in each other`);
    }
    this.#owed += length;
    if (this.#owed > this.#bytes.length - this.#position) {
      throw new FrameError(`an array of ${length} values, which do not fit`);
    }
    this.#open.push(length);
  }

  #text(sizeBytes: number): void {
    if (sizeBytes > TEXT_BYTES_MAX) {
      throw new FrameError(`a string of ${sizeBytes} bytes`);
    }
    const start = this.#position;
    this.#skip(sizeBytes);
    for (let position = start; position < this.#position; position += 1) {
      if ((this.#bytes[position] ?? 0) >= 0x80) {
        return assertUtf8(this.#bytes.subarray(start, this.#position));
      }
    }
  }

  #uint64(): void {
    const high = this.#uint(4);
    if (high > 0x1f_ffff) {
      throw new FrameError("a number beyond 2^53");
    }
    this.#shortest(high, 1);
    this.#uint(4);
  }

  /** Passes a number on that would have had a shorter form if it were below `low`. */
  #shortest(value: number, low: number): number {
    if (value < low) {
      throw new FrameError(`a number in a longer form than it needs at byte ${this.#position}`);
    }
    return value;
  }

  #uint(sizeBytes: number): number {
    const start = this.#position;
    this.#skip(sizeBytes);
    let value = 0;
    for (let position = start; position < this.#position; position += 1) {
      value = value * 256 + (this.#bytes[position] ?? 0);
    }
    return value;
  }

  #skip(sizeBytes: number): void {
    if (sizeBytes > this.#bytes.length - this.#position) {
      throw new FrameError(`cut off after ${this.#bytes.length} bytes`);
    }
    this.#position += sizeBytes;
  }
}

function assertUtf8(bytes: Uint8Array): void {
  try {
    UTF8.decode(bytes);
  } catch {
    throw new FrameError("a string that is not UTF-8");
  }
}
