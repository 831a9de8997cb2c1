import test from "ava";
import { MicrotaskDrain } from "../../../testing/full_stack/microtask_drain.ts";

/** As a browser has it: without `setImmediate`. */
function browserDrain(): MicrotaskDrain {
  const global = globalThis as { setImmediate?: unknown };
  const { setImmediate } = global;
  delete global.setImmediate;
  try {
    return new MicrotaskDrain();
  } finally {
    global.setImmediate = setImmediate;
  }
}

for (
  const { where, create } of [
    { where: "with setImmediate", create: () => new MicrotaskDrain() },
    { where: "with a message channel alone", create: browserDrain },
  ]
) {
  test(`MicrotaskDrain.wait resolves only after chains of promises of any length (${where})`, async (t) => {
    const drain = create();
    for (const length of [0, 1, 10, 1_000]) {
      let steps = 0;
      const chain = async () => {
        for (; steps < length; steps += 1) {
          await null;
        }
      };
      void chain();
      await drain.wait();
      t.is(steps, length);
    }
    drain.close();
  });

  test(`MicrotaskDrain.wait waits for what a microtask begins (${where})`, async (t) => {
    const drain = create();
    const notes: string[] = [];
    const deeper = (depth: number) => {
      notes.push(String(depth));
      if (depth < 3) {
        queueMicrotask(() => void Promise.resolve().then(() => deeper(depth + 1)));
      }
    };
    deeper(0);
    await drain.wait().then(() => notes.push("drained"));
    t.deepEqual(notes, ["0", "1", "2", "3", "drained"]);
    drain.close();
  });
}
