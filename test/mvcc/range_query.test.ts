import test from "ava";
import { MvccStore, type RangeQuery } from "../../mvcc/mod.ts";
import { MemoryBackend } from "../../storage/mod.ts";
import { bytes, text } from "./bytes.ts";

/**
 * The keys of these tests, as name = value, create revision, mod revision, version:
 * a = 3, 2, 6, 2    b = 1, 3, 3, 1    c = 2, 4, 8, 3    d = 0, 5, 5, 1
 */
function exampleStore(backend = new MemoryBackend()): MvccStore {
  const store = new MvccStore({ backend });
  store.restore().step(1);
  for (const [key, value] of ["a9", "b1", "c9", "d0", "a3", "c8", "c2"]) {
    const transaction = store.beginWrite();
    transaction.put({
      key: bytes(key ?? ""),
      value: bytes(value ?? ""),
      lease: "000000000000002a",
    });
    transaction.end();
  }
  return store;
}

const ALL = { key: bytes("\0"), rangeEnd: bytes("\0") };

const CASES: readonly {
  readonly query: Partial<RangeQuery>;
  readonly want: string;
  readonly more?: boolean;
  readonly count?: number;
  readonly why: string;
}[] = [
  { query: {}, want: "abcd", why: "ascending by key" },
  { query: { key: bytes("b"), rangeEnd: bytes("d") }, want: "bc", count: 2, why: "a range" },
  { query: { key: bytes("b"), rangeEnd: bytes("b") }, want: "", count: 0, why: "an empty range" },
  {
    query: { key: bytes("d"), rangeEnd: bytes("b") },
    want: "",
    count: 0,
    why: "a range from right to left",
  },
  { query: { limit: 2 }, want: "ab", more: true, why: "a limit" },
  { query: { limit: 4 }, want: "abcd", more: false, why: "a limit that cuts nothing" },
  { query: { limit: -1 }, want: "abcd", more: false, why: "a negative limit is none" },
  { query: { sortOrder: "descend" }, want: "dcba", why: "descending by key" },
  { query: { sortOrder: "descend", limit: 1 }, want: "d", more: true, why: "the last key" },
  {
    query: { sortOrder: "ascend", sortTarget: "version" },
    want: "bdac",
    why: "by version, ties by key",
  },
  {
    query: { sortOrder: "descend", sortTarget: "version" },
    want: "cabd",
    why: "ties by key here too",
  },
  {
    query: { sortOrder: "descend", sortTarget: "create" },
    want: "dcba",
    why: "by create revision",
  },
  { query: { sortOrder: "ascend", sortTarget: "mod" }, want: "bdac", why: "by mod revision" },
  {
    query: { sortOrder: "descend", sortTarget: "mod", limit: 1 },
    want: "c",
    more: true,
    why: "the newest",
  },
  { query: { sortOrder: "ascend", sortTarget: "value" }, want: "dbca", why: "by value" },
  {
    query: { sortOrder: "descend", sortTarget: "value", limit: 2 },
    want: "ac",
    more: true,
    why: "largest values",
  },
  { query: { sortTarget: "value" }, want: "dbca", why: "a target without an order ascends" },
  {
    query: { sortTarget: "value", limit: 1 },
    want: "b",
    more: true,
    why: "but sorts only the first by key, one more than the limit, as etcd does",
  },
  { query: { minModRevision: 6 }, want: "ac", why: "changed since" },
  { query: { maxModRevision: 5 }, want: "bd", why: "not changed since" },
  { query: { minCreateRevision: 3, maxCreateRevision: 4 }, want: "bc", why: "created between" },
  {
    query: { minModRevision: 4, limit: 1 },
    want: "a",
    more: true,
    why: "the limit is for what passes",
  },
  { query: { minModRevision: 6, limit: 2 }, want: "ac", more: false, why: "nothing more passes" },
  { query: { maxModRevision: -1 }, want: "", why: "a negative bound is one" },
  {
    query: { countOnly: true, limit: 1, minModRevision: 99 },
    want: "",
    why: "only the count, of all",
  },
  { query: { revision: 4 }, want: "abc", count: 3, why: "before d" },
  {
    query: { revision: 4, limit: 1 },
    want: "a",
    more: true,
    count: 3,
    why: "the count is that of then",
  },
  { query: { revision: -5 }, want: "abcd", why: "a negative revision is the newest" },
];

for (const { query, want, more = false, count = 4, why } of CASES) {
  const { key: _key, rangeEnd: _rangeEnd, ...options } = query;
  test(`MvccStore.range(${JSON.stringify(options)}) is "${want}": ${why}`, (t) => {
    const result = exampleStore().range({ ...ALL, ...query });
    t.is(result.kvs.map(({ key }) => text(key)).join(""), want);
    t.is(result.more, more);
    t.is(result.count, count);
    t.is(result.revision, 8);
  });
}

test("MvccStore.range leaves values out but not leases where only keys are asked for", (t) => {
  const query = { ...ALL, keysOnly: true, sortTarget: "value", sortOrder: "ascend" } as const;
  const { kvs } = exampleStore().range(query);
  t.deepEqual(kvs.map(({ key, value, lease }) => [text(key), value.length, lease]), [
    ["d", 0, "000000000000002a"],
    ["b", 0, "000000000000002a"],
    ["c", 0, "000000000000002a"],
    ["a", 0, "000000000000002a"],
  ]);
});

for (
  const { query, reads, why } of [
    { query: { countOnly: true }, reads: 0, why: "a count is in the index" },
    { query: { limit: 1 }, reads: 1, why: "a limit" },
    {
      query: { sortOrder: "descend", sortTarget: "mod", limit: 1 },
      reads: 1,
      why: "sorted by the index",
    },
    { query: { minModRevision: 6 }, reads: 2, why: "filtered by the index" },
    {
      query: { sortOrder: "descend", sortTarget: "value", limit: 1 },
      reads: 4,
      why: "values must be read",
    },
  ] as const
) {
  test(`MvccStore.range(${JSON.stringify(query)}) reads ${reads} records: ${why}`, (t) => {
    const backend = new CountingBackend();
    const store = exampleStore(backend);
    store.range({ ...ALL, ...query });
    t.is(backend.reads, reads);
  });
}

for (
  const { revision, code } of [
    { revision: 9, code: "REVISION_FUTURE" },
    { revision: 4, code: "REVISION_COMPACTED" },
    { revision: 1, code: "REVISION_COMPACTED" },
  ]
) {
  test(`MvccStore.range at ${revision} is ${code} where 5 is compacted and 8 current`, (t) => {
    const store = exampleStore();
    store.compact(5);
    t.is(store.range({ ...ALL, revision: 5 }).count, 4);
    for (const countOnly of [false, true]) {
      t.like(t.throws(() => store.range({ ...ALL, revision, countOnly })), { code, revision });
    }
  });
}

class CountingBackend extends MemoryBackend {
  reads = 0;

  override get(bucket: string, key: Uint8Array): Uint8Array | undefined {
    this.reads += bucket === "key" ? 1 : 0;
    return super.get(bucket, key);
  }
}
