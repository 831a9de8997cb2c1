import { MalformedRecordError } from "./errors.ts";

/**
 * The moment of one change: `main` counts the transactions that changed
 * something, `sub` the changes within one of them, from 0 on.
 */
export interface Revision {
  readonly main: number;
  readonly sub: number;
}

/** Negative if `a` came before `b`, positive if after, 0 if they are the same. */
export function compareRevisions(a: Revision, b: Revision): number {
  return a.main - b.main || a.sub - b.sub;
}

/**
 * The key of a record in the backend, in etcd's form: 8 bytes main, `_`, 8
 * bytes sub, both big-endian, so that byte order is the order of revisions.
 */
export function encodeRevision(revision: Revision): Uint8Array {
  const bytes = new Uint8Array(REVISION_BYTES);
  writeRevision(bytes, revision);
  return bytes;
}

/** The key of a tombstone's record: the revision's, with a `t` behind it. */
export function encodeTombstoneRevision(revision: Revision): Uint8Array {
  const bytes = new Uint8Array(REVISION_BYTES + 1);
  writeRevision(bytes, revision);
  bytes[REVISION_BYTES] = TOMBSTONE_MARK;
  return bytes;
}

/**
 * Reads the revision from the key of a record, a tombstone's too.
 *
 * @throws {MalformedRecordError} if the bytes are no such key, or a number in
 * them is above 2⁵³ − 1.
 */
export function decodeRevision(bytes: Uint8Array): Revision {
  const { length } = bytes;
  if (
    (length !== REVISION_BYTES &&
      (length !== REVISION_BYTES + 1 || bytes[REVISION_BYTES] !== TOMBSTONE_MARK)) ||
    bytes[8] !== SEPARATOR
  ) {
    throw new MalformedRecordError(`${length} bytes that are no revision`);
  }
  return { main: readNumber(bytes, 0), sub: readNumber(bytes, 9) };
}

/** Whether the key of a record, as `decodeRevision` takes it, is a tombstone's. */
export function isTombstoneRevision(bytes: Uint8Array): boolean {
  return bytes.length === REVISION_BYTES + 1;
}

const REVISION_BYTES = 17;
const SEPARATOR = 0x5f; // _
const TOMBSTONE_MARK = 0x74; // t
const TWO_TO_32 = 0x1_0000_0000;

function writeRevision(bytes: Uint8Array, { main, sub }: Revision): void {
  writeNumber(bytes, 0, main);
  bytes[8] = SEPARATOR;
  writeNumber(bytes, 9, sub);
}

function writeNumber(bytes: Uint8Array, at: number, value: number): void {
  const low = value >>> 0;
  // Most numbers fit into the lower half; the upper is zero from birth.
  if (value >= TWO_TO_32) {
    const high = (value - low) / TWO_TO_32;
    bytes[at] = high >>> 24;
    bytes[at + 1] = high >>> 16;
    bytes[at + 2] = high >>> 8;
    bytes[at + 3] = high;
  }
  bytes[at + 4] = low >>> 24;
  bytes[at + 5] = low >>> 16;
  bytes[at + 6] = low >>> 8;
  bytes[at + 7] = low;
}

function readNumber(bytes: Uint8Array, at: number): number {
  const high = readUint32(bytes, at);
  if (high >= 0x20_0000) {
    throw new MalformedRecordError("a revision above 2^53 - 1");
  }
  return high * TWO_TO_32 + readUint32(bytes, at + 4);
}

function readUint32(bytes: Uint8Array, at: number): number {
  // The caller has checked the length.
  const [a = 0, b = 0, c = 0, d = 0] = [bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]];
  return ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
}
