import { MalformedRecordError } from "./errors.ts";
import { invariant } from "./invariant.ts";
import type { KeyValue } from "./key_value.ts";

/**
 * Encodes a record as etcd stores it: the message `mvccpb.KeyValue` in
 * protobuf, fields in order, defaults left out, hence the same bytes that
 * etcd's own encoder gives.
 *
 * Written by hand because it is on the way of every put: a generated encoder
 * takes several microseconds.
 */
export function encodeKeyValue(record: KeyValue): Uint8Array {
  const { key, value, createRevision, modRevision, version, lease } = record;
  const leaseHigh = parseHalf(lease, 0);
  const leaseLow = parseHalf(lease, 8);

  const bytes = new Uint8Array(
    sizeOfBytesField(key) + sizeOfNumberField(createRevision) + sizeOfNumberField(modRevision) +
      sizeOfNumberField(version) + sizeOfBytesField(value) + sizeOfLeaseField(leaseHigh, leaseLow),
  );
  let at = writeBytesField(bytes, 0, TAG_KEY, key);
  at = writeNumberField(bytes, at, TAG_CREATE_REVISION, createRevision);
  at = writeNumberField(bytes, at, TAG_MOD_REVISION, modRevision);
  at = writeNumberField(bytes, at, TAG_VERSION, version);
  at = writeBytesField(bytes, at, TAG_VALUE, value);
  at = writeLeaseField(bytes, at, leaseHigh, leaseLow);
  invariant(at === bytes.length, "the record fills its bytes", at, bytes.length);
  return bytes;
}

/** Encodes what a tombstone's record holds: a `KeyValue` with the key alone. */
export function encodeTombstone(key: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(sizeOfBytesField(key));
  writeBytesField(bytes, 0, TAG_KEY, key);
  return bytes;
}

/**
 * Decodes a record. Key and value are views of `bytes`, not copies. Fields
 * that this module does not know are skipped.
 *
 * @throws {MalformedRecordError} if the bytes are no such message, or a
 * revision or version in them is not between 0 and 2⁵³ − 1.
 */
export function decodeKeyValue(bytes: Uint8Array): KeyValue {
  const cursor: Cursor = { bytes, at: 0, high: 0, low: 0 };
  let key: Uint8Array = NO_BYTES;
  let value: Uint8Array = NO_BYTES;
  let createRevision = 0;
  let modRevision = 0;
  let version = 0;
  let lease = "";
  while (cursor.at < bytes.length) {
    const tag = readTag(cursor);
    switch (tag) {
      case TAG_KEY:
        key = readBytes(cursor);
        break;
      case TAG_CREATE_REVISION:
        createRevision = readNumber(cursor);
        break;
      case TAG_MOD_REVISION:
        modRevision = readNumber(cursor);
        break;
      case TAG_VERSION:
        version = readNumber(cursor);
        break;
      case TAG_VALUE:
        value = readBytes(cursor);
        break;
      case TAG_LEASE:
        lease = readLease(cursor);
        break;
      default:
        // A known field in another wire type is damage, not a newer version.
        if (tag >>> 3 <= FIELD_MAX) {
          throw new MalformedRecordError(`field ${tag >>> 3} has wire type ${tag & 7}`);
        }
        skipField(cursor, tag);
    }
  }
  return { key, value, createRevision, modRevision, version, lease };
}

// A tag is the field's number and the wire type: 0 for a varint, 2 for bytes.
const TAG_KEY = (1 << 3) | 2;
const TAG_CREATE_REVISION = (2 << 3) | 0;
const TAG_MOD_REVISION = (3 << 3) | 0;
const TAG_VERSION = (4 << 3) | 0;
const TAG_VALUE = (5 << 3) | 2;
const TAG_LEASE = (6 << 3) | 0;
const FIELD_MAX = 6;

const NO_BYTES: Uint8Array = new Uint8Array(0);
const TWO_TO_32 = 0x1_0000_0000;

/** The 32 bits that 8 of a lease's 16 digits stand for; 0 for no lease. */
function parseHalf(lease: string, start: number): number {
  if (lease === "") {
    return 0;
  }
  let half = 0;
  for (let at = start; at < start + 8; at++) {
    const code = lease.charCodeAt(at);
    const isDecimal = code >= 0x30 && code <= 0x39;
    invariant(
      (isDecimal || (code >= 0x61 && code <= 0x66)) && lease.length === 16,
      "a lease has 16 hex digits",
      lease,
    );
    half = half * 16 + code - (isDecimal ? 0x30 : 0x57);
  }
  return half;
}

function sizeOfVarint(value: number): number {
  let size = 1;
  for (
    let rest = value;
    rest >= 0x80;
    rest = rest < TWO_TO_32 ? rest >>> 7 : Math.floor(rest / 0x80)
  ) {
    size++;
  }
  return size;
}

function sizeOfNumberField(value: number): number {
  invariant(
    value >= 0 && value <= Number.MAX_SAFE_INTEGER,
    "a number of the record is safe",
    value,
  );
  return value === 0 ? 0 : 1 + sizeOfVarint(value);
}

function sizeOfBytesField({ length }: Uint8Array): number {
  return length === 0 ? 0 : 1 + sizeOfVarint(length) + length;
}

function sizeOfLeaseField(high: number, low: number): number {
  if (high === 0) {
    return low === 0 ? 0 : 1 + sizeOfVarint(low);
  }
  // The fifth byte takes the last 4 bits of the lower half with 3 of the upper.
  return 1 + (high < 8 ? 5 : 5 + sizeOfVarint(high >>> 3));
}

function writeVarint(bytes: Uint8Array, start: number, value: number): number {
  let at = start;
  let rest = value;
  while (rest >= TWO_TO_32) {
    bytes[at++] = (rest & 0x7f) | 0x80;
    rest = Math.floor(rest / 0x80);
  }
  while (rest >= 0x80) {
    bytes[at++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  bytes[at++] = rest;
  return at;
}

function writeNumberField(bytes: Uint8Array, at: number, tag: number, value: number): number {
  if (value === 0) {
    return at;
  }
  bytes[at] = tag;
  return writeVarint(bytes, at + 1, value);
}

function writeBytesField(bytes: Uint8Array, at: number, tag: number, value: Uint8Array): number {
  if (value.length === 0) {
    return at;
  }
  bytes[at] = tag;
  const start = writeVarint(bytes, at + 1, value.length);
  bytes.set(value, start);
  return start + value.length;
}

function writeLeaseField(bytes: Uint8Array, start: number, high: number, low: number): number {
  if (high === 0) {
    return writeNumberField(bytes, start, TAG_LEASE, low);
  }
  let at = start;
  bytes[at++] = TAG_LEASE;
  for (let shift = 0; shift < 28; shift += 7) {
    bytes[at++] = ((low >>> shift) & 0x7f) | 0x80;
  }
  const middle = (low >>> 28) | ((high & 7) << 4);
  if (high < 8) {
    bytes[at++] = middle;
    return at;
  }
  bytes[at++] = middle | 0x80;
  return writeVarint(bytes, at, high >>> 3);
}

/** Where the decoder is. `high` and `low` are the halves of the varint that was read last. */
interface Cursor {
  readonly bytes: Uint8Array;
  at: number;
  high: number;
  low: number;
}

function readVarint(cursor: Cursor): void {
  const { bytes } = cursor;
  let low = 0;
  let high = 0;
  for (let shift = 0; shift < 70; shift += 7) {
    const byte = bytes[cursor.at++];
    if (byte === undefined) {
      throw new MalformedRecordError("it ends within a number");
    }
    const bits = byte & 0x7f;
    if (shift < 28) {
      low |= bits << shift;
    } else if (shift === 28) {
      low |= bits << 28;
      high = bits >>> 4;
    } else {
      high |= bits << (shift - 32);
    }
    if (byte < 0x80) {
      if (shift === 63 && byte > 1) {
        break;
      }
      cursor.low = low >>> 0;
      cursor.high = high >>> 0;
      return;
    }
  }
  throw new MalformedRecordError("a number of more than 64 bits");
}

function readTag(cursor: Cursor): number {
  readVarint(cursor);
  if (cursor.high !== 0 || cursor.low < 8) {
    throw new MalformedRecordError("a field's number is out of range");
  }
  return cursor.low;
}

function readNumber(cursor: Cursor): number {
  readVarint(cursor);
  if (cursor.high >= 0x20_0000) {
    throw new MalformedRecordError("a revision or version is not between 0 and 2^53 - 1");
  }
  return cursor.high * TWO_TO_32 + cursor.low;
}

function readLease(cursor: Cursor): string {
  readVarint(cursor);
  if (cursor.high === 0 && cursor.low === 0) {
    return "";
  }
  return cursor.high.toString(16).padStart(8, "0") + cursor.low.toString(16).padStart(8, "0");
}

function readBytes(cursor: Cursor): Uint8Array {
  readVarint(cursor);
  const start = cursor.at;
  advance(cursor, cursor.high * TWO_TO_32 + cursor.low);
  return cursor.bytes.subarray(start, cursor.at);
}

function advance(cursor: Cursor, length: number): void {
  if (length > cursor.bytes.length - cursor.at) {
    throw new MalformedRecordError("it ends within a field");
  }
  cursor.at += length;
}

function skipField(cursor: Cursor, tag: number): void {
  switch (tag & 7) {
    case 0:
      return readVarint(cursor);
    case 1:
      return advance(cursor, 8);
    case 2:
      readVarint(cursor);
      return advance(cursor, cursor.high * TWO_TO_32 + cursor.low);
    case 5:
      return advance(cursor, 4);
    default:
      // Groups (3, 4) are older than proto3; nobody can have added one.
      throw new MalformedRecordError(`wire type ${tag & 7}`);
  }
}
