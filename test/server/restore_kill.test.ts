import { join } from "node:path";
import process from "node:process";
import test from "ava";
import { readRestoredIndex } from "../../server/restored_position.ts";
import { MEMBER_BUCKETS } from "../../server/state_slots.ts";
import { LmdbBackend } from "../../storage/lmdb/mod.ts";
import { MemoryBackend } from "../../storage/mod.ts";
import { runProgram } from "../support/child_process.ts";
import { until } from "../support/deadline.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";
import {
  metaOf,
  observeAll,
  partsOn,
  piecesOf,
  putEntries,
  putsOf,
  streamOf,
} from "./state_machine_samples.ts";

const CHILD = join(import.meta.dirname, "restore_child.ts");
const RECORDS = 1_500;
const ENTRIES = 9;

/** What the member holds before the restore, and after it. */
async function expectedStates(): Promise<{ readonly old: string; readonly restored: string }> {
  const { machine, slots } = partsOn(new MemoryBackend());
  await machine.open();
  machine.apply(putEntries(ENTRIES));
  const old = observeAll(slots.current);
  const source = partsOn(new MemoryBackend());
  await source.machine.open();
  source.machine.apply(putsOf(RECORDS, 10));
  await machine.restore(metaOf(RECORDS), streamOf(await piecesOf(source.machine)));
  return { old, restored: observeAll(slots.current) };
}

test("W15: a member that is killed at any moment of a restore has the old state or the new", async (t) => {
  const { old, restored } = await expectedStates();
  const found: string[] = [];
  let isOver = false;
  for (let killAt = 1; !isOver; killAt += 1) {
    await using directory = await temporaryDirectory();
    const args = [CHILD, directory.path, ...[RECORDS, ENTRIES, killAt].map(String)];
    const { signal, stdout, stderr } = await runProgram(process.execPath, args);
    isOver = signal === null;
    t.is(stderr, "");
    const path = join(directory.path, "db");
    const backend = await LmdbBackend.open({ path, buckets: MEMBER_BUCKETS, mustExist: true });
    const { machine, slots } = partsOn(backend);
    const { appliedIndex } = await machine.open();
    const state = observeAll(slots.current);
    t.true(state === (appliedIndex === RECORDS ? restored : old), `killed at ${killAt}: ${stdout}`);
    t.is(readRestoredIndex(backend), appliedIndex === RECORDS ? RECORDS : 0);
    t.true(appliedIndex === RECORDS || !stdout.includes("restored"), "what was told is there");
    const isClear = () => Promise.resolve(observeAll(slots.spare) === "||");
    await until(isClear, { withinMs: 20_000, what: "an empty spare slot" });
    machine.close();
    await backend.close();
    found.push(appliedIndex === RECORDS ? "new" : "old");
  }
  t.deepEqual(found, found.toSorted().reverse(), "first the old one, then the new one");
  t.true(found.length > 12, `${found.length} moments`);
  t.true(found.includes("old"));
});
