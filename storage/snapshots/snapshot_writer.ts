import { crc32 } from "node:zlib";
import { ByteWriter } from "../byte_writer.ts";
import type { OpenFile } from "../file_system.ts";
import { CHUNK_DATA, CHUNK_END, CHUNK_HEAD_BYTES, END_DATA_BYTES } from "./chunk_format.ts";
import { encodeSnapshotHeader, type SnapshotHeader } from "./snapshot_header.ts";

/**
 * Writes a snapshot file, with one write under way at a time. Holds one chunk,
 * into which it gathers or parts what it gets: each chunk but the last is full.
 */
export class SnapshotWriter {
  readonly #file: OpenFile;
  readonly #chunkBytes: number;
  readonly #writer: ByteWriter;
  #offset = 0;
  /** Of the chunk before. */
  #crc = 0;
  #dataBytes = 0;
  #dataCrc = 0;

  /** Writes to an empty file. */
  constructor(file: OpenFile, chunkBytes: number) {
    this.#file = file;
    this.#chunkBytes = chunkBytes;
    this.#writer = new ByteWriter(CHUNK_HEAD_BYTES + Math.max(chunkBytes, END_DATA_BYTES));
    this.#writer.position = CHUNK_HEAD_BYTES;
  }

  /** Comes first. */
  async begin(header: Omit<SnapshotHeader, "chunkBytes">): Promise<void> {
    const { bytes, crc } = encodeSnapshotHeader({ ...header, chunkBytes: this.#chunkBytes });
    await this.#file.write(bytes, 0);
    this.#offset = bytes.length;
    this.#crc = crc;
  }

  /** Done with the bytes when it resolves. */
  async write(data: Uint8Array): Promise<void> {
    for (let position = 0; position < data.length;) {
      const part = data.subarray(position, position + this.#room);
      this.#writer.put(part);
      position += part.length;
      if (this.#room === 0) {
        await this.#writeData();
      }
    }
  }

  /** Comes last. Nothing is durable before the file is synced. */
  async end(): Promise<void> {
    if (this.#writer.position > CHUNK_HEAD_BYTES) {
      await this.#writeData();
    }
    this.#writer.uint64(this.#dataBytes);
    this.#writer.uint32(this.#dataCrc);
    await this.#writeChunk(CHUNK_END);
  }

  get #room(): number {
    return CHUNK_HEAD_BYTES + this.#chunkBytes - this.#writer.position;
  }

  async #writeData(): Promise<void> {
    const data = this.#writer.bytes.subarray(CHUNK_HEAD_BYTES, this.#writer.position);
    this.#dataBytes += data.length;
    this.#dataCrc = crc32(data, this.#dataCrc);
    await this.#writeChunk(CHUNK_DATA);
  }

  async #writeChunk(type: number): Promise<void> {
    const writer = this.#writer;
    const length = writer.position;
    writer.uint32At(4, this.#crc);
    writer.uint32At(8, type);
    writer.uint32At(12, length - CHUNK_HEAD_BYTES);
    this.#crc = crc32(writer.bytes.subarray(4, length));
    writer.uint32At(0, this.#crc);
    await this.#file.write(writer.bytes.subarray(0, length), this.#offset);
    this.#offset += length;
    writer.position = CHUNK_HEAD_BYTES;
  }
}
