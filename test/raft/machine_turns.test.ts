import test from "ava";
import { MachineTurns } from "../../raft/machine_turns.ts";
import { settled } from "../support/settled.ts";

/** Turns whose calls and answers are written down in the order in which they come. */
function newTurns() {
  const turns = new MachineTurns();
  const notes: string[] = [];
  const take = (name: string, answer: string | Promise<string> | Error) =>
    turns.take(() => {
      notes.push(`call ${name}`);
      if (answer instanceof Error) {
        throw answer;
      }
      return answer;
    }, {
      done: (value) => notes.push(`${name}: ${value}`),
      failed: (error) => notes.push(`${name} failed: ${(error as Error).message}`),
    });
  return { turns, notes, take };
}

test("MachineTurns answers at once what takes no time", (t) => {
  const { notes, take } = newTurns();
  take("one", "a");
  take("two", new Error("no"));
  t.deepEqual(notes, ["call one", "one: a", "call two", "two failed: no"]);
});

test("MachineTurns makes one call at a time, in their order", async (t) => {
  const { turns, notes, take } = newTurns();
  const [slow, slower] = [Promise.withResolvers<string>(), Promise.withResolvers<string>()];
  take("one", slow.promise);
  take("two", "b");
  take("three", slower.promise);
  take("four", "d");
  t.deepEqual(notes, ["call one"]);
  slow.resolve("a");
  await settled();
  t.deepEqual(notes, ["call one", "one: a", "call two", "two: b", "call three"]);
  slower.reject(new Error("late"));
  await turns.idle();
  t.deepEqual(notes.slice(5), ["three failed: late", "call four", "four: d"]);
});

test("MachineTurns lets what an answer asks for wait behind what waits already", async (t) => {
  const { turns, notes, take } = newTurns();
  const slow = Promise.withResolvers<string>();
  turns.take(() => slow.promise, { done: () => take("next", "c"), failed: () => t.fail() });
  take("waiting", "b");
  slow.resolve("a");
  await settled();
  t.deepEqual(notes, ["call waiting", "waiting: b", "call next", "next: c"]);
});

test("MachineTurns refuses what waits when it is ended, and waits for the call under way", async (t) => {
  const { turns, notes, take } = newTurns();
  const slow = Promise.withResolvers<string>();
  take("one", slow.promise);
  take("two", "b");
  turns.end();
  take("three", "c");
  let isIdle = false;
  const idle = turns.idle().then(() => isIdle = true);
  await settled();
  t.false(isIdle);
  slow.resolve("a");
  await idle;
  t.deepEqual(notes, [
    "call one",
    "two failed: the member has stopped",
    "three failed: the member has stopped",
    "one: a",
  ]);
});
