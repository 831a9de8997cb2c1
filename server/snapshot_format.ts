/*
 * The replicated state as a stream: one byte of format version, then records,
 * then the end. A record is the number of its bucket in `STATE_BUCKETS` (1
 * byte), the lengths of key and value (4 bytes each, big-endian), key, value.
 * The end is the byte 255 and the number of records (8 bytes, a double).
 */
export const FORMAT_VERSION = 1;
export const END = 255;
export const RECORD_HEAD_BYTES = 9;
export const END_BYTES = 9;

/** Far above what a request can bring. A longer value is a sign of damage, and would have to be held. */
export const VALUE_BYTES_MAX: number = 64 * 1024 * 1024;

/** Pieces of bytes as one. It is the piece itself if it is the only one. */
export function joined(parts: readonly Uint8Array[], length: number): Uint8Array {
  const [first] = parts;
  if (parts.length === 1 && first !== undefined) {
    return first;
  }
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}
