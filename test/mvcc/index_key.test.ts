import test from "ava";
import fc from "fast-check";
import { fromIndexKey, successorOf, toIndexKey } from "../../mvcc/mod.ts";

const bytes = fc.uint8Array({ maxLength: 40 });

test("toIndexKey has one character for each byte, with the byte as its code", (t) => {
  const all = Uint8Array.from({ length: 256 }, (_, byte) => byte);
  t.deepEqual([...toIndexKey(all)].map((character) => character.charCodeAt(0)), [...all]);
});

test("fromIndexKey is the way back from toIndexKey", (t) => {
  fc.assert(fc.property(bytes, (bytes) => t.deepEqual(fromIndexKey(toIndexKey(bytes)), bytes)));
});

for (const length of [1023, 1024, 1025, 2048, 1_500_000]) {
  test(`toIndexKey takes ${length} bytes`, (t) => {
    const long = Uint8Array.from({ length }, (_, at) => at * 7);
    t.is(Buffer.compare(fromIndexKey(toIndexKey(long)), long), 0);
  });
}

test("toIndexKey keeps the order of bytes", (t) => {
  fc.assert(fc.property(bytes, bytes, (a, b) => {
    const [keyA, keyB] = [toIndexKey(a), toIndexKey(b)];
    t.is(keyA < keyB ? -1 : keyA > keyB ? 1 : 0, Math.sign(Buffer.compare(a, b)));
  }));
});

test("successorOf has nothing between it and its key", (t) => {
  fc.assert(fc.property(bytes, bytes, (a, b) => {
    const [key, other] = [toIndexKey(a), toIndexKey(b)];
    t.true(key < successorOf(key));
    t.is(other > key, other >= successorOf(key));
  }));
});
