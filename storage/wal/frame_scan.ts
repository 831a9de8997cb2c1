import { FormatError } from "../byte_reader.ts";
import { WalCorruptError } from "./errors.ts";
import { frameChecks } from "./frame_check.ts";
import { decodeFrame, type Frame, readFrameHead } from "./frame_decoder.ts";
import { FRAME_HEAD_BYTES, padded } from "./frame_format.ts";
import type { SegmentReads } from "./located_reads.ts";

/** Read at once. Large enough to make the calls cheap, small enough for any machine. */
const CHUNK_BYTES = 1024 * 1024;

/** A segment to read, and the place to begin at. */
export interface FrameScan {
  readonly path: string;
  readonly sequence: number;
  readonly sizeBytes: number;
  readonly headerCrc: number;
  readonly offset: number;
  /** What the frame at `offset` must be chained to. */
  readonly previousCrc: number;
}

/** Where the frames end: the first place with none that checks and fits the chain. */
export interface FrameScanEnd {
  readonly offset: number;
  /** Where the last frame begins; `offset` if there is none. */
  readonly lastFrameOffset: number;
  /** CRC of the last frame. */
  readonly crc: number;
}

/** Takes a frame that begins at `offset` in the segment. */
export type FrameVisitor = (frame: Frame, offset: number) => void;

/**
 * Reads the frames of a segment in order, in chunks: memory is bounded by the
 * chunk and the longest frame.
 *
 * @throws {WalCorruptError} if a frame that checks is not of this format, or `visit` says so by
 * a `FormatError`.
 */
export async function scanFrames(
  file: SegmentReads,
  { path, sequence, sizeBytes, headerCrc, offset, previousCrc }: FrameScan,
  visit: FrameVisitor,
): Promise<FrameScanEnd> {
  let buffer = new Uint8Array(CHUNK_BYTES);
  let view = new DataView(buffer.buffer);
  // The buffer holds `filled` bytes of the file from `bufferOffset` on.
  let bufferOffset = offset;
  let filled = await file.read(buffer, offset);
  let crc = previousCrc;
  let lastFrameOffset = offset;

  /** Moves the buffer to where the scan is, and makes sure that it can hold a frame of this length. */
  async function refill(length: number): Promise<boolean> {
    if (length > buffer.length) {
      buffer = new Uint8Array(length);
      view = new DataView(buffer.buffer);
    }
    bufferOffset = offset;
    filled = await file.read(buffer, offset);
    return filled >= length;
  }

  for (;;) {
    if (
      offset + FRAME_HEAD_BYTES > bufferOffset + filled && !await refill(FRAME_HEAD_BYTES)
    ) {
      return { offset, lastFrameOffset, crc };
    }
    const head = readFrameHead(view, offset - bufferOffset, { sequence, offset, sizeBytes });
    // Only a length that belongs to a frame of this chain is worth memory.
    if (head === null || head.previousCrc !== crc) {
      return { offset, lastFrameOffset, crc };
    }
    if (offset + head.length > bufferOffset + filled && !await refill(head.length)) {
      return { offset, lastFrameOffset, crc };
    }
    const position = offset - bufferOffset;
    if (!frameChecks(buffer, position, head, headerCrc)) {
      return { offset, lastFrameOffset, crc };
    }
    try {
      visit(decodeFrame(buffer, position, head), offset);
    } catch (error) {
      throw error instanceof FormatError ? new WalCorruptError(path, offset, error.message) : error;
    }
    crc = head.crc;
    lastFrameOffset = offset;
    offset += padded(head.length);
  }
}
