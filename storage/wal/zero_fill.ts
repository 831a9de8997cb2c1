import type { OpenFile } from "../file_system.ts";

/** A segment that is filled with zeros. */
export interface ZeroFillOptions {
  /** Opened with `dataSync`, for the frames. */
  readonly file: OpenFile;
  /**
   * Opened with `dataSync` once more, for the zeros. Linux tells of a failed write
   * only once to each opening of a file: of two that fail at once through the same,
   * one can be answered as if it were durable (measured).
   */
  readonly filled: OpenFile;
  readonly sizeBytes: number;
  /** Up to where it is filled, durably. */
  readonly end: number;
  /** How much is filled at once, and how far ahead of the frames. */
  readonly aheadBytes: number;
}

/** A frame that is no shorter than this part of what is filled at once is not worth filling for. */
const LARGE_PART = 1 / 16;

/**
 * The part of a segment that was written before, with zeros, ahead of the frames
 * that go there. A write over it changes no metadata, which makes it faster, and
 * durable where a write into a hole, or into space that was only set aside, is
 * not: Linux's ext4 can answer such a one although nothing of it got to the disk,
 * in the moment in which an error turns the file system read-only. A change of
 * metadata that succeeds after it tells that this was not so.
 */
export class ZeroFill {
  readonly #options: ZeroFillOptions;
  #end: number;
  /** Never rejects. */
  #filling: Promise<void> | null = null;
  #failure: { readonly error: unknown } | null = null;

  constructor(options: ZeroFillOptions) {
    this.#options = options;
    this.#end = options.end;
  }

  /**
   * Writes a frame; it is durable once this resolved. A long one goes into a hole
   * where there is one, since each byte would be written twice.
   *
   * @throws if a write has failed, now or before.
   */
  async write(frame: Uint8Array, offset: number): Promise<void> {
    const { file, aheadBytes } = this.#options;
    const end = offset + frame.length;
    const isLarge = frame.length >= aheadBytes * LARGE_PART;
    if (!isLarge) {
      await this.#cover(end);
    } else if (end > this.#end) {
      await this.settled();
    }
    this.#throwIfFailed();
    await file.write(frame, offset);
    if (end > this.#end) {
      await this.#assertWritable(file);
      this.#end = end;
    }
    if (!isLarge) {
      this.#keepAhead(end);
    }
  }

  /** From here on there are holes again. */
  restart(end: number): void {
    this.#end = end;
  }

  /** Resolves once nothing is under way. */
  async settled(): Promise<void> {
    await this.#filling;
  }

  /**
   * Resolves once all that was begun is done.
   *
   * @throws if a write has failed, now or before.
   */
  async finish(): Promise<void> {
    await this.settled();
    this.#throwIfFailed();
  }

  /** Closes both files, once nothing is under way. */
  async close(): Promise<void> {
    const { file, filled } = this.#options;
    await this.settled();
    try {
      await filled.close();
    } finally {
      await file.close();
    }
  }

  async #cover(end: number): Promise<void> {
    while (this.#failure === null && this.#end < end) {
      await this.#fill();
    }
  }

  /** Goes on filling, beside what else is done, if that is due with the frames up to here. */
  #keepAhead(framesEnd: number): void {
    const { aheadBytes, sizeBytes } = this.#options;
    const isDue = this.#end < sizeBytes && this.#end - framesEnd < aheadBytes;
    if (isDue && this.#failure === null) {
      void this.#fill();
    }
  }

  #fill(): Promise<void> {
    this.#filling ??= this.#fillNext()
      .catch((error: unknown) => void (this.#failure = { error }))
      .finally(() => this.#filling = null);
    return this.#filling;
  }

  async #fillNext(): Promise<void> {
    const { filled, aheadBytes, sizeBytes } = this.#options;
    const start = this.#end;
    const end = Math.min(start + aheadBytes, sizeBytes);
    await filled.write(new Uint8Array(end - start), start);
    await this.#assertWritable(filled);
    this.#end = end;
  }

  /** Sets the size to what it is: fails on a file system that has turned read-only. */
  async #assertWritable(file: OpenFile): Promise<void> {
    await file.truncate(this.#options.sizeBytes);
  }

  #throwIfFailed(): void {
    if (this.#failure !== null) {
      throw this.#failure.error;
    }
  }
}
