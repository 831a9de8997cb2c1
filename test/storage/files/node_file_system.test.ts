import { mkdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import test from "ava";
import { LockedError, NodeFileSystem } from "../../../storage/files/mod.ts";
import { ChildProgram } from "../../support/child_process.ts";
import { until } from "../../support/deadline.ts";
import { temporaryDirectory } from "../../support/temporary_directory.ts";

const CHILD = join(import.meta.dirname, "lock_child.ts");
const files = new NodeFileSystem();

for (const dataSync of [false, true]) {
  test(`NodeFileSystem reads what it wrote, anywhere in a file (dataSync ${dataSync})`, async (t) => {
    await using directory = await temporaryDirectory();
    const path = join(directory.path, "file");
    const file = await files.open(path, { mode: "create", dataSync });
    await file.truncate(100);
    await file.write(Uint8Array.of(1, 2, 3), 50);
    await file.write(Uint8Array.of(4), 120);
    await file.dataSync();
    t.is(await file.size(), 121);
    const target = new Uint8Array(5).fill(9);
    t.is(await file.read(target, 49), 5);
    t.deepEqual(target, Uint8Array.of(0, 1, 2, 3, 0));
    t.is(await file.read(target, 119), 2, "short at the end of the file");
    t.deepEqual(target.subarray(0, 2), Uint8Array.of(0, 4));
    t.is(await file.read(target, 121), 0);
    t.is(await file.read(new Uint8Array(0), 0), 0);
    await file.truncate(51);
    t.is(await file.size(), 51);
    await file.close();
    t.deepEqual(new Uint8Array(await readFile(path)), new Uint8Array(51).fill(1, 50));
  });
}

test("NodeFileSystem.open creates only what is not there, and else only opens what is", async (t) => {
  await using directory = await temporaryDirectory();
  const path = join(directory.path, "file");
  await t.throwsAsync(() => files.open(path, { mode: "read" }), { code: "ENOENT" });
  await t.throwsAsync(() => files.open(path, { mode: "write" }), { code: "ENOENT" });
  await (await files.open(path, { mode: "create" })).close();
  await t.throwsAsync(() => files.open(path, { mode: "create" }), { code: "EEXIST" });
  const readOnly = await files.open(path, { mode: "read" });
  await t.throwsAsync(() => readOnly.write(Uint8Array.of(1), 0), { code: "EBADF" });
  await readOnly.close();
});

test("NodeFileSystem keeps files and directories to their owner", async (t) => {
  await using directory = await temporaryDirectory();
  const inner = join(directory.path, "a", "b");
  await files.createDirectory(inner);
  await files.createDirectory(inner);
  await (await files.open(join(inner, "file"), { mode: "create" })).close();
  await (await files.lock(join(inner, "lock"))).release();
  const modeOf = async (path: string) => (await stat(path)).mode & 0o777;
  t.is(await modeOf(join(directory.path, "a")), 0o700);
  t.is(await modeOf(inner), 0o700);
  t.is(await modeOf(join(inner, "file")), 0o600);
  t.is(await modeOf(join(inner, "lock")), 0o600);
});

test("NodeFileSystem lists sorted names, renames over files, and removes what may not be there", async (t) => {
  await using directory = await temporaryDirectory();
  for (const name of ["b", "a", "c"]) {
    await writeFile(join(directory.path, name), name);
  }
  t.deepEqual(await files.list(directory.path), ["a", "b", "c"]);
  await files.rename(join(directory.path, "c"), join(directory.path, "a"));
  await files.syncDirectory(directory.path);
  t.deepEqual(await files.list(directory.path), ["a", "b"]);
  t.is(await readFile(join(directory.path, "a"), "utf8"), "c");
  await files.remove(join(directory.path, "b"));
  await files.remove(join(directory.path, "b"));
  t.deepEqual(await files.list(directory.path), ["a"]);
});

test("NodeFileSystem.lock refuses a second lock in this process until the first is released", async (t) => {
  await using directory = await temporaryDirectory();
  const path = join(directory.path, "lock");
  const lock = await files.lock(path);
  await t.throwsAsync(() => files.lock(path), { instanceOf: LockedError, code: "LOCKED" });
  // A refused attempt must not have dropped the lock that is held.
  const alias = join(directory.path, "alias");
  await symlink(directory.path, alias);
  await t.throwsAsync(() => files.lock(join(alias, "lock")), { instanceOf: LockedError });
  await lock.release();
  await lock.release();
  await (await files.lock(path)).release();
});

test("NodeFileSystem.lock tells why a lock file cannot be had", async (t) => {
  await using directory = await temporaryDirectory();
  await mkdir(join(directory.path, "lock"));
  const error = await t.throwsAsync(() => files.lock(join(directory.path, "lock")));
  t.false(error instanceof LockedError);
});

test("NodeFileSystem.lock keeps another process out, and frees itself when its process is killed", async (t) => {
  await using directory = await temporaryDirectory();
  const path = join(directory.path, "lock");
  await using holder = new ChildProgram(process.execPath, [CHILD, path]);
  await until(() => Promise.resolve(holder.stdout === "locked\n"), {
    withinMs: 30_000,
    what: "lock of the child",
  });
  await t.throwsAsync(() => files.lock(path), { instanceOf: LockedError });
  process.kill(holder.pid, "SIGKILL");
  await holder.ended;
  const lock = await files.lock(path);
  await using second = new ChildProgram(process.execPath, [CHILD, path]);
  t.is((await second.ended).stdout, "LOCKED\n");
  await lock.release();
});
