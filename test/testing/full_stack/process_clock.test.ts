import test from "ava";
import { VirtualExecutor } from "../../../testing/full_stack/mod.ts";
import { ProcessClock } from "../../../testing/full_stack/process_clock.ts";
import { ProcessGate } from "../../../testing/full_stack/process_gate.ts";

function open(rate: number) {
  const executor = new VirtualExecutor();
  const gate = new ProcessGate(executor);
  return { executor, gate, clock: new ProcessClock({ executor, gate, rate }) };
}

for (
  const { rate, dueUs, why } of [
    { rate: 1, dueUs: 100_000, why: "is right" },
    { rate: 1.25, dueUs: 80_000, why: "runs ahead" },
    { rate: 0.8, dueUs: 125_000, why: "lags behind" },
  ]
) {
  test(`ProcessClock fires a timer of 100 ms after ${dueUs} µs where it ${why}`, async (t) => {
    const { executor, clock } = open(rate);
    const seen: number[] = [];
    clock.setTimer(100, () => seen.push(executor.nowUs));
    await executor.run(() => true);
    t.deepEqual(seen, [dueUs]);
    t.is(clock.monotonic(), 100, "as the process sees it, the time is right");
  });
}

test("ProcessClock drifts away from the true time of day", async (t) => {
  const { executor, clock } = open(1.5);
  t.is(clock.now(), executor.now());
  await pass(executor, 1_000);
  t.is(clock.monotonic(), 1_500);
  t.is(clock.now() - executor.now(), 500);
});

test("ProcessClock.jump moves the time of day, back and forth, and nothing else", async (t) => {
  const { executor, clock } = open(1);
  const fired: number[] = [];
  clock.setTimer(10, () => fired.push(executor.nowUs));
  clock.jump(3_600_000);
  clock.jump(-7_200_000);
  t.is(clock.now() - executor.now(), -3_600_000);
  t.is(clock.monotonic(), 0);
  await pass(executor, 5);
  t.deepEqual(fired, []);
  await pass(executor, 5);
  t.deepEqual(fired, [10_000]);
  t.is(clock.now() - executor.now(), -3_600_000);
});

test("ProcessClock's timers and deferred callbacks die with the process", async (t) => {
  const { executor, gate, clock } = open(1);
  clock.setTimer(1, () => t.fail("a timer of the dead"));
  clock.defer(() => t.fail("a deferred callback of the dead"));
  gate.kill();
  await executor.run(() => true);
  t.true(executor.nowUs >= 1_000);
});

test("ProcessClock's timers that come due in a pause fire after it, in the order of their times", async (t) => {
  const { executor, gate, clock } = open(1);
  const notes: string[] = [];
  clock.setTimer(3, () => notes.push("3"));
  clock.setTimer(1, () => notes.push("1"));
  clock.setTimer(1, () => notes.push("1 too"));
  clock.setTimer(20, () => notes.push("20"));
  gate.pause();
  await pass(executor, 10);
  clock.defer(() => notes.push("deferred in the pause"));
  await pass(executor, 1);
  t.deepEqual(notes, []);
  gate.resume();
  await executor.run(() => true);
  t.deepEqual(notes, ["deferred in the pause", "1", "1 too", "3", "20"]);
});

test("ProcessClock never fires a timer that was cancelled, even while it was held", async (t) => {
  const { executor, gate, clock } = open(1);
  clock.setTimer(1, () => t.fail("cancelled before it was due"))();
  gate.holdTimers();
  const cancel = clock.setTimer(1, () => t.fail("cancelled once it was due, and held"));
  let fired = 0;
  clock.setTimer(1, () => fired += 1);
  await pass(executor, 2);
  cancel();
  gate.releaseTimers();
  await executor.run(() => true);
  t.is(fired, 1);
});

/** Lets true time pass. */
async function pass(executor: VirtualExecutor, ms: number): Promise<void> {
  let isOver = false;
  executor.setTimer(ms, () => isOver = true);
  await executor.run(() => !isOver);
}
