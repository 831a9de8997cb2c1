import { create, toBinary } from "@bufbuild/protobuf";
import test from "ava";
import {
  CompactionRequestSchema,
  DeleteRangeRequestSchema,
  PutRequestSchema,
} from "../../proto/mod.ts";
import type { Entry } from "../../raft/mod.ts";
import type { KvStateMachine } from "../../server/kv_state_machine.ts";
import { MEMBER_BUCKETS, StateSlots } from "../../server/state_slots.ts";
import type { ApplyResult } from "../../server/state/apply_result.ts";
import { ReplicatedState } from "../../server/state/replicated_state.ts";
import { type Backend, type BackendOperation, MemoryBackend } from "../../storage/mod.ts";
import {
  stateMachineCases,
  type StateMachineTestbed,
} from "../../testing/conformance/state_machine/state_machine_suite.ts";
import type { BackendTestbed } from "../../testing/mod.ts";
import { lmdbTestbed } from "../storage/backend_testbeds.ts";
import {
  command,
  machineOn,
  observeAll,
  putCommand,
  putEntries,
  turn,
} from "./state_machine_samples.ts";

/** What the backend holds of the store; the position is not state. */
function observe(backend: Backend): string {
  return observeAll(new StateSlots(backend).current).split("|")[0] ?? "";
}

function testbedInMemory(): StateMachineTestbed<ApplyResult> {
  const backend = new MemoryBackend();
  return {
    create: () => machineOn(backend),
    command: putCommand,
    observe: () => observe(backend),
    end: (machine) => (machine as KvStateMachine).close(),
  };
}

/** Databases of the suite for backends, whose power cuts leave what a killed process leaves. */
const databases: BackendTestbed[] = [];
test.after.always(() => Promise.all(databases.map((database) => database.close())));

async function testbedOnLmdb(): Promise<StateMachineTestbed<ApplyResult>> {
  const database = await lmdbTestbed(10_000);
  databases.push(database);
  let backend: Backend;
  return {
    async create() {
      backend = await database.open(MEMBER_BUCKETS);
      return machineOn(backend);
    },
    command: putCommand,
    observe: () => observe(backend),
    async end(machine, how) {
      (machine as KvStateMachine).close();
      await (how === "lost" ? database.lose?.(backend) : backend.close());
    },
  };
}

for (
  const { openTestbed, on } of [
    { openTestbed: testbedInMemory, on: "memory" },
    { openTestbed: testbedOnLmdb, on: "LMDB" },
  ]
) {
  for (const requirement of stateMachineCases<ApplyResult>({ openTestbed })) {
    test(`KvStateMachine on ${on}: ${requirement.name}`, async (t) => {
      await t.notThrowsAsync(() => requirement.run());
    });
  }
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
