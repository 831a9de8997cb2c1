import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import test from "ava";
import { openDataDirectory } from "../../server/data/data_directory.ts";
import { guardDirectory } from "../../server/data/directory_guard.ts";
import { NodeFileSystem } from "../../storage/files/mod.ts";
import type { FileSystem } from "../../storage/mod.ts";
import { until } from "../support/deadline.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";
import { VirtualClock } from "../support/virtual_clock.ts";

/** A founded directory with a log and a backend, and a guard of it whose looks can be counted. */
async function guarded(directory: { readonly path: string }) {
  const path = join(directory.path, "data");
  const fileSystem = new NodeFileSystem();
  const founding = { peerUrls: ["http://localhost:2380"], clusterToken: "token" };
  const data = await openDataDirectory(fileSystem, path, founding);
  await writeFile(join(data.walPath, "0000000000000001.wal"), "");
  await writeFile(data.backendPath, "");
  const clock = new VirtualClock();
  const told: string[] = [];
  let failWith: string | null = null;
  const failing = new Proxy<FileSystem>(fileSystem, {
    get: (target, name) => (...args: unknown[]) =>
      failWith === null
        ? (target[name as keyof FileSystem] as (...args: unknown[]) => unknown)(...args)
        : Promise.reject(Object.assign(new Error(failWith), { code: failWith })),
  });
  const stop = guardDirectory({
    fileSystem: failing,
    directory: data,
    clock,
    onLost: (error) => told.push(error.message),
  });
  return {
    path,
    told,
    stop,
    fail: (code: string | null) => failWith = code,
    timers: () => clock.waiting,
    /** Lets a second pass, and the look that is due then come to its end. */
    look: async () => {
      clock.advance(1_000);
      const what = "end of the look";
      await until(
        () => Promise.resolve(clock.waiting > 0 || told.length > 0),
        { withinMs: 10_000, what },
      );
    },
    release: () => data.release(),
  };
}

test("guardDirectory is silent while all is where it was, and once it was stopped", async (t) => {
  await using directory = await temporaryDirectory();
  const { look, told, stop, path, release, timers } = await guarded(directory);
  for (let second = 0; second < 3; second += 1) {
    await look();
  }
  t.deepEqual(told, []);
  t.is(timers(), 1);
  stop();
  t.is(timers(), 0);
  await rm(path, { recursive: true });
  t.deepEqual(told, []);
  await release();
});

for (
  const { damage, want, why } of [
    {
      damage: (path: string) => rm(path, { recursive: true }),
      want: /kvorum\.json is gone/,
      why: "is deleted",
    },
    {
      damage: (path: string) => rm(join(path, "wal"), { recursive: true }),
      want: /ENOENT.*wal/,
      why: "loses its log's directory",
    },
    {
      damage: (path: string) =>
        rename(join(path, "wal/0000000000000001.wal"), join(path, "wal/1.old")),
      want: /the log in .*wal is gone/,
      why: "loses its segments",
    },
    {
      damage: (path: string) => rm(join(path, "backend/data.mdb")),
      want: /data\.mdb is gone/,
      why: "loses its backend",
    },
    {
      damage: async (path: string) => {
        const identity = await readFile(join(path, "kvorum.json"), "utf8");
        await rm(path, { recursive: true });
        await mkdir(path);
        const other = identity.replace(/("incarnation": ")[^"]*/, "$1another");
        await writeFile(join(path, "kvorum.json"), other);
      },
      want: /another member's data is in its place/,
      why: "is replaced by another's",
    },
  ]
) {
  test(`W17: guardDirectory tells once that the directory ${why}`, async (t) => {
    await using directory = await temporaryDirectory();
    const { look, told, path, timers, release } = await guarded(directory);
    await look();
    await damage(path);
    t.deepEqual(told, []);
    await look();
    t.is(told.length, 1);
    t.regex(told[0] ?? "", want);
    t.true(told[0]?.includes(path));
    t.is(timers(), 0, "and it looks no more");
    await release();
  });
}

test("W17: guardDirectory takes lost permission for a loss, but not what says nothing of the directory", async (t) => {
  await using directory = await temporaryDirectory();
  const { look, told, fail, release } = await guarded(directory);
  for (const code of ["EMFILE", "EINTR", "EIO"]) {
    fail(code);
    await look();
    t.deepEqual(told, [], code);
  }
  fail("EACCES");
  await look();
  t.is(told.length, 1);
  await release();
});
