import { Decoder, Encoder } from "@msgpack/msgpack";
import { invariant, type Message } from "../raft/mod.ts";
import { FrameError, FrameTooLargeError, FrameVersionError } from "./errors.ts";
import { writeId } from "./field_formats.ts";
import { scanFrame } from "./frame_scan.ts";
import { messageValues, readMessage, type Route } from "./message_formats.ts";
import { ValueReader } from "./value_reader.ts";

/** Version of the protocol that peers speak. A frame begins with it, whatever follows. */
export const FRAME_VERSION = 1;

/** Messages from one member to another. */
export interface Frame extends Route {
  /** Number of the raft group, since many may share a link; 0 where there is one. */
  readonly group: number;
  /** All have the frame's `from` and `to`. */
  readonly messages: readonly Message[];
}

/** How frames are encoded and decoded. Both ends of a link should agree. */
export interface FrameCodecOptions {
  /**
   * Size of the largest frame. Default: 16 MiB, sixteen appends of the default
   * size, and more than the largest single command should have. What decoding
   * allocates is at most 8 times that.
   */
  readonly frameBytesMax?: number;
}

/** 16 MiB. */
export const FRAME_BYTES_MAX_DEFAULT: number = 16 << 20;

/** An encoder keeps the largest buffer it ever needed; after a frame above this, it is replaced. */
const KEPT_BUFFER_BYTES_MAX = 4 << 20;

/**
 * Frames of peers in MessagePack: `[version, group, from, to, messages]`, where
 * each message is a flat list that begins with the number of its type and its
 * term. No maps, so no names; every number, string and list in its shortest
 * form, so one encoding for each frame.
 *
 * ```text
 * 95 01 00 a1 61 a1 62 91  94 06 05 0a 02
 * v1, group 0, from "a", to "b", one message: heartbeat, term 5, commit 10, round 2
 * ```
 *
 * What is decoded is checked in full before anybody sees it: its form, its
 * types, its lengths, its numbers. What it means to Raft is for Raft to judge.
 */
export class FrameCodec {
  readonly #frameBytesMax: number;
  #encoder = new Encoder(NO_EXTENSIONS);
  readonly #decoder = new Decoder(NO_EXTENSIONS);

  constructor({ frameBytesMax = FRAME_BYTES_MAX_DEFAULT }: FrameCodecOptions = {}) {
    this.#frameBytesMax = frameBytesMax;
  }

  /**
   * The bytes of a frame, which the caller owns.
   *
   * @throws {FrameTooLargeError} if they would be more than allowed.
   */
  encode({ group, from, to, messages }: Frame): Uint8Array {
    const values: unknown[] = [FRAME_VERSION, group];
    writeId(values, from);
    writeId(values, to);
    invariant(from !== to, "a member sends to others", from);
    values.push(messages.map((message) => {
      invariant(message.from === from && message.to === to, "one route in a frame", message.type);
      return messageValues(message);
    }));
    const bytes = this.#encoder.encode(values);
    if (bytes.length > KEPT_BUFFER_BYTES_MAX) {
      this.#encoder = new Encoder(NO_EXTENSIONS);
    }
    if (bytes.length > this.#frameBytesMax) {
      throw new FrameTooLargeError(bytes.length, this.#frameBytesMax);
    }
    return bytes;
  }

  /**
   * The frame that `encode` was given. The data of entries and proposals are
   * views of `bytes`, not copies: nobody may change these any more, and they
   * stay in memory as long as one of the entries does.
   *
   * @throws {FrameVersionError} if it is of another version, whatever it holds.
   * @throws {FrameTooLargeError} if it is larger than allowed.
   * @throws {MessageTypeError} if it holds a message of an unknown type.
   * @throws {FrameError} if it is no frame at all.
   */
  decode(bytes: Uint8Array): Frame {
    if (bytes.length > this.#frameBytesMax) {
      throw new FrameTooLargeError(bytes.length, this.#frameBytesMax);
    }
    assertVersion(bytes);
    scanFrame(bytes);
    // A view of the plain kind: entries would be `Buffer`s if the frame was one.
    const plain = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
    return readFrame(new ValueReader([this.#decoder.decode(plain)]).list());
  }
}

/** Of the package's extensions, such as time stamps, none is used. */
const NO_EXTENSIONS = {
  extensionCodec: {
    tryToEncode: () => null,
    decode() {
      throw new FrameError("an extension");
    },
  },
};

/** A frame of any version is a short list whose first value is a version below 128. */
function assertVersion(bytes: Uint8Array): void {
  const head = bytes[0] ?? 0;
  const version = bytes[1] ?? 0xff;
  if (head <= 0x90 || head >= 0xa0 || version >= 0x80) {
    throw new FrameError("it does not begin with a version");
  }
  if (version !== FRAME_VERSION) {
    throw new FrameVersionError(version);
  }
}

function readFrame(reader: ValueReader): Frame {
  reader.uint();
  const group = reader.uint();
  const from = reader.id();
  const to = reader.id();
  if (from === to) {
    throw new FrameError(`from ${from} to itself`);
  }
  const list = reader.list();
  reader.end();
  const messages: Message[] = [];
  while (list.left > 0) {
    messages.push(readMessage(list.list(), { from, to }));
  }
  return { group, from, to, messages };
}
