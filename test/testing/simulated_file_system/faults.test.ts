import test from "ava";
import type { FileCall } from "../../../testing/simulated_file_system/file_call.ts";
import type { FileFault } from "../../../testing/simulated_file_system/file_fault.ts";
import { DiskStage } from "./disk_stage.ts";

const BYTES = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);

/** A disk on which the next call of a kind goes wrong, once that is asked for. */
async function openFaulty(options: { readonly dataSync?: boolean } = {}) {
  const faults = new Map<FileCall, FileFault>();
  const stage = new DiskStage({
    faultOf: ({ call }) => {
      const fault = faults.get(call) ?? null;
      faults.delete(call);
      return fault;
    },
  });
  await stage.run((files) => files.createDirectory("d"));
  const file = await stage.run((files) => files.open("d/file", { mode: "create", ...options }));
  await stage.run((files) => files.syncDirectory("d"));
  return { faults, stage, file };
}

const EIO: FileFault = { type: "error", code: "EIO" };

for (
  const call of [
    "open",
    "create",
    "list",
    "createDirectory",
    "rename",
    "remove",
    "syncDirectory",
    "lock",
  ] as const
) {
  test(`SimulatedFileSystem fails ${call} with the code that it is told, and nothing has happened`, async (t) => {
    const { faults, stage } = await openFaulty();
    const ask = {
      open: () => stage.files.open("d/file", { mode: "write" }),
      create: () => stage.files.open("d/new", { mode: "create" }),
      list: () => stage.files.list("d"),
      createDirectory: () => stage.files.createDirectory("d/new"),
      rename: () => stage.files.rename("d/file", "d/new"),
      remove: () => stage.files.remove("d/file"),
      syncDirectory: () => stage.files.syncDirectory("d"),
      lock: () => stage.files.lock("d/lock"),
    }[call];
    faults.set(call, EIO);
    await t.throwsAsync(stage.run<unknown>(ask), { code: "EIO" });
    t.deepEqual(await stage.run((files) => files.list("d")), ["file"]);
    await t.notThrowsAsync(stage.run<unknown>(ask), "the next call is fine");
  });
}

for (const call of ["read", "write", "dataSync", "truncate", "size", "close"] as const) {
  test(`SimulatedOpenFile fails ${call} with the code that it is told`, async (t) => {
    const { faults, stage, file } = await openFaulty();
    await stage.run(() => file.write(BYTES, 0));
    const ask = {
      read: () => file.read(new Uint8Array(8), 0),
      write: () => file.write(Uint8Array.of(9), 0),
      dataSync: () => file.dataSync(),
      truncate: () => file.truncate(2),
      size: () => file.size(),
      close: () => file.close(),
    }[call];
    faults.set(call, { type: "error", code: "EROFS" });
    await t.throwsAsync(stage.run<unknown>(ask), { code: "EROFS" });
    t.deepEqual(await stage.contentOf("d/file"), [...BYTES]);
  });
}

test("SimulatedOpenFile may fail a write after some bytes", async (t) => {
  const { faults, stage, file } = await openFaulty();
  faults.set("write", { type: "error", code: "EIO", writtenBytes: 3 });
  await t.throwsAsync(stage.run(() => file.write(BYTES, 0)), { code: "EIO" });
  t.deepEqual(await stage.contentOf("d/file"), [1, 2, 3]);
});

test("SimulatedOpenFile may end a read early, as if the file did", async (t) => {
  const { faults, stage, file } = await openFaulty();
  await stage.run(() => file.write(BYTES, 0));
  faults.set("read", { type: "shortRead", bytes: 5 });
  const target = new Uint8Array(8);
  t.is(await stage.run(() => file.read(target, 0)), 5);
  t.deepEqual([...target], [1, 2, 3, 4, 5, 0, 0, 0]);
});

test("SimulatedOpenFile makes nothing durable that was there when a sync failed, whatever comes later", async (t) => {
  const { faults, stage, file } = await openFaulty();
  await stage.run(() => file.write(BYTES, 0));
  faults.set("dataSync", EIO);
  await t.throwsAsync(stage.run(() => file.dataSync()), { code: "EIO" });
  await stage.run(() => file.dataSync());
  t.deepEqual(await stage.contentOf("d/file"), [...BYTES], "programs still see it");
  stage.cutPower({ loss: "none" });
  t.deepEqual(await stage.contentOf("d/file"), []);
});

test("SimulatedOpenFile makes nothing durable of a durable write that failed", async (t) => {
  const { faults, stage, file } = await openFaulty({ dataSync: true });
  await stage.run(() => file.write(BYTES.subarray(0, 2), 0));
  faults.set("writeDurably", { type: "error", code: "EIO", writtenBytes: 6 });
  await t.throwsAsync(stage.run(() => file.write(BYTES, 2)), { code: "EIO" });
  stage.cutPower({ loss: "none" });
  t.deepEqual(await stage.contentOf("d/file"), [1, 2]);
});

test("SimulatedFileSystem writes what fits on a full disk, and has room again when something goes", async (t) => {
  const stage = new DiskStage({ capacityBytes: 3 * 4_096 });
  await stage.run((files) => files.createDirectory("d"));
  const [one, two] = await stage.run((files) =>
    Promise.all([
      files.open("d/one", { mode: "create" }),
      files.open("d/two", { mode: "create", dataSync: true }),
    ])
  );
  await stage.run(() => one.truncate(100_000));
  await stage.run(() => one.write(new Uint8Array(5_000).fill(1), 0));
  await t.throwsAsync(stage.run(() => two.write(new Uint8Array(5_000).fill(2), 0)), {
    code: "ENOSPC",
  });
  t.deepEqual(await stage.contentOf("d/two"), new Array(4_096).fill(2));
  await t.throwsAsync(stage.run(() => one.write(Uint8Array.of(1), 9_000)), { code: "ENOSPC" });
  await stage.run(() => one.write(Uint8Array.of(3), 100));
  await stage.run(() => one.truncate(4_096));
  await stage.run(() => two.write(Uint8Array.of(2), 4_096));
  await stage.run((files) => files.remove("d/one"));
  await stage.run(() => two.write(Uint8Array.of(2), 9_000));
  t.is((await stage.contentOf("d/two"))?.length, 9_001);
});

test("SimulatedFileSystem tells of each error as it is answered, be it a fault or not", async (t) => {
  const told: string[] = [];
  let isFaulty = false;
  const stage = new DiskStage({
    faultOf: () => isFaulty ? EIO : null,
    onFailed: (call, path, error) => void told.push(`${call} ${path}: ${error}`),
  });
  await stage.run((files) => files.createDirectory("d"));
  await t.throwsAsync(stage.run((files) => files.rename("d/a", "d/b")), { code: "ENOENT" });
  isFaulty = true;
  const synced = stage.files.syncDirectory("d");
  t.is(told.length, 1, "not before it is answered");
  await t.throwsAsync(stage.run(() => synced), { code: "EIO" });
  t.deepEqual(told, [
    "rename d/a: FileSystemError: ENOENT: no such file or directory, 'd/a'",
    "syncDirectory d: FileSystemError: EIO: i/o error, 'd'",
  ]);
});

test("SimulatedFileSystem creates nothing in the moment in which it turns read-only", async (t) => {
  const { faults, stage } = await openFaulty();
  faults.set("create", { type: "readOnlyMoment" });
  const create = () => stage.files.open("d/new", { mode: "create" });
  await t.throwsAsync(stage.run<unknown>(create), { code: "EROFS" });
  t.deepEqual(await stage.run((files) => files.list("d")), ["file"]);
});

test("SimulatedOpenFile tells of what it answers and loses as the file system turns read-only", async (t) => {
  const lost: string[] = [];
  let isMoment = false;
  const stage = new DiskStage({
    faultOf: () => isMoment ? { type: "readOnlyMoment" } : null,
    onLost: (call, path) => void lost.push(`${call} ${path}`),
  });
  await stage.run((files) => files.createDirectory("d"));
  const file = await stage.run((files) => files.open("d/f", { mode: "create", dataSync: true }));
  await stage.run((files) => files.syncDirectory("d"));
  await stage.run(() => file.write(BYTES, 0));
  isMoment = true;
  await stage.run(() => file.write(BYTES, 8));
  t.deepEqual(lost, [], "over what was there");
  await stage.run(() => file.write(BYTES, 8_192));
  t.deepEqual(lost, ["writeDurably d/f"], "into a hole");
});
