import test from "ava";
import fc from "fast-check";
import { type KeyRange, type Step, TreeIndex } from "../../mvcc/mod.ts";

/** Numbers as keys that sort as they do. */
function keyOf(n: number): string {
  return String(n).padStart(6, "0");
}

/** What a `TreeIndex` should be: a sorted list of all keys for every revision. */
class NaiveIndex {
  main = 1;
  #contents: (readonly string[])[] = [[], []];

  get newest(): readonly string[] {
    return this.at(this.main);
  }

  at(revision: number): readonly string[] {
    return this.#contents[Math.min(revision, this.main)] ?? [];
  }

  change(keys: Iterable<string>): void {
    this.main++;
    this.#contents.push([...new Set(keys)].sort());
  }
}

/** Enough keys for three levels of nodes. */
const KEYS = 6000;
const keyNumber = fc.nat(KEYS - 1);
const action = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      type: fc.constantFrom("put" as const, "put" as const, "delete" as const, "purge" as const),
      first: keyNumber,
      count: fc.oneof(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1000, max: KEYS })),
      // Runs up and down make nodes split at their end, others in the middle.
      stride: fc.constantFrom(1, -1, 7, 131),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant("compact" as const),
      back: fc.nat(3),
      budget: fc.constantFrom(1, 100, 10_000),
    }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("slice" as const) }) },
);

test("TreeIndex equals a sorted list of keys for each revision, counts and n-th keys too", (t) => {
  fc.assert(
    fc.property(
      fc.array(action, { maxLength: 12 }),
      fc.array(fc.tuple(keyNumber, keyNumber), { minLength: 3, maxLength: 3 }),
      (actions, bounds) => {
        const tree = new TreeIndex();
        const naive = new NaiveIndex();
        let compactRevision = 0;
        let compaction: { step: Step; budget: number } | null = null;
        for (const action of actions) {
          switch (action.type) {
            case "put":
            case "delete":
            case "purge": {
              const keys = Array.from({ length: action.count }, (_, n) => n * action.stride)
                .map((offset) => keyOf((((action.first + offset) % KEYS) + KEYS) % KEYS));
              const before = new Set(naive.newest);
              const after = new Set(before);
              const revision = { main: naive.main + 1, sub: 0 };
              for (const key of keys) {
                if (action.type === "put") {
                  t.is(tree.put(key, revision).version > 1, after.has(key));
                  after.add(key);
                } else {
                  t.is(tree.tombstone(key, revision), after.delete(key));
                }
                revision.sub++;
              }
              naive.change(after);
              if (action.type === "purge") {
                // One revision later the tombstones can go, and with them the keys.
                naive.change(after);
                compactRevision = naive.main;
                const step = tree.compact(compactRevision, () => {});
                while (step.step(1000) === "more");
                t.is(tree.size, after.size);
              }
              break;
            }
            case "compact":
              compactRevision = Math.max(compactRevision, naive.main - action.back);
              compaction = { step: tree.compact(compactRevision, () => {}), budget: action.budget };
              compaction.step.step(action.budget);
              break;
            case "slice":
              compaction?.step.step(compaction.budget);
          }
          tree.assertConsistent();
          t.is(tree.live, naive.newest.length);
        }
        compare(tree, naive, { compactRevision, bounds });
      },
    ),
    { numRuns: 200 },
  );
  t.pass();
});

function compare(
  tree: TreeIndex,
  naive: NaiveIndex,
  { compactRevision, bounds }: {
    readonly compactRevision: number;
    readonly bounds: readonly (readonly [number, number])[];
  },
): void {
  for (let n = 0; n < naive.newest.length; n += 97) {
    same(tree.nth(n), naive.newest[n]);
  }
  same(tree.nth(naive.newest.length), null);
  same(tree.nth(-1), null);
  const ranges: KeyRange[] = [{ low: "", high: null }, { low: "z", high: null }];
  for (const [a, b] of bounds) {
    ranges.push({ low: keyOf(a), high: keyOf(b) }, { low: keyOf(a), high: keyOf(a) + "\0" });
    ranges.push({ low: keyOf(a), high: null });
    same(tree.rank(keyOf(a)), naive.newest.filter((key) => key < keyOf(a)).length);
  }
  for (let at = compactRevision; at <= naive.main + 1; at++) {
    for (const range of ranges) {
      const { low, high } = range;
      const want = naive.at(at).filter((key) => key >= low && (high === null || key < high));
      same(tree.count(range, at), want.length);
      for (const limit of [undefined, 0, 1, 3]) {
        const options = { atRevision: at, ...(limit === undefined ? {} : { limit }) };
        const keys = tree.range(range, options).map(({ key }) => key);
        same(keys, want.slice(0, limit));
        const reversed = tree.range(range, { ...options, reverse: true }).map(({ key }) => key);
        same(reversed, want.toReversed().slice(0, limit));
      }
    }
    for (const [a] of bounds) {
      same(tree.get(keyOf(a), at) !== null, naive.at(at).includes(keyOf(a)));
    }
  }
}

function same(actual: unknown, expected: unknown): void {
  const [a, b] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (a !== b) {
    throw new Error(`got ${a}, expected ${b}`);
  }
}

for (
  const { order, next } of [
    { order: "ascending", next: (n: number) => n },
    { order: "descending", next: (n: number) => 99_999 - n },
    { order: "scattered", next: (n: number) => (n * 7919) % 100_000 },
  ]
) {
  test(`TreeIndex holds 100,000 keys that come in ${order} order, and lets all go`, (t) => {
    const tree = new TreeIndex();
    for (let n = 0; n < 100_000; n++) {
      tree.put(keyOf(next(n)), { main: n + 2, sub: 0 });
    }
    tree.assertConsistent();
    t.is(tree.count({ low: keyOf(100), high: keyOf(99_900) }, 100_001), 99_800);
    t.is(tree.count({ low: keyOf(0), high: null }, 50_001), 50_000);
    t.is(tree.nth(77_777), keyOf(77_777));
    for (let n = 0; n < 100_000; n += 2) {
      tree.tombstone(keyOf(n), { main: 200_000 + n, sub: 0 });
    }
    t.is(tree.nth(25_000), keyOf(50_001));
    for (let n = 1; n < 100_000; n += 2) {
      tree.tombstone(keyOf(n), { main: 400_000 + n, sub: 0 });
    }
    t.is(tree.live, 0);
    t.is(tree.size, 100_000);
    t.is(tree.count({ low: "", high: null }, 200_000 - 1), 100_000);
    let dropped = 0;
    const compaction = tree.compact(600_000, (revisions) => {
      dropped += revisions.length / 2;
    });
    while (compaction.step(1000) === "more");
    tree.assertConsistent();
    t.is(tree.size, 0);
    t.is(dropped, 200_000);
  });
}

test("TreeIndex counts and skips in whole nodes: 300,000 deleted keys do not slow it down", (t) => {
  const tree = new TreeIndex();
  for (let n = 0; n < 300_000; n++) {
    tree.put(keyOf(n), { main: 2, sub: n });
  }
  for (let n = 1; n < 300_000; n++) {
    tree.tombstone(keyOf(n), { main: 3, sub: n });
  }
  tree.put("9", { main: 4, sub: 0 });
  const visited = { count: 0 };
  const everything = { low: "", high: null };
  const started = performance.now();
  for (let n = 0; n < 2000; n++) {
    visited.count += tree.range(everything, { atRevision: 4, limit: 2 }).length;
    visited.count += tree.count(everything, 4);
  }
  t.is(visited.count, 8000);
  // 2,000 walks over 300,000 keys would take half a minute.
  t.true(performance.now() - started < 5000);
});

test("TreeIndex.remove refuses a key that has a history", (t) => {
  const tree = new TreeIndex();
  tree.put("a", { main: 2, sub: 0 });
  t.like(t.throws(() => tree.remove("a")), { code: "INVARIANT" });
  t.like(t.throws(() => tree.remove("b")), { code: "INVARIANT" });
});
