import { crc32 } from "node:zlib";
import { type CompactionMarker, type Entry, type HardState, invariant } from "../../raft/mod.ts";
import { ByteWriter } from "../byte_writer.ts";
import { writeHardState, writeMarker } from "../state_codec.ts";
import { headCheck } from "./frame_check.ts";
import {
  ENTRY_HEAD_BYTES,
  ENTRY_KINDS,
  FLAG_DROP_ALL,
  FLAG_HARD_STATE,
  FLAG_MARKER,
  FRAME_ALIGNMENT,
  FRAME_HEAD_BYTES,
  FRAME_TYPE,
} from "./frame_format.ts";

/** What a frame holds. A frame of nothing is a mere watermark. */
export interface FrameContent {
  readonly hardState: HardState | null;
  readonly marker: CompactionMarker | null;
  /** Whether all entries from before this frame are dropped. */
  readonly dropAll: boolean;
  readonly entries: readonly Entry[];
}

/** Where a frame goes. */
export interface FramePlace {
  /** Sequence of the segment. */
  readonly sequence: number;
  /** Offset in the segment. */
  readonly offset: number;
  readonly previousCrc: number;
  /** CRC of the segment's header. */
  readonly headerCrc: number;
}

/** Encodes frames, one after the other, into one buffer. */
export class FrameEncoder {
  readonly #writer = new ByteWriter();
  #length = 0;
  #dataBytes = 0;

  /** CRC of the frame that was encoded last. */
  crc = 0;

  /**
   * Lays out a frame and returns its size with padding. Where it goes is told
   * afterwards, since that depends on the size.
   */
  encode({ hardState, marker, dropAll, entries }: FrameContent): number {
    const writer = this.#writer;
    writer.position = FRAME_HEAD_BYTES;
    let flags = 0;
    if (hardState !== null) {
      flags |= FLAG_HARD_STATE;
      writeHardState(writer, hardState);
    }
    if (marker !== null) {
      flags |= FLAG_MARKER;
      writeMarker(writer, marker);
    }
    if (dropAll) {
      flags |= FLAG_DROP_ALL;
    }
    const entriesStart = writer.position;
    writeEntries(writer, entries);
    const length = writer.position;
    this.#length = length;
    this.#dataBytes = length - entriesStart - entries.length * ENTRY_HEAD_BYTES;
    invariant(length <= 0xffff_ffff, "a frame is below 4 GiB", length);
    writer.reserve(FRAME_ALIGNMENT);
    writer.align(FRAME_ALIGNMENT);
    writer.uint32At(4, length);
    writer.uint32At(12, FRAME_TYPE | flags << 8);
    writer.uint32At(16, entries.length);
    writer.uint32At(20, 0);
    const end = writer.position;
    writer.position = 24;
    writer.uint64(entries[0]?.index ?? 0);
    writer.position = end;
    return end;
  }

  /** Makes the frame longer, to a multiple of 8, with nothing in it. */
  fill(fillerBytes: number): void {
    if (fillerBytes === 0) {
      return;
    }
    const writer = this.#writer;
    const start = writer.position;
    writer.reserve(fillerBytes);
    writer.bytes.fill(0, start, start + fillerBytes);
    writer.position = start + fillerBytes;
    // From now on what padded the frame is filler.
    const fillerStart = this.#length;
    this.#length = writer.position;
    writer.uint32At(4, this.#length);
    writer.uint32At(20, this.#length - fillerStart);
  }

  /** Length of the frame without its padding. */
  get length(): number {
    return this.#length;
  }

  /** Bytes of data in the entries of the frame. */
  get dataBytes(): number {
    return this.#dataBytes;
  }

  /** Completes the frame for its place. The bytes are good until the next `encode`. */
  seal({ sequence, offset, previousCrc, headerCrc }: FramePlace): Uint8Array {
    const writer = this.#writer;
    const end = writer.position;
    writer.uint32At(8, previousCrc);
    writer.position = 32;
    writer.uint64(sequence);
    writer.uint64(offset);
    writer.position = end;
    writer.uint16At(14, headCheck(writer.bytes, 0, headerCrc));
    this.crc = crc32(writer.bytes.subarray(4, this.#length), headerCrc);
    writer.uint32At(0, this.crc);
    return writer.bytes.subarray(0, end);
  }
}

function writeEntries(writer: ByteWriter, entries: readonly Entry[]): void {
  let total = 0;
  for (const { data } of entries) {
    total += ENTRY_HEAD_BYTES + data.length;
  }
  writer.reserve(total);
  for (const { term, kind, data } of entries) {
    writer.uint32(data.length);
    writer.uint32(ENTRY_KINDS.indexOf(kind));
    writer.uint64(term);
    writer.put(data);
  }
}
