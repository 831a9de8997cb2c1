import { stat, writeFile } from "node:fs/promises";
import test from "ava";
import { type Entry, INITIAL_HARD_STATE, membershipOf } from "../../../raft/mod.ts";
import { NodeFileSystem } from "../../../storage/files/mod.ts";
import type { FileSystem, OpenFile } from "../../../storage/mod.ts";
import { EntryReader } from "../../../storage/wal/entry_reader.ts";
import {
  LockedError,
  StorageClosedError,
  StorageFailedError,
  WalCorruptError,
  WalLogStore,
} from "../../../storage/wal/mod.ts";
import { replay } from "../../../storage/wal/replay.ts";
import { allEntries, command, SEGMENT_BYTES, WalDirectory } from "./wal_directory.ts";

const MEMBERSHIP = membershipOf(["a"]);

/** Of the headers here. */
const HEADER_BYTES_MAX = 200;

function appendOne(entry: Entry): { readonly hardState: null; readonly entries: readonly Entry[] } {
  return { hardState: null, entries: [entry] };
}

test("WalLogStore goes on in a new segment when a batch does not fit, and a large one gets its own", async (t) => {
  await using directory = await WalDirectory.create();
  const { log } = await directory.open();
  const entries = [
    command(1, 1, 2000),
    command(2, 1, 3000),
    command(3, 1, 20_000),
    command(4, 1, 5),
  ];
  const sizes: number[] = [];
  for (const entry of entries) {
    await log.append(appendOne(entry));
    const [last = ""] = (await directory.segments()).reverse();
    sizes.push((await stat(directory.pathOf(last))).size);
  }
  t.is((await directory.segments()).length, 4);
  t.is(sizes[1], SEGMENT_BYTES);
  t.true((sizes[2] ?? 0) > 20_000 && (sizes[2] ?? 0) < 20_300);
  t.is(sizes[3], SEGMENT_BYTES);
  await log.close();
  const again = await directory.open();
  t.deepEqual(await allEntries(again), entries);
  await again.log.close();
});

test("WalLogStore makes files that their owner alone can read", async (t) => {
  await using directory = await WalDirectory.create();
  const { log } = await directory.open();
  const [name = ""] = await directory.segments();
  t.is((await stat(directory.pathOf(name))).mode & 0o777, 0o600);
  t.is((await stat(directory.path)).mode & 0o777, 0o700);
  await log.close();
});

test("WalLogStore.compact deletes the segments below the marker, and none that is needed", async (t) => {
  await using directory = await WalDirectory.create();
  const { log } = await directory.open();
  for (let index = 1; index <= 12; index += 1) {
    await log.append(appendOne(command(index, 1, 1000))); // Three in a segment.
  }
  await log.append({ hardState: { term: 4, vote: "b", commit: 9 }, entries: [] });
  const all = await directory.segments();
  t.is(all.length, 5, "what confirms a vote is in another sector, and here in another segment");
  await log.compact({ index: 5, term: 1, membership: MEMBERSHIP });
  t.is((await directory.segments())[0], all[1], "6 is in the second");
  await log.compact({ index: 6, term: 1, membership: MEMBERSHIP });
  t.is((await directory.segments())[0], all[2]);
  await log.compact({ index: 12, term: 1, membership: MEMBERSHIP });
  t.is((await directory.segments()).length, 1, "the one that is written to stays");
  await log.compact({ index: 6, term: 1, membership: MEMBERSHIP });
  await log.close();
  const { log: again, state } = await directory.open();
  t.deepEqual(state, {
    hardState: { term: 4, vote: "b", commit: 9 },
    marker: { index: 12, term: 1, membership: MEMBERSHIP },
    lastIndex: 12,
    terms: [],
    membershipEntries: [],
  });
  await again.append(appendOne(command(13, 4)));
  t.deepEqual(await again.entries({ low: 13, high: 14, maxBytes: 0 }), [command(13, 4)]);
  await again.close();
});

test("WalLogStore removes on open what a crash kept it from deleting after compaction", async (t) => {
  await using directory = await WalDirectory.create();
  const { log } = await directory.open();
  for (let index = 1; index <= 6; index += 1) {
    await log.append(appendOne(command(index, 1, 1000)));
  }
  const [first = ""] = await directory.segments();
  const bytes = await directory.read(first);
  await log.compact({ index: 4, term: 1, membership: MEMBERSHIP });
  await log.close();
  await writeFile(directory.pathOf(first), bytes);
  const again = await directory.open();
  t.false((await directory.segments()).includes(first));
  t.deepEqual((await allEntries(again)).map(({ index }) => index), [5, 6]);
  await again.log.close();
});

test("WalLogStore reads entries whose segment is deleted meanwhile", async (t) => {
  await using directory = await WalDirectory.create();
  const fileSystem = new WaitingFileSystem();
  const { log } = await directory.open({ fileSystem });
  const entries = Array.from({ length: 9 }, (_, offset) => command(offset + 1, 1, 1000));
  for (const entry of entries) {
    await log.append(appendOne(entry));
  }
  const gate = Promise.withResolvers<void>();
  fileSystem.gate = gate.promise;
  const reading = log.entries({ low: 1, high: 10, maxBytes: Infinity });
  await log.compact({ index: 9, term: 1, membership: MEMBERSHIP });
  t.is((await directory.segments()).length, 1);
  gate.resolve();
  t.deepEqual(await reading, entries);
  t.is(fileSystem.openForReading, 0, "none of the segments read is left");
  await log.close();
});

test("EntryReader lets no segment go that is being opened to be read", async (t) => {
  await using directory = await WalDirectory.create();
  const { log } = await directory.open();
  await log.append(appendOne(command(1, 1)));
  await log.close();
  const fileSystem = new WaitingFileSystem();
  const path = directory.path;
  const { index } = await replay({ fileSystem, directory: path, identity: "", sequences: [1] });
  const gate = Promise.withResolvers<void>();
  fileSystem.openGate = gate.promise;
  const range = { low: 1, high: 2, maxBytes: 1 };
  const reader = new EntryReader(fileSystem, path);
  const reading = reader.read(index.frames.covering(range), range);
  let isDropped = false;
  const dropping = reader.drop(1).then(() => isDropped = true);
  for (let turn = 0; turn < 100; turn += 1) {
    await Promise.resolve();
  }
  t.false(isDropped);
  gate.resolve();
  t.deepEqual(await reading, [command(1, 1)]);
  await dropping;
  t.is(fileSystem.openForReading, 0);
});

test("WalLogStore.close frees the lock though the last watermark cannot be written", async (t) => {
  await using directory = await WalDirectory.create();
  const fileSystem = new FailingFileSystem();
  const { log } = await directory.open({ fileSystem });
  await log.append(appendOne(command(1, 1)));
  fileSystem.failOnce = "write";
  await t.throwsAsync(() => log.close(), { instanceOf: StorageFailedError });
  const again = await directory.open();
  t.is(again.state.lastIndex, 1);
  await again.log.close();
});

test("WalLogStore.close confirms what was under way once, however late its timer comes", async (t) => {
  await using directory = await WalDirectory.create();
  const fileSystem = new FailingFileSystem();
  const timers = new Set<() => void>();
  const { log } = await directory.open({
    fileSystem,
    segmentBytes: 65_536,
    setTimer: (_, callback) => {
      timers.add(callback);
      return () => timers.delete(callback);
    },
  });
  const before = fileSystem.writes;
  const appending = log.append(appendOne(command(1, 1)));
  const closing = log.close();
  await appending;
  // The disk is slow: whatever was not stopped by now comes during the last write.
  fileSystem.onWrite = () => timers.forEach((fire) => fire());
  await closing;
  t.is(fileSystem.writes - before, 2, "the append, and what confirms it");
  t.is(timers.size, 0);
});

test("WalLogStore.close frees the lock though a file cannot be closed", async (t) => {
  await using directory = await WalDirectory.create();
  const fileSystem = new FailingFileSystem();
  const { log } = await directory.open({ fileSystem });
  fileSystem.failOnce = "close";
  await t.throwsAsync(() => log.close(), { code: "EIO" });
  const again = await directory.open();
  await again.log.close();
});

test("WalLogStore refuses to fill nothing at once", (t) => {
  const options = { fileSystem: new NodeFileSystem(), directory: "never made" };
  for (const zerosAheadBytes of [0, -1, 1.5, NaN]) {
    t.throws(() => new WalLogStore({ ...options, zerosAheadBytes }), {
      instanceOf: RangeError,
      message: /zerosAheadBytes must be a whole number from 1/,
    });
  }
});

test("WalLogStore refuses a size that no segment can have", (t) => {
  const options = { fileSystem: new NodeFileSystem(), directory: "never made" };
  for (const segmentBytes of [0, -1, 1.5, 2 ** 32, NaN]) {
    t.throws(() => new WalLogStore({ ...options, segmentBytes }), {
      instanceOf: RangeError,
      message: /segmentBytes must be from 1 to 4294967295/,
    });
  }
});

test("WalLogStore says where a disk cannot read", async (t) => {
  await using directory = await WalDirectory.create();
  const { log } = await directory.open();
  await log.append(appendOne(command(1, 1, 1000)));
  const [name = ""] = await directory.segments();
  const path = directory.pathOf(name);
  const isTold = { instanceOf: WalCorruptError, message: /EIO: i\/o error, read/ };
  await log.close();
  for (const badFrom of [0, 60, 500]) {
    const fileSystem = new BadSectorFileSystem(badFrom);
    const error = await t.throwsAsync(() => directory.open({ fileSystem }), isTold);
    t.is(error.file, path);
  }
});

test("WalLogStore reads as much as fits behind a frame of which a part was appended again", async (t) => {
  await using directory = await WalDirectory.create();
  const { log } = await directory.open();
  await log.append(appendOne(command(1, 1, 10)));
  const replaced = [2, 3, 4, 5].map((index) => command(index, 1, 100));
  await log.append({ hardState: null, entries: replaced });
  await log.append(appendOne(command(3, 2, 10)));
  t.deepEqual(await log.entries({ low: 1, high: 4, maxBytes: 120 }), [
    command(1, 1, 10),
    command(2, 1, 100),
    command(3, 2, 10),
  ]);
  await log.close();
});

test("WalLogStore refuses to return an entry that is damaged on the disk", async (t) => {
  await using directory = await WalDirectory.create();
  const { log } = await directory.open();
  await log.append(appendOne(command(1, 1, 100)));
  await log.append(appendOne(command(2, 1, 100)));
  const [name = ""] = await directory.segments();
  const bytes = await directory.read(name);
  bytes[200] = (bytes[200] ?? 0) ^ 1;
  await writeFile(directory.pathOf(name), bytes);
  const error = await t.throwsAsync(() => log.entries({ low: 1, high: 3, maxBytes: Infinity }), {
    code: "WAL_CORRUPT",
  });
  t.true(error?.message.includes(directory.pathOf(name)));
  t.deepEqual(await log.entries({ low: 2, high: 3, maxBytes: Infinity }), [command(2, 1, 100)]);
  await log.close();
});

test("W13: WalLogStore keeps a second one off its directory until it is closed", async (t) => {
  await using directory = await WalDirectory.create();
  const { log } = await directory.open();
  await t.throwsAsync(() => directory.open(), { instanceOf: LockedError });
  await log.append(appendOne(command(1, 1)));
  await log.close();
  const { log: second, state } = await directory.open();
  t.is(state.lastIndex, 1);
  await second.close();
});

test("WalLogStore refuses use before it is opened and after it is closed", async (t) => {
  await using directory = await WalDirectory.create();
  const { log } = await directory.open();
  await log.close();
  await log.close();
  const uses = [
    () => log.append(appendOne(command(1, 1))),
    () => log.compact({ index: 1, term: 1, membership: MEMBERSHIP }),
    () => log.entries({ low: 1, high: 1, maxBytes: 1 }),
  ];
  for (const use of uses) {
    await t.throwsAsync(use, { instanceOf: StorageClosedError });
  }
});

for (
  const { title, failAt, entry } of [
    { title: "an append", failAt: "write", entry: command(2, 1) },
    { title: "the sync of a new segment", failAt: "dataSync", entry: command(2, 1, 8000) },
    {
      title: "the directory sync of a new segment",
      failAt: "syncDirectory",
      entry: command(2, 1, 8000),
    },
  ] as const
) {
  test(`W7: WalLogStore is out of use once ${title} has failed, even if the next would succeed`, async (t) => {
    await using directory = await WalDirectory.create();
    const fileSystem = new FailingFileSystem();
    const { log } = await directory.open({ fileSystem });
    await log.append(appendOne(command(1, 1)));
    fileSystem.failOnce = failAt;
    const failed = await t.throwsAsync(() => log.append(appendOne(entry)), {
      instanceOf: StorageFailedError,
      code: "STORAGE_FAILED",
    });
    t.is((failed?.cause as NodeJS.ErrnoException).code, "EIO");
    t.true(fileSystem.hasFailed);
    const calls = fileSystem.writes;
    const uses = [
      () => log.append(appendOne(command(2, 1))),
      () => log.compact({ index: 1, term: 1, membership: MEMBERSHIP }),
      () => log.entries({ low: 1, high: 2, maxBytes: 1 }),
    ];
    for (const use of uses) {
      t.is(await t.throwsAsync(use), failed);
    }
    await log.close();
    t.is(fileSystem.writes, calls, "nothing was written after the failure");
    // The disk alone tells what is there; what was durable is.
    const again = await directory.open();
    t.deepEqual((await allEntries(again))[0], command(1, 1));
    await again.log.close();
  });
}

test("WalLogStore writes each append with one call", async (t) => {
  await using directory = await WalDirectory.create();
  const fileSystem = new FailingFileSystem();
  const { log } = await directory.open({ fileSystem, segmentBytes: 65_536 });
  const before = fileSystem.calls;
  await log.append({
    hardState: { ...INITIAL_HARD_STATE, commit: 0 },
    entries: Array.from({ length: 50 }, (_, offset) => command(offset + 1, 1)),
  });
  t.is(fileSystem.calls - before, 1);
  await log.append({ hardState: null, entries: [] });
  t.is(fileSystem.calls - before, 1, "nothing to write");
  const hardState = { term: 1, vote: "a", commit: 0 };
  await log.append({ hardState, entries: [command(51, 1)] });
  t.is(fileSystem.calls - before, 3, "a vote is confirmed by a watermark before it counts");
  await log.append({ hardState: { ...hardState, commit: 51 }, entries: [] });
  t.is(fileSystem.calls - before, 4, "a commit is a mere hint");
  await log.close();
});

/** The real file system, in which a sector of a segment cannot be read. */
class BadSectorFileSystem extends NodeFileSystem implements FileSystem {
  readonly #offset: number;

  constructor(offset: number) {
    super();
    this.#offset = offset;
  }

  override async open(...args: Parameters<FileSystem["open"]>): Promise<OpenFile> {
    const file = await super.open(...args);
    const read = file.read.bind(file);
    if (args[0].endsWith(".wal")) {
      file.read = (target, offset) =>
        offset <= this.#offset && this.#offset < offset + target.length
          ? Promise.reject(Object.assign(new Error("EIO: i/o error, read"), { code: "EIO" }))
          : read(target, offset);
    }
    return file;
  }
}

/** The real file system, in which one call of a kind fails without effect. */
class FailingFileSystem extends NodeFileSystem implements FileSystem {
  failOnce: "write" | "dataSync" | "syncDirectory" | "close" | null = null;
  onWrite = (): void => {};
  hasFailed = false;
  writes = 0;
  calls = 0;

  override async open(...args: Parameters<FileSystem["open"]>): Promise<OpenFile> {
    const file = await super.open(...args);
    const count = <T>(kind: "write" | "dataSync" | "other", call: () => Promise<T>) => {
      this.calls += 1;
      this.writes += kind === "write" ? 1 : 0;
      if (kind === "write") {
        this.onWrite();
      }
      this.#maybeFail(kind);
      return call();
    };
    return {
      read: (target, offset) => count("other", () => file.read(target, offset)),
      write: async (bytes, offset) => await count("write", () => file.write(bytes, offset)),
      dataSync: async () => await count("dataSync", () => file.dataSync()),
      truncate: (sizeBytes) => count("other", () => file.truncate(sizeBytes)),
      size: () => count("other", () => file.size()),
      close: async () => {
        await file.close();
        this.#maybeFail("close");
      },
    };
  }

  override async syncDirectory(path: string): Promise<void> {
    this.#maybeFail("syncDirectory");
    await super.syncDirectory(path);
  }

  #maybeFail(kind: string): void {
    if (this.failOnce === kind) {
      this.failOnce = null;
      this.hasFailed = true;
      throw Object.assign(new Error("EIO: i/o error"), { code: "EIO" });
    }
  }
}

/** The real file system, in which reads wait for a gate before they begin. */
class WaitingFileSystem extends NodeFileSystem {
  gate: Promise<void> = Promise.resolve();
  openGate: Promise<void> = Promise.resolve();
  openForReading = 0;

  override async open(...args: Parameters<FileSystem["open"]>): Promise<OpenFile> {
    if (args[1].mode !== "read") {
      return await super.open(...args);
    }
    await this.openGate;
    const file = await super.open(...args);
    this.openForReading += 1;
    return {
      read: async (target, offset) => {
        // A header is read at once: it belongs to opening the segment.
        await (target.length > HEADER_BYTES_MAX ? this.gate : null);
        return await file.read(target, offset);
      },
      write: (bytes, offset) => file.write(bytes, offset),
      dataSync: () => file.dataSync(),
      truncate: (sizeBytes) => file.truncate(sizeBytes),
      size: () => file.size(),
      close: () => {
        this.openForReading -= 1;
        return file.close();
      },
    };
  }
}
