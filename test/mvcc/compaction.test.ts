import test from "ava";
import { MvccStore, type Step } from "../../mvcc/mod.ts";
import { MemoryBackend } from "../../storage/mod.ts";
import { bytes, fromHex, text, toHex } from "./bytes.ts";

const ALL = { key: bytes("\0"), rangeEnd: bytes("\0") };

/** Revisions 2 to 21: ten keys put twice. 22: half of them deleted. */
function exampleStore(backend: MemoryBackend): MvccStore {
  const store = restored(backend);
  for (let n = 0; n < 20; n++) {
    write(
      store,
      (transaction) => transaction.put({ key: bytes(`k${n % 10}`), value: bytes(String(n)) }),
    );
  }
  write(
    store,
    (transaction) => transaction.deleteRange({ key: bytes("k0"), rangeEnd: bytes("k5") }),
  );
  return store;
}

for (
  const { compacted, revision, code, why } of [
    { compacted: null, revision: 0, code: null, why: "allowed while there never was a compaction" },
    { compacted: 0, revision: 0, code: "REVISION_COMPACTED", why: "refused after the first" },
    { compacted: null, revision: -1, code: "REVISION_COMPACTED", why: "below all" },
    { compacted: null, revision: 22, code: null, why: "the current revision" },
    { compacted: null, revision: 23, code: "REVISION_FUTURE", why: "not there yet" },
    { compacted: 5, revision: 5, code: "REVISION_COMPACTED", why: "done already" },
    { compacted: 5, revision: 6, code: null, why: "further on" },
  ]
) {
  test(`MvccStore.compact(${revision}) after ${compacted} gives ${code}: ${why}`, (t) => {
    const store = exampleStore(new MemoryBackend());
    if (compacted !== null) {
      store.compact(compacted);
    }
    if (code === null) {
      t.notThrows(() => store.compact(revision));
      t.is(store.compactRevision, revision);
    } else {
      t.like(t.throws(() => store.compact(revision)), { code, revision });
      t.is(store.compactRevision, compacted ?? -1);
    }
  });
}

test("MvccStore.compact refuses older reads at once, and writes its intent with what comes along", (t) => {
  const backend = new MemoryBackend();
  const store = exampleStore(backend);
  const mark = { bucket: "meta", key: bytes("mark"), value: bytes("1") };
  store.compact(21, [mark]);
  t.is(recordsOf(backend).length, 25);
  t.like(t.throws(() => store.range({ ...ALL, revision: 20 })), { code: "REVISION_COMPACTED" });
  t.is(store.range({ ...ALL, revision: 21 }).count, 10);
  t.deepEqual(metaOf(backend), { mark: "31", scheduledCompactRev: revisionHex(21) });
});

for (
  const { revision, left, why } of [
    { revision: 11, left: 25, why: "nothing was put twice by then" },
    { revision: 21, left: 15, why: "the second puts, and the tombstones after it" },
    { revision: 22, left: 10, why: "a tombstone at the compact revision stays" },
    { revision: 23, left: 6, why: "and goes later, here beside a new key" },
  ]
) {
  test(`Compaction at ${revision} leaves ${left} records: ${why}`, (t) => {
    const backend = new MemoryBackend();
    const store = exampleStore(backend);
    write(store, (transaction) => transaction.put({ key: bytes("new"), value: bytes("") }));
    const compaction = store.compact(revision);
    t.is(store.unfinishedCompaction, compaction);
    drain(compaction, 3);
    t.is(store.unfinishedCompaction, null);
    t.is(recordsOf(backend).length, left + (revision === 23 ? 0 : 1));
    t.is(metaOf(backend)["finishedCompactRev"], revisionHex(revision));
    t.is(store.range(ALL).count, 6);
    t.is(compaction.step(1), "done");
  });
}

test("Compaction that a crash interrupts anywhere is finished after the restart (M3)", (t) => {
  const whole = new MemoryBackend();
  drain(exampleStore(whole).compact(22), 1000);
  for (let slices = 0; slices < 30; slices++) {
    const backend = new MemoryBackend();
    const compaction = exampleStore(backend).compact(22);
    for (let slice = 0; slice < slices; slice++) {
      compaction.step(1);
    }
    const store = restored(backend);
    t.is(store.currentRevision, 22);
    t.is(store.compactRevision, 22);
    t.deepEqual(store.range(ALL).kvs.map(({ key }) => text(key)), ["k5", "k6", "k7", "k8", "k9"]);
    if (store.unfinishedCompaction !== null) {
      drain(store.unfinishedCompaction, 1);
    }
    t.deepEqual(recordsOf(backend), recordsOf(whole));
    t.deepEqual(metaOf(backend), metaOf(whole));
  }
});

test("Compaction at a tombstone keeps it, on a member that restarted too (M4)", (t) => {
  const backend = new MemoryBackend();
  const store = exampleStore(backend);
  drain(store.compact(22), 7);
  const tombstones = recordsOf(backend).filter((key) => key.endsWith("74"));
  t.is(tombstones.length, 5);
  const again = restored(backend);
  t.is(again.range({ ...ALL, revision: 22 }).count, 5);
  write(again, (transaction) => transaction.put({ key: bytes("k0"), value: bytes("back") }));
  const { kvs: [kv] } = again.range({ key: bytes("k0") });
  t.like(kv, { createRevision: 23, modRevision: 23, version: 1 });
  drain(again.compact(23), 7);
  t.is(recordsOf(backend).filter((key) => key.endsWith("74")).length, 0);
});

test("Compaction waits for the one before it, whichever is driven", (t) => {
  for (const driven of ["first", "second"]) {
    const backend = new MemoryBackend();
    const store = exampleStore(backend);
    const first = store.compact(12);
    first.step(1);
    const second = store.compact(22);
    if (driven === "first") {
      drain(first, 2);
      t.is(metaOf(backend)["finishedCompactRev"], revisionHex(12));
    }
    drain(second, 2);
    t.is(first.step(1), "done");
    t.is(recordsOf(backend).length, 10);
    t.is(metaOf(backend)["finishedCompactRev"], revisionHex(22));
  }
});

test("Compaction lets writes come between its slices", (t) => {
  const backend = new MemoryBackend();
  const store = exampleStore(backend);
  const compaction = store.compact(22);
  for (let n = 0; compaction.step(1) === "more"; n++) {
    write(store, (transaction) => {
      transaction.put({ key: bytes(`k${n % 10}`), value: bytes(`new ${n}`) });
      transaction.put({ key: bytes(`a${n}`), value: bytes("") });
      transaction.deleteRange({ key: bytes(`k${(n + 5) % 10}`) });
    });
  }
  const { kvs } = store.range(ALL);
  t.deepEqual(restored(backend).range(ALL).kvs, kvs);
});

test("Compaction is bounded by its budget, though one key holds all history", (t) => {
  const backend = new MemoryBackend();
  const store = restored(backend);
  for (let n = 0; n < 5000; n++) {
    write(store, (transaction) => transaction.put({ key: bytes("hot"), value: bytes("") }));
  }
  const compaction = store.compact(store.currentRevision);
  let before = 5000;
  while (compaction.step(100) === "more") {
    const now = recordsOf(backend).length;
    t.true(before - now <= 100);
    before = now;
  }
  t.is(recordsOf(backend).length, 1);
});

test("MvccStore.restore refuses records that are none", (t) => {
  for (
    const { key, value } of [
      { key: "00", value: "" },
      { key: "00000000000000025f0000000000000000", value: "0a05" },
      { key: "00000000000000025f0000000000000000", value: "0a0161" },
    ]
  ) {
    const backend = new MemoryBackend();
    backend.write([{ bucket: "key", key: fromHex(key), value: fromHex(value) }]);
    const restore = new MvccStore({ backend }).restore();
    t.like(t.throws(() => restore.step(10)), { code: "RECORD_MALFORMED" });
  }
});

test("MvccStore.restore knows the revision where compaction has left no record", (t) => {
  const backend = new MemoryBackend();
  const value = fromHex(revisionHex(40));
  backend.write([{ bucket: "meta", key: bytes("finishedCompactRev"), value }]);
  const store = restored(backend);
  t.is(store.currentRevision, 40);
  t.is(store.compactRevision, 40);
  t.is(store.unfinishedCompaction, null);
});

function restored(backend: MemoryBackend): MvccStore {
  const store = new MvccStore({ backend });
  drain(store.restore(), 3);
  return store;
}

function drain(step: Step, budget: number): void {
  while (step.step(budget) === "more");
}

function write(
  store: MvccStore,
  change: (transaction: ReturnType<MvccStore["beginWrite"]>) => void,
): void {
  const transaction = store.beginWrite();
  change(transaction);
  transaction.end();
}

function recordsOf(backend: MemoryBackend): string[] {
  return [...backend.scan("key")].map(([key]) => toHex(key));
}

function metaOf(backend: MemoryBackend): Record<string, string> {
  return Object.fromEntries(
    [...backend.scan("meta")].map((
      [key, value],
    ) => [text(key), toHex(value)]),
  );
}

function revisionHex(main: number): string {
  return `${main.toString(16).padStart(16, "0")}5f0000000000000000`;
}
