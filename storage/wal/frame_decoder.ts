import type { CompactionMarker, EntryKind, HardState } from "../../raft/mod.ts";
import { ByteReader, FormatError, uint64At } from "../byte_reader.ts";
import { readHardState, readMarker } from "../state_codec.ts";
import {
  ENTRY_HEAD_BYTES,
  ENTRY_KINDS,
  FLAG_DROP_ALL,
  FLAG_HARD_STATE,
  FLAG_MARKER,
  FLAGS_KNOWN,
  FRAME_HEAD_BYTES,
  FRAME_TYPE,
} from "./frame_format.ts";

/** The head of a frame, as far as it can be believed before the CRC is checked. */
export interface FrameHead {
  readonly crc: number;
  /** Length of the frame before padding, within what the file can hold. */
  readonly length: number;
  readonly previousCrc: number;
  /** Offset in this segment before which all was durable when the frame was written. */
  readonly watermark: number;
}

/** Where a frame would be. */
export interface HeadPlace {
  /** Sequence of the segment. */
  readonly sequence: number;
  /** Offset in the segment. */
  readonly offset: number;
  /** Size of the segment, beyond which no frame reaches. */
  readonly sizeBytes: number;
}

/** Reads the head of a frame, `null` if none can begin here. */
export function readFrameHead(
  view: DataView,
  position: number,
  place: HeadPlace,
): FrameHead | null {
  // The rarest match first: this is also asked at each step of the search for a frame.
  if (view.getUint32(position + 32, true) !== place.sequence >>> 0) {
    return null;
  }
  const length = view.getUint32(position + 4, true);
  if (length < FRAME_HEAD_BYTES || length > place.sizeBytes - place.offset) {
    return null;
  }
  let sequence: number;
  let watermark: number;
  try {
    sequence = uint64At(view, position + 32);
    watermark = uint64At(view, position + 40);
  } catch {
    return null;
  }
  if (sequence !== place.sequence || watermark > place.offset) {
    return null;
  }
  const crc = view.getUint32(position, true);
  const previousCrc = view.getUint32(position + 8, true);
  return { crc, length, previousCrc, watermark };
}

/** A frame that checks. Valid until the buffer is read into again. */
export interface Frame {
  /** Length before padding. */
  readonly length: number;
  readonly hardState: HardState | null;
  readonly marker: CompactionMarker | null;
  readonly dropAll: boolean;
  /** Index of the first entry, if there is one. */
  readonly firstIndex: number;
  readonly entryCount: number;
  /** Bytes of data in all entries. */
  readonly dataBytes: number;
  /** The entries, one after the other, from where the reader stands. */
  readonly reader: ByteReader;
}

/**
 * Decodes a frame that checks.
 *
 * @throws {FormatError} if it is not of this format, whatever its CRC says.
 */
export function decodeFrame(bytes: Uint8Array, position: number, head: FrameHead): Frame {
  const fillerBytes = new DataView(bytes.buffer, bytes.byteOffset).getUint32(position + 20, true);
  if (fillerBytes > head.length - FRAME_HEAD_BYTES) {
    throw new FormatError(`${fillerBytes} bytes of filler do not go into the frame`);
  }
  const end = position + head.length - fillerBytes;
  const reader = new ByteReader(bytes, position + 12, end);
  const type = reader.uint8();
  const flags = reader.uint8();
  if (type !== FRAME_TYPE || (flags & ~FLAGS_KNOWN) !== 0) {
    throw new FormatError(`unknown frame type ${type} or flags ${flags}`);
  }
  reader.skip(2);
  const entryCount = reader.uint32();
  reader.skip(4);
  const firstIndex = reader.uint64();
  reader.position = position + FRAME_HEAD_BYTES;
  const hardState = (flags & FLAG_HARD_STATE) !== 0 ? readHardState(reader) : null;
  const marker = (flags & FLAG_MARKER) !== 0 ? readMarker(reader) : null;
  const dropAll = (flags & FLAG_DROP_ALL) !== 0;
  const dataBytes = end - reader.position - entryCount * ENTRY_HEAD_BYTES;
  if (dataBytes < 0) {
    throw new FormatError(`${entryCount} entries do not go into the frame`);
  }
  return {
    length: head.length,
    dataBytes,
    hardState,
    marker,
    dropAll,
    firstIndex,
    entryCount,
    reader,
  };
}

/** The head of an entry. */
export interface EntryHead {
  /** Length of the data. */
  readonly length: number;
  readonly kind: EntryKind;
  readonly term: number;
}

/**
 * Reads the head of an entry and leaves the reader at its data.
 *
 * @throws {FormatError}
 */
export function readEntryHead(reader: ByteReader): EntryHead {
  const length = reader.uint32();
  const kind = ENTRY_KINDS[reader.uint32()];
  if (kind === undefined) {
    throw new FormatError("an entry of an unknown kind");
  }
  return { length, kind, term: reader.uint64() };
}
