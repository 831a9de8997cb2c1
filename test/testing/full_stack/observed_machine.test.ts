import test from "ava";
import { VirtualExecutor } from "../../../testing/full_stack/mod.ts";
import {
  type MachineListener,
  ObservedMachine,
} from "../../../testing/full_stack/observed_machine.ts";
import { ProcessGate } from "../../../testing/full_stack/process_gate.ts";
import { RegisterMachine } from "../../../testing/full_stack/register_machine.ts";
import { DiskStage } from "../simulated_file_system/disk_stage.ts";
import { commandEntry } from "./register_entry.ts";

/** The two of a listener's methods that an apply tells. */
function listener(notes: string[]): MachineListener {
  const told: Pick<MachineListener, "onApplying" | "onApplied"> = {
    onApplying: (entries) => void notes.push(`applying ${entries.length}`),
    onApplied: (entries) => void notes.push(`applied ${entries.length}`),
  };
  return told as MachineListener;
}

test("ObservedMachine lets an apply take time, and nothing of it is seen before", async (t) => {
  const executor = new VirtualExecutor();
  const stage = new DiskStage({ executor });
  const machine = new RegisterMachine({
    fileSystem: stage.files,
    directory: "machine",
    chunkBytes: 16,
    fillerBytes: 0,
  });
  const notes: string[] = [];
  let applyMs = 0;
  const observed = new ObservedMachine(machine, listener(notes), {
    gate: new ProcessGate(executor),
    clock: executor,
    applyMs: () => applyMs,
  });
  t.deepEqual(observed.apply([commandEntry(1, { id: 10 })]), [
    { index: 1, previous: 0, value: 10 },
  ]);
  applyMs = 5;
  const answer = observed.apply([commandEntry(2, { id: 20 })]);
  t.true(answer instanceof Promise);
  t.is(machine.state.appliedIndex, 1);
  t.deepEqual(notes, ["applying 1", "applied 1", "applying 1"]);
  const begin = executor.nowUs;
  await stage.run(async () => await answer);
  t.is(executor.nowUs - begin, 5_000);
  t.is(machine.state.appliedIndex, 2);
  t.deepEqual(notes.slice(3), ["applied 1"]);
});
