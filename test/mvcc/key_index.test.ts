import test from "ava";
import fc from "fast-check";
import { KeyIndex, type KeyVersion, type Revision } from "../../mvcc/mod.ts";

/** The key of the worked example: put(2) put(4) tombstone(5) put(7) put(9). */
function exampleKey(): KeyIndex {
  const key = new KeyIndex();
  key.put({ main: 2, sub: 0 });
  key.put({ main: 4, sub: 0 });
  key.tombstone({ main: 5, sub: 0 });
  key.put({ main: 7, sub: 0 });
  key.put({ main: 9, sub: 0 });
  return key;
}

function versionOf(main: number, createRevision: number, version: number): KeyVersion {
  return { modRevision: { main, sub: 0 }, createRevision, version };
}

for (
  const { at, want, why } of [
    { at: 1, want: null, why: "before the first put" },
    { at: 2, want: versionOf(2, 2, 1), why: "the first put" },
    { at: 3, want: versionOf(2, 2, 1), why: "nothing happened at 3" },
    { at: 4, want: versionOf(4, 2, 2), why: "the second put" },
    { at: 5, want: null, why: "deleted at 5" },
    { at: 6, want: null, why: "the gap between generations" },
    { at: 7, want: versionOf(7, 7, 1), why: "a new generation starts over" },
    { at: 8, want: versionOf(7, 7, 1), why: "nothing happened at 8" },
    { at: 9, want: versionOf(9, 7, 2), why: "the newest" },
    { at: 1000, want: versionOf(9, 7, 2), why: "the newest, from later on" },
  ]
) {
  test(`KeyIndex.get(${at}) of the worked example: ${why}`, (t) => {
    t.deepEqual(exampleKey().get(at), want);
    t.is(exampleKey().isLiveAt(at), want !== null);
  });
}

for (
  const { at, left, dropped, why } of [
    { at: 1, left: [2, 4, 5, 7, 9], dropped: [], why: "nothing is that old" },
    { at: 2, left: [2, 4, 5, 7, 9], dropped: [], why: "2 is what the key was" },
    { at: 4, left: [4, 5, 7, 9], dropped: ["2"], why: "4 is what the key was" },
    { at: 5, left: [5, 7, 9], dropped: ["2", "4"], why: "the tombstone of 5 itself stays" },
    { at: 6, left: [7, 9], dropped: ["2", "4", "5t"], why: "there was no key" },
    { at: 7, left: [7, 9], dropped: ["2", "4", "5t"], why: "7 is what the key was" },
    { at: 9, left: [9], dropped: ["2", "4", "5t", "7"], why: "the newest stays" },
  ]
) {
  test(`KeyIndex.compact(${at}) of the worked example leaves ${left}: ${why}`, (t) => {
    const key = exampleKey();
    t.deepEqual(drops(key, at), dropped);
    t.deepEqual(key.since(0).map(({ main }) => main), left);
    t.deepEqual(key.get(9), versionOf(9, 7, 2));
  });
}

test("KeyIndex is empty once its last generation is compacted", (t) => {
  const key = new KeyIndex();
  t.true(key.isEmpty);
  key.put({ main: 2, sub: 0 });
  t.false(key.isEmpty);
  t.true(key.tombstone({ main: 3, sub: 0 }));
  t.deepEqual(drops(key, 3), ["2"]);
  t.false(key.isEmpty);
  t.deepEqual(drops(key, 4), ["3t"]);
  t.true(key.isEmpty);
});

test("KeyIndex.tombstone does nothing to a key that is deleted already", (t) => {
  const key = new KeyIndex();
  t.false(key.tombstone({ main: 2, sub: 0 }));
  key.put({ main: 2, sub: 0 });
  t.true(key.tombstone({ main: 3, sub: 0 }));
  t.false(key.tombstone({ main: 4, sub: 0 }));
  t.deepEqual(key.newest, { main: 3, sub: 0 });
});

test("KeyIndex.since shows only the last change of a transaction", (t) => {
  const key = new KeyIndex();
  key.put({ main: 2, sub: 0 });
  key.put({ main: 3, sub: 0 });
  key.tombstone({ main: 3, sub: 4 });
  key.put({ main: 3, sub: 5 });
  key.put({ main: 4, sub: 1 });
  t.deepEqual(key.since(3), [{ main: 3, sub: 5 }, { main: 4, sub: 1 }]);
  t.deepEqual(key.since(5), []);
});

test("KeyIndex keeps what one transaction deleted and put again at the compact revision", (t) => {
  const key = new KeyIndex();
  key.put({ main: 2, sub: 0 });
  key.tombstone({ main: 3, sub: 0 });
  key.put({ main: 3, sub: 1 });
  key.tombstone({ main: 4, sub: 0 });
  t.deepEqual(drops(key, 3), ["2", "3t"]);
  t.deepEqual(key.get(3), {
    modRevision: { main: 3, sub: 1 },
    createRevision: 3,
    version: 1,
  });
});

for (
  const { main, sub, why } of [
    { main: 3, sub: 1, why: "the same again" },
    { main: 3, sub: 0, why: "an earlier change of the transaction" },
    { main: 2, sub: 5, why: "an earlier transaction" },
  ]
) {
  test(`KeyIndex refuses revision ${main}.${sub} after 3.1: ${why}`, (t) => {
    const key = new KeyIndex();
    key.put({ main: 3, sub: 1 });
    t.like(t.throws(() => key.put({ main, sub })), { code: "INVARIANT" });
    t.like(t.throws(() => key.tombstone({ main, sub })), { code: "INVARIANT" });
  });
}

for (
  const { record, why } of [
    { record: { createRevision: 2, version: 3 }, why: "version 2 is missing" },
    { record: { createRevision: 1, version: 2 }, why: "another create revision" },
  ]
) {
  test(`KeyIndex.restorePut refuses a record that does not follow: ${why}`, (t) => {
    const key = new KeyIndex();
    key.restorePut({ main: 2, sub: 0 }, { createRevision: 2, version: 1 });
    const restore = () => key.restorePut({ main: 3, sub: 0 }, record);
    t.like(t.throws(restore), { code: "RECORD_MALFORMED" });
  });
}

test("KeyIndex.restorePut refuses version 0", (t) => {
  const restore = () =>
    new KeyIndex().restorePut({ main: 2, sub: 0 }, { createRevision: 2, version: 0 });
  t.like(t.throws(restore), { code: "RECORD_MALFORMED" });
});

/** One change, with what its record would hold. */
interface Change {
  readonly revision: Revision;
  readonly record: { readonly createRevision: number; readonly version: number } | null;
}

test("KeyIndex equals a list of changes, for any life of a key", (t) => {
  const step = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        type: fc.constantFrom("put" as const, "put" as const, "tombstone" as const),
        // 0: another change of the same transaction.
        gap: fc.nat(3),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ type: fc.constant("compact" as const), back: fc.nat(12) }),
    },
    { weight: 1, arbitrary: fc.record({ type: fc.constant("restore" as const) }) },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      let key = new KeyIndex();
      let changes: Change[] = [];
      let [main, sub, compactRevision] = [1, 0, 0];
      for (const step of steps) {
        switch (step.type) {
          case "put":
          case "tombstone": {
            [main, sub] = step.gap === 0 ? [main, sub + 1] : [main + step.gap, 0];
            const revision = { main, sub };
            const last = changes.at(-1)?.record ?? null;
            if (step.type === "put") {
              key.put(revision);
              changes.push({
                revision,
                record: {
                  createRevision: last?.createRevision ?? main,
                  version: (last?.version ?? 0) + 1,
                },
              });
            } else {
              t.is(key.tombstone(revision), last !== null);
              if (last !== null) {
                changes.push({ revision, record: null });
              }
            }
            break;
          }
          case "compact": {
            const at = Math.max(compactRevision, main - step.back);
            const kept = changes.filter((_, index) => isKept(changes, index, at));
            const gone = changes.filter((change) => !kept.includes(change));
            t.deepEqual(drops(key, at), gone.map(nameOf));
            changes = kept;
            compactRevision = at;
            break;
          }
          case "restore":
            key = new KeyIndex();
            for (const { revision, record } of changes) {
              if (record === null) {
                key.restoreTombstone(revision);
              } else {
                key.restorePut(revision, record);
              }
            }
        }
      }
      t.is(key.isEmpty, changes.length === 0);
      const newest = changes.at(-1)?.record ?? null;
      t.is(key.version, newest?.version ?? 0);
      t.is(key.createRevision, newest?.createRevision ?? 0);
      for (let at = compactRevision; at <= main + 1; at++) {
        const change = changes.findLast(({ revision }) => revision.main <= at);
        const record = change?.record ?? null;
        const want = record === null ? null : { modRevision: change?.revision, ...record };
        t.deepEqual(key.get(at), want as KeyVersion | null);
        t.is(key.isLiveAt(at), want !== null);
        t.deepEqual(
          key.since(at),
          changes.map(({ revision }) => revision).filter(({ main }, index, all) =>
            main >= at && all[index + 1]?.main !== main
          ),
        );
      }
    }),
    { numRuns: 1000 },
  );
});

/** The rule of etcd 3.6, for the change at `index`. */
function isKept(changes: readonly Change[], index: number, at: number): boolean {
  const change = changes[index] as Change;
  if (change.revision.main > at) {
    return true;
  }
  const isNewest = (changes[index + 1]?.revision.main ?? Infinity) > at;
  return isNewest && (change.record !== null || change.revision.main === at);
}

function nameOf({ revision: { main, sub }, record }: Change): string {
  return `${main}${sub > 0 ? `.${sub}` : ""}${record === null ? "t" : ""}`;
}

/** Compacts, and names what was dropped, in order. */
function drops(key: KeyIndex, at: number): string[] {
  const dropped: string[] = [];
  key.compact(at, (revisions, kind) => {
    for (let index = 0; index < revisions.length; index += 2) {
      const [main, sub] = [revisions[index] as number, revisions[index + 1] as number];
      dropped.push(`${main}${sub > 0 ? `.${sub}` : ""}${kind === "tombstone" ? "t" : ""}`);
    }
  });
  return dropped;
}
