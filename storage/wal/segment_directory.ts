import { abandon } from "../abandon.ts";
import { joinPath } from "../join_path.ts";
import { WalCorruptError } from "./errors.ts";
import type { Replayed } from "./replay.ts";
import { createSegment, isTemporaryName, segmentName, sequenceOf } from "./segment_file.ts";
import type { SegmentHeader } from "./segment_header.ts";
import { type SegmentEnd, SegmentWriter } from "./segment_writer.ts";
import type { WalLogStoreOptions } from "./wal_options.ts";

/**
 * Large enough that the few milliseconds which a new segment costs come once
 * in many thousand appends, small enough that compaction frees space in steps
 * that an operator would not call large. etcd's segments have the same size.
 */
const SEGMENT_BYTES = 64 * 1024 * 1024;

/** Offsets in a segment are kept in 32 bits. */
const SEGMENT_BYTES_MAX = 2 ** 32 - 1;

/** Few trips for much of the log, and little that is written in vain where the log is short. */
const ZEROS_AHEAD_BYTES = 1024 * 1024;

/** Written at once where a torn end is cut. */
const CUT_BYTES = 1024 * 1024;

/** What the header of a new segment says, beside what the directory knows. */
export type NewHeader = Omit<SegmentHeader, "identity" | "sizeBytes" | "salt">;

/** The segments of a log as files: which there are, how they come and go. */
export class SegmentDirectory {
  readonly #options: WalLogStoreOptions;
  #sequences: number[] = [];

  constructor(options: WalLogStoreOptions) {
    const { segmentBytes = SEGMENT_BYTES, zerosAheadBytes = ZEROS_AHEAD_BYTES } = options;
    if (!Number.isInteger(zerosAheadBytes) || zerosAheadBytes < 1) {
      throw new RangeError(`zerosAheadBytes must be a whole number from 1: ${zerosAheadBytes}`);
    }
    if (!Number.isInteger(segmentBytes) || segmentBytes < 1 || segmentBytes > SEGMENT_BYTES_MAX) {
      throw new RangeError(`segmentBytes must be from 1 to ${SEGMENT_BYTES_MAX}: ${segmentBytes}`);
    }
    this.#options = options;
  }

  /** Sequences of the segments, in order. */
  get sequences(): readonly number[] {
    return this.#sequences;
  }

  /** Lists the segments and removes what a crash left half made. Other files are not ours. */
  async find(): Promise<void> {
    const { fileSystem, directory } = this.#options;
    const sequences: number[] = [];
    for (const name of await fileSystem.list(directory)) {
      const sequence = sequenceOf(name);
      if (sequence !== null) {
        sequences.push(sequence);
      } else if (isTemporaryName(name)) {
        await fileSystem.remove(joinPath(directory, name));
      }
    }
    for (const [position, sequence] of sequences.entries()) {
      const expected = (sequences[0] ?? 0) + position;
      if (sequence !== expected) {
        throw new WalCorruptError(
          this.#pathOf(expected),
          0,
          "this segment is missing between others",
        );
      }
    }
    this.#sequences = sequences;
  }

  /** Begins a segment, with room for a first frame of that size. */
  async begin(newHeader: NewHeader, frameBytes: number): Promise<SegmentWriter> {
    const {
      fileSystem,
      directory,
      identity = "",
      segmentBytes = SEGMENT_BYTES,
      zerosAheadBytes: aheadBytes = ZEROS_AHEAD_BYTES,
      randomUint32 = systemRandomUint32,
    } = this.#options;
    const header = { ...newHeader, identity, salt: randomUint32() };
    const files = { directory, segmentBytes, aheadBytes, frameBytes, header };
    const end = await createSegment(fileSystem, files);
    this.#sequences.push(header.sequence);
    return await this.openWriter(end);
  }

  /** Opens a segment to be written behind its end. */
  openWriter(end: SegmentEnd): Promise<SegmentWriter> {
    const { fileSystem, zerosAheadBytes = ZEROS_AHEAD_BYTES } = this.#options;
    return SegmentWriter.open(fileSystem, end, zerosAheadBytes);
  }

  /**
   * Deletes the segments before that one, told of each before. Each removal is
   * durable before the next one: a crash never leaves a gap.
   */
  async removeBefore(
    kept: number,
    onRemoving: (sequence: number) => Promise<void>,
  ): Promise<void> {
    const { fileSystem, directory } = this.#options;
    for (
      let [first] = this.#sequences;
      first !== undefined && first < kept;
      [first] = this.#sequences
    ) {
      await onRemoving(first);
      await fileSystem.remove(this.#pathOf(first));
      await fileSystem.syncDirectory(directory);
      this.#sequences.shift();
    }
  }

  /**
   * Makes durable what was found. A process that was killed in the middle of a
   * write may have left it where every process sees it, but not yet on the disk;
   * one whose write has failed, where no sync brings it to the disk any more,
   * unless it is written again. Each frame was durable before the next was
   * written: this can only be the last.
   */
  async makeDurable({ path, offset, lastFrameOffset }: Replayed): Promise<void> {
    const { fileSystem, directory } = this.#options;
    const file = await fileSystem.open(path, { mode: "write" });
    try {
      const frame = new Uint8Array(offset - lastFrameOffset);
      if (frame.length > 0) {
        await file.read(frame, lastFrameOffset);
        await file.write(frame, lastFrameOffset);
      }
      await file.dataSync();
    } finally {
      await abandon(file);
    }
    await fileSystem.syncDirectory(directory);
  }

  /** Writes zeros over a torn end, from `start` on. */
  async cut({ path, offset, tornBytes }: Replayed, start: number): Promise<void> {
    const file = await this.#options.fileSystem.open(path, { mode: "write" });
    try {
      for (let at = start; at < offset + tornBytes; at += CUT_BYTES) {
        const bytes = Math.min(CUT_BYTES, offset + tornBytes - at);
        await file.write(new Uint8Array(bytes), at);
      }
      await file.dataSync();
    } finally {
      await abandon(file);
    }
  }

  #pathOf(sequence: number): string {
    return joinPath(this.#options.directory, segmentName(sequence));
  }
}

function systemRandomUint32(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
}
