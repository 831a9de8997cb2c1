import { GrpcCode, RpcError } from "../errors.ts";

/*
 * A gRPC message on the wire: one byte that says whether it is compressed,
 * four bytes of length, the message.
 */

/** Bytes before each message. */
export const FRAME_HEADER_BYTES = 5;

/** Frames one message. */
export function encodeFrame(message: Uint8Array): Uint8Array {
  const frame = new Uint8Array(FRAME_HEADER_BYTES + message.length);
  new DataView(frame.buffer).setUint32(1, message.length);
  frame.set(message, FRAME_HEADER_BYTES);
  return frame;
}

/** The bytes of a unary call's one message, as they come in. */
export class UnaryFrameReader {
  readonly #messageBytesMax: number;
  readonly #encoding: string;
  #chunks: Uint8Array[] = [];
  #length = 0;

  /** `encoding` is the call's `grpc-encoding`. */
  constructor(messageBytesMax: number, encoding = "identity") {
    this.#messageBytesMax = messageBytesMax;
    this.#encoding = encoding;
  }

  /**
   * Takes the next bytes.
   *
   * @throws {RpcError} as soon as they announce a message that is too large or
   * compressed, before anything of that size is kept.
   */
  push(chunk: Uint8Array): void {
    const headerWasWhole = this.#length >= FRAME_HEADER_BYTES;
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    if (!headerWasWhole && this.#length >= FRAME_HEADER_BYTES) {
      this.#checkHeader();
    }
    if (this.#length > FRAME_HEADER_BYTES + this.#messageBytesMax) {
      throw new RpcError(GrpcCode.internal, "grpc: more bytes than the one message of the call");
    }
  }

  /**
   * The message, once the call's bytes have ended.
   *
   * @throws {RpcError} if they are not exactly one message.
   */
  end(): Uint8Array {
    const bytes = this.#joined();
    const announced = bytes.length < FRAME_HEADER_BYTES
      ? -1
      : new DataView(bytes.buffer, bytes.byteOffset).getUint32(1);
    if (announced !== bytes.length - FRAME_HEADER_BYTES) {
      throw new RpcError(
        GrpcCode.internal,
        announced < 0 || announced > bytes.length - FRAME_HEADER_BYTES
          ? "grpc: the call ended before its message did"
          : "grpc: more bytes than the one message of the call",
      );
    }
    return bytes.subarray(FRAME_HEADER_BYTES);
  }

  #checkHeader(): void {
    const bytes = this.#joined();
    if (bytes[0] !== 0) {
      throw this.#encoding === "identity"
        ? new RpcError(
          GrpcCode.internal,
          "grpc: compressed flag set with identity or empty encoding",
        )
        : new RpcError(
          GrpcCode.unimplemented,
          `grpc: Decompressor is not installed for grpc-encoding ${JSON.stringify(this.#encoding)}`,
        );
    }
    const announced = new DataView(bytes.buffer, bytes.byteOffset).getUint32(1);
    if (announced > this.#messageBytesMax) {
      throw new RpcError(
        GrpcCode.resourceExhausted,
        `grpc: received message larger than max (${announced} vs. ${this.#messageBytesMax})`,
      );
    }
  }

  #joined(): Uint8Array {
    const [first] = this.#chunks;
    if (this.#chunks.length === 1 && first !== undefined) {
      return first;
    }
    const bytes = new Uint8Array(this.#length);
    let offset = 0;
    for (const chunk of this.#chunks) {
      bytes.set(chunk, offset);
      offset += chunk.length;
    }
    this.#chunks = [bytes];
    return bytes;
  }
}
