import { abandon } from "../abandon.ts";
import type { FileSystem } from "../file_system.ts";
import { FRAME_ALIGNMENT } from "./frame_format.ts";
import { ZeroFill } from "./zero_fill.ts";

/** What a disk loses at once: its largest sector, a page of memory, a block of the file system. */
const SECTOR_BYTES = 4_096;

/** The end of the log in its last segment. */
export interface SegmentEnd {
  readonly path: string;
  readonly sequence: number;
  readonly sizeBytes: number;
  readonly headerCrc: number;
  /** Where the next frame goes. */
  readonly offset: number;
  /** CRC that the next frame is chained to. */
  readonly crc: number;
  /** Up to where there are no holes. */
  readonly zeroEnd: number;
}

/** The segment that frames are appended to. */
export class SegmentWriter {
  readonly path: string;
  readonly sequence: number;
  /** CRC of the header, with which that of each frame begins. */
  readonly headerCrc: number;
  readonly #sizeBytes: number;
  readonly #zeros: ZeroFill;
  #offset: number;
  #crc: number;

  private constructor(zeros: ZeroFill, end: SegmentEnd) {
    this.#zeros = zeros;
    this.path = end.path;
    this.sequence = end.sequence;
    this.headerCrc = end.headerCrc;
    this.#sizeBytes = end.sizeBytes;
    this.#offset = end.offset;
    this.#crc = end.crc;
  }

  /** Opens a segment, to be filled with zeros so far ahead of its frames. */
  static async open(
    fileSystem: FileSystem,
    end: SegmentEnd,
    aheadBytes: number,
  ): Promise<SegmentWriter> {
    const { path, sizeBytes, zeroEnd } = end;
    const file = await fileSystem.open(path, { mode: "write", dataSync: true });
    try {
      const filled = await fileSystem.open(path, { mode: "write", dataSync: true });
      const zeros = new ZeroFill({ file, filled, sizeBytes, end: zeroEnd, aheadBytes });
      return new SegmentWriter(zeros, end);
    } catch (error) {
      await abandon(file);
      throw error;
    }
  }

  /** Where the next frame goes. */
  get offset(): number {
    return this.#offset;
  }

  /** CRC that the next frame is chained to. */
  get crc(): number {
    return this.#crc;
  }

  /** Whether a frame of this size goes in. */
  fits(sizeBytes: number): boolean {
    return this.#offset + sizeBytes <= this.#sizeBytes;
  }

  /**
   * Bytes from the end of a frame of this size, should it go here, to the end of
   * its sector, or of the segment.
   */
  restOfSector(sizeBytes: number): number {
    const end = this.#offset + sizeBytes;
    const sectorEnd = Math.ceil(end / SECTOR_BYTES) * SECTOR_BYTES;
    const segmentEnd = this.#sizeBytes - this.#sizeBytes % FRAME_ALIGNMENT;
    return Math.max(0, Math.min(sectorEnd, segmentEnd) - end);
  }

  /** Writes a frame; it is durable once this resolved. */
  async append(frame: Uint8Array, crc: number): Promise<void> {
    await this.#zeros.write(frame, this.#offset);
    this.#offset += frame.length;
    this.#crc = crc;
  }

  /** What is behind the last frame was cut, and is to be filled with zeros anew. */
  cutBehind(): void {
    this.#zeros.restart(this.#offset);
  }

  /**
   * Resolves once nothing is under way.
   *
   * @throws if a write has failed, now or before.
   */
  finish(): Promise<void> {
    return this.#zeros.finish();
  }

  close(): Promise<void> {
    return this.#zeros.close();
  }
}
