import test from "ava";
import { MvccStore, type RangeQuery } from "../../mvcc/mod.ts";
import { type BackendOperation, MemoryBackend } from "../../storage/mod.ts";
import { bytes, text, toHex } from "./bytes.ts";

const EVERYTHING = { key: bytes("\0"), rangeEnd: bytes("\0") };

test("MvccStore begins at revision 1 and gives 2 to its first write", (t) => {
  const store = openStore();
  t.is(store.currentRevision, 1);
  t.is(store.compactRevision, -1);
  t.is(put(store, "chen", "perfect"), 2);
  t.deepEqual(read(store, { key: bytes("chen") }), ["chen=perfect c2 m2 v1"]);
});

test("MvccStore reads a key as it was at each revision", (t) => {
  const store = openStore();
  put(store, "k", "1");
  put(store, "k", "2");
  remove(store, "k");
  put(store, "k", "3");
  const history = [1, 2, 3, 4, 5].map((revision) => read(store, { key: bytes("k"), revision })[0]);
  t.deepEqual(history, [undefined, "k=1 c2 m2 v1", "k=2 c2 m3 v2", undefined, "k=3 c5 m5 v1"]);
});

test("MvccStore writes etcd's records: one main revision for a transaction, subs in order", (t) => {
  const backend = new MemoryBackend();
  const store = openStore(backend);
  const first = store.beginWrite();
  first.put({ key: bytes("a"), value: bytes("x"), lease: "000000000000002a" });
  first.put({ key: bytes("b"), value: bytes("") });
  first.end();
  remove(store, "a", "z");
  const records = [...backend.scan("key")].map(([key, value]) => `${toHex(key)} ${toHex(value)}`);
  t.deepEqual(records, [
    "00000000000000025f0000000000000000 0a016110021802200" + "12a0178302a",
    "00000000000000025f0000000000000001 0a0162100218022001",
    "00000000000000035f000000000000000074 0a0161",
    "00000000000000035f000000000000000174 0a0162",
  ]);
});

test("MvccStore keeps the revision where nothing changed, but writes what comes along", (t) => {
  const backend = new MemoryBackend();
  const store = openStore(backend);
  const transaction = store.beginWrite();
  t.is(transaction.deleteRange({ key: bytes("a") }).deleted, 0);
  t.is(transaction.end([META_MARK]), 1);
  t.is(store.currentRevision, 1);
  t.deepEqual(backend.get("meta", META_MARK.key), META_MARK.value as Uint8Array);
});

test("MvccStore gives a transaction to the backend in one write", (t) => {
  const backend = new RecordingBackend();
  const store = openStore(backend);
  const transaction = store.beginWrite();
  transaction.put({ key: bytes("a"), value: bytes("1") });
  transaction.put({ key: bytes("b"), value: bytes("2") });
  t.is(backend.writes.length, 0);
  transaction.end([META_MARK]);
  t.deepEqual(backend.writes.map((operations) => operations.map(({ bucket }) => bucket)), [
    ["key", "key", "meta"],
  ]);
});

test("WriteTransaction sees its own writes, which others see only after its end", (t) => {
  const store = openStore();
  put(store, "a", "1");
  const transaction = store.beginWrite();
  t.is(transaction.revision, 2);
  transaction.put({ key: bytes("a"), value: bytes("2") });
  transaction.put({ key: bytes("b"), value: bytes("3") });
  t.is(transaction.revision, 3);
  t.is(transaction.range(EVERYTHING).count, 2);
  t.is(transaction.range(EVERYTHING).revision, 3);
  t.is(transaction.range({ ...EVERYTHING, revision: 2 }).count, 1);
  t.deepEqual(read(store, EVERYTHING), ["a=1 c2 m2 v1"]);
  t.is(store.range({ ...EVERYTHING, countOnly: true }).count, 1);
  t.like(t.throws(() => store.range({ ...EVERYTHING, revision: 3 })), { code: "REVISION_FUTURE" });
  t.is(transaction.end(), 3);
  t.deepEqual(read(store, EVERYTHING), ["a=2 c2 m3 v2", "b=3 c3 m3 v1"]);
});

test("WriteTransaction returns what was there before, its own writes included", (t) => {
  const store = openStore();
  put(store, "a", "1");
  const transaction = store.beginWrite();
  const wantPrevious = true;
  t.is(transaction.put({ key: bytes("b"), value: bytes("2") }, { wantPrevious }).previous, null);
  const { previous } = transaction.put({ key: bytes("b"), value: bytes("3") }, { wantPrevious });
  t.deepEqual(previous?.value, bytes("2"));
  const deleted = transaction.deleteRange({ key: bytes("a"), rangeEnd: bytes("c") }, {
    wantPrevious,
  });
  t.is(deleted.deleted, 2);
  t.deepEqual(deleted.previous.map(({ value }) => text(value)), ["1", "3"]);
  t.is(transaction.deleteRange({ key: bytes("a") }).deleted, 0);
  transaction.end();
});

test("WriteTransaction reads nothing from the backend unless it is asked to", (t) => {
  const backend = new RecordingBackend();
  const store = openStore(backend);
  put(store, "a", "1");
  put(store, "a", "2");
  remove(store, "a");
  t.is(backend.reads, 0);
});

test("WriteTransaction detaches the lease where a put names none", (t) => {
  const store = openStore();
  const transaction = store.beginWrite();
  transaction.put({ key: bytes("a"), value: bytes("1"), lease: "000000000000002a" });
  transaction.end();
  t.is(store.range({ key: bytes("a") }).kvs[0]?.lease, "000000000000002a");
  put(store, "a", "2");
  t.is(store.range({ key: bytes("a") }).kvs[0]?.lease, "");
});

test("WriteTransaction does not keep the arrays of a put", (t) => {
  const store = openStore();
  const [key, value] = [bytes("a"), bytes("1")];
  const transaction = store.beginWrite();
  transaction.put({ key, value });
  key.fill(0x7a);
  value.fill(0x7a);
  transaction.end();
  t.deepEqual(read(store, EVERYTHING), ["a=1 c2 m2 v1"]);
});

test("MvccStore refuses use that has no meaning", (t) => {
  const fresh = new MvccStore({ backend: new MemoryBackend() });
  const invariant = { code: "INVARIANT" };
  t.like(t.throws(() => fresh.range(EVERYTHING)), invariant, "not restored");
  t.like(t.throws(() => fresh.beginWrite()), invariant, "not restored");
  t.like(t.throws(() => fresh.compact(1)), invariant, "not restored");
  const restore = fresh.restore();
  t.like(t.throws(() => fresh.range(EVERYTHING)), invariant, "restore is under way");
  restore.step(1);
  t.like(t.throws(() => fresh.restore()), invariant, "restored twice");
  const transaction = fresh.beginWrite();
  t.like(t.throws(() => fresh.beginWrite()), invariant, "a transaction is open");
  t.like(t.throws(() => fresh.compact(1)), invariant, "a transaction is open");
  t.like(
    t.throws(() => transaction.put({ key: bytes(""), value: bytes("") })),
    invariant,
    "empty key",
  );
  transaction.end();
  t.like(
    t.throws(() => transaction.put({ key: bytes("a"), value: bytes("") })),
    invariant,
    "ended",
  );
  t.like(t.throws(() => transaction.end()), invariant, "ended");
});

test("MvccStore.restore handles fewer records in a slice where their values are long", (t) => {
  const backend = new MemoryBackend();
  const store = openStore(backend);
  for (const key of ["a", "b", "c", "d", "e", "f"]) {
    put(store, key, "x".repeat(100_000));
  }
  const step = new MvccStore({ backend }).restore();
  let slices = 1;
  while (step.step(50) === "more") {
    slices += 1;
  }
  t.is(slices, 4, "two of them count as 50 records, and then it is seen that nothing comes");
});

const META_MARK = { bucket: "meta", key: bytes("mark"), value: bytes("1") } as const;

/** Counts what the store does with its backend. */
class RecordingBackend extends MemoryBackend {
  readonly writes: (readonly BackendOperation[])[] = [];
  reads = 0;

  override get(bucket: string, key: Uint8Array): Uint8Array | undefined {
    this.reads += bucket === "key" ? 1 : 0;
    return super.get(bucket, key);
  }

  override write(operations: readonly BackendOperation[]): void {
    this.writes.push(operations);
    super.write(operations);
  }
}

function openStore(backend: MemoryBackend = new MemoryBackend()): MvccStore {
  const store = new MvccStore({ backend });
  const restore = store.restore();
  while (restore.step(100) === "more");
  return store;
}

function put(store: MvccStore, key: string, value: string): number {
  const transaction = store.beginWrite();
  transaction.put({ key: bytes(key), value: bytes(value) });
  return transaction.end();
}

function remove(store: MvccStore, key: string, rangeEnd = ""): number {
  const transaction = store.beginWrite();
  transaction.deleteRange({ key: bytes(key), rangeEnd: bytes(rangeEnd) });
  return transaction.end();
}

function read(store: MvccStore, query: RangeQuery): string[] {
  return store.range(query).kvs.map(({ key, value, createRevision, modRevision, version }) =>
    `${text(key)}=${text(value)} c${createRevision} m${modRevision} v${version}`
  );
}
