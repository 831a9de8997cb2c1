import { stat } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import test from "ava";
import { LmdbBackend } from "../../../storage/lmdb/mod.ts";
import { ChildProgram } from "../../support/child_process.ts";
import { until } from "../../support/deadline.ts";
import { temporaryDirectory } from "../../support/temporary_directory.ts";

test("W19: views of a process that was killed do not pin the file of the next one", async (t) => {
  await using directory = await temporaryDirectory();
  const child = join(import.meta.dirname, "reader_child.ts");
  for (let life = 0; life < 3; life += 1) {
    await using holder = new ChildProgram(process.execPath, [child, directory.path]);
    await until(() => Promise.resolve(holder.stdout !== "" || !holder.isRunning), {
      withinMs: 30_000,
      what: "the views",
    });
    t.is(holder.stdout, "1000,1000,1000,1000,1000\n", holder.stderr);
    t.is((await holder.end("SIGKILL")).signal, "SIGKILL");
  }
  const path = join(directory.path, "db");
  const backend = await LmdbBackend.open({ path, buckets: ["a"] });
  const before = (await stat(path)).size;
  const keys = Array.from({ length: 200 }, (_, number) => Uint8Array.of(1, number));
  // Were the pages of an older state pinned, each round would take as many new ones.
  for (let round = 0; round < 40; round += 1) {
    const value = new Uint8Array(1000).fill(round);
    backend.write(keys.map((key) => ({ bucket: "a", key, value })));
    await backend.flush();
  }
  await backend.close();
  const grown = (await stat(path)).size - before;
  t.true(grown < 5 * keys.length * 1000, `${grown} bytes for ${keys.length} kB of data`);
});
