import test from "ava";
import {
  type ChangeSurvival,
  FileContent,
} from "../../../testing/simulated_file_system/file_content.ts";

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
  t.deepEqual(bytesOf(content.afterPowerCut([])), [1, 2]);
});

test("FileContent lists what is not durable, oldest first", (t) => {
  const content = durable();
  t.deepEqual(content.unsynced, []);
  content.write(Uint8Array.of(4, 5), 3);
  content.truncate(4);
  const settle = content.write(Uint8Array.of(6), 4);
  const types = () => content.unsynced.map(({ type }) => type);
  t.deepEqual(types(), ["write", "truncate", "write"]);
  settle();
  t.deepEqual(types(), ["write", "truncate"]);
  content.sync()();
  t.deepEqual(content.unsynced, []);
});

for (
  const { survival, left, why } of [
    { survival: [], left: [1, 2, 3], why: "nothing survives" },
    { survival: [[{ start: 0, end: 1 }]], left: [1, 2, 3, 4], why: "the first write is torn" },
    { survival: ["whole"], left: [1, 2, 3, 4, 5], why: "the first one survives" },
    {
      survival: ["whole", [{ start: 0, end: 9 }]],
      left: [1, 2, 3, 4, 5],
      why: "no truncation is torn",
    },
    { survival: ["whole", "whole"], left: [1, 2], why: "the truncation survives too" },
    {
      survival: ["whole", "whole", [{ start: 0, end: 2 }]],
      left: [1, 2, 0, 0, 6, 7],
      why: "the last is torn",
    },
    { survival: ["whole", "whole", "whole"], left: [1, 2, 0, 0, 6, 7, 8], why: "all survives" },
    { survival: ["lost", "whole", "lost"], left: [1, 2], why: "a later one survives alone" },
    {
      survival: ["lost", "lost", [{ start: 0, end: 1 }, { start: 2, end: 3 }]],
      left: [1, 2, 3, 0, 6, 0, 8],
      why: "a write lost its middle",
    },
  ] satisfies readonly { survival: ChangeSurvival[]; left: number[]; why: string }[]
) {
  test(`FileContent.afterPowerCut leaves [${left}] where ${why}`, (t) => {
    const content = durable();
    content.write(Uint8Array.of(4, 5), 3);
    content.truncate(2);
    content.write(Uint8Array.of(6, 7, 8), 4);
    const survivor = content.afterPowerCut(survival);
    t.deepEqual(bytesOf(survivor), left);
    t.deepEqual(survivor.unsynced, []);
    t.deepEqual(bytesOf(survivor.afterPowerCut([])), left);
    t.deepEqual(bytesOf(content), [1, 2, 0, 0, 6, 7, 8], "the content itself stays as it is");
  });
}

test("FileContent.sync makes durable what was written before it, and not what came after", (t) => {
  const content = durable();
  content.write(Uint8Array.of(4), 3);
  const settle = content.sync();
  content.write(Uint8Array.of(5), 4);
  t.deepEqual(bytesOf(content.afterPowerCut([])), [1, 2, 3]);
  settle();
  t.deepEqual(bytesOf(content.afterPowerCut([])), [1, 2, 3, 4]);
  settle();
  t.is(content.unsynced.length, 1);
});

// A write with its own sync (`O_DSYNC`) becomes durable before what is older and
// was not synced; that must not be laid over it later.
test("FileContent keeps a durable write that is newer than what is synced after it", (t) => {
  const content = durable();
  content.truncate(0);
  content.write(Uint8Array.of(7, 8), 0)();
  t.deepEqual(bytesOf(content), [7, 8]);
  content.sync()();
  t.deepEqual(bytesOf(content.afterPowerCut([])), [7, 8]);
});

test("FileContent keeps a durable write where an older change survives a power cut", (t) => {
  const content = durable();
  content.write(Uint8Array.of(4), 0);
  content.write(Uint8Array.of(7), 0)();
  t.deepEqual(bytesOf(content.afterPowerCut(["whole"])), [7, 2, 3]);
});

test("FileContent.forget keeps from the disk what a failed sync was to bring there", (t) => {
  const content = durable();
  content.write(Uint8Array.of(9), 0);
  content.forget("EIO");
  content.write(Uint8Array.of(8), 1);
  content.sync()();
  t.deepEqual(bytesOf(content), [9, 8, 3], "programs still see it");
  t.deepEqual(bytesOf(content.afterPowerCut([])), [1, 8, 3]);
});

test("FileContent.rot turns bits around, for programs and after a power cut", (t) => {
  const content = durable();
  content.rot(1, 0b101);
  content.rot(99, 1);
  t.deepEqual(bytesOf(content), [1, 7, 3]);
  t.deepEqual(bytesOf(content.afterPowerCut([])), [1, 7, 3]);
});

test("FileContent takes a block for what is written, none for a hole, and gives back what is cut", (t) => {
  const content = new FileContent();
  content.truncate(100_000);
  t.is(content.allocatedBytes, 0);
  content.write(new Uint8Array(2), 4_095);
  t.is(content.allocatedBytes, 8_192);
  content.write(new Uint8Array(1), 50_000);
  t.is(content.allocatedBytes, 12_288);
  content.truncate(4_096);
  t.is(content.allocatedBytes, 4_096);
});

for (
  const { offset, length, newBlocks, fitting } of [
    { offset: 0, length: 4_096, newBlocks: 0, fitting: 4_096 },
    { offset: 0, length: 5_000, newBlocks: 0, fitting: 4_096 },
    { offset: 0, length: 5_000, newBlocks: 1, fitting: 5_000 },
    { offset: 5_000, length: 5_000, newBlocks: 0, fitting: 0 },
    { offset: 5_000, length: 5_000, newBlocks: 1, fitting: 3_192 },
    { offset: 0, length: 0, newBlocks: 0, fitting: 0 },
  ]
) {
  test(`FileContent has room for ${fitting} of ${length} bytes at ${offset} with ${newBlocks} new blocks`, (t) => {
    const content = new FileContent();
    content.write(new Uint8Array(1), 0);
    t.is(content.fitting(offset, length, newBlocks), fitting);
  });
}
