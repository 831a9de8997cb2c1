import test from "ava";
import fc from "fast-check";
import {
  type AppendBatch,
  CompactedError,
  encodeMembership,
  type Entry,
  type LogState,
  type LogStore,
  membershipOf,
} from "../../raft/mod.ts";
import { MemoryLogStore } from "../../storage/mod.ts";
import { WalDirectory } from "./wal/wal_directory.ts";

/** Something that happens to a log. What it means is worked out from what the log holds. */
type Step =
  | {
    readonly type: "append";
    readonly lengths: readonly number[];
    readonly back: number;
    readonly newTerm: boolean;
    readonly withHardState: boolean;
  }
  | { readonly type: "compact"; readonly ahead: number; readonly agrees: boolean }
  | { readonly type: "reopen" };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      type: fc.constant("append" as const),
      // Also larger than the segments of the test.
      lengths: fc.array(fc.oneof(fc.integer({ min: 0, max: 90 }), fc.constant(5000)), {
        maxLength: 8,
      }),
      back: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.integer({ min: 0, max: 20 })),
      newTerm: fc.boolean(),
      withHardState: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant("compact" as const),
      ahead: fc.oneof(fc.integer({ min: -1, max: 12 }), fc.constant(60)),
      agrees: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.constant({ type: "reopen" as const }) },
);

/** A range to read, from the beginning of what is held. */
interface Read {
  readonly skip: number;
  readonly count: number;
  readonly maxBytes: number;
}

const read: fc.Arbitrary<Read> = fc.record({
  skip: fc.integer({ min: 0, max: 20 }),
  count: fc.integer({ min: 0, max: 30 }),
  maxBytes: fc.oneof(fc.integer({ min: 0, max: 600 }), fc.constant(5100)),
});

/** A log as plain as can be. */
interface Model {
  readonly entries: readonly Entry[];
  readonly state: Pick<LogState, "hardState" | "marker">;
}

for (
  const { name, open } of [
    { name: "MemoryLogStore", open: openMemory },
    { name: "WalLogStore", open: openWal },
  ]
) {
  test(`${name} holds what a plain list holds, also when it is opened again`, async (t) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 40 }),
        fc.array(read, { maxLength: 4 }),
        async (steps, reads) => {
          await using opened = await open();
          let { log, state } = opened;
          let model: Model = { entries: [], state };
          for (const one of [...steps, { type: "reopen" } as const]) {
            if (one.type === "reopen") {
              ({ log, state } = await opened.reopen(log));
              t.deepEqual(state, stateOf(model));
            } else if (one.type === "append") {
              const batch = batchOf(one, model);
              await log.append(batch);
              model = appended(model, batch);
            } else {
              const marker = markerOf(one, model);
              await log.compact(marker);
              model = compacted(model, marker);
            }
            await assertHolds(log, model, reads);
          }
        },
      ),
      { numRuns: 60, includeErrorInReport: true },
    );
    t.pass();

    async function assertHolds(
      log: LogStore,
      { entries, state: { marker } }: Model,
      reads: readonly Read[],
    ): Promise<void> {
      const low = marker.index + 1;
      const high = low + entries.length;
      t.deepEqual(await log.entries({ low, high, maxBytes: Infinity }), [...entries]);
      for (const { skip, count, maxBytes } of reads) {
        const first = Math.min(low + skip, high);
        const end = Math.min(first + count, high);
        const wanted = fitting(entries.slice(first - low, end - low), maxBytes);
        t.deepEqual(await log.entries({ low: first, high: end, maxBytes }), wanted);
      }
      await t.throwsAsync(() => log.entries({ low: marker.index, high, maxBytes: 1 }), {
        instanceOf: CompactedError,
      });
    }
  });

  test(`${name} refuses entries that leave a gap, or lie below the marker`, async (t) => {
    await using opened = await open();
    const { log } = opened;
    const entry = (index: number): Entry => ({
      term: 1,
      index,
      kind: "noop",
      data: new Uint8Array(),
    });
    await log.append({ hardState: null, entries: [1, 2, 3, 4].map(entry) });
    await log.compact({ index: 2, term: 1, membership: membershipOf(["a"]) });
    for (const indexes of [[6], [5, 7], [2, 3]]) {
      const refused = log.append({ hardState: null, entries: indexes.map(entry) });
      await t.throwsAsync(() => refused, { code: "INVARIANT" }, indexes.join());
    }
    await log.append({ hardState: null, entries: [5].map(entry) });
    const got = await log.entries({ low: 3, high: 6, maxBytes: Infinity });
    t.deepEqual(got, [3, 4, 5].map(entry), "what was refused has changed nothing");
  });
}

/** A store under test, which can be closed and opened again. */
interface TestLog extends AsyncDisposable {
  readonly log: LogStore;
  readonly state: LogState;
  readonly reopen: (log: LogStore) => Promise<{ readonly log: LogStore; readonly state: LogState }>;
}

async function openMemory(): Promise<TestLog> {
  const log = new MemoryLogStore();
  const reopen = async () => {
    await log.close();
    return { log, state: await log.open() };
  };
  return { log, state: await log.open(), reopen, [Symbol.asyncDispose]: () => log.close() };
}

async function openWal(): Promise<TestLog> {
  await using resources = new AsyncDisposableStack();
  const directory = resources.use(await WalDirectory.create());
  let { log, state } = await directory.open();
  resources.defer(() => log.close());
  const owned = resources.move();
  const reopen = async () => {
    await log.close();
    ({ log, state } = await directory.open());
    return { log, state };
  };
  return { log, state, reopen, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

function nextIndex({ entries, state: { marker } }: Model): number {
  return marker.index + entries.length + 1;
}

function batchOf(step: Step & { readonly type: "append" }, model: Model): AppendBatch {
  const { entries, state: { marker, hardState } } = model;
  const index = Math.max(marker.index + 1, nextIndex(model) - step.back);
  const before = entries[index - marker.index - 2]?.term ?? marker.term;
  const term = Math.max(before, 1) + (step.newTerm ? 1 : 0);
  return {
    hardState: step.withHardState
      ? { term, vote: step.newTerm ? `node ${index} é` : null, commit: hardState.commit + 1 }
      : null,
    entries: step.lengths.map((length, offset) => ({
      term,
      index: index + offset,
      ...contentOf(length, index + offset),
    })),
  };
}

function contentOf(length: number, index: number): Pick<Entry, "kind" | "data"> {
  if (length % 10 === 1) {
    return { kind: "membership", data: encodeMembership(membershipOf([`n${index}`])) };
  }
  return { kind: length === 0 ? "noop" : "command", data: new Uint8Array(length).fill(index) };
}

function appended({ entries, state }: Model, batch: AppendBatch): Model {
  const [first] = batch.entries;
  const kept = first === undefined ? entries : entries.filter(({ index }) => index < first.index);
  return {
    entries: [...kept, ...batch.entries],
    state: { ...state, hardState: batch.hardState ?? state.hardState },
  };
}

function markerOf(step: Step & { readonly type: "compact" }, model: Model): LogState["marker"] {
  const { entries, state: { marker } } = model;
  const index = Math.max(0, marker.index + step.ahead);
  const held = entries[index - marker.index - 1]?.term;
  const beyond = (entries.at(-1)?.term ?? marker.term) + 1;
  const term = step.agrees ? held ?? beyond : beyond;
  return { index, term, membership: membershipOf([`m${index}`]) };
}

function compacted({ entries, state }: Model, marker: LogState["marker"]): Model {
  if (marker.index <= state.marker.index) {
    return { entries, state };
  }
  const agrees = entries.some(({ index, term }) => index === marker.index && term === marker.term);
  const kept = agrees ? entries.filter(({ index }) => index > marker.index) : [];
  return { entries: kept, state: { ...state, marker } };
}

function stateOf(model: Model): LogState {
  const { entries, state } = model;
  return {
    ...state,
    lastIndex: nextIndex(model) - 1,
    terms: entries
      .filter(({ term }, position) => term !== entries[position - 1]?.term)
      .map(({ index, term }) => ({ firstIndex: index, term })),
    membershipEntries: entries.filter(({ kind }) => kind === "membership"),
  };
}

function fitting(entries: readonly Entry[], maxBytes: number): Entry[] {
  let bytes = 0;
  const end = entries.findIndex(({ data }, position) => {
    bytes += data.length;
    return position > 0 && bytes > maxBytes;
  });
  return end === -1 ? [...entries] : entries.slice(0, end);
}
