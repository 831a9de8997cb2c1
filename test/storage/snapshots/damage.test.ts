import test, { type ExecutionContext } from "ava";
import { readChunks } from "../../../storage/snapshots/read_chunks.ts";
import { readSnapshotHeader } from "../../../storage/snapshots/snapshot_header.ts";
import { snapshotName } from "../../../storage/snapshots/snapshot_name.ts";
import { isSame, metaOf, readWhole, stateOf, streamOf } from "./sample_snapshots.ts";
import { concat, forge, partsOf, splitParts } from "./snapshot_bytes.ts";
import { CHUNK_BYTES, DIRECTORY, type DiskStore, SnapshotDisk } from "./snapshot_disk.ts";

const [OLD, NEW] = [nameOf(10), nameOf(20)];

/** The files of two snapshots, as they were written. */
const WRITTEN = writtenFiles();

interface Files {
  readonly old: Uint8Array;
  readonly newer: Uint8Array;
}

test("W15: FileSnapshotStore with any byte of the newest flipped opens the one before, and says so", async (t) => {
  const files = await WRITTEN;
  t.true(files.newer.length > 300 && files.newer.length < 500, "small enough to try every byte");
  for (const position of files.newer.keys()) {
    for (const mask of [0xff, 1 << position % 8]) {
      const newer = files.newer.slice();
      newer[position] = mask ^ (newer[position] ?? 0);
      await assertFallsBack(t, { ...files, newer }, `byte ${position} flipped by ${mask}`);
    }
  }
});

test("FileSnapshotStore names the chunk that is damaged", async (t) => {
  const { old, newer } = await WRITTEN;
  const starts = partsOf(newer);
  t.is(starts.length, 6, "a header, three chunks, the end");
  for (const position of newer.keys()) {
    const flipped = newer.slice();
    flipped[position] = 0xff ^ (flipped[position] ?? 0);
    const opened = await openWith({ old, newer: flipped });
    const start = starts.findLast((each) => each <= position) ?? 0;
    // A length of the header that cannot be says where it is.
    const isLength = position >= 12 && position < 16 && opened.damages[0]?.offset === 12;
    t.is(opened.damages[0]?.offset, isLength ? 12 : start, `byte ${position}`);
    await opened.store.close();
  }
});

test("W15: FileSnapshotStore with the newest cut at any byte opens the one before, and says so", async (t) => {
  const files = await WRITTEN;
  for (const length of files.newer.keys()) {
    const newer = files.newer.slice(0, length);
    await assertFallsBack(t, { ...files, newer }, `cut to ${length} bytes`);
  }
});

test("W15: FileSnapshotStore with the newest zeroed from any byte on opens the one before, and says so", async (t) => {
  const files = await WRITTEN;
  for (const position of files.newer.keys()) {
    const newer = files.newer.slice().fill(0, position);
    if (!isSame(newer, files.newer)) {
      await assertFallsBack(t, { ...files, newer }, `zeroed from ${position} on`);
    }
  }
});

test("FileSnapshotStore passes over a snapshot whose parts are not as they were written", async (t) => {
  const files = await WRITTEN;
  const [header, first, second, third, end] = splitParts(files.newer);
  const [otherHeader, ...others] = splitParts(files.old);
  for (
    const { why, parts } of [
      { why: "a chunk is missing", parts: [header, first, third, end] },
      { why: "the first chunk is missing", parts: [header, second, third, end] },
      { why: "the last chunk is missing", parts: [header, first, second, end] },
      { why: "all chunks are missing", parts: [header, end] },
      { why: "a chunk is doubled", parts: [header, first, first, second, third, end] },
      { why: "two chunks are swapped", parts: [header, second, first, third, end] },
      { why: "the end is missing", parts: [header, first, second, third] },
      { why: "the end is doubled", parts: [header, first, second, third, end, end] },
      { why: "something follows the end", parts: [header, first, second, third, end, header] },
      { why: "a chunk is another snapshot's", parts: [header, first, others[1], third, end] },
      { why: "the rest is another snapshot's", parts: [header, ...others] },
      { why: "the header is another snapshot's", parts: [otherHeader, first, second, third, end] },
      { why: "all of it is another snapshot, renamed", parts: [otherHeader, ...others] },
      { why: "it is empty", parts: [] },
    ]
  ) {
    await assertFallsBack(t, { ...files, newer: concat(parts) }, why);
  }
});

test("readChunks hands out no chunk that is out of place", async (t) => {
  const { old, newer } = await WRITTEN;
  const [header, first, second, third, end] = splitParts(newer);
  const [, ...others] = splitParts(old);
  for (
    const { parts, right } of [
      { parts: [header, first, third, end], right: 1 },
      { parts: [header, second, first, third, end], right: 0 },
      { parts: [header, first, first, second, third, end], right: 1 },
      { parts: [header, first, others[1], third, end], right: 1 },
      { parts: [header, ...others], right: 0 },
      { parts: [header, first, second, end], right: 2 },
    ]
  ) {
    const bytes = concat(parts);
    const file = {
      size: () => Promise.resolve(bytes.length),
      read(target: Uint8Array, offset: number) {
        const part = bytes.subarray(offset, offset + target.length);
        target.set(part);
        return Promise.resolve(part.length);
      },
    };
    const handedOut: number[] = [];
    await t.throwsAsync(async () => {
      for await (const chunk of readChunks(file, await readSnapshotHeader(file, NEW))) {
        handedOut.push(...chunk);
      }
    }, { code: "SNAPSHOT_FILE_DAMAGE" });
    t.deepEqual(handedOut, [...stateOf(2).subarray(0, right * CHUNK_BYTES)]);
  }
});

test("FileSnapshotStore passes over a snapshot whose fields make no sense, though its CRCs fit", async (t) => {
  const files = await WRITTEN;
  const membershipLength = 20 + 4 + 16;
  for (
    const { why, part, at, value } of [
      { why: "chunks of no bytes", part: 0, at: 20, value: 0 },
      { why: "chunks of four gigabytes", part: 0, at: 20, value: 0xffff_ffff },
      { why: "an index beyond 2^53", part: 0, at: 28, value: 0xffff_ffff },
      { why: "no membership", part: 0, at: membershipLength, value: 0xffff_ffff },
      { why: "a membership beyond the header", part: 0, at: membershipLength, value: 0xffff },
      { why: "a membership that is cut", part: 0, at: membershipLength, value: 5 },
      { why: "an unknown type", part: 1, at: 8, value: 3 },
      { why: "an end with data", part: 1, at: 8, value: 2 },
      { why: "data of an end", part: 4, at: 8, value: 1 },
      { why: "more bytes than there are", part: 4, at: 16, value: 151 },
      { why: "a number of bytes beyond 2^53", part: 4, at: 20, value: 0xffff_ffff },
      { why: "another CRC of the whole", part: 4, at: 24, value: 1 },
      { why: "other bytes of the same number", part: 2, at: 16, value: 1 },
    ]
  ) {
    const newer = forge(files.newer, {
      part,
      change: (view) => view.setUint32(at, value, true),
    });
    await assertFallsBack(t, { ...files, newer }, why);
  }
});

test("FileSnapshotStore passes over a snapshot with a header that says more than it knows", async (t) => {
  const files = await WRITTEN;
  const newer = forge(files.newer, {
    part: 0,
    change(header) {
      header.setUint32(12, header.byteLength + 1, true);
      return Uint8Array.of(...new Uint8Array(header.buffer), 7);
    },
  });
  await assertFallsBack(t, { ...files, newer }, "a byte more");
});

test("forge changes nothing but what it is told", async (t) => {
  const { newer } = await WRITTEN;
  t.deepEqual(forge(newer, { part: 0, change: () => {} }), newer);
});

test("W15: FileSnapshotStore refuses to open where all are damaged, and says what to do", async (t) => {
  const { old, newer } = await WRITTEN;
  const damaged = { old: old.slice(0, -1), newer: newer.slice(0, -1) };
  const { store, damages } = await openWith(damaged);
  const error = await t.throwsAsync(() => store.openNewest(), {
    code: "NO_USABLE_SNAPSHOT",
    message: /all 2 are damaged.*ends within a chunk.*backup.*add it again/,
  });
  t.true(error?.message.includes(`${DIRECTORY}/${NEW}`));
  t.deepEqual(damages.map(({ last }) => last.index), [20, 10]);
  await t.throwsAsync(() => store.openNewest(), { code: "NO_USABLE_SNAPSHOT" }, "the second time");
  t.is(damages.length, 2, "each is told of once");
  await store.close();
});

test("FileSnapshotStore with any byte of the only one flipped refuses to open", async (t) => {
  const { newer } = await WRITTEN;
  for (const position of newer.keys()) {
    const flipped = newer.slice();
    flipped[position] = 0xff ^ (flipped[position] ?? 0);
    const { store } = await openWith({ newer: flipped });
    await t.throwsAsync(() => store.openNewest(), { code: "NO_USABLE_SNAPSHOT" }, `${position}`);
    await store.close();
  }
});

test("FileSnapshotStore hands out no wrong byte of a snapshot that is damaged once it is open", async (t) => {
  const files = await WRITTEN;
  const headerBytes = partsOf(files.newer)[1] ?? 0;
  for (const position of files.newer.keys()) {
    const disk = await diskWith(files);
    const { store, damages } = await disk.open();
    const opened = await store.openNewest();
    t.is(opened?.meta.last.index, 20);
    await disk.flip(NEW, position);
    const { bytes, error } = opened === null ? t.fail() : await readWhole(opened);
    t.true(isSame(bytes, stateOf(2).subarray(0, bytes.length)), `byte ${position}`);
    // The header was read before.
    if (position < headerBytes) {
      t.is(bytes.length, 150);
    } else {
      t.like(error, { code: "SNAPSHOT_CORRUPT", last: { index: 20 } }, `byte ${position}`);
      t.is(damages.length, 1, `byte ${position}`);
      const again = await store.openNewest();
      t.is(again?.meta.last.index, 10, `byte ${position}`);
      t.deepEqual(again?.passedOver.map(({ index }) => index), [20]);
    }
    await store.close();
  }
});

test("FileSnapshotStore refuses a format of a later release by its version", async (t) => {
  const files = await WRITTEN;
  for (const which of ["old", "newer"] as const) {
    const newVersion = forge(files[which], {
      part: 0,
      change: (view) => view.setUint32(8, 2, true),
    });
    const disk = await diskWith({ ...files, [which]: newVersion });
    const path = `${DIRECTORY}/${which === "old" ? OLD : NEW}`;
    for (const time of ["first", "second"]) {
      const error = await t.throwsAsync(() => disk.open(), {
        code: "SNAPSHOT_VERSION",
        message: /version 2 is newer than this release reads \(1\)/,
      }, `the ${time} time, so the lock is free again`);
      t.true(error?.message.includes(path));
    }
  }
});

test("FileSnapshotStore refuses the snapshots of another owner", async (t) => {
  const disk = new SnapshotDisk();
  const mine = await disk.open({ identity: "cluster 1, member é" });
  await mine.store.publish(metaOf(10), streamOf(stateOf(1)));
  await mine.store.close();
  await t.throwsAsync(() => disk.open({ identity: "cluster 2" }), {
    code: "SNAPSHOT_IDENTITY",
    message: /belongs to "cluster 1, member é", not "cluster 2"/,
  });
  const again = await disk.open({ identity: "cluster 1, member é" });
  t.is((await again.store.openNewest())?.meta.last.index, 10);
  await again.store.close();
});

test("FileSnapshotStore removes what a crash left and leaves alone what is not its own", async (t) => {
  const { old } = await WRITTEN;
  const disk = await diskWith({ old });
  const foreign = [
    "0000000000000003-000000000000000a.snap", // etcd's
    `${OLD}.broken`,
    "0000000000000003-000000000000000A.snapshot",
    "fffffffffffffff3-000000000000000a.snapshot", // no safe integer
    "3-a.snapshot",
    "something.tmp",
    "lost+found",
  ];
  for (const name of foreign) {
    await disk.write(name, Uint8Array.of(1));
  }
  await disk.write(`${NEW}.tmp`, Uint8Array.of(1));
  const { store, damages } = await disk.open({ snapshotsMax: 1 });
  t.deepEqual(await disk.names(), [OLD, ...foreign].sort());
  await store.publish(metaOf(20), streamOf(stateOf(2)));
  await store.purge(1);
  t.deepEqual(await disk.names(), [NEW, ...foreign].sort());
  t.deepEqual(damages, []);
  await store.close();
});

test("FileSnapshotStore keeps what it published, though a newer one is there whose damage nobody knows yet", async (t) => {
  const { newer } = await WRITTEN;
  const disk = await diskWith({ newer: newer.slice(0, -1) });
  const { store } = await disk.open({ snapshotsMax: 1 });
  await store.publish(metaOf(15), streamOf(stateOf(5)));
  t.deepEqual((await store.list()).map(({ last }) => last.index), [20, 15]);
  const opened = await store.openNewest();
  t.is(opened?.meta.last.index, 15);
  t.deepEqual(opened?.passedOver.map(({ index }) => index), [20]);
  await store.publish(metaOf(25), streamOf(stateOf(6)));
  t.deepEqual(await disk.names(), [nameOf(25)], "damaged ones go once there is a newer one");
  await store.close();
});

/** That the old one is opened, whole, and that the store says what it has passed over. */
async function assertFallsBack(t: ExecutionContext, files: Files, why: string): Promise<void> {
  const { store, damages } = await openWith(files);
  const opened = await store.openNewest();
  t.deepEqual(opened?.meta, metaOf(10), why);
  t.deepEqual(opened?.passedOver, [metaOf(20).last], why);
  const { bytes, error } = opened === null ? t.fail() : await readWhole(opened);
  t.is(error, null, why);
  t.true(isSame(bytes, stateOf(1)), why);
  t.is(damages.length, 1, why);
  t.like(damages[0], { file: `${DIRECTORY}/${NEW}`, last: { term: 3, index: 20 } }, why);
  t.true((damages[0]?.offset ?? Infinity) <= Math.max(files.newer.length, 1), why);
  t.deepEqual((await store.list()).map(({ last }) => last.index), [10], why);
  await store.close();
}

async function openWith(files: Partial<Files>): Promise<DiskStore> {
  const opened = await (await diskWith(files)).open();
  if (files.old === undefined || files.newer === undefined) {
    return opened;
  }
  await opened.store.openNewest().then((newest) => newest?.close(), () => {});
  return opened;
}

async function diskWith({ old, newer }: Partial<Files>): Promise<SnapshotDisk> {
  const disk = new SnapshotDisk();
  if (old !== undefined) {
    await disk.write(OLD, old);
  }
  if (newer !== undefined) {
    await disk.write(NEW, newer);
  }
  return disk;
}

async function writtenFiles(): Promise<Files> {
  const disk = new SnapshotDisk();
  const { store } = await disk.open();
  await store.publish(metaOf(10), streamOf(stateOf(1)));
  await store.publish(metaOf(20), streamOf(stateOf(2)));
  await store.close();
  return { old: await disk.read(OLD), newer: await disk.read(NEW) };
}

function nameOf(index: number): string {
  return snapshotName(metaOf(index).last);
}
