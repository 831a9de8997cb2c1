import type { Entry, EntryRange } from "../../raft/mod.ts";
import { FormatError } from "../byte_reader.ts";
import type { FileSystem, OpenFile } from "../file_system.ts";
import { joinPath } from "../join_path.ts";
import { WalCorruptError } from "./errors.ts";
import { frameChecks } from "./frame_check.ts";
import { decodeFrame, readEntryHead, readFrameHead } from "./frame_decoder.ts";
import type { FrameSpan } from "./frame_table.ts";
import { locatedReads } from "./located_reads.ts";
import { segmentName } from "./segment_file.ts";
import { readSegmentHeader } from "./segment_header.ts";

/**
 * Bytes between two frames that are read along rather than skipped by a read
 * of their own: watermarks, and small frames whose entries were replaced.
 */
const GAP_BYTES_MAX = 4096;

/** Frames that one read brings. */
interface Piece {
  readonly sequence: number;
  readonly offset: number;
  readonly end: number;
  readonly spans: readonly FrameSpan[];
}

/** A segment, open for reading. */
interface OpenSegment {
  readonly file: OpenFile;
  /** CRC of its header. */
  readonly headerCrc: number;
}

/** A segment that is being read. */
interface Reading {
  readonly segment: Promise<OpenSegment>;
  /** Reads under way. */
  users: number;
  dropped: boolean;
}

/**
 * Reads entries back from the segments, which it opens as needed and keeps
 * open. Whole frames are read, so that what is returned has been checked.
 */
export class EntryReader {
  readonly #fileSystem: FileSystem;
  readonly #directory: string;
  readonly #readings = new Map<number, Reading>();

  constructor(fileSystem: FileSystem, directory: string) {
    this.#fileSystem = fileSystem;
    this.#directory = directory;
  }

  /**
   * Reads the entries of a range from the frames that cover it: the first, then
   * as many as fit.
   *
   * @throws {WalCorruptError} if a frame does not check, or cannot be read.
   */
  async read(spans: readonly FrameSpan[], { low, high, maxBytes }: EntryRange): Promise<Entry[]> {
    // All files are held first: a compaction may drop them while one is read.
    const pieces = piecesOf(spans, maxBytes).map((piece) => ({
      piece,
      reading: this.#use(piece.sequence),
    }));
    const entries: Entry[] = [];
    let bytes = 0;
    try {
      for (const { piece, reading } of pieces) {
        for (const entry of await this.#readPiece(await reading.segment, piece)) {
          if (entry.index < low || entry.index >= high) {
            continue;
          }
          bytes += entry.data.length;
          if (bytes > maxBytes && entries.length > 0) {
            return entries;
          }
          entries.push(entry);
        }
      }
      return entries;
    } finally {
      for (const { piece: { sequence }, reading } of pieces) {
        await this.#release(sequence, reading);
      }
    }
  }

  /** Closes a segment that is about to be deleted, once the reads under way have ended. */
  async drop(sequence: number): Promise<void> {
    const reading = this.#readings.get(sequence);
    if (reading !== undefined) {
      reading.dropped = true;
      reading.users += 1;
      // A file that is being opened must be there until it is.
      await reading.segment.catch(() => {});
      await this.#release(sequence, reading);
    }
  }

  async close(): Promise<void> {
    for (const sequence of [...this.#readings.keys()]) {
      await this.drop(sequence);
    }
  }

  #use(sequence: number): Reading {
    let reading = this.#readings.get(sequence);
    if (reading === undefined) {
      const segment = this.#open(this.#path(sequence));
      segment.catch(() => this.#readings.delete(sequence));
      reading = { segment, users: 0, dropped: false };
      this.#readings.set(sequence, reading);
    }
    reading.users += 1;
    return reading;
  }

  async #open(path: string): Promise<OpenSegment> {
    const file = await this.#fileSystem.open(path, { mode: "read" });
    try {
      return { file, headerCrc: (await readSegmentHeader(locatedReads(file, path), path)).crc };
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  async #release(sequence: number, reading: Reading): Promise<void> {
    reading.users -= 1;
    if (reading.dropped && reading.users === 0) {
      this.#readings.delete(sequence);
      const segment = await reading.segment.catch(() => null);
      await segment?.file.close();
    }
  }

  async #readPiece(
    { file, headerCrc }: OpenSegment,
    { sequence, offset, end, spans }: Piece,
  ): Promise<Entry[]> {
    const bytes = new Uint8Array(end - offset);
    const filled = await locatedReads(file, this.#path(sequence)).read(bytes, offset);
    const view = new DataView(bytes.buffer);
    const entries: Entry[] = [];
    for (const span of spans) {
      try {
        const position = span.offset - offset;
        decodeSpan(view, { filled, position, headerCrc }, span, entries);
      } catch (error) {
        if (error instanceof FormatError) {
          throw new WalCorruptError(this.#path(sequence), span.offset, error.message);
        }
        throw error;
      }
    }
    return entries;
  }

  #path(sequence: number): string {
    return joinPath(this.#directory, segmentName(sequence));
  }
}

/** Adds those entries of a frame that still count. */
function decodeSpan(
  view: DataView,
  { filled, position, headerCrc }: {
    readonly filled: number;
    readonly position: number;
    readonly headerCrc: number;
  },
  { sequence, offset, length, endIndex }: FrameSpan,
  entries: Entry[],
): void {
  if (position + length > filled) {
    throw new FormatError("the file ends within a frame");
  }
  const bytes = new Uint8Array(view.buffer);
  const head = readFrameHead(view, position, { sequence, offset, sizeBytes: offset + length });
  if (head === null || head.length !== length || !frameChecks(bytes, position, head, headerCrc)) {
    throw new FormatError("a frame that was durable does not check");
  }
  const { firstIndex, reader } = decodeFrame(bytes, position, head);
  for (let index = firstIndex; index < endIndex; index += 1) {
    const { length: dataLength, kind, term } = readEntryHead(reader);
    entries.push({ term, index, kind, data: reader.view(dataLength) });
  }
}

/** Puts frames that lie close together into one read, of about `maxBytes` at most. */
function piecesOf(spans: readonly FrameSpan[], maxBytes: number): Piece[] {
  const pieces: { sequence: number; offset: number; end: number; spans: FrameSpan[] }[] = [];
  for (const span of spans) {
    const { sequence, offset, length } = span;
    const end = offset + length;
    const last = pieces.at(-1);
    const gap = last?.sequence === sequence ? offset - last.end : Infinity;
    if (last !== undefined && gap >= 0 && gap <= GAP_BYTES_MAX && end - last.offset <= maxBytes) {
      last.end = end;
      last.spans.push(span);
    } else {
      pieces.push({ sequence, offset, end, spans: [span] });
    }
  }
  return pieces;
}
