import { mkdir, readdir, writeFile } from "node:fs/promises";
import { crc32 } from "node:zlib";
import test from "ava";
import { NodeFileSystem } from "../../../storage/files/mod.ts";
import type { OpenFile, OpenOptions } from "../../../storage/mod.ts";
import { allEntries, command, SEGMENT_BYTES, WalDirectory } from "./wal_directory.ts";

/** Reads come in chunks of this size, and may be this large whatever a file says. */
const CHUNK_BYTES = 1024 * 1024;

/** The real file system, which knows the largest buffer that it was given to read into. */
class MeasuredFileSystem extends NodeFileSystem {
  largestRead = 0;

  override async open(path: string, options: OpenOptions): Promise<OpenFile> {
    const file = await super.open(path, options);
    const read = file.read.bind(file);
    file.read = (target, offset) => {
      this.largestRead = Math.max(this.largestRead, target.length);
      return read(target, offset);
    };
    return file;
  }
}

/** Makes a log of several segments, and returns their names. */
async function severalSegments(directory: WalDirectory): Promise<string[]> {
  const { log } = await directory.open();
  for (let index = 1; index <= 12; index += 1) {
    await log.append({ hardState: null, entries: [command(index, 1, 1000)] });
  }
  await log.close();
  return await directory.segments();
}

/** With which the CRC of each frame of a segment begins. */
function headerCrcOf(view: DataView): number {
  return view.getUint32(16, true);
}

/** Where the frames of a segment begin. */
function frameStarts(bytes: Uint8Array): number[] {
  const view = new DataView(bytes.buffer);
  const starts: number[] = [];
  let start = Math.ceil(view.getUint32(12, true) / 8) * 8;
  while (start + 48 <= bytes.length && view.getUint32(start + 4, true) > 0) {
    starts.push(start);
    start = Math.ceil((start + view.getUint32(start + 4, true)) / 8) * 8;
  }
  return starts;
}

for (
  const { order, why } of [
    { order: [0, 2, 1, 3], why: "exchanged" },
    { order: [1, 0, 2, 3], why: "exchanged at the beginning" },
    { order: [0, 1, 1, 3], why: "there twice, in the place of another" },
    { order: [0, 1, 2, 0], why: "there twice, at the end" },
  ]
) {
  test(`W11: WalLogStore refuses a log in which a segment is ${why}, names it, and changes nothing`, async (t) => {
    await using directory = await WalDirectory.create();
    const names = await severalSegments(directory);
    t.is(names.length, order.length);
    const contents = await Promise.all(names.map((name) => directory.read(name)));
    for (const [position, from] of order.entries()) {
      await writeFile(directory.pathOf(names[position] ?? ""), contents[from] ?? "");
    }
    const error = await t.throwsAsync(() => directory.open(), { code: "WAL_CORRUPT" });
    const misplaced = order.flatMap((from, position) => from === position ? [] : [position]);
    t.true(misplaced.some((position) => error.message.includes(names[position] ?? "?")));
    for (const [position, from] of order.entries()) {
      t.deepEqual(await directory.read(names[position] ?? ""), contents[from]);
    }
  });
}

test("W11: WalLogStore leaves the directories of others alone, and lost+found", async (t) => {
  await using directory = await WalDirectory.create();
  const names = await severalSegments(directory);
  const foreign = ["lost+found", `${names[0]}.d`, "archive.tmp"];
  for (const name of foreign) {
    await mkdir(directory.pathOf(name));
  }
  const opened = await directory.open();
  t.is((await allEntries(opened)).length, 12);
  await opened.log.close();
  t.deepEqual(
    (await readdir(directory.path)).filter((name) => foreign.includes(name)),
    [
      ...foreign,
    ].sort(),
  );
});

for (
  const { length, why } of [
    { length: 0xffff_ffff, why: "of 4 GiB, or negative" },
    { length: 0x8000_0000, why: "of 2 GiB" },
    { length: 0x7fff_fff8, why: "just below 2 GiB" },
    { length: SEGMENT_BYTES, why: "beyond the end of the file" },
    { length: 47, why: "below that of its head" },
    { length: 0, why: "of 0" },
  ]
) {
  test(`W12: WalLogStore takes a frame's length ${why} for damage, and no memory for it`, async (t) => {
    await using directory = await WalDirectory.create();
    const names = await severalSegments(directory);
    const name = names.at(-2) ?? "";
    const bytes = await directory.read(name);
    const [, start = 0] = frameStarts(bytes);
    const view = new DataView(bytes.buffer);
    view.setUint32(start + 4, length, true);
    // A CRC that fits what the frame claims to be, as far as it is in the file.
    const end = Math.min(start + length, bytes.length);
    const frame = bytes.subarray(start + 4, Math.max(start + 4, end));
    view.setUint32(start, crc32(frame, headerCrcOf(view)), true);
    await writeFile(directory.pathOf(name), bytes);
    const fileSystem = new MeasuredFileSystem();
    const error = await t.throwsAsync(() => directory.open({ fileSystem }), {
      code: "WAL_CORRUPT",
    });
    t.true(error.message.includes(`${directory.pathOf(name)} at offset ${start}`), error.message);
    t.true(fileSystem.largestRead <= CHUNK_BYTES, `${fileSystem.largestRead} bytes at once`);
  });
}

for (
  const { at, part, why } of [
    { at: 24, part: "frame", why: "first index of a frame" },
    { at: 24, part: "header", why: "sequence of a segment" },
    { at: 32, part: "header", why: "first index of a segment" },
  ] as const
) {
  for (const value of [2n ** 63n, 2n ** 56n, 2n ** 64n - 1n, 2n ** 53n]) {
    test(`W12: WalLogStore refuses a ${why} of ${value}, though the CRC fits`, async (t) => {
      await using directory = await WalDirectory.create();
      const names = await severalSegments(directory);
      const name = names.at(-2) ?? "";
      const bytes = await directory.read(name);
      const view = new DataView(bytes.buffer);
      const start = part === "header" ? 0 : frameStarts(bytes)[0] ?? 0;
      view.setBigUint64(start + at, value, true);
      if (part === "header") {
        const header = bytes.subarray(0, view.getUint32(12, true));
        view.setUint32(16, crc32(header.subarray(20), crc32(header.subarray(0, 16))), true);
      } else {
        const length = view.getUint32(start + 4, true);
        view.setUint32(
          start,
          crc32(bytes.subarray(start + 4, start + length), headerCrcOf(view)),
          true,
        );
      }
      await writeFile(directory.pathOf(name), bytes);
      const error = await t.throwsAsync(() => directory.open(), { code: "WAL_CORRUPT" });
      t.true(error.message.includes(name), error.message);
      t.deepEqual(await directory.read(name), bytes);
    });
  }
}

test("W12: WalLogStore takes no memory for a header's length that is beyond all bounds", async (t) => {
  await using directory = await WalDirectory.create();
  const [name = ""] = await severalSegments(directory);
  const bytes = await directory.read(name);
  for (const length of [0xffff_ffff, 0x8000_0000, 5 * 1024 * 1024, 19, 0]) {
    new DataView(bytes.buffer).setUint32(12, length, true);
    await writeFile(directory.pathOf(name), bytes);
    const fileSystem = new MeasuredFileSystem();
    await t.throwsAsync(() => directory.open({ fileSystem }), {
      code: "WAL_CORRUPT",
      message: new RegExp(`no header is ${length} bytes long`),
    });
    t.true(fileSystem.largestRead <= CHUNK_BYTES, `${fileSystem.largestRead} bytes at once`);
  }
});

test("W14: WalLogStore refuses a hard state whose term is below the one before", async (t) => {
  await using directory = await WalDirectory.create();
  const { log } = await directory.open({ segmentBytes: 65_536 });
  await log.append({ hardState: { term: 5, vote: null, commit: 0 }, entries: [] });
  await t.throwsAsync(
    () => log.append({ hardState: { term: 3, vote: null, commit: 0 }, entries: [] }),
    { code: "INVARIANT", message: /terms never go back/ },
  );
  await log.append({ hardState: { term: 6, vote: null, commit: 0 }, entries: [] });
  await log.close();
  const [name = ""] = await directory.segments();
  const bytes = await directory.read(name);
  const view = new DataView(bytes.buffer);
  const forged = frameStarts(bytes).findLast((start) => view.getUint32(start + 48, true) === 6);
  const start = forged ?? 0;
  view.setUint32(start + 48, 3, true);
  const length = view.getUint32(start + 4, true);
  view.setUint32(
    start,
    crc32(bytes.subarray(start + 4, start + length), headerCrcOf(view)),
    true,
  );
  await writeFile(directory.pathOf(name), bytes);
  await t.throwsAsync(() => directory.open(), {
    code: "WAL_CORRUPT",
    message: /term 3 after term 5/,
  });
});
