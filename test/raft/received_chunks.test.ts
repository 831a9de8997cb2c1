import test from "ava";
import { membershipOf } from "../../raft/mod.ts";
import { ReceivedChunks } from "../../raft/received_chunks.ts";
import { VirtualClock } from "../support/virtual_clock.ts";

/** The pieces of a stream that has two of them, and the reasons for which it was rejected. */
function newChunks() {
  const clock = new VirtualClock();
  const rejected: string[] = [];
  const chunks = new ReceivedChunks({
    from: "a",
    snapshot: { last: { term: 1, index: 1 }, membership: membershipOf(["a"]) },
    chunks: (async function* () {
      yield Uint8Array.of(1);
      yield Uint8Array.of(2);
    })(),
    reject: (reason) => void rejected.push(reason),
  }, { clock, idleMs: 1_000 });
  return { clock, rejected, reader: chunks[Symbol.asyncIterator](), chunks };
}

test("ReceivedChunks gives what comes, and leaves no timer", async (t) => {
  const { clock, rejected, reader } = newChunks();
  t.deepEqual(await reader.next(), { done: false, value: Uint8Array.of(1) });
  // What reads may take its time: that is not the stream's.
  clock.advance(5_000);
  t.deepEqual(await reader.next(), { done: false, value: Uint8Array.of(2) });
  t.true((await reader.next()).done);
  t.is(clock.waiting, 0);
  t.deepEqual(rejected, []);
});

test("ReceivedChunks that is stopped between two pieces gives no more", async (t) => {
  const { rejected, reader, chunks } = newChunks();
  await reader.next();
  chunks.stop("not wanted");
  t.deepEqual(rejected, ["not wanted"]);
  await t.throwsAsync(reader.next(), { message: "not wanted" });
  chunks.stop("once more");
  await t.throwsAsync(reader.next(), { message: "not wanted" }, "the first reason stays");
});
