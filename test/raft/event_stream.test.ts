import test from "ava";
import { EventStream } from "../../raft/event_stream.ts";
import { outcomeOf, settled } from "../support/settled.ts";

type Event = number | { readonly dropped: number };

function newStream(): EventStream<Event> {
  return new EventStream<Event>({ limit: 3, onDropped: (dropped) => ({ dropped }) });
}

/** A reader that has begun to read: it waits for the first event. */
function begin(stream: EventStream<Event>) {
  const reader = stream.read();
  return { reader, first: reader.next() };
}

test("EventStream gives each reader what is pushed from its beginning on", async (t) => {
  const stream = newStream();
  const one = begin(stream);
  stream.push(1);
  const other = begin(stream);
  stream.push(2);
  t.is((await one.first).value, 1);
  t.is((await one.reader.next()).value, 2);
  t.is((await other.first).value, 2);
});

test("EventStream drops the oldest events of a reader that is too slow, and says how many, once", async (t) => {
  const stream = newStream();
  const { reader, first } = begin(stream);
  stream.push(0);
  t.is((await first).value, 0);
  for (let event = 1; event <= 5; event += 1) {
    stream.push(event);
  }
  const read: unknown[] = [];
  for (let count = 0; count < 4; count += 1) {
    read.push((await reader.next()).value);
  }
  t.deepEqual(read, [{ dropped: 2 }, 3, 4, 5]);
  const next = reader.next();
  stream.push(6);
  t.is((await next).value, 6);
});

test("EventStream lets its readers read what waits, and end, whether they wait or not", async (t) => {
  const stream = newStream();
  const waiting = begin(stream);
  const behind = begin(stream);
  stream.push(1);
  t.is((await waiting.first).value, 1);
  const last = waiting.reader.next();
  stream.push(2);
  t.is((await last).value, 2);
  const end = waiting.reader.next();
  stream.end();
  t.true((await end).done);
  const rest = [(await behind.first).value, (await behind.reader.next()).value];
  t.deepEqual(rest, [1, 2]);
  t.true((await behind.reader.next()).done);
});

test("EventStream ends a reader that begins after the end", async (t) => {
  const stream = newStream();
  stream.end();
  t.true((await stream.read().next()).done);
});

function newTextStream(): EventStream<string> {
  return new EventStream({ limit: 3, onDropped: (count) => `${count} lost` });
}

test("EventStream.read gives what is pushed from the call on, read or not", async (t) => {
  const stream = newTextStream();
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
  const stream = newTextStream();
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
  const stream = newTextStream();
  const reader = stream.read();
  const next = outcomeOf(reader.next());
  await reader.return();
  await settled();
  t.is(next(), `resolved: {"done":true}`);
  stream.push("later");
  t.true((await reader.next()).done);
});

test("EventStream ends its readers, those that wait and those that come later", async (t) => {
  const stream = newTextStream();
  const next = stream.read().next();
  stream.end();
  t.true((await next).done);
  t.true((await stream.read().next()).done);
});
