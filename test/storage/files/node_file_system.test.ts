import { mkdir, stat, symlink } from "node:fs/promises";
import { join } from "node:path";
import test from "ava";
import { ClosedFileError } from "../../../storage/files/closed_file_error.ts";
import { LockedError, NodeFileSystem } from "../../../storage/files/mod.ts";
import { fileSystemCases } from "../../../testing/mod.ts";
import { temporaryDirectory } from "../../support/temporary_directory.ts";
import { nodeTestbed } from "./node_testbed.ts";

const files = new NodeFileSystem();

for (
  const { name, run } of fileSystemCases({ openTestbed: nodeTestbed, supports: ["processes"] })
) {
  test(`NodeFileSystem: ${name}`, async (t) => {
    await t.notThrowsAsync(run);
  });
}

test("NodeFileSystem reads what it wrote, anywhere in a file opened with dataSync", async (t) => {
  await using directory = await temporaryDirectory();
  const file = await files.open(join(directory.path, "file"), { mode: "create", dataSync: true });
  await file.truncate(100);
  await file.write(Uint8Array.of(1, 2, 3), 50);
  await file.write(Uint8Array.of(4), 120);
  t.is(await file.size(), 121);
  const target = new Uint8Array(5).fill(9);
  t.is(await file.read(target, 49), 5);
  t.deepEqual(target, Uint8Array.of(0, 1, 2, 3, 0));
  await file.close();
});

test("NodeFileSystem does not ask the system about a file that was closed: its number may be another's", async (t) => {
  await using directory = await temporaryDirectory();
  const file = await files.open(join(directory.path, "file"), { mode: "create" });
  await file.close();
  for (
    const call of [
      () => file.read(new Uint8Array(1), 0),
      () => file.write(Uint8Array.of(1), 0),
      () => file.dataSync(),
      () => file.truncate(1),
      () => file.size(),
      () => file.close(),
    ]
  ) {
    await t.throwsAsync(call, { instanceOf: ClosedFileError, code: "EBADF" });
  }
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

test("NodeFileSystem.lock refuses a lock that is held under another path of its file", async (t) => {
  await using directory = await temporaryDirectory();
  const lock = await files.lock(join(directory.path, "lock"));
  const alias = join(directory.path, "alias");
  await symlink(directory.path, alias);
  await t.throwsAsync(() => files.lock(join(alias, "lock")), { instanceOf: LockedError });
  await lock.release();
});

test("NodeFileSystem.lock tells why a lock file cannot be had", async (t) => {
  await using directory = await temporaryDirectory();
  await mkdir(join(directory.path, "lock"));
  const error = await t.throwsAsync(() => files.lock(join(directory.path, "lock")));
  t.false(error instanceof LockedError);
});
