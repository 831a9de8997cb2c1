import { readFile } from "node:fs/promises";
import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import test from "ava";
import { SqliteLogStore } from "../../examples/sqlite_log_store.ts";
import { repositoryPath } from "../../scripts/repository.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";
import { readmePrograms } from "./readme.ts";

test("examples/README.md shows the lines by which AVA tests SqliteLogStore", async (t) => {
  const [forAva, forDeno, ...others] = await readmePrograms();
  const tested = await readFile(repositoryPath("test/examples/sqlite_log_store.test.ts"), "utf8");
  t.is(forAva?.replaceAll(`"./`, `"../../examples/`), tested);
  t.regex(forDeno ?? "", /Deno\.test/, "test/verify/suites_deno.test.ts runs it");
  t.deepEqual(others, []);
});

test("SqliteLogStore waits for the disk with each commit", async (t) => {
  await using directory = await temporaryDirectory();
  const database = new DatabaseSync(join(directory.path, "log"));
  const log = new SqliteLogStore(database);
  await log.open();
  // Copies of files can not show it: 2 is FULL, with which each commit of a WAL is synced.
  t.is(database.prepare("PRAGMA synchronous").get()?.["synchronous"], 2);
  t.is(database.prepare("PRAGMA journal_mode").get()?.["journal_mode"], "wal");
  await log.close();
});
