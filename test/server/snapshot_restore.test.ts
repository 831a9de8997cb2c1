import test from "ava";
import { type Clock, systemClock } from "../../raft/mod.ts";
import { readRestoredIndex } from "../../server/restored_position.ts";
import { SnapshotFormatError } from "../../server/snapshot_decoder.ts";
import { encodeStateSnapshot } from "../../server/snapshot_encoder.ts";
import { BATCH_BYTES, BATCH_RECORDS } from "../../server/snapshot_staging.ts";
import { appliedOperation } from "../../server/state/applied_position.ts";
import { STATE_BUCKETS } from "../../server/state/replicated_state.ts";
import { StateSlots } from "../../server/state_slots.ts";
import {
  type Backend,
  BACKEND_KEY_BYTES_MAX,
  type BackendOperation,
  MemoryBackend,
  StorageFailedError,
} from "../../storage/mod.ts";
import { before, until } from "../support/deadline.ts";
import {
  compactionEntry,
  machineOn,
  type MachineParts,
  metaOf,
  observeAll,
  partsOn,
  piecesOf,
  putEntries,
  putsOf,
  streamOf,
  turn,
} from "./state_machine_samples.ts";

/** Records of a snapshot that comes in several batches, and its pieces. */
const RECORDS = 3_300;
const PIECES = await snapshotOf(RECORDS, 10);

/** Entries of the state that it replaces. */
const OLD_ENTRIES = 9;

async function snapshotOf(records: number, valueBytes: number): Promise<readonly Uint8Array[]> {
  const machine = machineOn(new MemoryBackend());
  await machine.open();
  machine.apply(putsOf(records, valueBytes));
  return await piecesOf(machine, 16_384);
}

/** Another one, which has none of its records. */
const OTHER_RECORDS = 7;
const OTHER_PIECES = await snapshotOf(OTHER_RECORDS, 20);

const NEW = await stateAfter(RECORDS, PIECES);
const OTHER = await stateAfter(OTHER_RECORDS, OTHER_PIECES);

/** What a machine holds that has nothing but a snapshot. */
async function stateAfter(records: number, pieces: readonly Uint8Array[]): Promise<string> {
  const { machine, slots } = await openOn(new MemoryBackend());
  await machine.restore(metaOf(records), streamOf(pieces));
  return observeAll(slots.current);
}

async function openOn(backend: Backend, clock?: Clock): Promise<MachineParts> {
  const parts = partsOn(backend, clock);
  await parts.machine.open();
  return parts;
}

/** A backend that tells what is done to it. */
class WatchedBackend extends MemoryBackend {
  readonly batches: (readonly BackendOperation[])[] = [];
  onFlush = (): void => {};
  onWrite = (_operations: readonly BackendOperation[]): void => {};

  override write(operations: readonly BackendOperation[]): void {
    this.batches.push(operations);
    super.write(operations);
    this.onWrite(operations);
  }

  override async flush(): Promise<void> {
    await turn();
    await super.flush();
    this.onFlush();
  }
}

async function whenSpareIsEmpty(slots: StateSlots): Promise<void> {
  const isEmpty = () => Promise.resolve(observeAll(slots.spare) === "||");
  await until(isEmpty, { withinMs: 20_000, what: "an empty spare slot" });
}

const HEAD = [1, 0, 0, 0, 0, 17, 0, 0, 0, 0];
for (
  const { bytes, reason, why } of [
    { bytes: [2], reason: /format version 2, this member knows 1$/, why: "of a newer version" },
    { bytes: [], reason: /ended early/, why: "of nothing" },
    { bytes: [1], reason: /ended early/, why: "without an end" },
    { bytes: HEAD, reason: /ended early/, why: "that ends within a record" },
    {
      bytes: [1, STATE_BUCKETS.length, 0, 0, 0, 1, 0, 0, 0, 0],
      reason: /unknown bucket 3$/,
      why: "with another bucket",
    },
    { bytes: [1, 0, 0, 0, 0, 0, 0, 0, 0, 0], reason: /a key of 0 bytes/, why: "with an empty key" },
    {
      bytes: [1, 0, 0, 0, (BACKEND_KEY_BYTES_MAX >> 8) + 1, 0, 0, 0, 0, 0],
      reason: /a key of 1280 bytes/,
      why: "with a key that is too long",
    },
    {
      bytes: [1, 0, 0, 0, 0, 1, 255, 255, 255, 255],
      reason: /a value of 4294967295 bytes/,
      why: "with a value that nobody could hold",
    },
    {
      bytes: [1, 255, 0x3f, 0xf0, 0, 0, 0, 0, 0, 0],
      reason: /0 records instead of 1$/,
      why: "with a record too few",
    },
    {
      bytes: [1, 255, 0, 0, 0, 0, 0, 0, 0, 0, 7],
      reason: /1 bytes come after its end/,
      why: "that goes on after its end",
    },
    {
      bytes: [1, 255, 0, 0, 0, 0, 0, 0, 0, 0],
      reason: /entry 0 of term 0, and entry 9 of term 1 was announced/,
      why: "of another entry than was announced",
    },
  ]
) {
  for (const pieceBytes of [1, Infinity]) {
    test(`KvStateMachine.restore refuses a stream ${why}, in pieces of ${pieceBytes} bytes`, async (t) => {
      const { machine, slots } = await openOn(new MemoryBackend());
      machine.apply(putEntries(OLD_ENTRIES));
      const old = observeAll(slots.current);
      const pieces = pieceBytes === 1
        ? bytes.map((byte) => Uint8Array.of(byte))
        : [Uint8Array.from(bytes)];
      const error = await t.throwsAsync(machine.restore(metaOf(9), streamOf(pieces)), {
        instanceOf: SnapshotFormatError,
      });
      t.regex(error.message, reason);
      t.is(observeAll(slots.current), old);
      t.is(machine.durableIndex(), 0);
      machine.close();
    });
  }
}

test("KvStateMachine.restore refuses a snapshot whose records no store has written", async (t) => {
  const { machine, slots } = await openOn(new MemoryBackend());
  machine.apply(putEntries(OLD_ENTRIES));
  const old = observeAll(slots.current);
  const forger = new MemoryBackend();
  forger.write([
    appliedOperation({ index: 9, term: 1, stampMs: 0 }),
    { bucket: "key", key: Uint8Array.of(1, 2), value: Uint8Array.of(3) },
  ]);
  await t.throwsAsync(machine.restore(metaOf(9), encodeStateSnapshot(forger.view())), {
    code: "RECORD_MALFORMED",
  });
  t.is(observeAll(slots.current), old);
  machine.apply(putEntries(OLD_ENTRIES + 1).slice(-1));
  machine.close();
});

for (
  const { records, valueBytes, isWhole, why } of [
    { records: 6_000, valueBytes: 10, isWhole: false, why: "many short records" },
    { records: 600, valueBytes: 10_000, isWhole: false, why: "few long ones" },
    { records: 6_000, valueBytes: 10, isWhole: true, why: "all in one piece" },
  ]
) {
  test(`KvStateMachine.restore holds a bounded part of a snapshot: ${why}`, async (t) => {
    const pieces = await snapshotOf(records, valueBytes);
    const sent = isWhole ? [Buffer.concat(pieces)] : pieces;
    const recordBytes = valueBytes + 200;
    const backend = new WatchedBackend();
    const { machine, slots } = await openOn(backend);
    machine.apply(putsOf(2 * BATCH_RECORDS, 10));
    await backend.flush();
    const most = { taken: 0, bytes: 0, operations: 0, flushes: 0 };
    let taken = 0;
    let written: readonly BackendOperation[] = [];
    backend.onWrite = (operations) => {
      written = [...written, ...operations];
      most.operations = Math.max(most.operations, written.length);
      const bytes = written.reduce(
        (sum, { key, value }) => sum + key.length + (value?.length ?? 0),
        0,
      );
      most.bytes = Math.max(most.bytes, bytes);
    };
    backend.onFlush = () => {
      written = [];
      taken = 0;
      most.flushes += 1;
    };
    await machine.restore(
      metaOf(records),
      (async function* () {
        for await (const piece of streamOf(sent)) {
          taken += piece.length;
          most.taken = Math.max(most.taken, taken);
          yield piece;
        }
      })(),
    );
    await whenSpareIsEmpty(slots);
    t.true(most.flushes >= 5, `${most.flushes} flushes`);
    t.true(most.operations <= BATCH_RECORDS + 2, `${most.operations} operations`);
    t.true(most.bytes <= BATCH_BYTES + recordBytes, `${most.bytes} bytes`);
    const takenMax = isWhole ? Infinity : BATCH_BYTES + 3 * 16_384;
    t.true(most.taken <= takenMax, `${most.taken} bytes of the stream`);
    machine.close();
  });
}

test("W15: a crash after any batch of a restore leaves the old state or the new, and no rest", async (t) => {
  const backend = new WatchedBackend();
  const { machine, slots } = await openOn(backend);
  machine.apply(putEntries(OLD_ENTRIES));
  const old = observeAll(slots.current);
  const first = backend.batches.length;
  await machine.restore(metaOf(RECORDS), streamOf(PIECES));
  await whenSpareIsEmpty(slots);
  // A second one has a large state to clear away, and goes into the first slot.
  await machine.restore(metaOf(RECORDS), streamOf(PIECES));
  await whenSpareIsEmpty(slots);
  machine.close();
  const seen = new Set<string>();
  for (let kept = first; kept <= backend.batches.length; kept += 1) {
    const crashed = new MemoryBackend();
    backend.batches.slice(0, kept).forEach((batch) => crashed.write(batch));
    const next = partsOn(crashed);
    const { appliedIndex, term, membership } = await next.machine.open();
    const found = observeAll(next.slots.current);
    t.true(found === (appliedIndex === RECORDS ? NEW : old), `after ${kept} batches`);
    t.is(term, 1);
    t.deepEqual(membership, appliedIndex === RECORDS ? metaOf(RECORDS).membership : null);
    t.is(readRestoredIndex(crashed), appliedIndex === RECORDS ? RECORDS : 0);
    await whenSpareIsEmpty(next.slots);
    t.true(observeAll(next.slots.current) === found);
    await next.machine.restore(metaOf(OTHER_RECORDS), streamOf(OTHER_PIECES));
    t.is(observeAll(next.slots.current), OTHER, `restored after ${kept} batches`);
    next.machine.close();
    seen.add(String(appliedIndex));
  }
  t.deepEqual([...seen], [String(OLD_ENTRIES), String(RECORDS)]);
});

test("KvStateMachine reads the old state during a restore and the new one after it, never half", async (t) => {
  const seen: string[] = [];
  const clock: Clock = {
    ...boundClock(),
    defer(callback) {
      systemClock().defer(() => {
        look("before a turn");
        callback();
        look("after a turn");
      });
    },
  };
  const backend = new WatchedBackend();
  const { machine, state } = await openOn(backend, clock);
  machine.apply(putEntries(OLD_ENTRIES));
  const all = { key: Uint8Array.of(0), rangeEnd: Uint8Array.of(0) };
  let isDurable = false;
  function look(where: string): void {
    const { kvs, count } = state.store.range(all);
    const { index } = state.position;
    t.is(kvs.length, count);
    t.true(isDurable || index !== RECORDS, `${where}, before it is durable`);
    t.is(count, index === RECORDS ? RECORDS : 5, where);
    t.is(state.store.currentRevision, index + 1, where);
    seen.push(`${index}`);
  }
  backend.onWrite = () => look("after a write");
  backend.onFlush = () => {
    look("after a flush");
    isDurable = readRestoredIndex(backend) === RECORDS;
  };
  await machine.restore(
    metaOf(RECORDS),
    (async function* () {
      for await (const piece of streamOf(PIECES)) {
        look("before a piece");
        yield piece;
      }
    })(),
  );
  look("after the restore");
  await until(() => Promise.resolve(seen.filter((index) => index === `${RECORDS}`).length > 3), {
    withinMs: 20_000,
    what: "looks while the old state is cleared away",
  });
  const change = seen.indexOf(`${RECORDS}`);
  t.true(change > 15, `${change} looks at the old state`);
  t.true(seen.slice(change).every((index) => index === `${RECORDS}`));
  machine.close();
});

function boundClock(): Clock {
  const clock = systemClock();
  return {
    now: () => clock.now(),
    monotonic: () => clock.monotonic(),
    setTimer: (delayMs, callback) => clock.setTimer(delayMs, callback),
    defer: (callback) => clock.defer(callback),
  };
}

test("KvStateMachine.restore leaves all as it was when its stream breaks off anywhere", async (t) => {
  const whole = Buffer.concat(PIECES);
  const backend = new WatchedBackend();
  const { machine, slots } = await openOn(backend);
  machine.apply(putEntries(OLD_ENTRIES));
  const old = observeAll(slots.current);
  for (let cut = 0; cut < whole.length; cut += Math.ceil(whole.length / 12)) {
    const pieces = cut % 2 === 0
      ? [whole.subarray(0, cut)]
      : [whole.subarray(0, cut - 1), whole.subarray(cut - 1, cut)];
    await t.throwsAsync(
      machine.restore(
        metaOf(RECORDS),
        (async function* () {
          yield* streamOf(pieces);
          throw new Error("the stream broke off");
        })(),
      ),
      { message: "the stream broke off" },
    );
    t.true(observeAll(slots.current) === old, `cut at ${cut}`);
    t.is(readRestoredIndex(backend), 0);
  }
  machine.apply(putEntries(OLD_ENTRIES + 1).slice(-1));
  await machine.restore(metaOf(OTHER_RECORDS), streamOf(OTHER_PIECES));
  t.is(observeAll(slots.current), OTHER, "and nothing of what had come");
  machine.close();
});

test("KvStateMachine.restore makes its slot current in one batch with word of how far it goes", async (t) => {
  const backend = new WatchedBackend();
  const { machine } = await openOn(backend);
  t.is(readRestoredIndex(backend), 0);
  const exchanges: string[] = [];
  backend.onWrite = (operations) => {
    const local = operations.filter(({ bucket }) => bucket === "local");
    if (local.length > 0) {
      exchanges.push(local.map(({ key }) => new TextDecoder().decode(key)).join());
    }
  };
  await machine.restore(metaOf(RECORDS), streamOf(PIECES));
  t.deepEqual(exchanges, ["kvorum_slot,kvorum_restored"]);
  t.is(readRestoredIndex(backend), RECORDS);
  machine.close();
});

test("KvStateMachine.restore is done only when its last batch is durable", async (t) => {
  const backend = new WatchedBackend();
  const { machine } = await openOn(backend);
  let isFlushed = false;
  backend.onWrite = () => isFlushed = false;
  backend.onFlush = () => isFlushed = true;
  const done = machine.restore(metaOf(RECORDS), streamOf(PIECES)).then(() => isFlushed);
  t.true(await done);
  t.is(machine.durableIndex(), RECORDS);
  machine.close();
});

test("KvStateMachine.restore tells that its backend has failed, which no other stream mends", async (t) => {
  const backend = new WatchedBackend();
  const failures: unknown[] = [];
  const parts = partsOn(backend, systemClock(), (error) => failures.push(error));
  await parts.machine.open();
  const failure = new StorageFailedError("data.mdb", new Error("EIO"));
  backend.onFlush = () => {
    throw failure;
  };
  const restored = parts.machine.restore(metaOf(RECORDS), streamOf(PIECES));
  t.is(await t.throwsAsync(restored), failure);
  t.is(failures[0], failure);
  parts.machine.close();
});

test("KvStateMachine that was restored goes on, is opened again, and is the source of another", async (t) => {
  const backend = new MemoryBackend();
  const first = await openOn(backend);
  first.machine.apply(putEntries(OLD_ENTRIES));
  await first.machine.restore(metaOf(RECORDS), streamOf(PIECES));
  first.machine.apply(putsOf(RECORDS + 5, 10).slice(RECORDS));
  const pieces = await piecesOf(first.machine);
  const wanted = observeAll(first.slots.current);
  first.machine.close();
  const second = partsOn(backend);
  t.is((await second.machine.open()).appliedIndex, RECORDS + 5);
  t.is(second.state.store.range({ key: new TextEncoder().encode("key 3302") }).count, 1);
  t.true(observeAll(second.slots.current) === wanted);
  second.machine.close();
  const other = await openOn(new MemoryBackend());
  await other.machine.restore(metaOf(RECORDS + 5), streamOf(pieces));
  t.true(observeAll(other.slots.current) === wanted);
  other.machine.close();
});

test("KvStateMachine.close ends a restore, and the state is as it was", async (t) => {
  const { machine, slots } = await openOn(new MemoryBackend());
  machine.apply(putEntries(OLD_ENTRIES));
  const old = observeAll(slots.current);
  const restored = machine.restore(metaOf(RECORDS), streamOf(PIECES));
  await turn();
  machine.close();
  const ended = before(restored, { withinMs: 20_000, what: "end of the restore" });
  await t.throwsAsync(ended, { message: "the state machine was closed" });
  t.true(observeAll(slots.current) === old);
});

test("KvStateMachine.compactionsFinished resolves when a restore has replaced the store", async (t) => {
  const { machine, state } = await openOn(new MemoryBackend());
  machine.apply([...putEntries(OLD_ENTRIES), compactionEntry(OLD_ENTRIES + 1, 5)]);
  const finished = machine.compactionsFinished();
  await machine.restore(metaOf(RECORDS), streamOf(PIECES));
  await before(finished, { withinMs: 20_000, what: "end of the compaction" });
  t.is(state.store.compactRevision, -1);
  machine.close();
});

test("StateSlots refuses a record of the current slot that makes no sense", (t) => {
  const backend = new MemoryBackend();
  const key = new TextEncoder().encode("kvorum_slot");
  backend.write([{ bucket: "local", key, value: Uint8Array.of(2) }]);
  t.throws(() => new StateSlots(backend), { message: /current slot is damaged: bytes 2$/ });
});
