import { crc32 } from "node:zlib";
import { FRAME_HEAD_BYTES } from "./frame_format.ts";

/**
 * Whether the head at `position` is one that was written into the segment with a
 * header of this CRC, as far as 16 bits tell: enough to look at few frames that
 * are none, whatever a client has stored.
 */
export function headChecks(bytes: Uint8Array, position: number, headerCrc: number): boolean {
  const check = (bytes[position + 14] ?? 0) | (bytes[position + 15] ?? 0) << 8;
  return check === headCheck(bytes, position, headerCrc);
}

/** The check of a head. */
export function headCheck(bytes: Uint8Array, position: number, headerCrc: number): number {
  const start = crc32(bytes.subarray(position + 4, position + 14), headerCrc);
  return crc32(bytes.subarray(position + 16, position + FRAME_HEAD_BYTES), start) & 0xffff;
}

/**
 * Whether the frame at `position`, all of which is in `bytes`, is what was written
 * into the segment with a header of this CRC.
 */
export function frameChecks(
  bytes: Uint8Array,
  position: number,
  head: { readonly crc: number; readonly length: number },
  headerCrc: number,
): boolean {
  return crc32(bytes.subarray(position + 4, position + head.length), headerCrc) === head.crc;
}
