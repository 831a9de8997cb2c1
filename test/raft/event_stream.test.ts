import test from "ava";
import { EventStream } from "../../raft/event_stream.ts";

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
