import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import test from "ava";
import {
  BackendDamagedError,
  BackendMissingError,
  compactDatabase,
  LmdbBackend,
} from "../../../storage/lmdb/mod.ts";
import { runProgram } from "../../support/child_process.ts";
import { noSmallFileSystem, smallFileSystem } from "../../support/small_file_system.ts";
import { temporaryDirectory } from "../../support/temporary_directory.ts";
import { contentOf } from "./sample_database.ts";

const BUCKETS = ["a", "meta"];
const CHILD = join(import.meta.dirname, "compact_child.ts");
const noMount = await noSmallFileSystem();

/** Writes a database of which most is free. Resolves with what it holds. */
async function sparseDatabase(path: string, records = 1000): Promise<string> {
  const backend = await LmdbBackend.open({ path, buckets: BUCKETS });
  const keys = Array.from({ length: records }, (_, number) => Uint8Array.of(number >> 8, number));
  backend.write(keys.map((key) => ({ bucket: "a", key, value: new Uint8Array(1000).fill(7) })));
  backend.write([{ bucket: "meta", key: Uint8Array.of(1), value: new Uint8Array(20_000) }]);
  await backend.flush();
  const gone = keys.filter((_, number) => number % 10 !== 0);
  backend.write(gone.map((key) => ({ bucket: "a", key, value: null })));
  await backend.flush();
  const content = contentOf(backend);
  await backend.close();
  return content;
}

async function contentAt(path: string): Promise<string> {
  const backend = await LmdbBackend.open({ path, buckets: BUCKETS, mustExist: true });
  const content = contentOf(backend);
  // It must be fit for use, not for reading alone.
  backend.write([{ bucket: "a", key: Uint8Array.of(99, 99), value: new Uint8Array(5000) }]);
  await backend.flush();
  backend.write([{ bucket: "a", key: Uint8Array.of(99, 99), value: null }]);
  await backend.close();
  return content;
}

test("compactDatabase leaves the same content in a smaller file, for its owner alone", async (t) => {
  await using directory = await temporaryDirectory();
  const path = join(directory.path, "db");
  const content = await sparseDatabase(path);
  const before = await stat(path);
  const result = await compactDatabase({ path, buckets: BUCKETS, freeBytesMin: 1 });
  const after = await stat(path);
  t.true(after.size < before.size / 3, `${before.size} to ${after.size} bytes`);
  t.is(result?.bytesAfter, after.size);
  t.is(after.mode & 0o777, 0o600);
  t.is(await contentAt(path), content);
  t.deepEqual((await readdir(directory.path)).sort(), ["db", "db-lock"]);
});

test("compactDatabase of a compacted or an empty database changes nothing that is held", async (t) => {
  await using directory = await temporaryDirectory();
  const path = join(directory.path, "db");
  await (await LmdbBackend.open({ path, buckets: BUCKETS })).close();
  for (let round = 0; round < 3; round += 1) {
    await compactDatabase({ path, buckets: BUCKETS, freeBytesMin: 0 });
  }
  const content = await sparseDatabase(path);
  for (let round = 0; round < 3; round += 1) {
    await compactDatabase({ path, buckets: BUCKETS, freeBytesMin: 0 });
    t.is(await contentAt(path), content);
  }
});

test("compactDatabase leaves a file as it is that would shrink by less than wanted", async (t) => {
  await using directory = await temporaryDirectory();
  const path = join(directory.path, "db");
  await sparseDatabase(path);
  const before = await readFile(path);
  const steps: string[] = [];
  const freeBytesMin = before.length;
  const onStep = (step: string): void => void steps.push(step);
  t.is(await compactDatabase({ path, buckets: BUCKETS, freeBytesMin, onStep }), null);
  t.deepEqual(steps, []);
  t.true(before.equals(await readFile(path)));
});

test("compactDatabase refuses a missing and a damaged file", async (t) => {
  await using directory = await temporaryDirectory();
  const path = join(directory.path, "db");
  const options = { path, buckets: BUCKETS, freeBytesMin: 0 };
  await t.throwsAsync(compactDatabase(options), { instanceOf: BackendMissingError });
  await writeFile(path, "x".repeat(9000));
  await t.throwsAsync(compactDatabase(options), { instanceOf: BackendDamagedError });
});

for (const killAt of ["opened", "copying", "copied", "synced", "renamed"]) {
  test(`M8: killed when ${killAt}, a compaction leaves the old file or the new, and no rest`, async (t) => {
    await using directory = await temporaryDirectory();
    const path = join(directory.path, "db");
    const content = await sparseDatabase(path, 5000);
    const before = await stat(path);
    const { signal, stdout } = await runProgram(process.execPath, [CHILD, path, killAt]);
    t.is(signal, "SIGKILL", stdout);
    const names = await readdir(directory.path);
    t.is(names.includes("db.compact"), ["copying", "copied", "synced"].includes(killAt));
    const after = await stat(path);
    t.is(after.ino === before.ino, killAt !== "renamed");
    t.is(await contentAt(path), content);
    t.deepEqual((await readdir(directory.path)).sort(), ["db", "db-lock"]);
    t.not(await compactDatabase({ path, buckets: BUCKETS, freeBytesMin: 0 }), null);
    t.is(await contentAt(path), content);
    t.true((await stat(path)).size < before.size / 2);
  });
}

(noMount === null ? test : test.skip)(
  `M8: without room for the copy, a compaction fails and leaves the old file alone${
    noMount === null ? "" : ` (skipped: ${noMount})`
  }`,
  async (t) => {
    await using disk = await smallFileSystem(8);
    const path = join(disk.path, "db");
    const content = await sparseDatabase(path, 3000);
    const { size } = await stat(path);
    await writeFile(join(disk.path, "ballast"), new Uint8Array(8 * 2 ** 20 - size - 200_000));
    await t.throwsAsync(compactDatabase({ path, buckets: BUCKETS, freeBytesMin: 0 }), {
      message: /No space left/,
    });
    t.deepEqual((await readdir(disk.path)).sort(), ["ballast", "db", "db-lock"]);
    t.is(await contentAt(path), content);
  },
);
