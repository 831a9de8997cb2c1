import { stat } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import test, { type ExecutionContext } from "ava";
import { LmdbBackend, type LmdbBackendOptions } from "../../../storage/lmdb/mod.ts";
import { before } from "../../support/deadline.ts";
import { ChildProgram } from "../../support/child_process.ts";
import { temporaryDirectory } from "../../support/temporary_directory.ts";
import { VirtualClock } from "../../support/virtual_clock.ts";

const CHILD = join(import.meta.dirname, "lmdb_child.ts");
const KEY = Uint8Array.of(1);

function optionsIn(directory: { readonly path: string }): LmdbBackendOptions {
  return { path: join(directory.path, "db"), buckets: ["a", "meta"] };
}

test("LmdbBackend has everything again after it was closed", async (t) => {
  await using directory = await temporaryDirectory();
  const first = await LmdbBackend.open(optionsIn(directory));
  first.write([{ bucket: "a", key: KEY, value: Uint8Array.of(42) }]);
  first.write([{ bucket: "meta", key: KEY, value: Uint8Array.of(1) }]);
  first.view();
  await first.close();
  const second = await LmdbBackend.open(optionsIn(directory));
  t.deepEqual(second.get("a", KEY), Uint8Array.of(42));
  t.deepEqual(second.get("meta", KEY), Uint8Array.of(1));
  await second.close();
});

test("LmdbBackend commits after the interval, and when enough operations wait", async (t) => {
  await using directory = await temporaryDirectory();
  const clock = new VirtualClock();
  const backend = await LmdbBackend.open({
    ...optionsIn(directory),
    commitIntervalMs: 100,
    commitOperationsMax: 3,
    setTimer: (delayMs, callback) => clock.setTimer(delayMs, callback),
  });
  const empty = backend.size();
  backend.write([{ bucket: "a", key: KEY, value: Uint8Array.of(1) }]);
  clock.advance(99);
  t.is(backend.size().inUseBytes - empty.inUseBytes, 2, "in memory");
  clock.advance(1);
  await committed(backend);
  const one = backend.size();
  backend.write([
    { bucket: "a", key: Uint8Array.of(2), value: Uint8Array.of(1) },
    { bucket: "a", key: Uint8Array.of(3), value: Uint8Array.of(1) },
    { bucket: "a", key: Uint8Array.of(4), value: Uint8Array.of(1) },
  ]);
  t.is(backend.size().inUseBytes - one.inUseBytes, 6, "in memory");
  await committed(backend);
  await backend.close();

  /** Pages, and no bytes beside them: nothing waits. */
  async function committed(backend: LmdbBackend): Promise<void> {
    const turns = (async () => {
      while (backend.size().inUseBytes % 4096 !== 0) {
        await new Promise((resolve) => setImmediate(resolve));
      }
    })();
    await before(turns, { withinMs: 30_000, what: "commit" });
  }
});

test("LmdbBackend uses freed pages again", async (t) => {
  await using directory = await temporaryDirectory();
  const backend = await LmdbBackend.open(optionsIn(directory));
  for (let round = 0; round < 30; round += 1) {
    const keys = Array.from({ length: 200 }, (_, number) => Uint8Array.of(round, number));
    backend.write(keys.map((key) => ({ bucket: "a", key, value: new Uint8Array(1000) })));
    await backend.flush();
    backend.write(keys.map((key) => ({ bucket: "a", key, value: null })));
    await backend.flush();
  }
  t.true(backend.size().totalBytes < 2_000_000, String(backend.size().totalBytes));
  await backend.close();
});

test("W19: LmdbBackend grows its map many times over while views are open", async (t) => {
  await using directory = await temporaryDirectory();
  const backend = await LmdbBackend.open(optionsIn(directory));
  const views = [];
  // LMDB begins with a map of 128 KiB; each round writes as much again.
  for (let round = 0; round < 60; round += 1) {
    views.push(backend.view());
    const keys = Array.from({ length: 128 }, (_, number) => Uint8Array.of(round, number));
    backend.write(
      keys.map((key) => ({ bucket: "a", key, value: new Uint8Array(1000).fill(round) })),
    );
    await backend.flush();
  }
  t.true(backend.size().totalBytes > 50 * 128 * 1024, String(backend.size().totalBytes));
  for (const [round, view] of views.entries()) {
    const records = [...view.scan("a", { low: Uint8Array.of(Math.max(0, round - 1)) })];
    t.is(records.length, round === 0 ? 0 : 128, `view before round ${round}`);
    t.true(records.every(([key, value]) => value[999] === key[0]));
    view.close();
  }
  await backend.close();
});

test("LmdbBackend has a bounded file when the same amount is written and deleted again and again", async (t) => {
  await using directory = await temporaryDirectory();
  const backend = await LmdbBackend.open(optionsIn(directory));
  const file = join(directory.path, "db");
  const sizes: number[] = [];
  const keyOf = (number: number): Uint8Array => Uint8Array.of(number >> 16, number >> 8, number);
  // As a store of revisions is used: new keys at the end, old ones dropped in slices.
  const [perRound, kept] = [500, 1000];
  for (let round = 0; round < 60; round += 1) {
    const first = round * perRound;
    for (let number = first; number < first + perRound; number += 1) {
      const value = new Uint8Array(100 + number % 7 * 300);
      backend.write([{ bucket: "a", key: keyOf(number), value }]);
    }
    await backend.flush();
    using _view = backend.view();
    const doomed = [...backend.scan("a", { high: keyOf(Math.max(0, first - kept)) })];
    for (let from = 0; from < doomed.length; from += 100) {
      backend.write(
        doomed.slice(from, from + 100).map(([key]) => ({ bucket: "a", key, value: null })),
      );
      await backend.flush();
    }
    sizes.push((await stat(file)).size);
  }
  const { totalBytes, inUseBytes } = backend.size();
  const settled = sizes[9] ?? 0;
  t.true((sizes.at(-1) ?? 0) <= settled * 1.3, `settled at ${settled}: ${sizes.join(" ")}`);
  t.true(inUseBytes < totalBytes && totalBytes <= (sizes.at(-1) ?? 0) + 64 * 4096);
  t.true(inUseBytes > (kept + perRound) * 900, `${inUseBytes} bytes in use`);
  await backend.close();
});

test("W19: LmdbBackend has whole batches up to some point after SIGKILL, and all flushed ones", async (t) => {
  await using directory = await temporaryDirectory();
  for (const killAfterLines of [1, 3, 10]) {
    await using child = new ChildProgram(process.execPath, [CHILD, directory.path]);
    while (child.isRunning && linesOf(child.stdout).length < killAfterLines) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    process.kill(child.pid, "SIGKILL");
    const { stdout, stderr } = await child.ended;
    t.is(stderr, "");
    const flushed = Number(linesOf(stdout).at(-1));
    const backend = await LmdbBackend.open(optionsIn(directory));
    assertWholeBatches(t, backend, flushed);
    await backend.close();
  }
});

test("W19: LmdbBackend rejects flush and all later use once a commit has failed", async (t) => {
  if (process.platform === "win32") {
    t.pass("file sizes cannot be limited there");
    return;
  }
  await using directory = await temporaryDirectory();
  const limited = `trap '' XFSZ; ulimit -f 1000; exec "$0" "$@"`;
  const command = ["-c", limited, process.execPath, CHILD, directory.path, "1000"];
  await using child = new ChildProgram("bash", command);
  const { exitCode, stdout } = await before(child.ended, {
    withinMs: 60_000,
    what: "end of child",
  });
  t.is(exitCode, 0);
  const lines = linesOf(stdout);
  t.deepEqual(lines.slice(-4), [
    "flush STORAGE_FAILED",
    "get STORAGE_FAILED",
    "write STORAGE_FAILED",
    "closed",
  ]);
  const flushed = Number(lines.at(-5));
  t.true(flushed > 0);
  // With room again, it goes on from the last commit.
  const backend = await LmdbBackend.open(optionsIn(directory));
  assertWholeBatches(t, backend, flushed);
  backend.write([{ bucket: "a", key: KEY, value: null }]);
  await backend.close();
});

/** Each batch of the child sets its ten keys to its own number, beside the number itself. */
function assertWholeBatches(t: ExecutionContext, backend: LmdbBackend, flushed: number): void {
  const batches = numberOf(backend.get("meta", KEY));
  t.true(batches >= flushed, `${batches} batches after ${flushed} were flushed`);
  const values = [...backend.scan("a")].map(([, value]) => numberOf(value));
  t.deepEqual(values, Array.from({ length: 10 }, () => batches));
}

function linesOf(text: string): string[] {
  return text.split("\n").slice(0, -1);
}

function numberOf(value: Uint8Array | undefined): number {
  return value === undefined ? 0 : new DataView(value.buffer, value.byteOffset).getUint32(0);
}
