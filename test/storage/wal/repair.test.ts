import { rename, rm, writeFile } from "node:fs/promises";
import { crc32 } from "node:zlib";
import test, { type ExecutionContext } from "ava";
import { encodeMembership, type Entry, membershipOf } from "../../../raft/mod.ts";
import { NodeFileSystem } from "../../../storage/files/mod.ts";
import type { OpenFile } from "../../../storage/mod.ts";
import { WalCorruptError } from "../../../storage/wal/mod.ts";
import { FRAME_HEAD_BYTES } from "../../../storage/wal/frame_format.ts";
import { placesOf } from "./damaged_log.ts";
import { allEntries, command, SEGMENT_BYTES, WalDirectory } from "./wal_directory.ts";

/** A log of a few batches in one segment, and where each of them ends. */
interface Written {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Offset at which the first frame begins, then where each batch ends. */
  readonly ends: readonly number[];
  /** Entries of each batch. */
  readonly batches: readonly (readonly Entry[])[];
}

const BATCHES = [[command(1, 1)], [command(2, 1), command(3, 2, 0)], [command(4, 2, 33)], [
  command(5, 2, 9),
]];

/** With room for frames that go to the end of their sectors. */
const ROOMY = { segmentBytes: 16_384 };

/** The batch that comes with a vote, and so with a frame of its own that confirms it. */
const VOTED = 2;

/** Writes the batches, and leaves the log as a crash right after the last one would. */
async function written(directory: WalDirectory): Promise<Written> {
  const { log } = await directory.open(ROOMY);
  for (const [position, entries] of BATCHES.entries()) {
    const hardState = position === VOTED ? { term: 2, vote: "b", commit: 3 } : null;
    await log.append({ hardState, entries });
  }
  const [name = ""] = await directory.segments();
  // `close` confirms the last batch by a watermark, which a crash would not.
  const bytes = await directory.read(name);
  await log.close();
  const batches = BATCHES.toSpliced(VOTED + 1, 0, []);
  return { name, bytes, ends: endsOf(bytes), batches };
}

/** Where the header ends, and then each frame, without what pads them. */
function endsOf(bytes: Uint8Array): number[] {
  const view = new DataView(bytes.buffer);
  const ends = [view.getUint32(12, true)];
  for (;;) {
    const start = padded(ends.at(-1) ?? 0);
    if (start + FRAME_HEAD_BYTES > bytes.length) {
      return ends;
    }
    const length = view.getUint32(start + 4, true);
    if (length === 0) {
      return ends;
    }
    ends.push(start + length);
  }
}

/** Number of batches at the beginning of which every byte is there as it was. */
function wholeBatches({ ends, bytes: original }: Written, bytes: Uint8Array): number {
  const isWhole = (end: number) =>
    end <= bytes.length && Buffer.compare(original.subarray(0, end), bytes.subarray(0, end)) === 0;
  return ends.slice(1).filter(isWhole).length;
}

/** Opens the log with these bytes: it has what is whole, and reports the rest. */
async function assertRepairs(
  t: ExecutionContext,
  directory: WalDirectory,
  log: Written,
  { bytes, note }: { readonly bytes: Uint8Array; readonly note: string },
): Promise<void> {
  await rm(directory.pathOf("0000000000000002.wal"), { force: true });
  await writeFile(directory.pathOf(log.name), bytes);
  const batchCount = wholeBatches(log, bytes);
  const end = padded(log.ends[batchCount] ?? 0);
  const garbageEnd = bytes.findLastIndex((byte) => byte !== 0) + 1;

  const opened = await directory.open();
  t.deepEqual(await allEntries(opened), log.batches.slice(0, batchCount).flat(), note);
  const file = directory.pathOf(log.name);
  const repair = { file, offset: end, bytes: garbageEnd - end };
  const isCut = garbageEnd > end;
  t.deepEqual(opened.repairs, isCut ? [repair] : [], note);
  t.is(opened.state.hardState.isSuspect, isCut ? true : undefined, note);
  // What follows must be found again: nothing of what was cut may be in its way.
  const next = command(opened.state.lastIndex + 1, 3);
  await opened.log.append({ hardState: null, entries: [next] });
  await opened.log.close();
  const again = await directory.open();
  t.deepEqual(again.repairs, [], note);
  t.deepEqual(again.state.hardState, opened.state.hardState, note);
  t.deepEqual((await allEntries(again)).at(-1), next, note);
  await again.log.close();
}

test("W1: WalLogStore refuses a file that is cut at any byte", async (t) => {
  await using directory = await WalDirectory.create();
  const log = await written(directory);
  for (const length of [...placesOf(log.bytes), log.bytes.length - 1]) {
    await rewrite(directory, log.name, log.bytes.slice(0, length));
    const error = await t.throwsAsync(() => directory.open(), { code: "WAL_CORRUPT" });
    t.true(error instanceof WalCorruptError && error.offset <= length);
  }
});

test("W3: WalLogStore zeroed from every byte on has the batches before, and reports the rest", async (t) => {
  await using directory = await WalDirectory.create();
  const log = await written(directory);
  for (const length of placesOf(log.bytes).filter((place) => place >= (log.ends[0] ?? 0))) {
    const bytes = log.bytes.slice().fill(0, length);
    await assertRepairs(t, directory, log, { bytes, note: `zeros from ${length}` });
  }
});

test("W2: WalLogStore cuts a last batch of which any byte is damaged", async (t) => {
  await using directory = await WalDirectory.create();
  const log = await written(directory);
  const start = padded(log.ends.at(-2) ?? 0);
  for (let position = start; position < (log.ends.at(-1) ?? 0); position += 1) {
    const bytes = flipped(log.bytes, position);
    await assertRepairs(t, directory, log, { bytes, note: `byte ${position}` });
  }
});

test("W1: WalLogStore that has cut its end finds nothing more to cut, though nothing was appended", async (t) => {
  await using directory = await WalDirectory.create();
  const log = await written(directory);
  // Farther behind than what is written in the place of what is cut.
  await writeFile(directory.pathOf(log.name), flipped(log.bytes, (log.ends.at(-1) ?? 0) + 500));
  const opened = await directory.open();
  t.is(opened.repairs.length, 1);
  await opened.log.close();
  const again = await directory.open();
  t.deepEqual(again.repairs, []);
  t.deepEqual(again.state, opened.state);
  await again.log.close();
});

test("W6: WalLogStore refuses a log in which any byte before the last batch is damaged", async (t) => {
  await using directory = await WalDirectory.create();
  const log = await written(directory);
  const lastStart = padded(log.ends.at(-2) ?? 0);
  const starts = log.ends.map(padded);
  for (const position of placesOf(log.bytes).filter((place) => place < lastStart)) {
    const bytes = flipped(log.bytes, position);
    await rewrite(directory, log.name, bytes);
    if (log.ends.slice(0, -1).some((end) => position >= end && position < padded(end))) {
      // Padding carries nothing, and is not looked at.
      const opened = await directory.open();
      t.is(opened.state.lastIndex, 5);
      await opened.log.close();
      continue;
    }
    const error = await t.throwsAsync(
      () => directory.open(),
      { code: "WAL_CORRUPT" },
      `byte ${position}`,
    );
    t.true(error?.message.includes(directory.pathOf(log.name)));
    if (error instanceof WalCorruptError && position >= (log.ends[0] ?? 0)) {
      t.is(error.offset, starts.findLast((start) => start <= position) ?? 0, `byte ${position}`);
    }
    t.deepEqual(await directory.read(log.name), bytes, "nothing is changed");
  }
});

test("W6: WalLogStore refuses damage to the last batch once a watermark has confirmed it", async (t) => {
  await using directory = await WalDirectory.create();
  const timers: (() => void)[] = [];
  const { log } = await directory.open({
    watermarkDelayMs: 10,
    setTimer: (delayMs, callback) => {
      t.is(delayMs, 10);
      timers.push(callback);
      return () => {};
    },
  });
  await log.append({ hardState: null, entries: [command(1, 1)] });
  await log.append({ hardState: null, entries: [command(2, 1)] });
  t.is(timers.length, 1);
  timers.shift()?.();
  t.is(timers.length, 1, "there was an append since it was set");
  const [name = ""] = await directory.segments();
  const before = endsOf(await directory.read(name));
  timers.shift()?.();
  await log.compact({ index: 0, term: 0, membership: null }); // Waits for its turn, and does nothing.
  const bytes = await directory.read(name);
  t.is(endsOf(bytes).length, before.length + 1, "the watermark is written");
  await log.close();
  t.deepEqual(await directory.read(name), bytes, "and not again by close");
  await rewrite(directory, name, flipped(bytes, (before.at(-1) ?? 0) - 1));
  await t.throwsAsync(() => directory.open(), { code: "WAL_CORRUPT" });
});

for (
  const { batch, what } of [
    { batch: { hardState: { term: 2, vote: null, commit: 0 }, entries: [] }, what: "a term" },
    { batch: { hardState: { term: 1, vote: "a", commit: 0 }, entries: [] }, what: "a vote" },
    {
      batch: {
        hardState: null,
        entries: [{
          ...command(2, 1),
          kind: "membership",
          data: encodeMembership(membershipOf(["a"])),
        }],
      },
      what: "a membership",
    },
  ] as const
) {
  test(`W6: WalLogStore refuses damage to the last batch if it brought ${what}`, async (t) => {
    await using directory = await WalDirectory.create();
    const { log } = await directory.open(ROOMY);
    await log.append({ hardState: { term: 1, vote: null, commit: 0 }, entries: [command(1, 1)] });
    await log.append(batch);
    const [name = ""] = await directory.segments();
    const bytes = await directory.read(name);
    await log.close();
    const ends = endsOf(bytes);
    t.is(ends.length, 5, "two batches, each with its watermark");
    await rewrite(directory, name, flipped(bytes, (ends[3] ?? 0) - 1));
    await t.throwsAsync(() => directory.open(), { code: "WAL_CORRUPT" });
  });
}

test("W6: WalLogStore refuses damage to a compaction marker", async (t) => {
  await using directory = await WalDirectory.create();
  const { log } = await directory.open(ROOMY);
  await log.append({ hardState: null, entries: [command(1, 1)] });
  await log.compact({ index: 1, term: 1, membership: membershipOf(["a"]) });
  const [name = ""] = await directory.segments();
  const bytes = await directory.read(name);
  await log.close();
  const ends = endsOf(bytes);
  t.is(ends.length, 4, "an entry, the marker, and what confirms it");
  await rewrite(directory, name, flipped(bytes, padded(ends[1] ?? 0) + FRAME_HEAD_BYTES));
  await t.throwsAsync(() => directory.open(), { code: "WAL_CORRUPT" });
});

test("W4: WalLogStore refuses a frame that was written in the place of another", async (t) => {
  await using directory = await WalDirectory.create();
  const { log } = await directory.open(ROOMY);
  for (let index = 1; index <= 3; index += 1) {
    await log.append({ hardState: null, entries: [command(index, 1)] });
  }
  const [name = ""] = await directory.segments();
  const bytes = await directory.read(name);
  await log.close();
  const [, second = 0, third = 0] = endsOf(bytes).map(padded);
  bytes.copyWithin(third, second, third);
  await rewrite(directory, name, bytes);
  await t.throwsAsync(() => directory.open(), { code: "WAL_CORRUPT" });
});

test("WalLogStore stays suspect over restarts and segments until it is told otherwise", async (t) => {
  await using directory = await WalDirectory.create();
  const { name, bytes, ends } = await written(directory);
  await rewrite(directory, name, flipped(bytes, (ends.at(-1) ?? 0) - 1));
  const isSuspect = { term: 2, vote: "b", commit: 3, isSuspect: true };
  for (let life = 1; life <= 3; life += 1) {
    const { log, state } = await directory.open();
    t.deepEqual(state.hardState, isSuspect, `life ${life}`);
    await log.append({ hardState: null, entries: [command(5, 2, SEGMENT_BYTES)] });
    await log.close();
  }
  const { log } = await directory.open();
  await log.append({ hardState: { term: 2, vote: "b", commit: 3 }, entries: [] });
  await log.close();
  const { log: last, state } = await directory.open();
  t.deepEqual(state.hardState, { term: 2, vote: "b", commit: 3 });
  await last.close();
});

test("W6: WalLogStore.close confirms the last batch", async (t) => {
  await using directory = await WalDirectory.create();
  const { name, ends } = await written(directory);
  const bytes = await directory.read(name);
  await rewrite(directory, name, flipped(bytes, (ends.at(-1) ?? 0) - 1));
  await t.throwsAsync(() => directory.open(), { code: "WAL_CORRUPT" });
});

test("W4: WalLogStore does not take frames of an older life of the file for its own", async (t) => {
  await using directory = await WalDirectory.create();
  const older = await written(directory);
  await rm(directory.path, { recursive: true });
  const { log } = await directory.open(ROOMY);
  const entry = { ...command(1, 1), data: new Uint8Array(20).fill(99) };
  await log.append({ hardState: null, entries: [entry] });
  const bytes = await directory.read(older.name);
  await log.close();
  // The new frame is as long as the old one, so the old second frame stands right behind it.
  const end = padded(older.ends[1] ?? 0);
  bytes.set(older.bytes.subarray(end), end);
  await rewrite(directory, older.name, bytes);
  const opened = await directory.open();
  t.deepEqual(await allEntries(opened), [entry]);
  t.is(opened.repairs.length, 1);
  await opened.log.close();
});

test("W4: WalLogStore cuts a torn write whose data look like frames", async (t) => {
  await using directory = await WalDirectory.create();
  const { name, bytes, ends } = await written(directory);
  // What a client can know: numbers of segments and offsets, not what each CRC begins with.
  const data = new Uint8Array(4_800);
  const view = new DataView(data.buffer);
  const start = padded(ends.at(-1) ?? 0);
  for (let at = 0; at < data.length; at += FRAME_HEAD_BYTES) {
    // As long as each can be: whoever believed them would read all of that for each.
    view.setUint32(at + 4, data.length - at, true);
    view.setUint8(at + 12, 1);
    view.setUint32(at + 32, 1, true);
    view.setUint32(at + 40, start + FRAME_HEAD_BYTES + at, true);
    view.setUint32(at, crc32(data.subarray(at + 4)), true);
  }
  bytes.set(data, start + FRAME_HEAD_BYTES);
  await rewrite(directory, name, bytes);
  const fileSystem = new CountingFileSystem();
  const { log, state, repairs } = await directory.open({ fileSystem });
  t.is(state.lastIndex, 5);
  t.is(repairs.length, 1);
  t.true(fileSystem.bytesRead < 3 * bytes.length, `${fileSystem.bytesRead} bytes were read`);
  await log.close();
});

test("W12: WalLogStore refuses a format of a later release by its version", async (t) => {
  await using directory = await WalDirectory.create();
  const { name, bytes } = await written(directory);
  const newer = bytes.slice();
  const view = new DataView(newer.buffer);
  view.setUint32(8, 2, true);
  const header = newer.subarray(0, view.getUint32(12, true));
  view.setUint32(16, crc32(header.subarray(20), crc32(header.subarray(0, 16))), true);
  await rewrite(directory, name, newer);
  await t.throwsAsync(() => directory.open(), {
    code: "WAL_VERSION",
    message: /version 2 is newer than this release reads \(1\)/,
  });
});

test("W12: WalLogStore refuses a frame whose numbers are out of all bounds, though its CRC fits", async (t) => {
  await using directory = await WalDirectory.create();
  const { name, bytes, ends } = await written(directory);
  const start = padded(ends[4] ?? 0);
  for (
    const { at, value, why } of [
      { at: 12, value: 9, why: "unknown type" },
      { at: 13, value: 0x80, why: "unknown flag" },
      { at: 16, value: 0xffff_ffff, why: "more entries than bytes" },
      { at: 16, value: 2, why: "one entry too many" },
      { at: 16, value: 0, why: "bytes behind the last entry" },
      { at: 20, value: 0xffff_ffff, why: "more filler than bytes" },
      { at: 20, value: 8, why: "filler where an entry is" },
      { at: 28, value: 0xffff_ffff, why: "an index beyond 2^53" },
      { at: 24, value: 7, why: "an index that leaves a gap" },
      { at: 48, value: 0xffff_ffff, why: "an entry longer than the frame" },
      { at: 52, value: 77, why: "an unknown kind" },
      { at: 56, value: 0, why: "a term below the one before" },
    ]
  ) {
    const forged = bytes.slice();
    const view = new DataView(forged.buffer);
    if (at === 12 || at === 13) {
      view.setUint8(start + at, value);
    } else {
      view.setUint32(start + at, value, true);
    }
    seal(forged, start);
    await rewrite(directory, name, forged);
    const error = await t.throwsAsync(() => directory.open(), { code: "WAL_CORRUPT" }, why);
    t.is((error as WalCorruptError).offset, start, why);
  }
});

test("W11: WalLogStore names a segment that is missing, renamed, or exchanged", async (t) => {
  await using directory = await WalDirectory.create();
  const { log } = await directory.open();
  for (let index = 1; index <= 12; index += 1) {
    await log.append({ hardState: null, entries: [command(index, 1, 1000)] });
  }
  await log.close();
  const segments = await directory.segments();
  t.true(segments.length >= 4);
  const [first = "", second = "", third = ""] = segments;
  const contents = await Promise.all(segments.map((name) => directory.read(name)));
  const restore = async () => {
    for (const [position, name] of segments.entries()) {
      await rewrite(directory, name, contents[position] ?? new Uint8Array());
    }
  };

  await rm(directory.pathOf(second));
  await t.throwsAsync(() => directory.open(), { message: new RegExp(`${second}.*missing`) });
  await restore();
  await rm(directory.pathOf(first));
  await t.throwsAsync(() => directory.open(), { message: /entries 1 to 3 are missing/ });
  await restore();
  await rewrite(directory, third, contents[1] ?? new Uint8Array());
  await t.throwsAsync(() => directory.open(), { message: new RegExp(`this is segment ${second}`) });
  await restore();
  // The end of the second segment is gone: the third one tells that it was durable.
  const cut = (endsOf(contents[1] ?? new Uint8Array()).at(-1) ?? 0) - 1500;
  await rewrite(directory, second, (contents[1] ?? new Uint8Array()).slice(0, cut));
  const error = await t.throwsAsync(() => directory.open(), { code: "WAL_CORRUPT" });
  t.true(error?.message.includes(directory.pathOf(second)));
  await restore();
  const { log: whole, state } = await directory.open();
  t.is(state.lastIndex, 12);
  await whole.close();
});

test("W11: WalLogStore passes over foreign files and removes its own half-made ones", async (t) => {
  await using directory = await WalDirectory.create();
  const { name } = await written(directory);
  const foreign = ["lost+found", `${name}.broken`, "1.wal", "000000000000000G.wal"];
  for (const file of [...foreign, "0000000000000002.wal.tmp"]) {
    await writeFile(directory.pathOf(file), "x");
  }
  const { log, state } = await directory.open();
  t.is(state.lastIndex, 5);
  for (let index = 6; index < 12; index += 1) {
    await log.append({ hardState: null, entries: [command(index, 2, 1000)] });
  }
  await log.close();
  for (const file of foreign) {
    t.deepEqual(await directory.read(file), new TextEncoder().encode("x"));
  }
});

test("WalLogStore refuses the log of another owner", async (t) => {
  await using directory = await WalDirectory.create();
  const { log } = await directory.open({ identity: "cluster 1" });
  await log.append({
    hardState: { term: 1, vote: null, commit: 0 },
    entries: [command(1, 1)],
  });
  await log.compact({ index: 1, term: 1, membership: membershipOf(["a"]) });
  await log.close();
  await t.throwsAsync(() => directory.open({ identity: "cluster 2" }), {
    code: "WAL_IDENTITY",
    message: /belongs to "cluster 1", not "cluster 2"/,
  });
  const { log: own } = await directory.open({ identity: "cluster 1" });
  await own.close();
});

test("W11: WalLogStore refuses a segment that was renamed away, and one that is not a segment", async (t) => {
  await using directory = await WalDirectory.create();
  const { name } = await written(directory);
  await rename(directory.pathOf(name), directory.pathOf("0000000000000009.wal"));
  await t.throwsAsync(() => directory.open(), { code: "WAL_CORRUPT" });
  await rewrite(directory, "0000000000000009.wal", new Uint8Array(SEGMENT_BYTES).fill(0x41));
  await t.throwsAsync(() => directory.open(), { message: /not the beginning of a log segment/ });
});

/** Gives a frame the CRC of what it is now. */
function seal(bytes: Uint8Array, start: number): void {
  const view = new DataView(bytes.buffer);
  const frame = bytes.subarray(start + 4, start + view.getUint32(start + 4, true));
  view.setUint32(start, crc32(frame, view.getUint32(16, true)), true);
}

/** The real file system, which knows how much was read. */
class CountingFileSystem extends NodeFileSystem {
  bytesRead = 0;

  override async open(...args: Parameters<NodeFileSystem["open"]>): Promise<OpenFile> {
    const file = await super.open(...args);
    const read = file.read.bind(file);
    file.read = async (target, offset) => {
      const length = await read(target, offset);
      this.bytesRead += length;
      return length;
    };
    return file;
  }
}

function rewrite(directory: WalDirectory, name: string, bytes: Uint8Array): Promise<void> {
  return writeFile(directory.pathOf(name), bytes);
}

function flipped(bytes: Uint8Array, position: number): Uint8Array {
  const copy = bytes.slice();
  copy[position] = (copy[position] ?? 0) ^ 0xff;
  return copy;
}

function padded(offset: number): number {
  return Math.ceil(offset / 8) * 8;
}
