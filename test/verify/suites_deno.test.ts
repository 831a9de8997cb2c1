import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import test from "ava";
import { repositoryPath } from "../../scripts/repository.ts";
import { readmePrograms } from "../examples/readme.ts";
import { runProgram } from "../support/child_process.ts";
import { denoPath } from "../support/server_process.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";

test("SqliteLogStore passes the suite of LogStore under Deno, by the lines of examples/README.md", async (t) => {
  t.timeout(5 * 60_000);
  const [, code = ""] = await readmePrograms();
  await using directory = await temporaryDirectory();
  const file = join(directory.path, "sqlite_log_store_test.ts");
  const examples = pathToFileURL(repositoryPath("examples/")).href;
  await writeFile(file, code.replaceAll(`"./`, `"${examples}`));
  const end = await runProgram(
    denoPath(),
    ["test", "--allow-all", "--config", repositoryPath("deno.json"), file],
    { directory: repositoryPath(), withinMs: 4 * 60_000 },
  );
  t.is(end.exitCode, 0, end.stdout + end.stderr);
  t.regex(end.stdout, /\b[5-9]\d passed \| 0 failed\b/);
});

test("the project's own log stores and backends, and the map in examples, pass their suites under Deno", async (t) => {
  t.timeout(5 * 60_000);
  const end = await runProgram(
    denoPath(),
    ["run", "--allow-all", repositoryPath("test/verify/suites_child.ts")],
    { directory: repositoryPath(), withinMs: 4 * 60_000 },
  );
  t.is(end.exitCode, 0, end.stderr);
  const { passed, failed } = JSON.parse(end.stdout);
  t.deepEqual(failed, [], end.stdout);
  t.true(passed > 300, `${passed} cases`);
});
