import { MalformedRecordError } from "./errors.ts";
import { invariant } from "./invariant.ts";
import type { KeyValue } from "./key_value.ts";
import { ProtobufReader } from "./protobuf_reader.ts";
import {
  type Bits64,
  sizeOfBitsField,
  sizeOfBytesField,
  sizeOfNumberField,
  writeBitsField,
  writeBytesField,
  writeNumberField,
} from "./protobuf_writer.ts";

/**
 * Encodes a record as etcd stores it: the message `mvccpb.KeyValue` in
 * protobuf, fields in order, defaults left out, hence the very bytes that
 * etcd's own encoder gives.
 *
 * Written by hand because every put comes by here, and a generated encoder
 * takes several microseconds.
 */
export function encodeKeyValue(record: KeyValue): Uint8Array {
  const { key, value, createRevision, modRevision, version } = record;
  const lease = record.lease === "" ? NO_LEASE : parseLease(record.lease);
  const bytes = new Uint8Array(
    sizeOfBytesField(key) + sizeOfNumberField(createRevision) + sizeOfNumberField(modRevision) +
      sizeOfNumberField(version) + sizeOfBytesField(value) + sizeOfBitsField(lease),
  );
  let at = writeBytesField(bytes, 0, TAG_KEY, key);
  at = writeNumberField(bytes, at, TAG_CREATE_REVISION, createRevision);
  at = writeNumberField(bytes, at, TAG_MOD_REVISION, modRevision);
  at = writeNumberField(bytes, at, TAG_VERSION, version);
  at = writeBytesField(bytes, at, TAG_VALUE, value);
  at = writeBitsField(bytes, at, TAG_LEASE, lease);
  invariant(at === bytes.length, "a record fills its bytes", at, bytes.length);
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
  const reader = new ProtobufReader(bytes);
  let key = NO_BYTES;
  let value = NO_BYTES;
  let createRevision = 0;
  let modRevision = 0;
  let version = 0;
  let lease = "";
  while (!reader.isAtEnd) {
    const tag = reader.tag();
    switch (tag) {
      case TAG_KEY:
        key = reader.bytes();
        break;
      case TAG_CREATE_REVISION:
        createRevision = reader.number();
        break;
      case TAG_MOD_REVISION:
        modRevision = reader.number();
        break;
      case TAG_VERSION:
        version = reader.number();
        break;
      case TAG_VALUE:
        value = reader.bytes();
        break;
      case TAG_LEASE:
        lease = reader.hex();
        break;
      default:
        // A known field in another wire type is damage, not a newer version.
        if (tag >>> 3 <= FIELD_MAX) {
          throw new MalformedRecordError(`field ${tag >>> 3} has wire type ${tag & 7}`);
        }
        reader.skip(tag);
    }
  }
  return { key, value, createRevision, modRevision, version, lease };
}

// A tag is a field's number and its wire type: 0 for a number, 2 for bytes.
const TAG_KEY = (1 << 3) | 2;
const TAG_CREATE_REVISION = (2 << 3) | 0;
const TAG_MOD_REVISION = (3 << 3) | 0;
const TAG_VERSION = (4 << 3) | 0;
const TAG_VALUE = (5 << 3) | 2;
const TAG_LEASE = (6 << 3) | 0;
const FIELD_MAX = 6;

const NO_BYTES: Uint8Array = new Uint8Array(0);
const NO_LEASE: Bits64 = { high: 0, low: 0 };

function parseLease(lease: string): Bits64 {
  const bits = { high: parseHalf(lease, 0), low: parseHalf(lease, 8) };
  invariant(lease.length === 16 && bits.high >= 0 && bits.low >= 0, "a lease is 16 digits", lease);
  return bits;
}

/** The 32 bits of 8 digits; -1 if one of them is none. (A third of the time of a pattern and `parseInt`.) */
function parseHalf(digits: string, start: number): number {
  let half = 0;
  for (let at = start; at < start + 8; at++) {
    const code = digits.charCodeAt(at);
    if (code >= 0x30 && code <= 0x39) {
      half = half * 16 + code - 0x30;
    } else if (code >= 0x61 && code <= 0x66) {
      half = half * 16 + code - 0x57;
    } else {
      return -1;
    }
  }
  return half;
}
