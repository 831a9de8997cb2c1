import { create, toBinary } from "@bufbuild/protobuf";
import test from "ava";
import {
  CompactionRequestSchema,
  DeleteRangeRequestSchema,
  PutRequestSchema,
} from "../../proto/mod.ts";
import { KvStateMachine } from "../../server/kv_state_machine.ts";
import type { ApplyResult } from "../../server/state/apply_result.ts";
import { readRestoredIndex } from "../../server/restored_position.ts";
import { type CommandKind, encodeCommand } from "../../server/state/command.ts";
import { ReplicatedState, STATE_BUCKETS } from "../../server/state/replicated_state.ts";
import { SnapshotFormatError } from "../../server/state_snapshot.ts";
import { type Entry, systemClock } from "../../raft/mod.ts";
import { type BackendOperation, MemoryBackend } from "../../storage/mod.ts";
import { stateMachineCases } from "../../testing/conformance/state_machine/state_machine_suite.ts";

/** A put of a key that the number names. */
function putCommand(number: number): Uint8Array {
  const key = Uint8Array.of(number % 5 + 1);
  const payload = toBinary(
    PutRequestSchema,
    create(PutRequestSchema, { key, value: Uint8Array.of(number) }),
  );
  return command(number, "put", payload);
}

function command(number: number, kind: CommandKind, payload: Uint8Array): Uint8Array {
  return encodeCommand({
    kind,
    requestId: number,
    stampMs: number,
    authRevision: 0,
    user: "",
    payload,
  });
}

/** What the backend holds of the store; the position is not state. */
function observe(backend: MemoryBackend): string {
  return Array.from(
    backend.scan("key"),
    ([key, value]) => `${Buffer.from(key).toString("hex")}=${Buffer.from(value).toString("hex")}`,
  ).join(" ");
}

for (
  const requirement of stateMachineCases<ApplyResult>({
    openTestbed() {
      const backend = new MemoryBackend();
      return {
        create: () =>
          new KvStateMachine({
            state: new ReplicatedState(backend),
            backend,
            clock: systemClock(),
            onFailure(error) {
              throw error;
            },
          }),
        command: putCommand,
        observe: () => observe(backend),
        end: (machine) => (machine as KvStateMachine).close(),
      };
    },
  })
) {
  test(`KvStateMachine: ${requirement.name}`, async (t) => {
    await t.notThrowsAsync(() => requirement.run());
  });
}

for (
  const { bytes, reason, why } of [
    { bytes: [2], reason: /format version 2/, why: "a newer version" },
    { bytes: [], reason: /ended early/, why: "nothing" },
    {
      bytes: [1, STATE_BUCKETS.length, 0, 0, 0, 0, 0, 0, 0, 0],
      reason: /unknown bucket/,
      why: "another bucket",
    },
    {
      bytes: [1, 255, 0x3f, 0xf0, 0, 0, 0, 0, 0, 0],
      reason: /0 records instead of 1/,
      why: "a record too few",
    },
  ]
) {
  test(`KvStateMachine.restore refuses a stream of ${why}`, async (t) => {
    const backend = new MemoryBackend();
    const state = new ReplicatedState(backend);
    const machine = new KvStateMachine({ state, backend, clock: systemClock(), onFailure() {} });
    await machine.open();
    const chunks = (async function* () {
      yield await Promise.resolve(Uint8Array.from(bytes));
    })();
    const meta = {
      last: { term: 1, index: 1 },
      membership: { voters: ["a"], learners: [], votersOutgoing: [], learnersNext: [] },
    };
    const error = await t.throwsAsync(machine.restore(meta, chunks), {
      instanceOf: SnapshotFormatError,
    });
    t.regex(error.message, reason);
    t.is(observe(backend), "");
  });
}

/** A backend whose batches a test can take up to any point, and whose flushes it decides. */
class WatchedBackend extends MemoryBackend {
  readonly batches: (readonly BackendOperation[])[] = [];
  readonly flushes: (() => void)[] = [];

  override write(operations: readonly BackendOperation[]): void {
    this.batches.push(operations);
    super.write(operations);
  }

  override flush(): Promise<void> {
    return new Promise((resolve) => this.flushes.push(resolve));
  }
}

function machineOn(backend: MemoryBackend): KvStateMachine {
  return new KvStateMachine({
    state: new ReplicatedState(backend),
    backend,
    clock: systemClock(),
    onFailure(error) {
      throw error;
    },
  });
}

function putEntries(count: number): Entry[] {
  return Array.from({ length: count }, (_, at): Entry => ({
    term: 1,
    index: at + 1,
    kind: "command",
    data: putCommand(at + 1),
  }));
}

test("KvStateMachine.durableIndex tells what a flush has synced, not what the backend holds", async (t) => {
  const backend = new WatchedBackend();
  const machine = machineOn(backend);
  const opened = machine.open();
  backend.flushes.shift()?.();
  await opened;
  const entries = putEntries(12_000);
  machine.apply(entries.slice(0, 6_000));
  t.is(backend.flushes.length, 1);
  machine.apply(entries.slice(6_000, 7_000));
  await turn();
  t.is(machine.durableIndex(), 0, "nothing is synced yet");
  backend.flushes.shift()?.();
  await turn();
  t.is(machine.durableIndex(), 6_000, "what was applied when the flush was asked for");
  machine.apply(entries.slice(7_000));
  t.is(machine.durableIndex(), 6_000);
  machine.close();
});

test("KvStateMachine.open waits until what it tells of is synced", async (t) => {
  const backend = new WatchedBackend();
  new ReplicatedState(backend).apply({ term: 1, index: 1, kind: "noop", data: new Uint8Array() });
  const machine = machineOn(backend);
  let isOpen = false;
  const opened = machine.open().then((state) => {
    isOpen = true;
    return state;
  });
  await turn();
  t.false(isOpen);
  backend.flushes.shift()?.();
  t.like(await opened, { appliedIndex: 1, term: 1 });
  t.is(machine.durableIndex(), 1);
  machine.close();
});

test("M1, W19: after a crash at any commit of the backend, the replayed log gives the twin's state", async (t) => {
  const entries = [...putEntries(30), ...laterEntries(31)];
  const backend = new WatchedBackend();
  const twin = new ReplicatedState(backend);
  while (twin.restore().step(100) === "more");
  for (const entry of entries) {
    const before = backend.batches.length;
    twin.apply(entry);
    t.is(backend.batches.length, before + 1, `entry ${entry.index} is one batch`);
  }
  while (twin.store.unfinishedCompaction?.step(2) === "more");
  const wanted = observeAll(backend);
  t.true(backend.batches.length > entries.length, "the compaction came in batches of its own");
  for (let kept = 0; kept <= backend.batches.length; kept += 1) {
    const crashed = new MemoryBackend();
    backend.batches.slice(0, kept).forEach((batch) => crashed.write(batch));
    const machine = machineOn(crashed);
    const { appliedIndex } = await machine.open();
    machine.apply(entries.slice(appliedIndex));
    await machine.compactionsFinished();
    machine.close();
    t.is(observeAll(crashed), wanted, `crash after batch ${kept}, at entry ${appliedIndex}`);
  }
});

/** A delete, a compaction, a put that is refused, and one that is not. */
function laterEntries(first: number): Entry[] {
  const remove = create(DeleteRangeRequestSchema, {
    key: Uint8Array.of(1),
    rangeEnd: Uint8Array.of(3),
  });
  const compaction = create(CompactionRequestSchema, { revision: 25n });
  const refused = create(PutRequestSchema, { key: Uint8Array.of(1), lease: 7n });
  const commands: Uint8Array[] = [
    command(first, "deleteRange", toBinary(DeleteRangeRequestSchema, remove)),
    command(first + 1, "compaction", toBinary(CompactionRequestSchema, compaction)),
    command(first + 2, "put", toBinary(PutRequestSchema, refused)),
    putCommand(first + 3),
  ];
  return commands.map((data, at) => ({ term: 2, index: first + at, kind: "command", data }));
}

function observeAll(backend: MemoryBackend): string {
  return STATE_BUCKETS.map((bucket) =>
    Array.from(backend.scan(bucket), (record) => record.map((bytes) => `${bytes}`).join("="))
      .join(" ")
  ).join("|");
}

test("KvStateMachine.restore records in the same batch up to where the snapshot came", async (t) => {
  const source = machineOn(new MemoryBackend());
  await source.open();
  source.apply(putEntries(9));
  const backend = new WatchedBackend();
  const machine = machineOn(backend);
  const membership = { voters: ["a"], learners: [], votersOutgoing: [], learnersNext: [] };
  const meta = { last: { term: 1, index: 9 }, membership };
  t.is(readRestoredIndex(backend), 0);
  const restored = machine.restore(meta, source.snapshot().chunks);
  while (backend.flushes.length === 0) {
    await turn();
  }
  t.is(backend.batches.length, 1);
  backend.flushes.shift()?.();
  await restored;
  t.is(readRestoredIndex(backend), 9);
  source.close();
  machine.close();
});

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
