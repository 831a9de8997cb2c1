import { crc32 } from "node:zlib";
import { CHUNK_HEAD_BYTES } from "../../../storage/snapshots/chunk_format.ts";

/** Where the parts of a snapshot's file begin: the header, its chunks, and the end of the file. */
export function partsOf(bytes: Uint8Array): number[] {
  const view = new DataView(bytes.buffer);
  const starts = [0];
  for (let at = view.getUint32(12, true); at < bytes.length;) {
    starts.push(at);
    at += CHUNK_HEAD_BYTES + view.getUint32(at + 12, true);
  }
  return [...starts, bytes.length];
}

/** The parts themselves. */
export function splitParts(bytes: Uint8Array): Uint8Array[] {
  const starts = partsOf(bytes);
  return starts.slice(0, -1).map((start, part) => bytes.slice(start, starts[part + 1]));
}

export function concat(parts: readonly (Uint8Array | undefined)[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part ?? []]));
}

/** Changes a part, in place or by another one, and makes all checksums right again, as a wrong writer would. */
export function forge(
  bytes: Uint8Array,
  { part, change }: {
    readonly part: number;
    readonly change: (part: DataView) => Uint8Array | void;
  },
): Uint8Array {
  const parts = splitParts(bytes);
  const forged = parts[part];
  if (forged === undefined) {
    throw new RangeError(`No part ${part}`);
  }
  parts[part] = change(new DataView(forged.buffer)) ?? forged;
  let previousCrc = 0;
  parts.forEach((each, position) => {
    const view = new DataView(each.buffer);
    if (position === 0) {
      previousCrc = crc32(each.subarray(20), crc32(each.subarray(0, 16)));
      view.setUint32(16, previousCrc, true);
    } else {
      view.setUint32(4, previousCrc, true);
      previousCrc = crc32(each.subarray(4));
      view.setUint32(0, previousCrc, true);
    }
  });
  return concat(parts);
}
