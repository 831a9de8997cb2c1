import test from "ava";
import { MemoryLogStore } from "../../storage/mod.ts";
import { PersistQueue } from "../../raft/persist_queue.ts";
import type { AppendBatch, CompactionMarker, Entry } from "../../raft/mod.ts";

/** A log store that tells the order of its calls and holds them back. */
class CallingLogStore extends MemoryLogStore {
  readonly calls: string[] = [];
  #release: () => void = () => {};

  override async append(batch: AppendBatch): Promise<void> {
    this.calls.push(`append ${batch.entries.map(({ index }) => index).join(" ")}`);
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

function entry(index: number): Entry {
  return { term: 1, index, kind: "command", data: new Uint8Array(1) };
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
  const reset = queue.reset({ index: 9, term: 1, membership: null });
  queue.end();
  await t.throwsAsync(reset, { message: /written no more/ });
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
