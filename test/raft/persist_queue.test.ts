import test from "ava";
import { MemoryLogStore } from "../../storage/mod.ts";
import { PersistQueue } from "../../raft/persist_queue.ts";
import type { AppendBatch, CompactionMarker, Entry, HardState } from "../../raft/mod.ts";
import type { PersistedBatch } from "../../raft/persist_queue.ts";
import { outcomeOf, settled } from "../support/settled.ts";

/** A log store that tells the order of its calls and holds them back. */
class CallingLogStore extends MemoryLogStore {
  readonly calls: string[] = [];
  readonly batches: AppendBatch[] = [];
  #release: () => void = () => {};

  override async append(batch: AppendBatch): Promise<void> {
    this.calls.push(`append ${batch.entries.map(({ index }) => index).join(" ")}`);
    this.batches.push(batch);
    await new Promise<void>((resolve) => this.#release = resolve);
    await super.append(batch);
  }

  override async compact(marker: CompactionMarker): Promise<void> {
    this.calls.push(`compact ${marker.index}`);
    await super.compact(marker);
  }

  /** Lets the call under way finish, and the next one start. */
  async finish(): Promise<void> {
    this.#release();
    for (let turn = 0; turn < 20; turn += 1) {
      await Promise.resolve();
    }
  }
}

function entry(index: number, term: number = 1): Entry {
  return { term, index, kind: "command", data: new Uint8Array(1) };
}

test("PersistQueue compacts although there is always something to append", async (t) => {
  const logStore = new CallingLogStore();
  const queue = new PersistQueue(logStore, {
    onPersisted() {},
    onCompacted() {},
    onFailure: (error) => t.fail(String(error)),
  });
  const push = (index: number) =>
    queue.push({ sequence: index, hardState: null, entries: [entry(index)] });
  push(1);
  push(2);
  queue.compact({ index: 1, term: 1, membership: null });
  push(3);
  await logStore.finish();
  t.deepEqual(logStore.calls, ["append 1", "compact 1", "append 2 3"]);
  await logStore.finish();
  await queue.idle();
});

/** A queue on such a store, and what its listener was told. */
function newQueue(logStore = new CallingLogStore()) {
  const persisted: PersistedBatch[] = [];
  const compacted: number[] = [];
  const failures: unknown[] = [];
  const queue = new PersistQueue(logStore, {
    onPersisted: (batch) => persisted.push(batch),
    onCompacted: (index) => compacted.push(index),
    onFailure: (error) => failures.push(error),
  });
  return { logStore, queue, persisted, compacted, failures };
}

test("PersistQueue merges what waits: later entries and the newest hard state replace earlier ones", async (t) => {
  const { logStore, queue, persisted } = newQueue();
  const hardState = (term: number): HardState => ({ term, vote: null, commit: 0 });
  queue.push({ sequence: 1, hardState: null, entries: [entry(1), entry(2)] });
  queue.push({ sequence: 2, hardState: hardState(2), entries: [entry(3), entry(4), entry(5)] });
  queue.push({ sequence: 3, hardState: hardState(3), entries: [entry(4, 3)] });
  queue.push({ sequence: 4, hardState: null, entries: [] });
  await logStore.finish();
  t.deepEqual(
    persisted,
    [{ sequence: 1, upTo: { term: 1, index: 2 }, hardState: null }],
    "the first write covers nothing of what waits",
  );
  await logStore.finish();
  t.deepEqual(logStore.batches[1], {
    hardState: hardState(3),
    entries: [entry(3), entry(4, 3)],
  });
  t.deepEqual(persisted[1], {
    sequence: 4,
    upTo: { term: 3, index: 4 },
    hardState: hardState(3),
  });
});

test("PersistQueue writes a hard state that comes without entries", async (t) => {
  const { logStore, queue, persisted } = newQueue();
  const hardState = { term: 1, vote: "a", commit: 0 };
  queue.push({ sequence: 1, hardState, entries: [] });
  await logStore.finish();
  t.deepEqual(persisted, [{ sequence: 1, upTo: null, hardState }]);
});

test("PersistQueue resets the log after what was pushed before, and tells of compactions", async (t) => {
  const { logStore, queue, persisted, compacted } = newQueue();
  queue.push({ sequence: 1, hardState: null, entries: [entry(1)] });
  queue.push({ sequence: 2, hardState: null, entries: [entry(2)] });
  let isReset = false;
  const reset = queue.reset({ index: 9, term: 1, membership: null }).then(() => isReset = true);
  await logStore.finish();
  t.deepEqual(logStore.calls, ["append 1", "append 2"]);
  t.false(isReset);
  await logStore.finish();
  await reset;
  t.deepEqual(logStore.calls, ["append 1", "append 2", "compact 9"]);
  t.is(persisted.length, 2);
  queue.compact({ index: 10, term: 1, membership: null });
  await queue.idle();
  t.deepEqual(compacted, [10], "a reset is told to who asked for it, a compaction to the listener");
});

test("PersistQueue is idle once nothing waits, not when one write is done", async (t) => {
  const { logStore, queue } = newQueue();
  queue.push({ sequence: 1, hardState: null, entries: [entry(1)] });
  queue.push({ sequence: 2, hardState: null, entries: [entry(2)] });
  let isIdle = false;
  const idle = queue.idle().then(() => isIdle = true);
  await logStore.finish();
  t.false(isIdle, "the second batch is being written");
  await logStore.finish();
  await idle;
  t.is(logStore.batches.length, 2);
});

test("PersistQueue writes nothing any more once the log store has failed", async (t) => {
  const { logStore, queue, failures } = newQueue();
  const failure = new Error("disk on fire");
  logStore.append = (batch) => {
    logStore.batches.push(batch);
    return Promise.reject(failure);
  };
  queue.push({ sequence: 1, hardState: null, entries: [entry(1)] });
  queue.push({ sequence: 2, hardState: null, entries: [entry(2)] });
  await queue.idle();
  t.deepEqual(failures, [failure]);
  queue.push({ sequence: 3, hardState: null, entries: [entry(3)] });
  queue.compact({ index: 1, term: 1, membership: null });
  await queue.idle();
  t.is(logStore.batches.length, 1, "no batch is tried after the one that failed");
  t.deepEqual(logStore.calls, []);
});

for (const thrower of ["append", "compact"] as const) {
  test(`PersistQueue ends when ${thrower} throws instead of rejecting, and writes nothing more`, async (t) => {
    const logStore = new CallingLogStore();
    const failures: unknown[] = [];
    const persisted: number[] = [];
    const queue = new PersistQueue(logStore, {
      onPersisted: ({ sequence }) => void persisted.push(sequence),
      onCompacted: () => t.fail(),
      onFailure: (error) => void failures.push(error),
    });
    const push = (index: number) =>
      queue.push({ sequence: index, hardState: null, entries: [entry(index)] });
    push(1);
    push(2);
    if (thrower === "compact") {
      queue.compact({ index: 1, term: 1, membership: null });
    }
    const broken = new Error("disk gone");
    logStore[thrower] = () => {
      throw broken;
    };
    await logStore.finish();
    t.deepEqual(failures, [broken]);
    t.deepEqual(persisted, [1], "of the one before it is told");
    push(3);
    await queue.idle();
    t.deepEqual(logStore.calls, ["append 1"]);
    await t.throwsAsync(queue.reset({ index: 1, term: 1, membership: null }));
  });
}

test("PersistQueue finishes the call under way when it is ended, and begins no other", async (t) => {
  const logStore = new CallingLogStore();
  const queue = new PersistQueue(logStore, {
    onPersisted() {},
    onCompacted() {},
    onFailure: (error) => t.fail(String(error)),
  });
  const push = (index: number) =>
    queue.push({ sequence: index, hardState: null, entries: [entry(index)] });
  push(1);
  push(2);
  queue.compact({ index: 1, term: 1, membership: null });
  const reset = outcomeOf(queue.reset({ index: 9, term: 1, membership: null }));
  queue.end();
  await settled();
  t.regex(reset(), /written no more/);
  let isIdle = false;
  const idle = queue.idle().then(() => isIdle = true);
  await Promise.resolve();
  t.false(isIdle);
  await logStore.finish();
  await idle;
  push(3);
  queue.compact({ index: 1, term: 1, membership: null });
  t.deepEqual(logStore.calls, ["append 1"]);
});

test("PersistQueue tells of a reset that fails who asked for it, and its listener", async (t) => {
  const { logStore, queue, failures } = newQueue();
  const broken = new Error("disk gone");
  logStore.compact = () => Promise.reject(broken);
  const reset = outcomeOf(queue.reset({ index: 9, term: 1, membership: null }));
  await queue.idle();
  await settled();
  t.is(reset(), "rejected: Error: disk gone");
  t.deepEqual(failures, [broken]);
});
