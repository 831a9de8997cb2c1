import test from "ava";
import fc from "fast-check";
import { compareBytes } from "../../storage/compare_bytes.ts";
import { type SortedReader, SortedTable } from "../../storage/sorted_table.ts";

/** Enough keys for several chunks, few enough that they are hit again. */
const KEYS = 4000;

const step = fc.oneof(
  { weight: 8, arbitrary: fc.record({ type: fc.constant("set" as const), key: keyNumber() }) },
  { weight: 4, arbitrary: fc.record({ type: fc.constant("delete" as const), key: keyNumber() }) },
  // Whole runs, so that chunks are split, emptied and joined.
  { weight: 2, arbitrary: fc.record({ type: fc.constant("fill" as const), key: keyNumber() }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("clear" as const), key: keyNumber() }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("snapshot" as const), key: keyNumber() }) },
);

test("SortedTable and its snapshots hold what a plain map holds", (t) => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const table = new SortedTable<number>();
      const model = new Map<number, number>();
      const snapshots: [SortedReader<number>, Map<number, number>][] = [];
      let value = 0;
      for (const { type, key } of steps) {
        const run = type === "fill" || type === "clear" ? 700 : 1;
        for (let number = key; number < key + run; number += 1) {
          if (type === "set" || type === "fill") {
            t.is(table.set(keyOf(number), ++value), model.get(number));
            model.set(number, value);
          } else if (type !== "snapshot") {
            t.is(table.delete(keyOf(number)), model.get(number));
            model.delete(number);
          }
        }
        if (type === "snapshot") {
          snapshots.push([table.snapshot(), new Map(model)]);
        }
      }
      t.is(table.size, model.size);
      assertSame(table, model);
      snapshots.forEach(([snapshot, then]) => assertSame(snapshot, then));
    }),
    { numRuns: 60 },
  );
  t.pass();

  function assertSame(reader: SortedReader<number>, model: ReadonlyMap<number, number>): void {
    const sorted = [...model].sort(([a], [b]) => a - b);
    for (const [low, high] of [[0, KEYS * 2], [100, 1200], [700, 701], [900, 300]] as const) {
      const wanted = sorted.filter(([key]) => key >= low && key < high);
      const scan = { low: keyOf(low), high: keyOf(high) };
      t.deepEqual([...reader.scan(scan)].map(plain), wanted);
      t.deepEqual([...reader.scan({ ...scan, reverse: true })].map(plain), wanted.toReversed());
    }
    t.deepEqual([...reader.scan({})].map(plain), sorted);
    t.deepEqual([...reader.scan({ reverse: true })].map(plain), sorted.toReversed());
    t.is(reader.get(keyOf(500)), model.get(500));
  }
});

test("compareBytes orders as Buffer.compare does", (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 4 }), fc.uint8Array({ maxLength: 4 }), (a, b) => {
      t.is(Math.sign(compareBytes(a, b)), Buffer.compare(a, b));
    }),
  );
  t.pass();
});

function keyNumber(): fc.Arbitrary<number> {
  return fc.integer({ min: 0, max: KEYS });
}

function keyOf(number: number): Uint8Array {
  const key = new Uint8Array(4);
  new DataView(key.buffer).setUint32(0, number);
  return key;
}

function plain([key, value]: readonly [Uint8Array, number]): [number, number] {
  return [new DataView(key.buffer, key.byteOffset).getUint32(0), value];
}
