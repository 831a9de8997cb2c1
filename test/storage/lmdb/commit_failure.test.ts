import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import test from "ava";
import { StorageFailedError } from "../../../storage/mod.ts";
import { CommitTimeoutError, LmdbBackend } from "../../../storage/lmdb/mod.ts";
import { CommitWatch } from "../../../storage/lmdb/commit_watch.ts";
import { ChildProgram, runProgram } from "../../support/child_process.ts";
import { before } from "../../support/deadline.ts";
import { noSmallFileSystem, smallFileSystem } from "../../support/small_file_system.ts";
import { temporaryDirectory } from "../../support/temporary_directory.ts";
import { VirtualClock } from "../../support/virtual_clock.ts";

const KEY = Uint8Array.of(1);
const noMount = await noSmallFileSystem();

test("CommitWatch gives a commit its time, and ends with it", (t) => {
  const clock = new VirtualClock();
  let timeouts = 0;
  const options = {
    setTimer: (delayMs: number, callback: () => void) => clock.setTimer(delayMs, callback),
    timeoutMs: 1000,
    onTimeout: () => timeouts += 1,
  };
  const ended = new CommitWatch(options);
  const watched = new CommitWatch(options);
  clock.advance(900);
  ended.end();
  t.is(timeouts, 0);
  clock.advance(100);
  t.is(timeouts, 1, "of the one that has not ended");
  clock.advance(10_000);
  t.is(timeouts, 1);
  watched.end();
});

test("W19: a commit that cannot begin fails the backend in bounded time", async (t) => {
  await using directory = await temporaryDirectory();
  const failures: Error[] = [];
  const backend = await LmdbBackend.open({
    path: join(directory.path, "db"),
    buckets: ["a"],
    commitTimeoutMs: 300,
    onFailure: (error) => failures.push(error),
  });
  const child = join(import.meta.dirname, "lock_child.ts");
  await using holder = new ChildProgram(process.execPath, [child, directory.path]);
  await until(() => holder.stdout === "held\n" || !holder.isRunning);
  t.is(holder.stdout, "held\n", holder.stderr);
  backend.write([{ bucket: "a", key: KEY, value: KEY }]);
  const flushed = before(backend.flush(), { withinMs: 20_000, what: "failure of flush" });
  const error = await t.throwsAsync(flushed, { instanceOf: StorageFailedError });
  t.true(error.cause instanceof CommitTimeoutError, String(error.cause));
  t.deepEqual(failures, [error]);
  t.throws(() => backend.get("a", KEY), { instanceOf: StorageFailedError });
  t.throws(() => backend.write([]), { instanceOf: StorageFailedError });
  await t.throwsAsync(backend.flush(), { instanceOf: StorageFailedError });
  await backend.close();
  // Only now does LMDB's thread get the lock, and this process could end.
  await writeFile(join(directory.path, "release"), "");
  t.is((await before(holder.ended, { withinMs: 20_000, what: "end of holder" })).exitCode, 0);
});

test("LmdbBackend has room for hundreds of views of different states", async (t) => {
  await using directory = await temporaryDirectory();
  const backend = await LmdbBackend.open({ path: join(directory.path, "db"), buckets: ["a"] });
  const views = [];
  for (let number = 0; number < 200; number += 1) {
    backend.write([{ bucket: "a", key: KEY, value: Uint8Array.of(number) }]);
    await backend.flush();
    views.push(backend.view());
  }
  t.deepEqual(views.map((view) => view.get("a", KEY)?.[0]), [...views.keys()]);
  t.is(backend.get("a", KEY)?.[0], 199);
  await backend.close();
});

(noMount === null ? test : test.skip)(
  `W19: LmdbBackend fails when a small disk is full, and goes on once there is room${
    noMount === null ? "" : ` (skipped: ${noMount})`
  }`,
  async (t) => {
    await using disk = await smallFileSystem(2);
    const ballast = join(disk.path, "ballast");
    await writeFile(ballast, new Uint8Array(1024 * 1024));
    const child = join(import.meta.dirname, "lmdb_child.ts");
    const end = await runProgram(process.execPath, [child, disk.path, "500"], {
      withinMs: 60_000,
    });
    t.is(end.exitCode, 0, end.stderr);
    const lines = end.stdout.split("\n").slice(0, -1);
    t.deepEqual(lines.slice(-4), [
      "flush STORAGE_FAILED",
      "get STORAGE_FAILED",
      "write STORAGE_FAILED",
      "closed",
    ]);
    const flushed = Number(lines.at(-5));
    t.true(flushed > 0);
    await rm(ballast);
    const options = { path: join(disk.path, "db"), buckets: ["a", "meta"] };
    const backend = await LmdbBackend.open(options);
    const batches = numberOf(backend.get("meta", KEY));
    t.true(batches >= flushed, `${batches} batches after ${flushed} were flushed`);
    const values = [...backend.scan("a")].map(([, value]) => numberOf(value));
    t.deepEqual(values, Array.from({ length: 10 }, () => batches));
    backend.write([{ bucket: "a", key: KEY, value: new Uint8Array(100_000) }]);
    await backend.flush();
    await backend.close();
  },
);

function numberOf(value: Uint8Array | undefined): number {
  return value === undefined ? 0 : new DataView(value.buffer, value.byteOffset).getUint32(0);
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}
