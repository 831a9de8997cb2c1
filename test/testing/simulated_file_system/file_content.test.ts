import test from "ava";
import { FileContent } from "../../../testing/simulated_file_system/file_content.ts";

function bytesOf(content: FileContent): number[] {
  const bytes = new Uint8Array(content.size);
  content.read(bytes, 0);
  return [...bytes];
}

/** A content of which `1, 2, 3` is durable. */
function durable(): FileContent {
  const content = new FileContent();
  content.write(Uint8Array.of(1, 2, 3), 0)();
  return content;
}

test("FileContent reads at once what was written, durable or not", (t) => {
  const content = durable();
  content.write(Uint8Array.of(7), 1);
  t.deepEqual(bytesOf(content), [1, 7, 3]);
  content.truncate(2);
  t.deepEqual(bytesOf(content), [1, 7]);
  const target = new Uint8Array(3).fill(9);
  t.is(content.read(target, 1), 1);
  t.deepEqual([...target], [7, 9, 9]);
  t.is(content.read(target, 2), 0);
});

test("FileContent reads as zeros what was never written, and what was cut off and grew again", (t) => {
  const content = durable();
  content.write(Uint8Array.of(5), 5);
  t.deepEqual(bytesOf(content), [1, 2, 3, 0, 0, 5]);
  content.truncate(1);
  content.truncate(4);
  t.deepEqual(bytesOf(content), [1, 0, 0, 0]);
});

test("FileContent keeps a copy: the writer may use its bytes for something else", (t) => {
  const content = new FileContent();
  const bytes = Uint8Array.of(1, 2);
  const settle = content.write(bytes, 0);
  bytes.fill(9);
  settle();
  t.deepEqual(bytesOf(content), [1, 2]);
  t.deepEqual(bytesOf(content.afterPowerCut({ whole: 0, tornBytes: 0 })), [1, 2]);
});

test("FileContent lists what is not durable by its bytes, oldest first", (t) => {
  const content = durable();
  t.deepEqual(content.unsynced, []);
  content.write(Uint8Array.of(4, 5), 3);
  content.truncate(4);
  const settle = content.write(Uint8Array.of(6), 4);
  t.deepEqual(content.unsynced, [2, 0, 1]);
  settle();
  t.deepEqual(content.unsynced, [2, 0]);
  content.sync()();
  t.deepEqual(content.unsynced, []);
});

for (
  const { survival, left, why } of [
    { survival: { whole: 0, tornBytes: 0 }, left: [1, 2, 3], why: "nothing survives" },
    { survival: { whole: 0, tornBytes: 1 }, left: [1, 2, 3, 4], why: "the first write is torn" },
    { survival: { whole: 1, tornBytes: 0 }, left: [1, 2, 3, 4, 5], why: "the first one survives" },
    { survival: { whole: 1, tornBytes: 9 }, left: [1, 2, 3, 4, 5], why: "no truncation is torn" },
    { survival: { whole: 2, tornBytes: 0 }, left: [1, 2], why: "the truncation survives too" },
    { survival: { whole: 2, tornBytes: 2 }, left: [1, 2, 0, 0, 6, 7], why: "the last is torn" },
    { survival: { whole: 3, tornBytes: 0 }, left: [1, 2, 0, 0, 6, 7, 8], why: "all survives" },
  ]
) {
  test(`FileContent.afterPowerCut leaves [${left}] where ${why}`, (t) => {
    const content = durable();
    content.write(Uint8Array.of(4, 5), 3);
    content.truncate(2);
    content.write(Uint8Array.of(6, 7, 8), 4);
    const survivor = content.afterPowerCut(survival);
    t.deepEqual(bytesOf(survivor), left);
    t.deepEqual(survivor.unsynced, []);
    t.deepEqual(bytesOf(survivor.afterPowerCut({ whole: 0, tornBytes: 0 })), left);
    t.deepEqual(bytesOf(content), [1, 2, 0, 0, 6, 7, 8], "the content itself stays as it is");
  });
}

test("FileContent.sync makes durable what was written before it, and not what came after", (t) => {
  const content = durable();
  content.write(Uint8Array.of(4), 3);
  const settle = content.sync();
  content.write(Uint8Array.of(5), 4);
  t.deepEqual(bytesOf(content.afterPowerCut({ whole: 0, tornBytes: 0 })), [1, 2, 3]);
  settle();
  t.deepEqual(bytesOf(content.afterPowerCut({ whole: 0, tornBytes: 0 })), [1, 2, 3, 4]);
  settle();
  t.deepEqual(content.unsynced, [1]);
});

// A write with its own sync (`O_DSYNC`) becomes durable before what is older and
// was not synced; that must not be laid over it later.
test.failing("FileContent keeps a durable write that is newer than what is synced after it", (t) => {
  const content = durable();
  content.truncate(0);
  content.write(Uint8Array.of(7, 8), 0)();
  t.deepEqual(bytesOf(content), [7, 8]);
  content.sync()();
  t.deepEqual(bytesOf(content.afterPowerCut({ whole: 0, tornBytes: 0 })), [7, 8]);
});

test.failing("FileContent keeps a durable write where an older change survives a power cut", (t) => {
  const content = durable();
  content.write(Uint8Array.of(4), 0);
  content.write(Uint8Array.of(7), 0)();
  t.deepEqual(bytesOf(content.afterPowerCut({ whole: 1, tornBytes: 0 })), [7, 2, 3]);
});
