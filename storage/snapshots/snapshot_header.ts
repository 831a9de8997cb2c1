import type { SnapshotMeta } from "../../raft/mod.ts";
import { ByteReader, FormatError } from "../byte_reader.ts";
import {
  beginHeader,
  type EncodedHeader,
  HEADER_START_BYTES,
  readHeader,
  sealHeader,
} from "../file_header.ts";
import type { OpenFile } from "../file_system.ts";
import { readMarker, readText, writeMarker, writeText } from "../state_codec.ts";
import { CHUNK_BYTES_MAX } from "./chunk_format.ts";
import { SnapshotVersionError } from "./errors.ts";
import { FileDamage } from "./snapshot_damage.ts";

/** `KVRMSNP` and a line end, which a transfer as text would break. */
const MAGIC = Uint8Array.of(0x4b, 0x56, 0x52, 0x4d, 0x53, 0x4e, 0x50, 0x0a);

/** The newest format that this release reads, and the one that it writes. */
export const SNAPSHOT_VERSION = 1;

/** What the beginning of a snapshot file says. */
export interface SnapshotHeader {
  readonly meta: SnapshotMeta;
  /** Whose snapshot it is; empty if nobody asked. */
  readonly identity: string;
  /** Bytes of data in a chunk at most, so that a reader knows how much to hold. */
  readonly chunkBytes: number;
}

/**
 * Encodes a header: what `beginHeader` begins, then
 *
 * ```text
 * 20  u32  bytes of data in a chunk at most
 * 24       last entry and membership, length of the identity, identity
 * ```
 */
export function encodeSnapshotHeader(
  { meta: { last, membership }, identity, chunkBytes }: SnapshotHeader,
): EncodedHeader {
  const writer = beginHeader(MAGIC, SNAPSHOT_VERSION);
  writer.uint32(chunkBytes);
  writeMarker(writer, { ...last, membership });
  writeText(writer, identity);
  return sealHeader(writer, 1);
}

/** A header that was read, and where the chunks begin. */
export interface DecodedHeader {
  readonly header: SnapshotHeader;
  readonly crc: number;
  readonly chunksStart: number;
}

/**
 * Reads the header of a snapshot file.
 *
 * @throws {SnapshotVersionError} if a later release wrote it.
 * @throws {FileDamage} if it does not check. A version is believed only if all
 * of the header checks: a flipped bit in it must not keep the member from the
 * snapshot before.
 */
export async function readSnapshotHeader(
  file: Pick<OpenFile, "read">,
  path: string,
): Promise<DecodedHeader> {
  const { version, damage, bytes, crc } = await read(file);
  if (damage !== null) {
    throw new FileDamage(damage.offset, damage.what);
  }
  if (version !== null && version > SNAPSHOT_VERSION) {
    throw new SnapshotVersionError(path, version, SNAPSHOT_VERSION);
  }
  try {
    return { header: decode(bytes), crc, chunksStart: bytes.length };
  } catch (error) {
    throw error instanceof FormatError ? new FileDamage(0, error.message) : error;
  }
}

async function read(file: Pick<OpenFile, "read">): ReturnType<typeof readHeader> {
  try {
    return await readHeader(file, { magic: MAGIC, kind: "a snapshot" });
  } catch (error) {
    throw new FileDamage(0, String(error), { cause: error });
  }
}

function decode(bytes: Uint8Array): SnapshotHeader {
  const reader = new ByteReader(bytes, HEADER_START_BYTES, bytes.length);
  const chunkBytes = reader.uint32();
  const { membership, ...last } = readMarker(reader);
  const identity = readText(reader);
  if (membership === null) {
    throw new FormatError("a snapshot without a membership");
  }
  if (chunkBytes > CHUNK_BYTES_MAX || !reader.isAtEnd()) {
    throw new FormatError("a header with other fields");
  }
  return { meta: { last, membership }, identity, chunkBytes };
}
