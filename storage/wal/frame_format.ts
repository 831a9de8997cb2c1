import type { EntryKind } from "../../raft/mod.ts";

/**
 * A frame, which holds what one append made durable. Numbers are little-endian.
 *
 * ```text
 *  0  u32  CRC32 of bytes 4 to `length`, begun with the CRC of the segment's header
 *  4  u32  length of the frame, before padding
 *  8  u32  CRC of the frame before; for the first, that of the segment's header
 * 12  u8   type, 1
 * 13  u8   flags: which parts follow, and whether the log is dropped first
 * 14  u16  check of the head: the low bits of the CRC of bytes 4 to 14 and 16 to 48, begun likewise
 * 16  u32  number of entries
 * 20  u32  length of the filler
 * 24  u64  index of the first entry, 0 if there is none; the others follow it
 * 32  u64  watermark: sequence of the segment ...
 * 40  u64  ... and offset in it, before which all was durable when this was written
 * 48       hard state, if flagged: u64 term, u64 commit, u32 1 if the end of
 *          the log may be missing, u32 length of the vote, vote
 *          compaction marker, if flagged
 *          entries
 *          zeros up to a multiple of 8
 *          filler: zeros, so that the next frame is in another sector
 * ```
 *
 * The CRC of the frame before is in each frame: what does not follow it does not
 * fit in, while a frame behind a damaged one can still be told to be whole. As the
 * CRC begins with that of the header, which has a random part, nothing that a
 * client has stored, and no older life of the file, looks like a frame.
 */
export const FRAME_HEAD_BYTES = 48;
export const FRAME_ALIGNMENT = 8;
export const FRAME_TYPE = 1;

export const FLAG_HARD_STATE = 1;
export const FLAG_MARKER = 2;
/** All entries are dropped, before those of this frame: they contradict the marker. */
export const FLAG_DROP_ALL = 4;
export const FLAGS_KNOWN: number = FLAG_HARD_STATE | FLAG_MARKER | FLAG_DROP_ALL;

/**
 * An entry in a frame.
 *
 * ```text
 *  0  u32  length of the data
 *  4  u32  kind
 *  8  u64  term
 * 16       data
 * ```
 */
export const ENTRY_HEAD_BYTES = 16;

/** The position in this list is the number in the file: only ever add at its end. */
export const ENTRY_KINDS: readonly EntryKind[] = ["command", "noop", "membership"];

/** `size` and the padding behind it. */
export function padded(size: number): number {
  return Math.ceil(size / FRAME_ALIGNMENT) * FRAME_ALIGNMENT;
}
