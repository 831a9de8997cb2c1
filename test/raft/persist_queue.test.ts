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
