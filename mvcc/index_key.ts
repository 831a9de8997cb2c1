/**
 * A key as the index holds it: a string with one character per byte, its code
 * 0 to 255. V8 keeps such strings at one byte per character and compares them
 * natively, in the order of the bytes. (`TextDecoder("latin1")` would be
 * shorter, but means windows-1252 and maps 27 bytes elsewhere.)
 */
export type IndexKey = string;

/** Converts bytes to the form that the index holds. */
export function toIndexKey(bytes: Uint8Array): IndexKey {
  if (bytes.length <= CHUNK_BYTES) {
    return toCharacters(bytes);
  }
  let key = "";
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
    key += toCharacters(bytes.subarray(at, at + CHUNK_BYTES));
  }
  return key;
}

/** Converts a key of the index back to bytes, in a fresh array. */
export function fromIndexKey(key: IndexKey): Uint8Array {
  const bytes = new Uint8Array(key.length);
  for (let at = 0; at < bytes.length; at++) {
    bytes[at] = key.charCodeAt(at);
  }
  return bytes;
}

/** The first key after `key`: there is none between them. */
export function successorOf(key: IndexKey): IndexKey {
  return key + "\0";
}

/** Bounded because the characters become arguments on the stack. */
const CHUNK_BYTES = 1024;

function toCharacters(bytes: Uint8Array): string {
  // By way of an array, since V8 spreads a typed array ten times as slowly. In one call, since
  // pieces that are added up make a rope, and comparing ropes is slow.
  const codes: number[] = [];
  for (let at = 0; at < bytes.length; at++) {
    codes.push(bytes[at] ?? 0);
  }
  return String.fromCharCode(...codes);
}
