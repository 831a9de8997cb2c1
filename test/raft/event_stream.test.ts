import test from "ava";
import { EventStream } from "../../raft/event_stream.ts";
import { outcomeOf, settled } from "../support/settled.ts";

function newStream(): EventStream<string> {
  return new EventStream({ limit: 3, onDropped: (count) => `${count} lost` });
}

test("EventStream.read gives what is pushed from the call on, read or not", async (t) => {
  const stream = newStream();
  stream.push("before");
  const reader = stream.read();
  stream.push("first");
  t.deepEqual(await reader.next(), { done: false, value: "first" });
  const waiting = [reader.next(), reader.next()];
  stream.push("second");
  stream.push("third");
  t.deepEqual((await Promise.all(waiting)).map(({ value }) => value), ["second", "third"]);
});

test("EventStream tells a slow reader how much it has lost, and others nothing", async (t) => {
  const stream = newStream();
  const [slow, quick] = [stream.read(), stream.read()];
  const seen: string[] = [];
  for (const event of ["1", "2", "3", "4", "5"]) {
    stream.push(event);
    seen.push((await quick.next()).value ?? "");
  }
  stream.end();
  t.deepEqual(seen, ["1", "2", "3", "4", "5"]);
  const late: string[] = [];
  for await (const event of slow) {
    late.push(event);
  }
  t.deepEqual(late, ["2 lost", "3", "4", "5"]);
});

test("EventStream's reader can be returned from while it waits", async (t) => {
  const stream = newStream();
  const reader = stream.read();
  const next = outcomeOf(reader.next());
  await reader.return();
  await settled();
  t.is(next(), `resolved: {"done":true}`);
  stream.push("later");
  t.true((await reader.next()).done);
});

test("EventStream ends its readers, those that wait and those that come later", async (t) => {
  const stream = newStream();
  const next = stream.read().next();
  stream.end();
  t.true((await next).done);
  t.true((await stream.read().next()).done);
});
