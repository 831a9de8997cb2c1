import type { BackendView } from "../storage/mod.ts";
import { END, END_BYTES, FORMAT_VERSION, joined, RECORD_HEAD_BYTES } from "./snapshot_format.ts";
import { STATE_BUCKETS } from "./state/replicated_state.ts";

/** About how much is sent at once. */
const CHUNK_BYTES = 64 * 1024;

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

function recordHead(number: number, key: Uint8Array, value: Uint8Array): Uint8Array {
  const head = new Uint8Array(RECORD_HEAD_BYTES);
  const view = new DataView(head.buffer);
  view.setUint8(0, number);
  view.setUint32(1, key.length);
  view.setUint32(5, value.length);
  return head;
}
