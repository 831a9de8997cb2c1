import test from "ava";
import fc from "fast-check";
import {
  type Backend,
  BACKEND_KEY_BYTES_MAX,
  type BackendOperation,
  type BackendReader,
  type BackendScan,
  StorageClosedError,
} from "../../storage/mod.ts";
import { BACKEND_KINDS, BUCKETS } from "./backend_kinds.ts";

/** Keys that are prefixes of each other, and with bytes at both ends. */
const KEYS = ["00", "0000", "61", "6100", "6161", "62", "80", "ff", "ff00", "ffff"].map(fromHex);

const key = fc.constantFrom(...KEYS);
const operation: fc.Arbitrary<BackendOperation> = fc.record({
  bucket: fc.constantFrom(...BUCKETS),
  key,
  // Empty values, and such as LMDB puts on pages of their own.
  value: fc.option(
    fc.integer({ min: 0, max: 6000 }).map((length) => new Uint8Array(length).fill(length)),
    { nil: null },
  ),
});
const step = fc.oneof(
  { weight: 12, arbitrary: fc.array(operation, { maxLength: 4 }) },
  { weight: 1, arbitrary: fc.constantFrom("view" as const, "close view" as const) },
  { weight: 2, arbitrary: fc.constantFrom("flush" as const, "turn" as const) },
);
const bound = fc.option(key, { nil: undefined });
const scan = fc.record({ low: bound, high: bound, reverse: fc.boolean() }).map(
  ({ low, high, reverse }): BackendScan => ({
    ...(low === undefined ? {} : { low }),
    ...(high === undefined ? {} : { high }),
    reverse,
  }),
);

/** What a backend holds, by bucket and hex key. Hex sorts as bytes do. */
type Model = Record<string, Record<string, number>>;

for (const { name, open } of BACKEND_KINDS) {
  test(`${name} and its views hold what a plain map holds`, async (t) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 40 }),
        fc.array(scan, { minLength: 3, maxLength: 3 }),
        async (steps, scans) => {
          await using resources = new AsyncDisposableStack();
          const { backend } = resources.use(await open());
          let model: Model = {};
          const views: { reader: BackendReader & Disposable; held: Model }[] = [];
          resources.defer(() => views.forEach(({ reader }) => reader[Symbol.dispose]()));
          for (const one of steps) {
            if (one === "view") {
              views.push({ reader: backend.view(), held: model });
            } else if (one === "close view") {
              views.shift()?.reader[Symbol.dispose]();
            } else if (one === "flush") {
              await backend.flush();
            } else if (one === "turn") {
              await new Promise((resolve) => setImmediate(resolve));
            } else {
              backend.write(one);
              model = one.reduce(changed, model);
            }
            for (const { reader, held } of [...views, { reader: backend, held: model }]) {
              for (const scan of scans) {
                t.deepEqual(scanned(reader, scan), modelScan(held, scan));
              }
              KEYS.forEach((key) => t.is(reader.get("a", key)?.length, held["a"]?.[toHex(key)]));
            }
          }
        },
      ),
      { numRuns: 40, includeErrorInReport: true },
    );
    t.pass();
  });

  test(`${name} returns plain arrays that stay as they are`, async (t) => {
    await using opened = await open();
    const { backend } = opened;
    for (const length of [0, 1, 100, 5000, 100_000]) {
      backend.write([{ bucket: "a", key: fromHex("61"), value: new Uint8Array(length).fill(1) }]);
      await backend.flush();
      const got = backend.get("a", fromHex("61"));
      const [record] = [...backend.scan("a")];
      t.is(Object.getPrototypeOf(got), Uint8Array.prototype);
      t.is(Object.getPrototypeOf(record?.[0]), Uint8Array.prototype);
      t.is(Object.getPrototypeOf(record?.[1]), Uint8Array.prototype);
      backend.write([{ bucket: "a", key: fromHex("61"), value: new Uint8Array(length).fill(2) }]);
      await backend.flush();
      void backend.get("a", fromHex("61"));
      t.deepEqual(got, new Uint8Array(length).fill(1));
      t.deepEqual(record, [fromHex("61"), new Uint8Array(length).fill(1)]);
    }
  });

  test(`${name} keeps the longest key and refuses longer and empty ones`, async (t) => {
    await using opened = await open();
    const { backend } = opened;
    const longest = new Uint8Array(BACKEND_KEY_BYTES_MAX).fill(1);
    backend.write([{ bucket: "a", key: longest, value: Uint8Array.of(7) }]);
    await backend.flush();
    t.deepEqual(backend.get("a", longest), Uint8Array.of(7));
    for (const length of [0, BACKEND_KEY_BYTES_MAX + 1]) {
      const refused = { bucket: "a", key: new Uint8Array(length), value: Uint8Array.of(1) };
      const before = { bucket: "a", key: fromHex("61"), value: Uint8Array.of(1) };
      t.throws(() => backend.write([before, refused]), { code: "INVARIANT" });
    }
    t.is(backend.get("a", fromHex("61")), undefined, "a refused write changes nothing");
  });

  test(`${name} counts what it holds`, async (t) => {
    await using opened = await open();
    const { backend } = opened;
    const empty = backend.size().inUseBytes;
    const value = new Uint8Array(1000);
    for (let number = 0; number < 1000; number += 1) {
      backend.write([{ bucket: "a", key: Uint8Array.of(number >> 8, number), value }]);
    }
    t.true(backend.size().inUseBytes - empty >= 1_000_000, "before it is flushed");
    await backend.flush();
    const full = backend.size();
    t.true(full.inUseBytes - empty >= 1_000_000 && full.inUseBytes - empty < 2_000_000);
    t.true(full.totalBytes >= full.inUseBytes);
    const deletions = [...backend.scan("a")].map(([key]) => ({ bucket: "a", key, value: null }));
    backend.write(deletions);
    await backend.flush();
    t.true(backend.size().inUseBytes - empty < 100_000, "after all was deleted");
  });

  test(`${name} refuses use after it was closed`, async (t) => {
    await using opened = await open();
    const { backend } = opened;
    backend.write([{ bucket: "a", key: fromHex("61"), value: fromHex("62") }]);
    const view = backend.view();
    view.close();
    view.close();
    t.throws(() => view.get("a", fromHex("61")), { instanceOf: StorageClosedError });
    await backend.close();
    for (const use of usesOf(backend)) {
      t.throws(use, { instanceOf: StorageClosedError });
    }
    await t.throwsAsync(() => backend.flush(), { instanceOf: StorageClosedError });
    await backend.close();
  });
}

function usesOf(backend: Backend): (() => unknown)[] {
  return [
    () => backend.get("a", fromHex("61")),
    () => backend.scan("a"),
    () => backend.write([]),
    () => backend.view(),
  ];
}

function changed(model: Model, { bucket, key, value }: BackendOperation): Model {
  const { [toHex(key)]: _, ...rest } = model[bucket] ?? {};
  return { ...model, [bucket]: value === null ? rest : { ...rest, [toHex(key)]: value.length } };
}

function scanned(reader: BackendReader, scan: BackendScan): [string, number][] {
  return [...reader.scan("a", scan)].map(([key, value]) => [toHex(key), value.length]);
}

function modelScan(model: Model, { low, high, reverse }: BackendScan): [string, number][] {
  const records = Object.entries(model["a"] ?? {})
    .filter(([key]) => low === undefined || key >= toHex(low))
    .filter(([key]) => high === undefined || key < toHex(high))
    .sort(([a], [b]) => a < b ? -1 : 1);
  return reverse === true ? records.toReversed() : records;
}

function fromHex(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex, "hex"));
}

function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
