import { crc32 } from "node:zlib";
import { ByteWriter } from "./byte_writer.ts";
import type { OpenFile } from "./file_system.ts";

/** Magic, version, length, CRC. The fields of a format follow. */
export const HEADER_START_BYTES = 20;

const MAGIC_BYTES = 8;

/** A header holds a membership and names. More than this is not a header. */
const HEADER_BYTES_MAX = 4 * 1024 * 1024;

/** A header as it is in the file. */
export interface EncodedHeader {
  /** Padded: what follows begins behind it. */
  readonly bytes: Uint8Array;
  /** CRC of the header, to which what follows is chained. */
  readonly crc: number;
}

/**
 * Begins a header. The writer is where the format's own fields go.
 *
 * ```text
 *  0  8 x  magic
 *  8  u32  format version
 * 12  u32  length of the header, before padding
 * 16  u32  CRC32 of all other bytes
 * 20       the format's own fields
 * ```
 *
 * The start is the same in all versions, so that a later one can be told by name.
 */
export function beginHeader(magic: Uint8Array, version: number): ByteWriter {
  const writer = new ByteWriter();
  writer.put(magic);
  writer.uint32(version);
  writer.position = HEADER_START_BYTES;
  return writer;
}

/** Completes a header, padded with zeros to a multiple of `alignment`. */
export function sealHeader(writer: ByteWriter, alignment: number): EncodedHeader {
  const length = writer.position;
  writer.uint32At(12, length);
  writer.reserve(alignment);
  writer.align(alignment);
  const crc = headerCrc(writer.bytes.subarray(0, length));
  writer.uint32At(16, crc);
  return { bytes: writer.bytes.slice(0, writer.position), crc };
}

/** A header that was read. */
export interface ReadHeader {
  /** What the file claims to be, whether it checks or not; `null` if it claims nothing. */
  readonly version: number | null;
  /** What is wrong with it, `null` if it checks. */
  readonly damage: { readonly offset: number; readonly what: string } | null;
  /** All of it, without padding; empty if it does not check. */
  readonly bytes: Uint8Array;
  readonly crc: number;
}

/**
 * Reads a header and checks it.
 *
 * @param kind what the file should be, for the damage: "a log segment".
 */
export async function readHeader(
  file: Pick<OpenFile, "read">,
  { magic, kind }: { readonly magic: Uint8Array; readonly kind: string },
): Promise<ReadHeader> {
  const start = new Uint8Array(HEADER_START_BYTES);
  const view = new DataView(start.buffer);
  if (await file.read(start, 0) < HEADER_START_BYTES) {
    return damaged(null, 0, "the file ends within its header");
  }
  if (magic.some((byte, position) => start[position] !== byte)) {
    return damaged(null, 0, `not the beginning of ${kind}`);
  }
  const version = view.getUint32(MAGIC_BYTES, true);
  const length = view.getUint32(12, true);
  if (length < HEADER_START_BYTES || length > HEADER_BYTES_MAX) {
    return damaged(version, 12, `no header is ${length} bytes long`);
  }
  const bytes = new Uint8Array(length);
  if (await file.read(bytes, 0) < length) {
    return damaged(version, 0, "the file ends within its header");
  }
  const crc = headerCrc(bytes);
  return view.getUint32(16, true) === crc
    ? { version, damage: null, bytes, crc }
    : damaged(version, 0, "the header does not check");
}

function damaged(version: number | null, offset: number, what: string): ReadHeader {
  return { version, damage: { offset, what }, bytes: new Uint8Array(0), crc: 0 };
}

function headerCrc(bytes: Uint8Array): number {
  return crc32(bytes.subarray(HEADER_START_BYTES), crc32(bytes.subarray(0, 16)));
}
