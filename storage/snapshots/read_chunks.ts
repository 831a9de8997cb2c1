import { crc32 } from "node:zlib";
import { FormatError, uint64At } from "../byte_reader.ts";
import { StorageClosedError } from "../errors.ts";
import type { OpenFile } from "../file_system.ts";
import { CHUNK_DATA, CHUNK_END, CHUNK_HEAD_BYTES, END_DATA_BYTES } from "./chunk_format.ts";
import { FileDamage } from "./snapshot_damage.ts";
import type { DecodedHeader } from "./snapshot_header.ts";

/** A chunk that checks. */
interface Chunk {
  readonly type: number;
  readonly crc: number;
  readonly data: Uint8Array;
}

/**
 * Reads the chunks of a snapshot, with one read for each, when it is asked for.
 * A chunk is handed out once it has checked; the end comes once the whole has.
 *
 * @throws {FileDamage} where something does not check or cannot be read.
 * @throws {StorageClosedError} if the file says so.
 */
export async function* readChunks(
  file: Pick<OpenFile, "read" | "size">,
  { header: { chunkBytes }, crc: headerCrc, chunksStart }: DecodedHeader,
): AsyncGenerator<Uint8Array, void> {
  const sizeBytes = await attempt(0, () => file.size());
  let offset = chunksStart;
  let previousCrc = headerCrc;
  let dataBytes = 0;
  let dataCrc = 0;
  for (;;) {
    // A fresh buffer: whoever gets the chunk may keep it.
    const room = CHUNK_HEAD_BYTES + Math.max(chunkBytes, END_DATA_BYTES);
    const buffer = new Uint8Array(Math.max(0, Math.min(room, sizeBytes - offset)));
    const bytesRead = await attempt(offset, () => file.read(buffer, offset));
    const chunk = chunkOf(buffer.subarray(0, bytesRead), { offset, previousCrc });
    if (chunk.type === CHUNK_END) {
      assertEnd(chunk.data, { offset, sizeBytes, dataBytes, dataCrc });
      return;
    }
    dataBytes += chunk.data.length;
    dataCrc = crc32(chunk.data, dataCrc);
    previousCrc = chunk.crc;
    offset += CHUNK_HEAD_BYTES + chunk.data.length;
    yield chunk.data;
  }
}

/** The chunk with which `bytes` begin. */
function chunkOf(
  bytes: Uint8Array,
  { offset, previousCrc }: { readonly offset: number; readonly previousCrc: number },
): Chunk {
  if (bytes.length < CHUNK_HEAD_BYTES) {
    throw new FileDamage(offset, "the file ends before its last chunk");
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const type = view.getUint32(8, true);
  const length = view.getUint32(12, true);
  const end = CHUNK_HEAD_BYTES + length;
  if (end > bytes.length) {
    throw new FileDamage(offset, "the file ends within a chunk");
  }
  const crc = crc32(bytes.subarray(4, end));
  if (view.getUint32(0, true) !== crc) {
    throw new FileDamage(offset, "a chunk does not check");
  }
  if (view.getUint32(4, true) !== previousCrc) {
    throw new FileDamage(offset, "a chunk does not follow the one before");
  }
  if (type !== CHUNK_DATA && !(type === CHUNK_END && length === END_DATA_BYTES)) {
    throw new FileDamage(offset, `a chunk of type ${type} with ${length} bytes`);
  }
  return { type, crc, data: bytes.subarray(CHUNK_HEAD_BYTES, end) };
}

function assertEnd(
  data: Uint8Array,
  { offset, sizeBytes, dataBytes, dataCrc }: {
    readonly offset: number;
    readonly sizeBytes: number;
    readonly dataBytes: number;
    readonly dataCrc: number;
  },
): void {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  if (expectedBytes(view, offset) !== dataBytes || view.getUint32(8, true) !== dataCrc) {
    throw new FileDamage(offset, `${dataBytes} bytes of data that do not check as a whole`);
  }
  const end = offset + CHUNK_HEAD_BYTES + END_DATA_BYTES;
  if (end !== sizeBytes) {
    throw new FileDamage(end, `${sizeBytes - end} bytes behind the end`);
  }
}

function expectedBytes(view: DataView, offset: number): number {
  try {
    return uint64At(view, 0);
  } catch (error) {
    throw error instanceof FormatError ? new FileDamage(offset, error.message) : error;
  }
}

/** A place that cannot be read is damage, too: a bad sector says so by an error. */
async function attempt<T>(offset: number, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof StorageClosedError) {
      throw error;
    }
    throw new FileDamage(offset, String(error), { cause: error });
  }
}
