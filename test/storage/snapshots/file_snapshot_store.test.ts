import test from "ava";
import { snapshotName, temporaryName } from "../../../storage/snapshots/snapshot_name.ts";
import { type HookedCall, HookedFileSystem } from "./hooked_file_system.ts";
import { isSame, metaOf, readWhole, stateOf, streamOf } from "./sample_snapshots.ts";
import { CHUNK_BYTES, DIRECTORY, SnapshotDisk } from "./snapshot_disk.ts";

const KIB = 1024;

test("FileSnapshotStore streams: writes are bounded, and what it was not asked to write it has not taken", async (t) => {
  const chunkBytes = 4 * KIB;
  const pieceBytes = 64 * KIB;
  const pieces = 40;
  let taken = 0;
  let written = 0;
  let writing = 0;
  let largestWrite = 0;
  let largestRead = 0;
  let furthestAhead = 0;
  const disk = new SnapshotDisk();
  const fileSystem = new HookedFileSystem(disk.files, ({ name, bytes }) => {
    if (name === "write") {
      writing += 1;
      written += bytes;
      largestWrite = Math.max(largestWrite, bytes);
    }
    if (name === "read") {
      largestRead = Math.max(largestRead, bytes);
    }
  });
  const { store } = await disk.open({ fileSystem, chunkBytes });
  const source = async function* () {
    for (let piece = 0; piece < pieces; piece += 1) {
      furthestAhead = Math.max(furthestAhead, taken - written);
      taken += pieceBytes;
      yield await Promise.resolve(new Uint8Array(pieceBytes).fill(piece));
    }
  };
  await store.publish(metaOf(10), source());
  t.true(largestWrite <= chunkBytes + 16, `a write of ${largestWrite} bytes`);
  t.true(writing >= taken / chunkBytes, `${writing} writes`);
  t.true(furthestAhead < chunkBytes, `${furthestAhead} bytes are held when more are asked for`);

  const opened = await store.openNewest();
  let length = 0;
  for await (const chunk of opened?.chunks ?? []) {
    t.true(chunk.length <= chunkBytes);
    t.true(chunk.every((byte, at) => byte === Math.floor((length + at) / pieceBytes)));
    length += chunk.length;
  }
  t.is(length, taken);
  t.true(largestRead <= chunkBytes + 16, `a read of ${largestRead} bytes`);
  await store.close();
});

test("FileSnapshotStore reads no further than it is asked to", async (t) => {
  let reads = 0;
  const disk = new SnapshotDisk();
  const fileSystem = new HookedFileSystem(disk.files, ({ name }) => {
    reads += name === "read" ? 1 : 0;
  });
  const { store } = await disk.open({ fileSystem });
  await store.publish(metaOf(10), streamOf(stateOf(1)));
  const opened = await store.openNewest();
  const chunks = opened?.chunks[Symbol.asyncIterator]();
  const before = reads;
  await chunks?.next();
  await disk.pass();
  await disk.pass();
  t.is(reads - before, 1);
  await chunks?.return?.();
  t.is(fileSystem.openFiles, 0);
  await store.close();
});

test("FileSnapshotStore writes and reads states around the size of a chunk", async (t) => {
  const disk = new SnapshotDisk();
  const { store } = await disk.open();
  for (const length of [0, 1, 11, 12, 63, 64, 65, 127, 128, 129]) {
    const state = Uint8Array.from({ length }, (_, at) => at + length);
    await store.publish(metaOf(10 + length), streamOf(state));
    const opened = await store.openNewest();
    t.is(opened?.meta.last.index, 10 + length);
    const { bytes, error } = opened === null ? t.fail() : await readWhole(opened);
    t.is(error, null);
    t.deepEqual(bytes, state);
  }
  await store.close();
  for (const chunkBytes of [1, 7]) {
    const tiny = await disk.open({ chunkBytes });
    await tiny.store.publish(metaOf(300 + chunkBytes), streamOf(stateOf(1)));
    const opened = await tiny.store.openNewest();
    const { bytes } = opened === null ? t.fail() : await readWhole(opened);
    t.true(isSame(bytes, stateOf(1)), "chunks shorter than the end of the file");
    await tiny.store.close();
  }
});

for (
  const { call, nth, why } of [
    { call: "open", nth: 1, why: "the file cannot be created" },
    { call: "write", nth: 1, why: "the disk is full at the header" },
    { call: "write", nth: 2, why: "the disk is full at the first chunk" },
    { call: "write", nth: 4, why: "the disk is full at the last chunk" },
    { call: "write", nth: 5, why: "the disk is full at the end" },
  ]
) {
  test(`FileSnapshotStore goes on as before when ${why}`, async (t) => {
    let calls = -Infinity;
    const disk = new SnapshotDisk();
    const fileSystem = new HookedFileSystem(disk.files, ({ name, path }) => {
      if (name === call && path.endsWith(".tmp") && (calls += 1) === nth) {
        throw Object.assign(new Error("no space left"), { code: "ENOSPC" });
      }
    });
    const { store } = await disk.open({ fileSystem });
    await store.publish(metaOf(10), streamOf(stateOf(1)));
    calls = 0;
    let isReturnedFrom = false;
    const chunks = streamOf(stateOf(2));
    const source: AsyncIterable<Uint8Array> = {
      [Symbol.asyncIterator]: () => ({
        next: () => chunks.next(),
        return() {
          isReturnedFrom = true;
          return chunks.return(undefined);
        },
      }),
    };
    await t.throwsAsync(() => store.publish(metaOf(20), source), { code: "ENOSPC" });
    t.is(isReturnedFrom, nth < 4, "unless it had come to its end");
    t.deepEqual(await disk.names(), [snapshotName(metaOf(10).last)]);
    t.is(fileSystem.openFiles, 0);
    await store.publish(metaOf(20), streamOf(stateOf(2)));
    t.is((await store.openNewest())?.meta.last.index, 20);
    await store.close();
  });
}

for (
  const { why, call } of [
    { call: "close", why: "neither can what was written be closed" },
    { call: "open", why: "it was created though its opening failed" },
  ]
) {
  test(`FileSnapshotStore leaves nothing of a publish that failed when ${why}`, async (t) => {
    let isFailing = false;
    const disk = new SnapshotDisk();
    const fileSystem = new HookedFileSystem(disk.files, ({ name, path }) => {
      if (isFailing && name === call && path.endsWith(".tmp")) {
        throw Object.assign(new Error(`${call} failed`), { code: "EIO" });
      }
    });
    const { store } = await disk.open({ fileSystem });
    await store.publish(metaOf(10), streamOf(stateOf(1)));
    isFailing = true;
    if (call === "open") {
      await disk.write(temporaryName(metaOf(20).last), new Uint8Array(9));
    }
    const lost = async function* () {
      yield await Promise.resolve(new Uint8Array(1));
      throw new Error("the source is lost");
    };
    await t.throwsAsync(() => store.publish(metaOf(20), lost()), {
      message: call === "close" ? "the source is lost" : "open failed",
    });
    isFailing = false;
    t.is(fileSystem.openFiles, 0);
    t.deepEqual((await store.list()).map(({ last }) => last), [metaOf(10).last]);
    await store.publish(metaOf(20), streamOf(stateOf(2)));
    t.is((await store.openNewest())?.meta.last.index, 20);
    t.deepEqual(await disk.names(), [10, 20].map((index) => snapshotName(metaOf(index).last)));
    await store.close();
  });
}

const FATAL: readonly (readonly [name: HookedCall["name"], why: string])[] = [
  ["dataSync", "the file cannot be synced"],
  ["rename", "the file cannot be renamed"],
  ["syncDirectory", "the directory cannot be synced"],
  ["remove", "an old file cannot be removed"],
];
for (const [fails, why] of FATAL) {
  test(`FileSnapshotStore is out of use once ${why}, and the next life is not`, async (t) => {
    let isFailing = false;
    const disk = new SnapshotDisk();
    const fileSystem = new HookedFileSystem(disk.files, ({ name }) => {
      if (isFailing && name === fails) {
        throw Object.assign(new Error("the disk is ill"), { code: "EIO" });
      }
    });
    const { store } = await disk.open({ fileSystem, snapshotsMax: 1 });
    await store.publish(metaOf(10), streamOf(stateOf(1)));
    isFailing = true;
    await t.throwsAsync(() => store.publish(metaOf(20), streamOf(stateOf(2))), {
      code: "STORAGE_FAILED",
      message: /the disk is ill/,
    });
    isFailing = false;
    for (
      const call of [
        () => store.publish(metaOf(30), streamOf(stateOf(3))),
        () => store.purge(1),
        () => store.openNewest(),
        () => store.list(),
      ]
    ) {
      await t.throwsAsync(call, { code: "STORAGE_FAILED" });
    }
    await store.close();
    t.is(fileSystem.openFiles, 0);

    const next = await disk.open({ snapshotsMax: 1 });
    const opened = await next.store.openNewest();
    const state = opened?.meta.last.index === 10 ? stateOf(1) : stateOf(2);
    const { bytes } = opened === null ? t.fail() : await readWhole(opened);
    t.true(isSame(bytes, state), "the old one or the new one");
    await next.store.publish(metaOf(30), streamOf(stateOf(3)));
    t.deepEqual(await disk.names(), [snapshotName(metaOf(30).last)], "and nothing is left over");
    await next.store.close();
  });
}

test("FileSnapshotStore takes a place that cannot be read for damage", async (t) => {
  const ill = snapshotName(metaOf(20).last);
  for (const failing of ["read", "size"]) {
    for (let nth = 1; nth <= (failing === "read" ? 6 : 1); nth += 1) {
      const disk = new SnapshotDisk();
      let count = 0;
      const fileSystem = new HookedFileSystem(disk.files, ({ name, path }) => {
        if (name === failing && path.endsWith(ill) && (count += 1) >= nth) {
          throw Object.assign(new Error("bad sector"), { code: "EIO" });
        }
      });
      const first = await disk.open();
      await first.store.publish(metaOf(10), streamOf(stateOf(1)));
      await first.store.publish(metaOf(20), streamOf(stateOf(2)));
      await first.store.close();
      const { store, damages } = await disk.open({ fileSystem });
      const opened = await store.openNewest();
      t.is(opened?.meta.last.index, 10, `${failing} ${nth}`);
      t.deepEqual(opened?.passedOver, [metaOf(20).last]);
      t.regex(damages[0]?.what ?? "", /bad sector/);
      await store.close();
      t.is(fileSystem.openFiles, 0);
    }
  }
});

test("FileSnapshotStore tells of damage and falls back though the file cannot be closed either", async (t) => {
  const ill = snapshotName(metaOf(20).last);
  const disk = new SnapshotDisk();
  const fileSystem = new HookedFileSystem(disk.files, ({ name, path }) => {
    if (name === "close" && path.endsWith(ill)) {
      throw Object.assign(new Error("bad sector"), { code: "EIO" });
    }
  });
  const first = await disk.open();
  await first.store.publish(metaOf(10), streamOf(stateOf(1)));
  await first.store.publish(metaOf(20), streamOf(stateOf(2)));
  await first.store.close();
  await disk.flip(ill, (await disk.read(ill)).length - 1);
  const { store, damages } = await disk.open({ fileSystem });
  const opened = await store.openNewest();
  t.is(opened?.meta.last.index, 10);
  t.deepEqual(damages.map(({ last }) => last), [metaOf(20).last]);
  await store.close();
  t.is(fileSystem.openFiles, 0);
});

test("FileSnapshotStore does not take for damage that it may not open a file", async (t) => {
  const disk = new SnapshotDisk();
  let isFailing = false;
  const fileSystem = new HookedFileSystem(disk.files, ({ name, path }) => {
    if (isFailing && name === "open" && path.endsWith(".snapshot")) {
      throw Object.assign(new Error("too many open files"), { code: "EMFILE" });
    }
  });
  const { store, damages } = await disk.open({ fileSystem });
  await store.publish(metaOf(10), streamOf(stateOf(1)));
  isFailing = true;
  await t.throwsAsync(() => store.openNewest(), { code: "EMFILE" });
  t.deepEqual(damages, []);
  isFailing = false;
  t.is((await store.openNewest())?.meta.last.index, 10);
  await store.close();
});

test("FileSnapshotStore says so when a file is gone that it knew", async (t) => {
  const disk = new SnapshotDisk();
  const { store, damages } = await disk.open();
  await store.publish(metaOf(10), streamOf(stateOf(1)));
  await store.publish(metaOf(20), streamOf(stateOf(2)));
  await disk.files.remove(`${DIRECTORY}/${snapshotName(metaOf(20).last)}`);
  t.is((await store.openNewest())?.meta.last.index, 10);
  t.like(damages, [{ what: "the file is missing", last: { index: 20 } }]);
  await store.close();
});

test("FileSnapshotStore tells of damage once, however many readers meet it", async (t) => {
  const disk = new SnapshotDisk();
  const { store, damages } = await disk.open();
  await store.publish(metaOf(10), streamOf(stateOf(1)));
  const readers = [await store.openNewest(), await store.openNewest()];
  await disk.flip(snapshotName(metaOf(10).last), 250);
  for (const reader of readers) {
    const { error } = reader === null ? t.fail() : await readWhole(reader);
    t.like(error, { code: "SNAPSHOT_CORRUPT" });
  }
  t.is(damages.length, 1);
  await store.close();
});

test("FileSnapshotStore tells of no damage to what is purged", async (t) => {
  const disk = new SnapshotDisk();
  let isFailing = false;
  const fileSystem = new HookedFileSystem(disk.files, ({ name }) => {
    if (isFailing && name === "read") {
      throw new Error("bad sector");
    }
  });
  const { store, damages } = await disk.open({ fileSystem });
  await store.publish(metaOf(10), streamOf(stateOf(1)));
  const opened = await store.openNewest();
  await store.publish(metaOf(20), streamOf(stateOf(2)));
  await store.purge(1);
  isFailing = true;
  const { error } = opened === null ? t.fail() : await readWhole(opened);
  t.like(error, { code: "SNAPSHOT_CORRUPT" }, "who reads it is told");
  t.deepEqual(damages, []);
  await store.close();
});

test("FileSnapshotStore creates nothing for a publish that was aborted before", async (t) => {
  const disk = new SnapshotDisk();
  const calls: string[] = [];
  const fileSystem = new HookedFileSystem(disk.files, ({ name }) => void calls.push(name));
  const { store } = await disk.open({ fileSystem });
  calls.length = 0;
  const signal = AbortSignal.abort(new Error("not wanted"));
  const publishing = store.publish(metaOf(10), streamOf(stateOf(1)), { signal });
  await t.throwsAsync(() => publishing, { message: "not wanted" });
  t.deepEqual(calls, []);
  await store.close();
});

test("FileSnapshotStore heeds an abort up to its last write", async (t) => {
  const disk = new SnapshotDisk();
  const controller = new AbortController();
  let writes = 0;
  const fileSystem = new HookedFileSystem(disk.files, ({ name }) => {
    writes += name === "write" ? 1 : 0;
    if (writes === 5) {
      controller.abort(new Error("no longer wanted"));
    }
  });
  const { store } = await disk.open({ fileSystem });
  const { signal } = controller;
  const publishing = store.publish(metaOf(10), streamOf(stateOf(1)), { signal });
  await t.throwsAsync(() => publishing, { message: "no longer wanted" });
  t.is(writes, 5, "a header, three chunks, the end");
  t.deepEqual(await disk.names(), []);
  await store.close();
});

test("FileSnapshotStore keeps five by default, as etcd does", async (t) => {
  const disk = new SnapshotDisk();
  const { store } = await disk.open();
  for (let index = 1; index <= 8; index += 1) {
    await store.publish(metaOf(index), streamOf(stateOf(index)));
  }
  t.deepEqual((await store.list()).map(({ last }) => last.index), [8, 7, 6, 5, 4]);
  t.is((await disk.names()).length, 5);
  await store.close();
});

test("FileSnapshotStore opens the newest while others are published and purged", async (t) => {
  const disk = new SnapshotDisk();
  const { store, damages } = await disk.open({ snapshotsMax: 1 });
  await store.publish(metaOf(1), streamOf(stateOf(1)));
  let isPublishing = true;
  const publishing = (async () => {
    for (let index = 2; index <= 60; index += 1) {
      await store.publish(metaOf(index), streamOf(stateOf(index)));
    }
    isPublishing = false;
  })();
  let last = 0;
  let opens = 0;
  while (isPublishing) {
    const opened = await store.openNewest();
    const { bytes, error } = opened === null ? t.fail() : await readWhole(opened);
    const index = opened?.meta.last.index ?? 0;
    t.is(error, null);
    t.true(isSame(bytes, stateOf(index)) && index >= last, `${index} after ${last}`);
    last = index;
    opens += 1;
  }
  await publishing;
  t.true(opens > 5, `${opens} opened`);
  t.deepEqual(damages, []);
  await store.close();
});

test("FileSnapshotStore keeps a second one off its directory, and lets go of it", async (t) => {
  const disk = new SnapshotDisk();
  const { store } = await disk.open();
  await t.throwsAsync(() => disk.open(), { code: "LOCKED" });
  await store.close();
  const next = await disk.open();
  await next.store.close();
});

test("FileSnapshotStore cannot be used before it is opened nor after it was closed", async (t) => {
  const disk = new SnapshotDisk();
  const { store } = disk.store();
  for (const time of ["before", "after"]) {
    for (
      const call of [
        () => store.publish(metaOf(30), streamOf(stateOf(3))),
        () => store.purge(1),
        () => store.openNewest(),
        () => store.list(),
      ]
    ) {
      await t.throwsAsync(call, { code: "STORAGE_CLOSED" }, time);
    }
    await (time === "before" ? store.open().then(() => store.close()) : store.close());
  }
});

test("FileSnapshotStore cuts readers off when it is closed, and leaves no file open", async (t) => {
  const disk = new SnapshotDisk();
  const fileSystem = new HookedFileSystem(disk.files);
  const { store, damages } = await disk.open({ fileSystem });
  await store.publish(metaOf(10), streamOf(stateOf(1)));
  const [read, unread] = [await store.openNewest(), await store.openNewest()];
  const chunks = read?.chunks[Symbol.asyncIterator]();
  await chunks?.next();
  t.is(fileSystem.openFiles, 2);
  const next = chunks?.next();
  await store.close();
  t.is(fileSystem.openFiles, 0);
  t.false(fileSystem.hasClosedWhileReading);
  t.like(await next, { done: false }, "what was being read is finished first");
  await t.throwsAsync(async () => await chunks?.next(), { code: "STORAGE_CLOSED" });
  const { error } = unread === null ? t.fail() : await readWhole(unread);
  t.like(error, { code: "STORAGE_CLOSED" });
  t.deepEqual(damages, [], "that is no damage");
});

test("FileSnapshotStore closes a snapshot that was opened in vain", async (t) => {
  const disk = new SnapshotDisk();
  const fileSystem = new HookedFileSystem(disk.files);
  const { store } = await disk.open({ fileSystem });
  await store.publish(metaOf(10), streamOf(stateOf(1)));
  const [one, other, third] = [
    await store.openNewest(),
    await store.openNewest(),
    await store.openNewest(),
  ];
  await one?.close();
  await one?.close();
  // Returned from before anything was asked of it.
  await other?.chunks[Symbol.asyncIterator]().return?.();
  for await (const chunk of third?.chunks ?? []) {
    t.is(chunk.length, CHUNK_BYTES);
    break;
  }
  t.is(fileSystem.openFiles, 0);
  await store.close();
});

test("FileSnapshotStore gives no second reader an end without a beginning", async (t) => {
  const disk = new SnapshotDisk();
  const { store } = await disk.open();
  await store.publish(metaOf(10), streamOf(stateOf(1)));
  const opened = await store.openNewest();
  const first = opened === null ? t.fail() : await readWhole(opened);
  t.is(first.bytes.length, 150);
  const second = opened === null ? t.fail() : await readWhole(opened);
  t.like(second.error, { code: "INVARIANT" });
  await store.close();
});

test("FileSnapshotStore refuses what makes no sense", async (t) => {
  const disk = new SnapshotDisk();
  for (const options of [{ snapshotsMax: 0 }, { chunkBytes: 0 }, { chunkBytes: 2 ** 31 }]) {
    t.throws(() => disk.store(options), { code: "INVARIANT" });
  }
  const { store } = await disk.open();
  for (const last of [{ term: 1, index: 0 }, { term: 0, index: 1 }, { term: 1, index: 2 ** 53 }]) {
    const { membership } = metaOf(1);
    await t.throwsAsync(() => store.publish({ last, membership }, streamOf(stateOf(1))), {
      code: "INVARIANT",
    });
  }
  await t.throwsAsync(() => store.purge(0), { code: "INVARIANT" });
  await t.throwsAsync(() => store.open(), { code: "INVARIANT" });
  t.deepEqual(await disk.names(), []);
  await store.close();
});
