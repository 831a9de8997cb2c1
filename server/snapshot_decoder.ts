import { BACKEND_KEY_BYTES_MAX, type BackendOperation } from "../storage/mod.ts";
import {
  END,
  END_BYTES,
  FORMAT_VERSION,
  joined,
  RECORD_HEAD_BYTES,
  VALUE_BYTES_MAX,
} from "./snapshot_format.ts";
import { STATE_BUCKETS } from "./state/replicated_state.ts";

/** A stream is not the snapshot of a state, or not of the one that was announced. */
export class SnapshotFormatError extends Error {
  readonly code = "SNAPSHOT_FORMAT";

  constructor(reason: string) {
    super(`Not a snapshot of the replicated state: ${reason}`);
    this.name = "SnapshotFormatError";
  }
}

/** What is read next of a stream. */
type Part = "version" | "record" | "nothing";

/** Reads a snapshot, piece by piece. It holds no more than a piece and one record. */
export class SnapshotDecoder {
  /** What has come and is not read yet. */
  #pieces: Uint8Array[] = [];
  #heldBytes = 0;
  #next: Part = "version";
  /** Bytes without which nothing more can be read. */
  #neededBytes = 1;
  #records = 0;

  /**
   * Takes a piece. Returns the writes of the records that it has completed, in
   * bytes of their own.
   *
   * @throws {SnapshotFormatError} if it makes no sense.
   */
  push(piece: Uint8Array): BackendOperation[] {
    this.#pieces.push(piece);
    this.#heldBytes += piece.length;
    if (this.#heldBytes < this.#neededBytes) {
      return [];
    }
    const bytes = joined(this.#pieces, this.#heldBytes);
    const operations: BackendOperation[] = [];
    let offset = 0;
    while ((this.#neededBytes = this.#bytesOfNext(bytes, offset)) <= bytes.length - offset) {
      const operation = this.#read(bytes, offset);
      if (operation !== null) {
        operations.push(operation);
      }
      offset += this.#neededBytes;
    }
    this.#pieces = [bytes.subarray(offset)];
    this.#heldBytes = bytes.length - offset;
    return operations;
  }

  /**
   * The stream has come to its end.
   *
   * @throws {SnapshotFormatError} if the snapshot has not.
   */
  end(): void {
    if (this.#next !== "nothing") {
      throw new SnapshotFormatError("the stream ended early");
    }
  }

  /** Length of what comes next, or of the part of it that tells its length. */
  #bytesOfNext(bytes: Uint8Array, offset: number): number {
    const left = bytes.length - offset;
    switch (this.#next) {
      case "version":
        return 1;
      case "nothing":
        if (left > 0) {
          throw new SnapshotFormatError(`${left} bytes come after its end`);
        }
        return 1;
      case "record": {
        if (left < RECORD_HEAD_BYTES) {
          return RECORD_HEAD_BYTES;
        }
        return bytes[offset] === END ? END_BYTES : recordBytes(viewAt(bytes, offset));
      }
    }
  }

  #read(bytes: Uint8Array, offset: number): BackendOperation | null {
    if (this.#next === "version") {
      const version = bytes[offset];
      if (version !== FORMAT_VERSION) {
        throw new SnapshotFormatError(
          `format version ${version}, this member knows ${FORMAT_VERSION}`,
        );
      }
      this.#next = "record";
      return null;
    }
    const view = viewAt(bytes, offset);
    if (view.getUint8(0) === END) {
      const records = view.getFloat64(1);
      if (records !== this.#records) {
        throw new SnapshotFormatError(`${this.#records} records instead of ${records}`);
      }
      this.#next = "nothing";
      return null;
    }
    this.#records += 1;
    const keyAt = offset + RECORD_HEAD_BYTES;
    const valueAt = keyAt + view.getUint32(1);
    return {
      bucket: bucketOf(view),
      key: bytes.slice(keyAt, valueAt),
      value: bytes.slice(valueAt, valueAt + view.getUint32(5)),
    };
  }
}

/** Length of a record, of which the head is there. */
function recordBytes(head: DataView): number {
  const [keyBytes, valueBytes] = [head.getUint32(1), head.getUint32(5)];
  bucketOf(head);
  if (keyBytes < 1 || keyBytes > BACKEND_KEY_BYTES_MAX) {
    throw new SnapshotFormatError(`a key of ${keyBytes} bytes`);
  }
  if (valueBytes > VALUE_BYTES_MAX) {
    throw new SnapshotFormatError(`a value of ${valueBytes} bytes`);
  }
  return RECORD_HEAD_BYTES + keyBytes + valueBytes;
}

function bucketOf(head: DataView): string {
  const number = head.getUint8(0);
  const bucket = STATE_BUCKETS[number];
  if (bucket === undefined) {
    throw new SnapshotFormatError(`unknown bucket ${number}`);
  }
  return bucket;
}

function viewAt(bytes: Uint8Array, offset: number): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset + offset, RECORD_HEAD_BYTES);
}
