import { invariant } from "./invariant.ts";

// What a record needs of protobuf's encoding, as plain functions over an array that is measured
// first and then filled: each writer returns where the next one begins. A field with its default
// value takes no bytes (proto3). Tags are those of fields 1 to 15: one byte.

/** Bytes of a field that holds a number from 0 to 2⁵³ − 1. */
export function sizeOfNumberField(value: number): number {
  invariant(value >= 0 && value <= Number.MAX_SAFE_INTEGER, "a number of a record is safe", value);
  return value === 0 ? 0 : 1 + sizeOfVarint(value);
}

export function writeNumberField(
  bytes: Uint8Array,
  at: number,
  tag: number,
  value: number,
): number {
  if (value === 0) {
    return at;
  }
  bytes[at] = tag;
  return writeVarint(bytes, at + 1, value);
}

/** Bytes of a field that holds bytes. */
export function sizeOfBytesField({ length }: Uint8Array): number {
  return length === 0 ? 0 : 1 + sizeOfVarint(length) + length;
}

export function writeBytesField(
  bytes: Uint8Array,
  at: number,
  tag: number,
  value: Uint8Array,
): number {
  if (value.length === 0) {
    return at;
  }
  bytes[at] = tag;
  const start = writeVarint(bytes, at + 1, value.length);
  bytes.set(value, start);
  return start + value.length;
}

/** 64 bits, which no number holds, in halves. */
export interface Bits64 {
  readonly high: number;
  readonly low: number;
}

/** Bytes of a field that holds 64 bits. */
export function sizeOfBitsField({ high, low }: Bits64): number {
  if (high === 0) {
    return low === 0 ? 0 : 1 + sizeOfVarint(low);
  }
  // The fifth byte takes the last 4 bits of the lower half with 3 of the upper.
  return 1 + (high < 8 ? 5 : 5 + sizeOfVarint(high >>> 3));
}

export function writeBitsField(
  bytes: Uint8Array,
  start: number,
  tag: number,
  { high, low }: Bits64,
): number {
  if (high === 0) {
    return writeNumberField(bytes, start, tag, low);
  }
  let at = start;
  bytes[at++] = tag;
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

const TWO_TO_32 = 0x1_0000_0000;

function sizeOfVarint(value: number): number {
  let size = 1;
  let rest = value;
  for (; rest >= TWO_TO_32; rest = Math.floor(rest / 0x80)) {
    size++;
  }
  for (; rest >= 0x80; rest >>>= 7) {
    size++;
  }
  return size;
}

function writeVarint(bytes: Uint8Array, start: number, value: number): number {
  let at = start;
  let rest = value;
  for (; rest >= TWO_TO_32; rest = Math.floor(rest / 0x80)) {
    bytes[at++] = (rest & 0x7f) | 0x80;
  }
  for (; rest >= 0x80; rest >>>= 7) {
    bytes[at++] = (rest & 0x7f) | 0x80;
  }
  bytes[at++] = rest;
  return at;
}
