import test from "ava";
import { VirtualExecutor } from "../../../testing/full_stack/mod.ts";
import { ProcessGate } from "../../../testing/full_stack/process_gate.ts";

/** A gate, and a record of what came through it. */
class Stage {
  readonly executor: VirtualExecutor = new VirtualExecutor();
  readonly gate: ProcessGate = new ProcessGate(this.executor);
  readonly notes: string[] = [];

  event(name: string): void {
    this.gate.enter(() => this.notes.push(name));
  }

  timer(name: string): void {
    this.gate.enter(() => this.notes.push(name), "timer");
  }

  settle(): Promise<boolean> {
    return this.executor.run(() => true);
  }
}

test("ProcessGate lets everything in at once while the process runs", (t) => {
  const stage = new Stage();
  stage.event("event");
  stage.timer("timer");
  t.deepEqual(stage.notes, ["event", "timer"]);
  t.false(stage.gate.isPaused);
  t.false(stage.gate.isDead);
});

test("ProcessGate gives a process that goes on first what has come in, then its timers, each in order", async (t) => {
  const stage = new Stage();
  stage.gate.pause();
  t.true(stage.gate.isPaused);
  stage.timer("timer 1");
  stage.event("event 1");
  stage.timer("timer 2");
  stage.event("event 2");
  await stage.settle();
  t.deepEqual(stage.notes, []);
  stage.gate.resume();
  t.false(stage.gate.isPaused);
  t.deepEqual(stage.notes, [], "not within the call");
  await stage.settle();
  t.deepEqual(stage.notes, ["event 1", "event 2", "timer 1", "timer 2"]);
});

test("ProcessGate lets promises settle between what had to wait", async (t) => {
  const stage = new Stage();
  stage.gate.pause();
  stage.gate.enter(() => void Promise.resolve().then(() => stage.notes.push("its promise")));
  stage.event("the next event");
  stage.gate.resume();
  await stage.settle();
  t.deepEqual(stage.notes, ["its promise", "the next event"]);
});

test("ProcessGate keeps in order what still waits when the process is paused again", async (t) => {
  const stage = new Stage();
  stage.gate.pause();
  stage.event("event");
  stage.timer("timer");
  stage.gate.resume();
  stage.gate.pause();
  stage.event("later event");
  await stage.settle();
  t.deepEqual(stage.notes, []);
  stage.gate.resume();
  await stage.settle();
  t.deepEqual([...stage.notes].sort(), ["event", "later event", "timer"]);
  t.true(stage.notes.indexOf("event") < stage.notes.indexOf("timer"));
});

test("ProcessGate gives each callback once, however often it is paused and resumed", async (t) => {
  const stage = new Stage();
  stage.gate.resume();
  stage.gate.pause();
  stage.gate.pause();
  stage.event("event");
  stage.gate.resume();
  stage.gate.resume();
  await stage.settle();
  stage.gate.pause();
  stage.gate.resume();
  await stage.settle();
  t.deepEqual(stage.notes, ["event"]);
});

test("ProcessGate lets events pass a clock that stands still, and holds the timers", async (t) => {
  const stage = new Stage();
  stage.gate.holdTimers();
  stage.timer("timer 1");
  stage.event("event");
  stage.timer("timer 2");
  await stage.settle();
  t.deepEqual(stage.notes, ["event"]);
  stage.gate.releaseTimers();
  stage.event("event while they come");
  await stage.settle();
  t.deepEqual(stage.notes, ["event", "event while they come", "timer 1", "timer 2"]);
  stage.timer("timer 3");
  t.is(stage.notes.at(-1), "timer 3");
});

for (
  const { first, steps, between } of [
    {
      first: "the process goes on before its clock does",
      steps: ["resume", "releaseTimers"] as const,
      between: ["event"],
    },
    {
      first: "its clock goes on before the process does",
      steps: ["releaseTimers", "resume"] as const,
      between: [],
    },
  ]
) {
  test(`ProcessGate holds timers for a pause and for a clock that stands still: ${first}`, async (t) => {
    const stage = new Stage();
    stage.gate.holdTimers();
    stage.gate.pause();
    stage.timer("timer");
    stage.event("event");
    stage.gate[steps[0]]();
    await stage.settle();
    t.deepEqual(stage.notes, between);
    stage.event("later event");
    stage.gate[steps[1]]();
    await stage.settle();
    t.deepEqual(stage.notes, ["event", "later event", "timer"]);
  });
}

test("ProcessGate lets nothing in once the process is dead, whatever waited", async (t) => {
  const stage = new Stage();
  stage.gate.pause();
  stage.event("waits for the end of the pause");
  stage.timer("waits too");
  stage.gate.resume();
  stage.gate.kill();
  stage.event("comes afterwards");
  stage.timer("too");
  stage.gate.resume();
  stage.gate.releaseTimers();
  await stage.settle();
  t.deepEqual(stage.notes, []);
  t.true(stage.gate.isDead);
});

test("ProcessGate does not come back to life by a pause or a resume", (t) => {
  const stage = new Stage();
  stage.gate.kill();
  stage.gate.pause();
  t.true(stage.gate.isDead);
  t.false(stage.gate.isPaused);
  stage.gate.resume();
  t.true(stage.gate.isDead);
});

test("ProcessGate.hold gives answers and errors to a process that runs", async (t) => {
  const { gate } = new Stage();
  t.is(await gate.hold(Promise.resolve(7)), 7);
  await t.throwsAsync(gate.hold(Promise.reject(new RangeError("no"))), { instanceOf: RangeError });
});

test("ProcessGate.hold keeps an answer until the pause ends", async (t) => {
  const stage = new Stage();
  stage.gate.pause();
  void stage.gate.hold(Promise.resolve("answer")).then((answer) => stage.notes.push(answer));
  void stage.gate.hold(Promise.reject(new Error("failure")))
    .catch(({ message }) => stage.notes.push(message));
  await stage.settle();
  t.deepEqual(stage.notes, []);
  stage.gate.resume();
  await stage.settle();
  t.deepEqual(stage.notes, ["answer", "failure"]);
});

test("ProcessGate.hold answers the dead nothing, neither a value nor an error", async (t) => {
  const stage = new Stage();
  const note = () => stage.notes.push("settled");
  stage.gate.hold(Promise.resolve(7)).then(note, note);
  stage.gate.hold(Promise.reject(new Error("no"))).then(note, note);
  stage.gate.kill();
  await stage.settle();
  t.deepEqual(stage.notes, []);
});

test("ProcessGate.onDeath tells each who still wants to know, once", (t) => {
  const { gate, notes } = new Stage();
  gate.onDeath(() => notes.push("first"));
  const forget = gate.onDeath(() => notes.push("forgotten"));
  gate.onDeath(() => notes.push(gate.isDead ? "second, when it is dead" : "too early"));
  forget();
  t.deepEqual(notes, []);
  gate.kill();
  gate.kill();
  t.deepEqual(notes, ["first", "second, when it is dead"]);
});
