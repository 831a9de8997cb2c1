import { abandon } from "../abandon.ts";
import type { Entry } from "../../raft/mod.ts";
import { FormatError } from "../byte_reader.ts";
import type { FileSystem, OpenFile } from "../file_system.ts";
import { joinPath } from "../join_path.ts";
import { WalCorruptError, WalIdentityError } from "./errors.ts";
import { type Frame, readEntryHead } from "./frame_decoder.ts";
import { type FrameScan, type FrameScanEnd, scanFrames } from "./frame_scan.ts";
import { locatedReads, type SegmentReads } from "./located_reads.ts";
import { LogIndex } from "./log_index.ts";
import { segmentName } from "./segment_file.ts";
import { type DecodedHeader, readSegmentHeader } from "./segment_header.ts";
import { scanTail } from "./tail_scan.ts";

/** What is to be replayed. */
export interface ReplayOptions {
  readonly fileSystem: FileSystem;
  readonly directory: string;
  readonly identity: string;
  /** Sequences of the segments, in order, at least one. */
  readonly sequences: readonly number[];
}

/** What the segments held. */
export interface Replayed {
  readonly index: LogIndex;
  readonly membershipEntries: readonly Entry[];
  /** Path of the last segment. */
  readonly path: string;
  readonly sequence: number;
  readonly sizeBytes: number;
  /** CRC of its header. */
  readonly headerCrc: number;
  /** Where the next frame goes. */
  readonly offset: number;
  /** Where the last frame of the last segment begins; `offset` if it has none. */
  readonly lastFrameOffset: number;
  /** What it is chained to. */
  readonly crc: number;
  /** Bytes behind that offset that a crash left half written; 0 if there are none. */
  readonly tornBytes: number;
  /** Up to where there are no holes, or must be none yet: what is torn stays until it is reported. */
  readonly zeroEnd: number;
}

/**
 * Reads all segments and says what they hold. Changes nothing.
 *
 * @throws {WalCorruptError} if something that was durable is missing or does not check.
 * @throws {WalVersionError}
 * @throws {WalIdentityError}
 */
export async function replay(options: ReplayOptions): Promise<Replayed> {
  const { fileSystem, directory, sequences } = options;
  const replayer = new Replayer(options.identity);
  let result: Replayed | null = null;
  for (const [position, sequence] of sequences.entries()) {
    const path = joinPath(directory, segmentName(sequence));
    const file = await fileSystem.open(path, { mode: "read" });
    try {
      const isLast = position === sequences.length - 1;
      result = await replayer.segment(file, { path, sequence, isLast });
    } finally {
      await abandon(file);
    }
  }
  if (result === null) {
    throw new TypeError("a log to replay has a segment");
  }
  return result;
}

/** A segment has its size before it has its name, so one that is shorter was cut by somebody. */
async function assertWhole(
  file: OpenFile,
  { path, sizeBytes }: { readonly path: string; readonly sizeBytes: number },
): Promise<void> {
  const actual = await file.size();
  if (actual < sizeBytes) {
    const what = `the file ends here, and should have ${sizeBytes} bytes`;
    throw new WalCorruptError(path, actual, what);
  }
}

interface SegmentToReplay {
  readonly path: string;
  readonly sequence: number;
  readonly isLast: boolean;
}

/** The segment before, as far as the next one depends on it. */
interface Previous {
  readonly path: string;
  readonly end: FrameScanEnd;
}

class Replayer {
  readonly #identity: string;
  readonly #index = new LogIndex();
  #membershipEntries: Entry[] = [];
  #previous: Previous | null = null;

  constructor(identity: string) {
    this.#identity = identity;
  }

  async segment(file: OpenFile, { path, sequence, isLast }: SegmentToReplay): Promise<Replayed> {
    const reads = locatedReads(file, path);
    const decoded = await readSegmentHeader(reads, path);
    this.#header(decoded, { path, sequence, isLast });
    const { header: { sizeBytes }, framesStart: offset, crc: headerCrc } = decoded;
    await assertWhole(file, { path, sizeBytes });
    const scan = { path, sequence, sizeBytes, headerCrc, offset, previousCrc: headerCrc };
    const end = await scanFrames(
      reads,
      scan,
      (frame, offset) => this.#frame(frame, { sequence, offset }),
    );
    this.#previous = { path, end };
    const tornBytes = isLast ? await this.#tail(reads, scan, end) : 0;
    return {
      index: this.#index,
      membershipEntries: this.#membershipEntries,
      path,
      sequence,
      sizeBytes,
      headerCrc,
      ...end,
      tornBytes,
      zeroEnd: tornBytes > 0 ? sizeBytes : end.offset,
    };
  }

  #header({ header }: DecodedHeader, { path, sequence }: SegmentToReplay): void {
    if (header.identity !== this.#identity) {
      throw new WalIdentityError(path, { expected: this.#identity, actual: header.identity });
    }
    if (header.sequence !== sequence) {
      throw new WalCorruptError(
        path,
        0,
        `this is segment ${segmentName(header.sequence)}, renamed`,
      );
    }
    if (this.#previous === null) {
      this.#index.begin(header.marker, header.firstIndex);
    } else if (header.previousCrc !== this.#previous.end.crc) {
      // The segment was begun after all of the one before was durable.
      const { path: previousPath, end } = this.#previous;
      throw new WalCorruptError(
        previousPath,
        end.offset,
        "a frame that was durable does not check",
      );
    } else if (header.firstIndex !== this.#index.lastIndex + 1) {
      throw new WalCorruptError(
        path,
        0,
        `begins at ${header.firstIndex} after ${this.#index.lastIndex}`,
      );
    }
    this.#index.hardState = header.hardState;
  }

  #frame(frame: Frame, place: { readonly sequence: number; readonly offset: number }): void {
    const { hardState, marker, dropAll, length, firstIndex, entryCount, dataBytes, reader } = frame;
    const index = this.#index;
    if (hardState !== null) {
      if (hardState.term < index.hardState.term) {
        throw new FormatError(`term ${hardState.term} after term ${index.hardState.term}`);
      }
      index.hardState = hardState;
    }
    if (marker !== null) {
      index.compact(marker, dropAll);
      this.#keepMembershipEntries((entry) => !dropAll && entry.index > marker.index);
    }
    if (entryCount > 0) {
      index.appendFrame({ ...place, length, firstIndex, entryCount, dataBytes });
      this.#keepMembershipEntries((entry) => entry.index < firstIndex);
      this.#entries(frame);
    }
    if (!reader.isAtEnd()) {
      throw new FormatError("bytes behind the last entry of a frame");
    }
  }

  #entries({ firstIndex, entryCount, reader }: Frame): void {
    for (let index = firstIndex; index < firstIndex + entryCount; index += 1) {
      const { length, kind, term } = readEntryHead(reader);
      this.#index.appendTerm(index, term);
      if (kind === "membership") {
        this.#membershipEntries.push({ term, index, kind, data: reader.take(length) });
      } else {
        reader.skip(length);
      }
    }
  }

  #keepMembershipEntries(isKept: (entry: Entry) => boolean): void {
    if (this.#membershipEntries.length > 0) {
      this.#membershipEntries = this.#membershipEntries.filter(isKept);
    }
  }

  /** Looks behind the last frame, and at whether the log begins where the marker says. */
  async #tail(file: SegmentReads, scan: FrameScan, end: FrameScanEnd): Promise<number> {
    const { path } = scan;
    const tail = await scanTail(file, { ...scan, offset: end.offset });
    if (tail.frameOffset !== null) {
      throw new WalCorruptError(
        path,
        end.offset,
        `a frame that was durable does not check: the one at offset ${tail.frameOffset} came after it`,
      );
    }
    const { frames, marker } = this.#index;
    if (frames.firstIndex > marker.index + 1) {
      throw new WalCorruptError(
        path,
        0,
        `entries ${marker.index + 1} to ${
          frames.firstIndex - 1
        } are missing: older segments were removed`,
      );
    }
    return tail.garbageBytes;
  }
}
