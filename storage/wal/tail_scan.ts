import { frameChecks, headChecks } from "./frame_check.ts";
import { readFrameHead } from "./frame_decoder.ts";
import { FRAME_ALIGNMENT, FRAME_HEAD_BYTES } from "./frame_format.ts";
import type { SegmentReads } from "./located_reads.ts";

const CHUNK_BYTES = 1024 * 1024;

/** What lies behind the last frame of the log. */
export interface Tail {
  /** Bytes from the end of the frames to the last one that is not zero. */
  readonly garbageBytes: number;
  /**
   * Offset of a whole frame which says that what does not check before it was
   * durable; `null` if there is none.
   */
  readonly frameOffset: number | null;
}

/** The end of the last segment. */
export interface TailScan {
  readonly sequence: number;
  readonly sizeBytes: number;
  readonly headerCrc: number;
  /** Where the frames that check end. */
  readonly offset: number;
}

/**
 * Tells a write that a crash tore from damage. Nothing was written behind a
 * torn frame, while behind a damaged one there may be a frame that checks by
 * itself and has its watermark above the damage.
 */
export async function scanTail(file: SegmentReads, scan: TailScan): Promise<Tail> {
  const buffer = new Uint8Array(CHUNK_BYTES);
  const view = new DataView(buffer.buffer);
  let garbageEnd = scan.offset;
  let chunkOffset = scan.offset;
  while (chunkOffset < scan.sizeBytes) {
    const filled = await file.read(buffer, chunkOffset);
    const length = lengthToLastNonZero(buffer, filled);
    if (length > 0) {
      garbageEnd = chunkOffset + length;
      const frameOffset = await frameIn(file, view, { ...scan, chunkOffset, filled });
      if (frameOffset !== null) {
        return { garbageBytes: garbageEnd - scan.offset, frameOffset };
      }
    }
    if (filled < buffer.length) {
      break;
    }
    // A head may lie across the border of two chunks.
    chunkOffset += filled - FRAME_HEAD_BYTES;
  }
  return { garbageBytes: garbageEnd - scan.offset, frameOffset: null };
}

interface ChunkScan extends TailScan {
  readonly chunkOffset: number;
  readonly filled: number;
}

async function frameIn(
  file: SegmentReads,
  view: DataView,
  scan: ChunkScan,
): Promise<number | null> {
  const { sequence, sizeBytes, headerCrc, chunkOffset, filled } = scan;
  const bytes = new Uint8Array(view.buffer);
  for (let position = 0; position + FRAME_HEAD_BYTES <= filled; position += FRAME_ALIGNMENT) {
    const offset = chunkOffset + position;
    const head = readFrameHead(view, position, { sequence, offset, sizeBytes });
    // At the end of the frames itself, a whole frame that does not fit the chain is no torn write.
    const isAtEnd = offset === scan.offset;
    if (head === null || (!isAtEnd && head.watermark !== offset)) {
      continue;
    }
    // Only what has the check of its head is worth memory and a look.
    if (!headChecks(bytes, position, headerCrc)) {
      continue;
    }
    const frame = new Uint8Array(head.length);
    if (
      await file.read(frame, offset) === head.length && frameChecks(frame, 0, head, headerCrc)
    ) {
      return offset;
    }
  }
  return null;
}

/** Four bytes at a time as long as that goes, since most of a segment is often zeros. */
function lengthToLastNonZero(bytes: Uint8Array, filled: number): number {
  bytes.fill(0, filled);
  const words = new Uint32Array(bytes.buffer);
  let word = Math.ceil(filled / 4);
  while (word > 0 && words[word - 1] === 0) {
    word -= 1;
  }
  let length = word * 4;
  while (length > 0 && bytes[length - 1] === 0) {
    length -= 1;
  }
  return length;
}
