import test from "ava";
import { VirtualExecutor } from "../../../testing/full_stack/mod.ts";

/** Runs until nothing is left, and returns what was noted, in order. */
async function notesOf(
  act: (executor: VirtualExecutor, note: (what: string) => () => void) => void,
): Promise<string[]> {
  const executor = new VirtualExecutor();
  const notes: string[] = [];
  act(executor, (what) => () => void notes.push(what));
  await executor.run(() => true);
  executor.close();
  return notes;
}

test("VirtualExecutor runs timers by their time, whatever the order in which they were set", async (t) => {
  const notes = await notesOf((executor, note) => {
    executor.after(30, note("30"));
    executor.after(10, note("10"));
    executor.setTimer(0.02, note("20"));
    executor.after(0, note("0"));
  });
  t.deepEqual(notes, ["0", "10", "20", "30"]);
});

test("VirtualExecutor runs timers of the same time in the order in which they were set", async (t) => {
  const names = Array.from({ length: 40 }, (_, at) => String(at));
  const notes = await notesOf((executor, note) => {
    executor.after(9, note("late"));
    names.slice(0, 20).forEach((name) => executor.after(5, note(name)));
    executor.after(2, note("early"));
    names.slice(20).forEach((name) => executor.after(5, note(name)));
  });
  t.deepEqual(notes, ["early", ...names, "late"]);
});

test("VirtualExecutor runs a timer that an event sets for now after those that wait for now", async (t) => {
  const notes = await notesOf((executor, note) => {
    executor.after(5, () => executor.after(0, note("set for now")));
    executor.after(5, note("set before"));
  });
  t.deepEqual(notes, ["set before", "set for now"]);
});

test("VirtualExecutor runs what was deferred before any timer, in order, without time passing", async (t) => {
  const notes = await notesOf((executor, note) => {
    executor.after(0, note("timer for now"));
    executor.defer(() => {
      note("first")();
      executor.defer(() => note(`deferred again, at ${executor.nowUs}`)());
    });
    executor.defer(note("second"));
  });
  t.deepEqual(notes, ["first", "second", "deferred again, at 0", "timer for now"]);
});

test("VirtualExecutor lets all promises settle between two events of the same moment", async (t) => {
  const notes = await notesOf((executor, note) => {
    const longChain = async (name: string) => {
      for (let step = 0; step < 500; step += 1) {
        await null;
      }
      note(name)();
    };
    void longChain("before any event");
    executor.defer(note("deferred"));
    executor.defer(() => void longChain("after the deferred callback"));
    executor.after(0, () => void longChain("after the timer"));
    executor.after(0, note("timer"));
  });
  t.deepEqual(notes, [
    "before any event",
    "deferred",
    "after the deferred callback",
    "after the timer",
    "timer",
  ]);
});

for (
  const { when, cancel } of [
    { when: "at once", cancel: (_: VirtualExecutor, stop: () => void) => stop() },
    {
      when: "by an earlier event of the same time",
      cancel: (executor: VirtualExecutor, stop: () => void) => void executor.defer(stop),
    },
  ]
) {
  test(`VirtualExecutor never runs a timer that was cancelled ${when}`, async (t) => {
    const notes = await notesOf((executor, note) => {
      const stop = executor.after(0, note("cancelled"));
      executor.after(0, note("kept"));
      cancel(executor, stop);
    });
    t.deepEqual(notes, ["kept"]);
  });
}

test("VirtualExecutor bears that a timer is cancelled after it ran, or twice", async (t) => {
  const notes = await notesOf((executor, note) => {
    const stop = executor.after(1, note("ran"));
    executor.after(2, stop);
    executor.after(3, stop);
    executor.after(4, note("and went on"));
  });
  t.deepEqual(notes, ["ran", "and went on"]);
});

test("VirtualExecutor does not count a cancelled timer as an event", async (t) => {
  const executor = new VirtualExecutor();
  executor.after(1, () => {})();
  executor.after(2, () => {});
  executor.defer(() => {});
  t.false(await executor.run(() => true));
  t.is(executor.events, 2);
});

test("VirtualExecutor.waiting counts the timers that will run, and no others", async (t) => {
  const executor = new VirtualExecutor();
  const stop = executor.after(5, () => t.fail("cancelled"));
  const stopLater = executor.after(5, () => {});
  executor.after(7, () => {});
  executor.defer(() => {});
  t.is(executor.waiting, 3);
  stop();
  t.is(executor.waiting, 2, "one was cancelled");
  stop();
  t.is(executor.waiting, 2, "cancelled twice is cancelled once");
  t.true(await executor.run(() => executor.nowUs < 5));
  t.is(executor.waiting, 1, "one has run, and one was passed over");
  stopLater();
  t.is(executor.waiting, 1, "cancelled after it has run");
  const stopNever = executor.after(9, () => {});
  executor.close();
  t.is(executor.waiting, 0, "nothing waits any more");
  stopNever();
  t.is(executor.waiting, 0);
});

test("VirtualExecutor moves all its clocks by the time of the events alone", async (t) => {
  const executor = new VirtualExecutor();
  const begin = executor.now();
  t.is(executor.monotonic(), 0);
  t.is(executor.waiting, 0);
  const seen: number[][] = [];
  const look = () => seen.push([executor.nowUs, executor.monotonic(), executor.now() - begin]);
  executor.setTimer(1.5, look);
  executor.after(2_500, look);
  t.is(executor.waiting, 2);
  await executor.run(() => true);
  t.deepEqual(seen, [[1_500, 1.5, 1.5], [2_500, 2.5, 2.5]]);
  t.is(executor.waiting, 0);
});

test("VirtualExecutor.sleep resolves when its time has come, and its continuation is part of that event", async (t) => {
  const notes = await notesOf((executor, note) => {
    const nap = async (us: number) => {
      await executor.sleep(us);
      note(`woke at ${executor.nowUs}`)();
    };
    void nap(20);
    void nap(10);
    executor.after(10, note("timer at 10"));
  });
  t.deepEqual(notes, ["woke at 10", "timer at 10", "woke at 20"]);
});

test("VirtualExecutor.run asks before each event whether to go on, and says whether anything is left", async (t) => {
  const executor = new VirtualExecutor();
  const notes: number[] = [];
  [1, 2, 3].forEach((time) => executor.after(time, () => notes.push(time)));
  t.true(await executor.run(() => notes.length < 2));
  t.deepEqual(notes, [1, 2]);
  t.is(executor.nowUs, 2);
  t.false(await executor.run(() => true));
  t.deepEqual(notes, [1, 2, 3]);
});

test("VirtualExecutor.run rejects with what an event throws, and can go on after it", async (t) => {
  const executor = new VirtualExecutor();
  const notes: string[] = [];
  executor.after(1, () => {
    throw new RangeError("by an event");
  });
  executor.after(2, () => notes.push("the next one"));
  await t.throwsAsync(executor.run(() => true), { instanceOf: RangeError });
  t.deepEqual(notes, []);
  t.false(await executor.run(() => true));
  t.deepEqual(notes, ["the next one"]);
});

test("VirtualExecutor's trace tells runs apart by the times of their events", async (t) => {
  const traceOf = async (...times: readonly number[]) => {
    const executor = new VirtualExecutor();
    times.forEach((time) => executor.after(time, () => {}));
    await executor.run(() => true);
    return executor.trace.toString();
  };
  t.is(await traceOf(3, 5), await traceOf(5, 3));
  t.not(await traceOf(3, 5), await traceOf(3, 6));
  t.not(await traceOf(3, 5), await traceOf(3, 5, 5));
});

test("VirtualExecutor.close ends all: nothing that waits happens", async (t) => {
  const executor = new VirtualExecutor();
  executor.after(1, () => t.fail("a timer"));
  executor.defer(() => t.fail("a deferred callback"));
  executor.close();
  t.false(await executor.run(() => true));
  t.is(executor.events, 0);
});
