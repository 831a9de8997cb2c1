import test from "ava";
import fc from "fast-check";
import type { Message } from "../../raft/mod.ts";
import { batchesOf, FrameCodec, messageBytesMax } from "../../transport/mod.ts";
import { arbitraryFrame, arbitraryMessage } from "./arbitrary_frame.ts";

const ROUTE = { from: "a", to: "b" };

test("messageBytesMax is never below what the message takes, nor far above it", (t) => {
  const codec = new FrameCodec();
  const empty = codec.encode({ group: 0, ...ROUTE, messages: [] }).length;
  fc.assert(fc.property(arbitraryMessage(ROUTE), (message) => {
    const size = codec.encode({ group: 0, ...ROUTE, messages: [message] }).length - empty;
    t.true(size <= messageBytesMax(message), message.type);
    t.true(messageBytesMax(message) <= 100 + 12 * size, message.type);
  }));
  t.pass();
});

test("batchesOf keeps all messages in their order, in batches that fit", (t) => {
  const codec = new FrameCodec();
  const frameBytes = 3_000;
  const total = arbitraryFrame();
  fc.assert(fc.property(total, ({ messages, ...frame }) => {
    const batches = batchesOf(messages, frameBytes);
    t.deepEqual(batches.flat(), messages);
    for (const batch of batches) {
      const { length } = codec.encode({ ...frame, messages: batch });
      t.true(
        batch.length === 1 || length <= frameBytes,
        `${batch.length} messages, ${length} bytes`,
      );
    }
  }));
});

test("batchesOf fills batches", (t) => {
  const messages: Message[] = Array.from({ length: 1_000 }, (_, round) => ({
    type: "heartbeat",
    ...ROUTE,
    term: 1,
    commit: 1,
    round,
  }));
  t.is(batchesOf(messages, 1 << 20).length, 1);
  t.true(batchesOf(messages, 10_000).length < 15);
  t.deepEqual(batchesOf([], 10_000), []);
});
