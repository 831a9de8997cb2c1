import test from "ava";
import fc from "fast-check";
import { type KeyInterval, MvccStore, type RangeQuery, type Step } from "../../mvcc/mod.ts";
import { MemoryBackend } from "../../storage/mod.ts";
import { fromHex } from "./bytes.ts";
import { isInInterval, NaiveStore, type PlainResult, toPlain } from "./naive_store.ts";

/** Few keys, so that histories grow; prefixes of each other, and bytes that text decoders mangle. */
const KEYS = ["00", "61", "6100", "6162", "80", "9fff", "ff", "ffff"].map(fromHex);
const RANGE_ENDS = [undefined, new Uint8Array(0), Uint8Array.of(0), ...KEYS, Uint8Array.of(0x62)];
const ALL: KeyInterval = { key: Uint8Array.of(0), rangeEnd: Uint8Array.of(0) };

const key = fc.constantFrom(...KEYS);
const interval = fc.record({ key, rangeEnd: fc.constantFrom(...RANGE_ENDS) });
const bound = fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.integer({ min: 1, max: 30 }));

/** Revisions are drawn as places between the oldest and the newest, and a little beyond. */
const query = fc.record({
  interval,
  revision: fc.oneof(fc.constant(0), fc.integer({ min: -2, max: 40 })),
  limit: fc.oneof(fc.constant(0), fc.integer({ min: -1, max: 9 })),
  sortOrder: fc.constantFrom("none" as const, "ascend" as const, "descend" as const),
  sortTarget: fc.constantFrom(
    "key" as const,
    "version" as const,
    "create" as const,
    "mod" as const,
    "value" as const,
  ),
  keysOnly: fc.boolean(),
  countOnly: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
  minModRevision: bound,
  maxModRevision: bound,
  minCreateRevision: bound,
  maxCreateRevision: bound,
}).map(({ interval, ...rest }): RangeQuery => ({ ...interval, ...rest }));

const change = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant("put" as const),
      key,
      value: fc.uint8Array({ maxLength: 3 }),
      lease: fc.constantFrom("", "000000000000002a", "ffffffffffffffff"),
    }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("delete" as const), interval }) },
);

const action = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      type: fc.constant("write" as const),
      steps: fc.array(fc.record({ change, query }), { minLength: 1, maxLength: 4 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ type: fc.constant("read" as const), query }) },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant("compact" as const),
      // Mostly within what can be compacted, sometimes not.
      back: fc.integer({ min: -1, max: 12 }),
      steps: fc.integer({ min: 0, max: 4 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant("slice" as const),
      budget: fc.integer({ min: 1, max: 5 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant("restart" as const),
      budget: fc.integer({ min: 1, max: 20 }),
    }),
  },
);

type Action = typeof action extends fc.Arbitrary<infer T> ? T : never;

test("MvccStore equals a store that copies everything, for any operations, at every revision", (t) => {
  fc.assert(
    fc.property(fc.array(action, { maxLength: 40 }), (actions) => {
      const run = new Run();
      for (const action of actions) {
        run.perform(action);
        run.compareRevisions();
      }
      run.compareEverything();
      run.finishCompaction();
      run.compareEverything();
      run.assertNothingLeftOver();
    }),
    { numRuns: 400 },
  );
  t.pass();
});

/** The store and the model, driven alike. */
class Run {
  readonly #model = new NaiveStore();
  readonly #backend = new MemoryBackend();
  #store = restored(this.#backend, 10);

  perform(action: Action): void {
    switch (action.type) {
      case "write": {
        const transaction = this.#store.beginWrite();
        const expected = this.#model.beginWrite();
        for (const { change, query } of action.steps) {
          if (change.type === "put") {
            const { previous } = transaction.put(change, { wantPrevious: true });
            same(previous === null ? null : toPlain(previous), expected.put(change));
          } else {
            const result = transaction.deleteRange(change.interval, { wantPrevious: true });
            const previous = expected.deleteRange(change.interval);
            same(result.previous.map(toPlain), previous);
            same(result.deleted, previous.length);
          }
          same(transaction.revision, expected.revision);
          same(attempt(() => transaction.range(query)), expected.range(query));
          same(attempt(() => this.#store.range(query)), this.#model.range(query));
        }
        const mark = { bucket: "meta", key: Uint8Array.of(1), value: Uint8Array.of(2) };
        same(transaction.end([mark]), expected.end());
        break;
      }
      case "read":
        same(attempt(() => this.#store.range(action.query)), this.#model.range(action.query));
        break;
      case "compact": {
        const revision = this.#model.currentRevision - action.back;
        const steps = { step: null as Step | null };
        const code = codeOf(() => (steps.step = this.#store.compact(revision)));
        same(code, this.#model.compact(revision));
        for (let count = 0; count < action.steps; count++) {
          steps.step?.step(2);
        }
        break;
      }
      case "slice":
        this.#store.unfinishedCompaction?.step(action.budget);
        break;
      case "restart":
        this.#store = restored(this.#backend, action.budget);
    }
  }

  compareRevisions(): void {
    same(this.#store.currentRevision, this.#model.currentRevision);
    same(this.#store.compactRevision, this.#model.compactRevision);
  }

  /** Every range at every revision, and some revisions that cannot be read. */
  compareEverything(): void {
    for (let revision = -1; revision <= this.#model.currentRevision + 1; revision++) {
      for (const key of KEYS) {
        for (const rangeEnd of RANGE_ENDS) {
          for (const limit of [0, 2]) {
            const query = { key, rangeEnd, revision, limit };
            same(attempt(() => this.#store.range(query)), this.#model.range(query));
          }
        }
      }
    }
  }

  finishCompaction(): void {
    const step = this.#store.unfinishedCompaction;
    while (step?.step(1) === "more") {
      this.compareRevisions();
    }
    same(this.#store.unfinishedCompaction, null);
  }

  /** Compacted at the newest revision, the backend has no more than what that revision shows. */
  assertNothingLeftOver(): void {
    if (this.#model.compact(this.#model.currentRevision) !== null) {
      return;
    }
    this.#store.compact(this.#model.currentRevision);
    this.finishCompaction();
    const { currentRevision } = this.#model;
    const live = this.#model.range(ALL) as PlainResult;
    const puts = [...this.#backend.scan("key")].filter(([key]) => key.length === 17);
    const tombstones = [...this.#backend.scan("key")].filter(([key]) => key.length === 18);
    same(puts.length, live.count);
    for (const [, value] of tombstones) {
      // Only those of the compact revision itself, of keys that are not there any more.
      const key = value.subarray(2);
      same(live.kvs.some((kv) => isInInterval(Buffer.from(kv.key, "hex"), { key })), false);
    }
    same(tombstones.every(([key]) => Buffer.from(key).readUInt32BE(4) === currentRevision), true);
  }
}

function restored(backend: MemoryBackend, budget: number): MvccStore {
  const store = new MvccStore({ backend });
  const restore = store.restore();
  while (restore.step(budget) === "more");
  return store;
}

function attempt(read: () => ReturnType<MvccStore["range"]>): PlainResult | string {
  let result: PlainResult | null = null;
  const code = codeOf(() => {
    const answer = read();
    result = { ...answer, kvs: answer.kvs.map(toPlain) };
  });
  return code ?? result ?? "nothing";
}

function codeOf(action: () => void): string | null {
  try {
    action();
    return null;
  } catch (error) {
    if (error instanceof Error && "code" in error && String(error.code).startsWith("REVISION_")) {
      return String(error.code);
    }
    throw error;
  }
}

function same(actual: unknown, expected: unknown): void {
  const [a, b] = [JSON.stringify(ordered(actual)), JSON.stringify(ordered(expected))];
  if (a !== b) {
    throw new Error(`got      ${a}\nexpected ${b}`);
  }
}

/** Records with their fields in one order, so that they compare as text. */
function ordered(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(ordered);
  }
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(
      Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)).map((
        [name, inner],
      ) => [name, ordered(inner)]),
    );
  }
  return value;
}
