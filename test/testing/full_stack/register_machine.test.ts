import test from "ava";
import { membershipOf, type SnapshotMeta } from "../../../raft/mod.ts";
import { VirtualExecutor } from "../../../testing/full_stack/mod.ts";
import { RegisterMachine } from "../../../testing/full_stack/register_machine.ts";
import { type StateMachineCase, stateMachineCases } from "../../../testing/mod.ts";
import { DiskStage } from "../simulated_file_system/disk_stage.ts";
import { commandEntry } from "./register_entry.ts";

const SEEDS = Array.from({ length: 40 }, (_, at) => at + 1);

/** A machine on the present life of a disk. */
function machineOn(stage: DiskStage): RegisterMachine {
  return new RegisterMachine({
    fileSystem: stage.files,
    directory: "machine",
    chunkBytes: 16,
    fillerBytes: 100,
  });
}

async function open(stage: DiskStage): Promise<RegisterMachine> {
  const machine = machineOn(stage);
  await stage.run(() => machine.open());
  return machine;
}

/** The conformance suite; each testbed has a disk of its own. */
function cases(executor: VirtualExecutor): StateMachineCase[] {
  return stateMachineCases({
    openTestbed: () => {
      const stage = new DiskStage({ executor });
      return {
        create: () => machineOn(stage),
        command: (number) => commandEntry(0, { id: number + 1, client: number }).data,
        observe: (machine) => contentsOf(machine as RegisterMachine),
        async end(machine, how) {
          if (how === "closed") {
            await (machine as RegisterMachine).save();
            stage.kill();
          } else {
            stage.cutPower();
          }
        },
      };
    },
  });
}

/** What a machine holds for its clients, as text. */
function contentsOf({ state }: RegisterMachine): string {
  const { registers, sessions } = JSON.parse(new TextDecoder().decode(state.encode(0)));
  return JSON.stringify({ registers, sessions });
}

for (const [at, { name }] of cases(new VirtualExecutor()).entries()) {
  test(`RegisterMachine: ${name}`, async (t) => {
    const stage = new DiskStage();
    const requirement = cases(stage.executor)[at];
    t.is(requirement?.name, name);
    await t.notThrowsAsync(stage.run(async () => await requirement?.run()));
  });
}

test("RegisterMachine finds its saved state after a power cut, and has lost what it did not save", async (t) => {
  for (const seed of SEEDS) {
    const stage = new DiskStage({ seed });
    const machine = await open(stage);
    machine.apply([commandEntry(1, { id: 10, client: 9, sequence: 1 })]);
    t.is(machine.durableIndex(), 0);
    await stage.run(() => machine.save());
    t.is(machine.durableIndex(), 1);
    machine.apply([commandEntry(2, { id: 20 })]);
    t.is(machine.durableIndex(), 1);
    stage.cutPower();
    const next = await open(stage);
    t.is(next.state.appliedIndex, 1, `seed ${seed}`);
    t.is(next.durableIndex(), 1, `seed ${seed}`);
    t.is(next.state.read(1), 10, `seed ${seed}`);
    const again = next.apply([commandEntry(2, { id: 11, client: 9, sequence: 1 })]);
    t.deepEqual(again, [{ index: 1, previous: 0, value: 10 }], "its sessions are there too");
  }
});

for (const end of ["cutPower", "kill"] as const) {
  test(`RegisterMachine that ends while it saves comes back with the old state or the new, for good (${end})`, async (t) => {
    const found = new Set<number>();
    for (const seed of SEEDS) {
      const stage = new DiskStage({ seed });
      const machine = await open(stage);
      machine.apply([commandEntry(1, { id: 10 })]);
      await stage.run(() => machine.save());
      machine.apply([commandEntry(2, { id: 20 })]);
      void machine.save();
      const endUs = stage.executor.nowUs + 10 * seed;
      await stage.executor.run(() => stage.executor.nowUs < endUs);
      const promised = machine.durableIndex();
      stage[end]();
      const next = await open(stage);
      const { state } = next;
      t.true(state.appliedIndex >= promised, `seed ${seed}`);
      t.is(state.read(1), 10 * state.appliedIndex, `seed ${seed}`);
      found.add(state.appliedIndex);
      stage.cutPower();
      const last = await open(stage);
      t.is(last.state.appliedIndex, next.durableIndex(), `seed ${seed}: what it found is durable`);
      last.apply([commandEntry(3, { id: 30 })]);
      await stage.run(() => last.save());
      t.is(last.durableIndex(), 3, `seed ${seed}: what was left half done is in nobody's way`);
    }
    t.deepEqual([...found].sort(), [1, 2]);
  });
}

test("RegisterMachine saves the newest state once, however often it is asked meanwhile", async (t) => {
  const renames: string[] = [];
  const stage = new DiskStage({
    onCall: (call, path) => void (call === "rename" && renames.push(path)),
  });
  const machine = await open(stage);
  machine.apply([commandEntry(1, { id: 10 })]);
  const first = machine.save();
  // Now the first one is under way; of all that follow, one more is needed.
  await stage.executor.run(() => false);
  machine.apply([commandEntry(2, { id: 20 })]);
  const second = machine.save();
  void machine.save();
  machine.apply([commandEntry(3, { id: 30 })]);
  await stage.run(() => first);
  t.is(machine.durableIndex(), 1);
  await stage.run(() => second);
  t.is(machine.durableIndex(), 3);
  await stage.settle();
  t.is(renames.length, 2);
});

test("RegisterMachine.snapshot pins the state, in pieces of the size it is told", async (t) => {
  const stage = new DiskStage();
  const machine = await open(stage);
  machine.apply([commandEntry(1, { id: 10 })]);
  const { appliedIndex, chunks } = machine.snapshot();
  machine.apply([commandEntry(2, { id: 20 })]);
  t.is(appliedIndex, 1);
  const pieces = await collect(chunks);
  t.true(pieces.length > 5);
  t.true(pieces.slice(0, -1).every(({ length }) => length === 16));
  const next = new DiskStage();
  const restored = await open(next);
  await next.run(() => restored.restore(metaOf(1), iterate(pieces)));
  t.is(restored.state.read(1), 10);
});

test("RegisterMachine.restore takes over a snapshot durably, with the membership that it is told", async (t) => {
  for (const seed of SEEDS.slice(0, 10)) {
    const stage = new DiskStage({ seed });
    const machine = await open(stage);
    machine.apply([commandEntry(1, { id: 10 })]);
    const pieces = await collect(await snapshotOf(5));
    await stage.run(() => machine.restore(metaOf(5), iterate(pieces)));
    t.is(machine.durableIndex(), 5);
    stage.cutPower();
    const { state } = await open(stage);
    t.is(state.appliedIndex, 5, `seed ${seed}`);
    t.is(state.read(1), 50, `seed ${seed}`);
    t.deepEqual(state.membership, metaOf(5).membership);
  }
});

for (
  const { why, meta, damage } of [
    {
      why: "is of another entry than announced",
      meta: metaOf(4),
      damage: (pieces: Uint8Array[]) => pieces,
    },
    {
      why: "is of another term than announced",
      meta: { ...metaOf(5), last: { index: 5, term: 2 } },
      damage: (pieces: Uint8Array[]) => pieces,
    },
    {
      why: "ends early",
      meta: metaOf(5),
      damage: (pieces: Uint8Array[]) => pieces.slice(0, -1),
    },
    { why: "has no pieces", meta: metaOf(5), damage: () => [] },
  ]
) {
  test(`RegisterMachine.restore refuses a snapshot that ${why}, and stays as it is`, async (t) => {
    const stage = new DiskStage();
    const machine = await open(stage);
    machine.apply([commandEntry(1, { id: 10 })]);
    await stage.run(() => machine.save());
    const pieces = damage(await collect(await snapshotOf(5)));
    await t.throwsAsync(stage.run(() => machine.restore(meta, iterate(pieces))));
    t.is(machine.state.read(1), 10);
    t.is(machine.durableIndex(), 1);
    stage.cutPower();
    t.is((await open(stage)).state.read(1), 10);
  });
}

function metaOf(index: number): SnapshotMeta {
  return { last: { index, term: 1 }, membership: membershipOf(["a", "b"]) };
}

/** A snapshot of another machine, whose register holds ten times the index. */
async function snapshotOf(index: number): Promise<AsyncIterable<Uint8Array>> {
  const machine = await open(new DiskStage());
  machine.apply(
    Array.from({ length: index }, (_, at) => commandEntry(at + 1, { id: 10 * (at + 1) })),
  );
  return machine.snapshot().chunks;
}

async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  const pieces: Uint8Array[] = [];
  for await (const chunk of chunks) {
    pieces.push(chunk);
  }
  return pieces;
}

async function* iterate(pieces: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* pieces;
}
