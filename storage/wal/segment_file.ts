import { abandon } from "../abandon.ts";
import type { FileSystem } from "../file_system.ts";
import { joinPath } from "../join_path.ts";
import type { SegmentEnd } from "./segment_writer.ts";
import { encodeSegmentHeader, type SegmentHeader } from "./segment_header.ts";

const SEQUENCE_DIGITS = 16;
const SEGMENT_NAME = /^[0-9a-f]{16}\.wal$/;
const TEMPORARY_NAME = /^[0-9a-f]{16}\.wal\.tmp$/;

/** The name of a segment: its sequence in 16 hex digits, so that names sort like sequences. */
export function segmentName(sequence: number): string {
  return `${sequence.toString(16).padStart(SEQUENCE_DIGITS, "0")}.wal`;
}

/** The sequence in a segment's name, `null` for another file's name. */
export function sequenceOf(name: string): number | null {
  return SEGMENT_NAME.test(name) ? Number.parseInt(name, 16) : null;
}

/** Whether a crash left this file behind while a segment was made. */
export function isTemporaryName(name: string): boolean {
  return TEMPORARY_NAME.test(name);
}

/** What a new segment shall be. */
export interface NewSegmentOptions {
  readonly directory: string;
  readonly segmentBytes: number;
  /** How much of it is filled with zeros from the start. */
  readonly aheadBytes: number;
  /** Size of the first frame, for which the segment is made larger where needed. */
  readonly frameBytes: number;
  readonly header: Omit<SegmentHeader, "sizeBytes">;
}

/**
 * Makes a segment under a temporary name and renames it once its header is
 * durable. So a segment that has its name has a whole header, and one whose
 * directory entry a crash loses was never written to.
 */
export async function createSegment(
  fileSystem: FileSystem,
  { directory, segmentBytes, aheadBytes, frameBytes, header }: NewSegmentOptions,
): Promise<SegmentEnd> {
  const { sequence } = header;
  const path = joinPath(directory, segmentName(sequence));
  const temporaryPath = `${path}.tmp`;
  // Its length does not depend on the size that it tells.
  const headerBytes = encodeSegmentHeader({ ...header, sizeBytes: 0 }).bytes.length;
  const sizeBytes = Math.max(segmentBytes, headerBytes + frameBytes);
  const { bytes, crc } = encodeSegmentHeader({ ...header, sizeBytes });
  const zeroEnd = Math.min(sizeBytes, bytes.length + aheadBytes);
  const start = new Uint8Array(zeroEnd);
  start.set(bytes);
  const file = await fileSystem.open(temporaryPath, { mode: "create" });
  try {
    await file.truncate(sizeBytes);
    await file.write(start, 0);
    await file.dataSync();
  } finally {
    await abandon(file);
  }
  await fileSystem.rename(temporaryPath, path);
  await fileSystem.syncDirectory(directory);
  return { path, sequence, sizeBytes, headerCrc: crc, offset: bytes.length, crc, zeroEnd };
}
