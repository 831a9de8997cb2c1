import type { FileSystem, OpenFile } from "../file_system.ts";

/** The end of the log in its last segment. */
export interface SegmentEnd {
  readonly path: string;
  readonly sequence: number;
  readonly sizeBytes: number;
  /** Where the next frame goes. */
  readonly offset: number;
  /** CRC that the next frame is chained to. */
  readonly crc: number;
}

/** The segment that frames are appended to. */
export class SegmentWriter {
  readonly path: string;
  readonly sequence: number;
  readonly #sizeBytes: number;
  readonly #file: OpenFile;
  #offset: number;
  #crc: number;

  private constructor(file: OpenFile, end: SegmentEnd) {
    this.#file = file;
    this.path = end.path;
    this.sequence = end.sequence;
    this.#sizeBytes = end.sizeBytes;
    this.#offset = end.offset;
    this.#crc = end.crc;
  }

  static async open(fileSystem: FileSystem, end: SegmentEnd): Promise<SegmentWriter> {
    return new SegmentWriter(
      await fileSystem.open(end.path, { mode: "write", dataSync: true }),
      end,
    );
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

  /** Writes a frame; it is durable once this resolved. */
  async append(frame: Uint8Array, crc: number): Promise<void> {
    await this.#file.write(frame, this.#offset);
    this.#offset += frame.length;
    this.#crc = crc;
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}
