import test from "ava";
import fc from "fast-check";
import { toIndexKey, toKeyRange } from "../../mvcc/mod.ts";
import { bytes } from "./bytes.ts";
import { isInInterval } from "./naive_store.ts";

for (
  const { key, rangeEnd, low, high, why } of [
    { key: "a", rangeEnd: undefined, low: "a", high: "a\0", why: "a key alone" },
    { key: "a", rangeEnd: "", low: "a", high: "a\0", why: "empty is absent" },
    { key: "a", rangeEnd: "\0", low: "a", high: null, why: "one zero byte is no end" },
    { key: "\0", rangeEnd: "\0", low: "\0", high: null, why: "every key" },
    { key: "a", rangeEnd: "b", low: "a", high: "b", why: "a prefix" },
    { key: "b", rangeEnd: "a", low: "b", high: "a", why: "an end below selects nothing" },
    {
      key: "a",
      rangeEnd: "\0\0",
      low: "a",
      high: "\0\0",
      why: "two zero bytes are an end as any other",
    },
  ]
) {
  test(`toKeyRange(${JSON.stringify({ key, rangeEnd })}): ${why}`, (t) => {
    const end = rangeEnd === undefined ? undefined : bytes(rangeEnd);
    t.deepEqual(toKeyRange({ key: bytes(key), rangeEnd: end }), { low, high });
  });
}

test("toKeyRange selects what etcd's rule selects", (t) => {
  const end = fc.uint8Array({ maxLength: 3, max: 2 });
  const key = fc.uint8Array({ minLength: 1, maxLength: 3, max: 2 });
  fc.assert(
    fc.property(key, key, fc.option(end, { nil: undefined }), (candidate, key, rangeEnd) => {
      const { low, high } = toKeyRange({ key, rangeEnd });
      const inside = toIndexKey(candidate);
      t.is(
        inside >= low && (high === null || inside < high),
        isInInterval(candidate, { key, rangeEnd }),
      );
    }),
    { numRuns: 1000 },
  );
});
