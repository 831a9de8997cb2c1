import type { CompactionMarker, HardState } from "../../raft/mod.ts";
import { ByteReader, FormatError } from "../byte_reader.ts";
import {
  beginHeader,
  type EncodedHeader,
  HEADER_START_BYTES,
  readHeader,
  sealHeader,
} from "../file_header.ts";
import {
  readHardState,
  readMarker,
  readText,
  writeHardState,
  writeMarker,
  writeText,
} from "../state_codec.ts";
import { WalCorruptError, WalVersionError } from "./errors.ts";
import { FRAME_ALIGNMENT, padded } from "./frame_format.ts";
import type { SegmentReads } from "./located_reads.ts";

/** `KVRMWAL` and a line end, which a transfer as text would break. */
const MAGIC = Uint8Array.of(0x4b, 0x56, 0x52, 0x4d, 0x57, 0x41, 0x4c, 0x0a);

/** The newest format that this release reads, and the one that it writes. */
export const WAL_VERSION = 1;

/** What the beginning of a segment says, so that the segments before it can be deleted. */
export interface SegmentHeader {
  readonly sequence: number;
  /** Of the whole file, which has it from the start: one that is shorter was cut. */
  readonly sizeBytes: number;
  /**
   * Random, 32 bits. The header's CRC, to which all frames are tied, depends on it: so
   * nobody can have bytes stored that look like a frame, and no older life of a file has one.
   */
  readonly salt: number;
  /** CRC of the last frame of the segment before; 0 in the first segment. */
  readonly previousCrc: number;
  /** Index after the last one held when the segment was begun. */
  readonly firstIndex: number;
  /** Whose log it is; empty if nobody asked. */
  readonly identity: string;
  readonly hardState: HardState;
  readonly marker: CompactionMarker;
}

/**
 * Encodes a header: what `beginHeader` begins, then
 *
 * ```text
 * 20  u32  CRC of the last frame of the segment before
 * 24  u64  sequence
 * 32  u64  first index
 * 40  u64  size of the file
 * 48  u32  salt
 * 52       hard state, compaction marker, length of the identity, identity
 *          zeros up to a multiple of 8
 * ```
 */
export function encodeSegmentHeader(header: SegmentHeader): EncodedHeader {
  const writer = beginHeader(MAGIC, WAL_VERSION);
  writer.uint32(header.previousCrc);
  writer.uint64(header.sequence);
  writer.uint64(header.firstIndex);
  writer.uint64(header.sizeBytes);
  writer.uint32(header.salt);
  writeHardState(writer, header.hardState);
  writeMarker(writer, header.marker);
  writeText(writer, header.identity);
  return sealHeader(writer, FRAME_ALIGNMENT);
}

/** A header that was read, and where the frames begin. */
export interface DecodedHeader {
  readonly header: SegmentHeader;
  /** To which the first frame is chained, and with which the CRC of each begins. */
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
export async function readSegmentHeader(
  file: SegmentReads,
  path: string,
): Promise<DecodedHeader> {
  const { version, damage, bytes, crc } = await readHeader(file, {
    magic: MAGIC,
    kind: "a log segment",
  });
  // A version is believed once the header checks: all versions begin alike.
  if (damage !== null) {
    throw new WalCorruptError(path, damage.offset, damage.what);
  }
  if (version !== null && version > WAL_VERSION) {
    throw new WalVersionError(path, version, WAL_VERSION);
  }
  try {
    return { header: decode(bytes), crc, framesStart: padded(bytes.length) };
  } catch (error) {
    if (error instanceof FormatError) {
      throw new WalCorruptError(path, 0, error.message);
    }
    throw error;
  }
}

function decode(bytes: Uint8Array): SegmentHeader {
  const reader = new ByteReader(bytes, HEADER_START_BYTES, bytes.length);
  const previousCrc = reader.uint32();
  const sequence = reader.uint64();
  const firstIndex = reader.uint64();
  const sizeBytes = reader.uint64();
  const salt = reader.uint32();
  const hardState = readHardState(reader);
  const marker = readMarker(reader);
  const identity = readText(reader);
  return { sequence, sizeBytes, salt, previousCrc, firstIndex, identity, hardState, marker };
}
