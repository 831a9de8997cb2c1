import type { Entry, EntryRange } from "../../raft/mod.ts";
import type { FileSystem, OpenFile } from "../file_system.ts";
import { FormatError } from "./byte_reader.ts";
import { WalCorruptError } from "./errors.ts";
import { decodeFrame, frameChecks, readEntryHead, readFrameHead } from "./frame_decoder.ts";
import type { FrameSpan } from "./frame_table.ts";
import { joinPath, segmentName } from "./segment_file.ts";

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

/** A segment that is open for reading. */
interface Reading {
  readonly file: Promise<OpenFile>;
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
   * @throws {WalCorruptError} if a frame does not check.
   */
  async read(spans: readonly FrameSpan[], { low, high, maxBytes }: EntryRange): Promise<Entry[]> {
    // All files are held first: a compaction may drop them while one is read.
    const held = [...new Set(spans.map(({ sequence }) => sequence))].map((sequence) => this.#use(sequence));
    const entries: Entry[] = [];
    let bytes = 0;
    try {
      for (const piece of piecesOf(spans, maxBytes)) {
        for (const entry of await this.#readPiece(piece)) {
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
      for (const reading of held) {
        await this.#release(reading);
      }
    }
  }
}
