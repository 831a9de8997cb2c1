import type { Entry } from "../../raft/mod.ts";
import type { FileSystem, OpenFile } from "../file_system.ts";
import { ByteReader, FormatError } from "./byte_reader.ts";
import { WalCorruptError } from "./errors.ts";
import { entryChecks, readEntryHead } from "./frame_decoder.ts";
import { ENTRY_HEAD_BYTES } from "./frame_format.ts";
import type { EntryPosition } from "./position_table.ts";
import { joinPath, segmentName } from "./segment_file.ts";

/**
 * Bytes between two entries that are read along rather than skipped by a read
 * of their own: the heads of frames and what is between small ones.
 */
const GAP_BYTES_MAX = 4096;

/** An entry to read. */
export interface EntryToRead extends EntryPosition {
  readonly index: number;
}

/** Entries that one read brings. */
interface Piece {
  readonly sequence: number;
  readonly offset: number;
  end: number;
  readonly entries: EntryToRead[];
}

/** A segment that is open for reading. */
interface Reading {
  readonly file: Promise<OpenFile>;
  /** Reads under way. */
  users: number;
  dropped: boolean;
}

/** Reads entries back from the segments, which it opens as needed and keeps open. */
export class EntryReader {
  readonly #fileSystem: FileSystem;
  readonly #directory: string;
  readonly #readings = new Map<number, Reading>();

  constructor(fileSystem: FileSystem, directory: string) {
    this.#fileSystem = fileSystem;
    this.#directory = directory;
  }

  /**
   * Reads entries, in the order given.
   *
   * @throws {WalCorruptError} if one does not check.
   */
  async read(entries: readonly EntryToRead[]): Promise<Entry[]> {
    // All files are held first: a compaction may drop them while one is read.
    const pieces = piecesOf(entries).map((piece) => ({ piece, reading: this.#use(piece.sequence) }));
    try {
      const parts = await Promise.all(
        pieces.map(async ({ piece, reading }) => this.#readPiece(await reading.file, piece)),
      );
      return parts.flat();
    } finally {
      for (const { piece, reading } of pieces) {
        await this.#release(piece.sequence, reading);
      }
    }
  }

  /** Closes a segment that is about to be deleted, once the reads under way have ended. */
  async drop(sequence: number): Promise<void> {
    const reading = this.#readings.get(sequence);
    if (reading !== undefined) {
      reading.dropped = true;
      reading.users += 1;
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
      const file = this.#fileSystem.open(this.#path(sequence), { mode: "read" });
      file.catch(() => this.#readings.delete(sequence));
      reading = { file, users: 0, dropped: false };
      this.#readings.set(sequence, reading);
    }
    reading.users += 1;
    return reading;
  }

  async #release(sequence: number, reading: Reading): Promise<void> {
    reading.users -= 1;
    if (reading.dropped && reading.users === 0) {
      this.#readings.delete(sequence);
      const file = await reading.file.catch(() => null);
      await file?.close();
    }
  }

  async #readPiece(file: OpenFile, { sequence, offset, end, entries }: Piece): Promise<Entry[]> {
    const bytes = new Uint8Array(end - offset);
    const filled = await file.read(bytes, offset);
    return entries.map((entry) => {
      try {
        return decodeEntry(bytes.subarray(0, filled), entry.offset - offset, entry);
      } catch (error) {
        if (error instanceof FormatError) {
          throw new WalCorruptError(this.#path(sequence), entry.offset, error.message);
        }
        throw error;
      }
    });
  }

  #path(sequence: number): string {
    return joinPath(this.#directory, segmentName(sequence));
  }
}

function decodeEntry(bytes: Uint8Array, position: number, { index, length }: EntryToRead): Entry {
  const end = position + ENTRY_HEAD_BYTES + length;
  if (end > bytes.length) {
    throw new FormatError(`the file ends within entry ${index}`);
  }
  const head = readEntryHead(new ByteReader(bytes, position, end));
  if (head.length !== length || head.index !== index || !entryChecks(bytes, position, head)) {
    throw new FormatError(`entry ${index} does not check`);
  }
  return {
    term: head.term,
    index,
    kind: head.kind,
    data: bytes.subarray(position + ENTRY_HEAD_BYTES, end),
  };
}

/** Puts entries that lie close together into one read. */
function piecesOf(entries: readonly EntryToRead[]): Piece[] {
  const pieces: Piece[] = [];
  for (const entry of entries) {
    const { sequence, offset, length } = entry;
    const end = offset + ENTRY_HEAD_BYTES + length;
    const last = pieces.at(-1);
    const gap = last?.sequence === sequence ? offset - last.end : Infinity;
    if (last !== undefined && gap >= 0 && gap <= GAP_BYTES_MAX) {
      last.end = end;
      last.entries.push(entry);
    } else {
      pieces.push({ sequence, offset, end, entries: [entry] });
    }
  }
  return pieces;
}
