/**
 * A chunk, of which a snapshot is made behind its header. Numbers are
 * little-endian.
 *
 * ```text
 *  0  u32  CRC32 of bytes 4 to the end of the chunk
 *  4  u32  CRC of the chunk before; for the first, that of the header
 *  8  u32  type: 1 for data, 2 for the end
 * 12  u32  length of the data
 * 16       data
 * ```
 *
 * The CRC of the chunk before is in each chunk, so that one that was lost,
 * doubled or moved breaks the chain. The last chunk is the end; nothing follows
 * it in the file. Its data are
 *
 * ```text
 * 16  u64  bytes of data in all chunks before
 * 24  u32  CRC32 of all these
 * ```
 */
export const CHUNK_HEAD_BYTES = 16;
export const CHUNK_DATA = 1;
export const CHUNK_END = 2;
export const END_DATA_BYTES = 12;

/** More than this is not a chunk: what a reader has to hold is bounded. */
export const CHUNK_BYTES_MAX: number = 64 * 1024 * 1024;
