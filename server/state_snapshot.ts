import { encodeMembership, type SnapshotMeta } from "../raft/mod.ts";
import type { Backend, BackendOperation, BackendView } from "../storage/mod.ts";
import { restoredOperation } from "./restored_position.ts";
import { membershipOperation } from "./state/membership_record.ts";
import { STATE_BUCKETS } from "./state/replicated_state.ts";

/*
 * The replicated state as a stream: one byte of format version, then records,
 * then the end. A record is the number of its bucket in `STATE_BUCKETS` (1
 * byte), the lengths of key and value (4 bytes each, big-endian), key, value.
 * The end is the byte 255 and the number of records (8 bytes, a double).
 */
const FORMAT_VERSION = 1;
const END = 255;
const RECORD_HEAD_BYTES = 9;
const END_BYTES = 9;

/** About how much is sent at once. */
const CHUNK_BYTES = 64 * 1024;

/** A stream is not the snapshot of a state. Nothing was changed. */
export class SnapshotFormatError extends Error {
  readonly code = "SNAPSHOT_FORMAT";

  constructor(reason: string) {
    super(`Not a snapshot of the replicated state: ${reason}`);
    this.name = "SnapshotFormatError";
  }
}

/** Reads a pinned view as a stream of chunks, and closes it at the end. */
export async function* encodeStateSnapshot(view: BackendView): AsyncGenerator<Uint8Array> {
  try {
    let count = 0;
    let parts: Uint8Array[] = [Uint8Array.of(FORMAT_VERSION)];
    let length = 1;
    for (const [number, bucket] of STATE_BUCKETS.entries()) {
      for (const [key, value] of view.scan(bucket)) {
        parts.push(recordHead(number, key, value), key, value);
        length += RECORD_HEAD_BYTES + key.length + value.length;
        count += 1;
        if (length >= CHUNK_BYTES) {
          yield joined(parts, length);
          parts = [];
          length = 0;
        }
      }
    }
    const end = new Uint8Array(END_BYTES);
    end[0] = END;
    new DataView(end.buffer).setFloat64(1, count);
    yield joined([...parts, end], length + END_BYTES);
  } finally {
    view.close();
  }
}

/**
 * Replaces what a backend holds by what a stream brings, with the membership
 * that it was announced with: in one transaction, after the stream has come to
 * its end. (So the whole state passes through memory.)
 *
 * @throws {SnapshotFormatError} if the stream is not a whole snapshot.
 */
export async function restoreStateSnapshot(
  backend: Backend,
  chunks: AsyncIterable<Uint8Array>,
  { last, membership }: SnapshotMeta,
): Promise<void> {
  const operations: BackendOperation[] = STATE_BUCKETS.flatMap((bucket) =>
    Array.from(backend.scan(bucket), ([key]) => ({ bucket, key, value: null }))
  );
  const reader = new ByteReader(chunks);
  const version = (await reader.take(1))[0];
  if (version !== FORMAT_VERSION) {
    throw new SnapshotFormatError(`format version ${version}, this member knows ${FORMAT_VERSION}`);
  }
  for (let count = 0;; count += 1) {
    const head = await reader.take(RECORD_HEAD_BYTES);
    const view = new DataView(head.buffer, head.byteOffset);
    const number = view.getUint8(0);
    if (number === END) {
      if (view.getFloat64(1) !== count) {
        throw new SnapshotFormatError(`${count} records instead of ${view.getFloat64(1)}`);
      }
      break;
    }
    const bucket = STATE_BUCKETS[number];
    if (bucket === undefined) {
      throw new SnapshotFormatError(`unknown bucket ${number}`);
    }
    const key = await reader.take(view.getUint32(1));
    const value = await reader.take(view.getUint32(5));
    operations.push({ bucket, key, value });
  }
  operations.push(membershipOperation(encodeMembership(membership)), restoredOperation(last.index));
  backend.write(operations);
  await backend.flush();
}

function recordHead(number: number, key: Uint8Array, value: Uint8Array): Uint8Array {
  const head = new Uint8Array(RECORD_HEAD_BYTES);
  const view = new DataView(head.buffer);
  view.setUint8(0, number);
  view.setUint32(1, key.length);
  view.setUint32(5, value.length);
  return head;
}

function joined(parts: readonly Uint8Array[], length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}

/** Bytes of a stream, in the portions that are asked for. */
class ByteReader {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #rest: Uint8Array = new Uint8Array(0);

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** The next bytes, as a copy of their own. */
  async take(length: number): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    let missing = length;
    while (missing > this.#rest.length) {
      parts.push(this.#rest);
      missing -= this.#rest.length;
      const next = await this.#chunks.next();
      if (next.done === true) {
        throw new SnapshotFormatError("the stream ended early");
      }
      this.#rest = next.value;
    }
    parts.push(this.#rest.subarray(0, missing));
    this.#rest = this.#rest.subarray(missing);
    return joined(parts, length);
  }
}
