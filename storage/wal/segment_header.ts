import { crc32 } from "node:zlib";
import type { CompactionMarker, HardState } from "../../raft/mod.ts";
import type { OpenFile } from "../file_system.ts";
import { ByteReader, FormatError } from "./byte_reader.ts";
import { ByteWriter } from "./byte_writer.ts";
import { WalCorruptError, WalVersionError } from "./errors.ts";
import { FRAME_ALIGNMENT, padded } from "./frame_format.ts";
import {
  decodeText,
  readHardState,
  readMarker,
  writeHardState,
  writeMarker,
} from "./state_codec.ts";

/** `KVRMWAL` and a line end, which a transfer as text would break. */
const MAGIC = Uint8Array.of(0x4b, 0x56, 0x52, 0x4d, 0x57, 0x41, 0x4c, 0x0a);

/** The newest format that this release reads, and the one that it writes. */
export const WAL_VERSION = 1;

/** Magic, version, length, CRC. */
const START_BYTES = 20;

/** A header holds a membership and two names. More than this is not a header. */
const HEADER_BYTES_MAX = 4 * 1024 * 1024;

/** What the beginning of a segment says, so that the segments before it can be deleted. */
export interface SegmentHeader {
  readonly sequence: number;
  /** CRC of the last frame of the segment before; 0 in the first segment. */
  readonly previousCrc: number;
  /** Index after the last one held when the segment was begun. */
  readonly firstIndex: number;
  /** Whose log it is; empty if nobody asked. */
  readonly identity: string;
  readonly hardState: HardState;
  readonly marker: CompactionMarker;
}

/** A header as it is in the file. */
export interface EncodedHeader {
  /** Padded: the first frame begins behind it. */
  readonly bytes: Uint8Array;
  /** What the first frame is chained to. */
  readonly crc: number;
}

/**
 * Encodes a header.
 *
 * ```text
 *  0  8 x  magic
 *  8  u32  format version
 * 12  u32  length of the header, before padding
 * 16  u32  CRC32 of all other bytes
 * 20  u32  CRC of the last frame of the segment before
 * 24  u64  sequence
 * 32  u64  first index
 * 40       hard state, compaction marker, length of the identity, identity
 *          zeros up to a multiple of 8
 * ```
 */
export function encodeSegmentHeader(header: SegmentHeader): EncodedHeader {
  const identity = new TextEncoder().encode(header.identity);
  const writer = new ByteWriter();
  writer.put(MAGIC);
  writer.uint32(WAL_VERSION);
  writer.position = START_BYTES;
  writer.uint32(header.previousCrc);
  writer.uint64(header.sequence);
  writer.uint64(header.firstIndex);
  writeHardState(writer, header.hardState);
  writeMarker(writer, header.marker);
  writer.reserve(4 + identity.length + FRAME_ALIGNMENT);
  writer.uint32(identity.length);
  writer.put(identity);
  const length = writer.position;
  writer.uint32At(12, length);
  writer.align(FRAME_ALIGNMENT);
  const crc = headerCrc(writer.bytes.subarray(0, length));
  writer.uint32At(16, crc);
  return { bytes: writer.bytes.slice(0, writer.position), crc };
}

/** A header that was read, and where the frames begin. */
export interface DecodedHeader {
  readonly header: SegmentHeader;
  readonly crc: number;
  readonly framesStart: number;
}

/**
 * Reads the header of a segment. It was synced before the file got its name,
 * so a header that does not check is damaged.
 *
 * @throws {WalVersionError} if a later release wrote it.
 * @throws {WalCorruptError} if it does not check.
 */
export async function readSegmentHeader(file: OpenFile, path: string): Promise<DecodedHeader> {
  const start = new Uint8Array(START_BYTES);
  const length = startLength(start, await file.read(start, 0), path);
  const bytes = new Uint8Array(length);
  if (await file.read(bytes, 0) < length) {
    throw new WalCorruptError(path, 0, "the file ends within its header");
  }
  const crc = headerCrc(bytes);
  if (new DataView(bytes.buffer).getUint32(16, true) !== crc) {
    throw new WalCorruptError(path, 0, "the header does not check");
  }
  try {
    return { header: decode(bytes), crc, framesStart: padded(length) };
  } catch (error) {
    if (error instanceof FormatError) {
      throw new WalCorruptError(path, 0, error.message);
    }
    throw error;
  }
}

function startLength(start: Uint8Array, bytesRead: number, path: string): number {
  if (bytesRead < START_BYTES) {
    throw new WalCorruptError(path, 0, "the file ends within its header");
  }
  if (MAGIC.some((byte, position) => start[position] !== byte)) {
    throw new WalCorruptError(path, 0, "not the beginning of a log segment");
  }
  const view = new DataView(start.buffer);
  const version = view.getUint32(8, true);
  if (version > WAL_VERSION) {
    throw new WalVersionError(path, version, WAL_VERSION);
  }
  const length = view.getUint32(12, true);
  if (length < START_BYTES || length > HEADER_BYTES_MAX) {
    throw new WalCorruptError(path, 12, `no header is ${length} bytes long`);
  }
  return length;
}

function decode(bytes: Uint8Array): SegmentHeader {
  const reader = new ByteReader(bytes, START_BYTES, bytes.length);
  const previousCrc = reader.uint32();
  const sequence = reader.uint64();
  const firstIndex = reader.uint64();
  const hardState = readHardState(reader);
  const marker = readMarker(reader);
  const identity = decodeText(reader.take(reader.uint32()));
  return { sequence, previousCrc, firstIndex, identity, hardState, marker };
}

function headerCrc(bytes: Uint8Array): number {
  return crc32(bytes.subarray(START_BYTES), crc32(bytes.subarray(0, 16)));
}
