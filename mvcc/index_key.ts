/**
 * A key as the index holds it: a string with one character per byte, its code
 * 0 to 255. V8 keeps such strings at one byte per character and compares them
 * natively, in the order of the bytes. (`TextDecoder("latin1")` would be
 * shorter, but means windows-1252 and maps 27 bytes elsewhere.)
 */
export type IndexKey = string;

/** Converts bytes to the form that the index holds. */
export function toIndexKey(bytes: Uint8Array): IndexKey {
  const { length } = bytes;
  if (length > CHUNK_BYTES) {
    return longIndexKey(bytes);
  }
  // Eight at a time: measured 60 ns for 32 bytes, against 220 ns for one at a time.
  let key = "";
  let at = 0;
  for (; at + 8 <= length; at += 8) {
    key += String.fromCharCode(
      bytes[at]!,
      bytes[at + 1]!,
      bytes[at + 2]!,
      bytes[at + 3]!,
      bytes[at + 4]!,
      bytes[at + 5]!,
      bytes[at + 6]!,
      bytes[at + 7]!,
    );
  }
  for (; at < length; at++) {
    key += String.fromCharCode(bytes[at]!);
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

/** Bounded because the chunk becomes arguments on the stack. */
const CHUNK_BYTES = 4096;

function longIndexKey(bytes: Uint8Array): IndexKey {
  let key = "";
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
    // A spread would go through the iterator, ten times as slow.
    key += Reflect.apply(String.fromCharCode, undefined, bytes.subarray(at, at + CHUNK_BYTES));
  }
  return key;
}
