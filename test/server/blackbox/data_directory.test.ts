import { execFile } from "node:child_process";
import { chmod, mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { once } from "node:events";
import { join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";
import test from "ava";
import { JsonClient } from "../../support/json_client.ts";
import { freePort } from "../../support/free_port.ts";
import { runServer, ServerProcess, urlArgs } from "../../support/server_process.ts";
import { noSmallFileSystem } from "../../support/small_file_system.ts";
import { temporaryDirectory } from "../../support/temporary_directory.ts";

const run = promisify(execFile);
const noMount = await noSmallFileSystem();

test.serial("kvorum refuses a data directory below a file, and names it", async (t) => {
  await using directory = await temporaryDirectory();
  await writeFile(join(directory.path, "file"), "");
  const data = join(directory.path, "file", "data");
  const end = await runServer(["--data-dir", data, ...urlArgs(await freePort())]);
  t.is(end.exitCode, 1);
  t.true(end.stderr.includes(data), end.stderr);
  t.notRegex(end.stderr, /^\s+at /m);
});

const isRoot = process.getuid?.() === 0;
(isRoot ? test.skip : test.serial)(
  `kvorum refuses a data directory that is not writable${
    isRoot ? " (skipped: root may write anywhere)" : ""
  }`,
  async (t) => {
    await using directory = await temporaryDirectory();
    await chmod(directory.path, 0o500);
    const data = join(directory.path, "data");
    const end = await runServer(["--data-dir", data, ...urlArgs(await freePort())]);
    t.is(end.exitCode, 1);
    t.true(end.stderr.includes(data), end.stderr);
  },
);

for (const foreign of ["notes.txt", "member/wal/0.wal"]) {
  test.serial(`kvorum refuses a data directory with ${foreign} in it, and leaves it as it was`, async (t) => {
    await using directory = await temporaryDirectory();
    await mkdir(join(directory.path, foreign, ".."), { recursive: true });
    await writeFile(join(directory.path, foreign), "not Kvorum's");
    const before = await readdir(directory.path, { recursive: true });
    const end = await runServer(["--data-dir", directory.path, ...urlArgs(await freePort())]);
    t.is(end.exitCode, 1);
    t.true(end.stderr.includes(directory.path), end.stderr);
    t.true(end.stderr.includes(foreign.split("/")[0] ?? ""), end.stderr);
    t.deepEqual(await readdir(directory.path, { recursive: true }), before);
    t.is(await readFile(join(directory.path, foreign), "utf8"), "not Kvorum's");
  });
}

for (
  const { road, reach, skip } of [
    { road: "by its path", reach: (data: string) => Promise.resolve(data), skip: null },
    {
      road: "through a symbolic link",
      reach: async (data: string, other: string) => {
        await symlink(data, other, "dir");
        return other;
      },
      skip: null,
    },
    {
      road: "through a bind mount",
      reach: async (data: string, other: string, undo: AsyncDisposableStack) => {
        await mkdir(other);
        await run("mount", ["--bind", data, other]);
        undo.defer(async () => void await run("umount", ["--lazy", other]));
        return other;
      },
      skip: noMount,
    },
  ]
) {
  (skip === null ? test.serial : test.skip)(
    `W13: kvorum refuses a data directory in use, reached ${road}, by name of the process, which is unharmed${
      skip === null ? "" : ` (skipped: ${skip})`
    }`,
    async (t) => {
      await using directory = await temporaryDirectory();
      await using undo = new AsyncDisposableStack();
      const dataDirectory = join(directory.path, "data");
      await using first = await ServerProcess.start({ dataDirectory });
      const client = new JsonClient(first.url);
      await client.put("chen", "perfect");
      const reached = await reach(dataDirectory, join(directory.path, "other"), undo);
      const end = await runServer(["--data-dir", reached, ...urlArgs(await freePort())]);
      t.is(end.exitCode, 1);
      t.true(end.stderr.includes(reached), end.stderr);
      t.regex(end.stderr, new RegExp(`in use by a running member \\(process ${first.pid}\\)`));
      t.notRegex(end.stderr, /^\s+at /m);

      await client.put("chen", "still perfect");
      t.is((await first.end("SIGKILL")).signal, "SIGKILL");
      await using again = await ServerProcess.start({ dataDirectory: reached });
      t.like((await new JsonClient(again.url).range({ key: "chen" })).kvs[0], {
        value: "still perfect",
        version: 2,
      });
      const late = await runServer(["--data-dir", dataDirectory, ...urlArgs(await freePort())]);
      t.is(late.exitCode, 1);
      t.regex(late.stderr, new RegExp(`\\b${again.pid}\\b`), "the pid is that of the new holder");
      await again.end("SIGKILL");
    },
  );
}

test.serial("W12: kvorum refuses a newer data directory by its format, and leaves it as it was", async (t) => {
  await using directory = await temporaryDirectory();
  const dataDirectory = join(directory.path, "data");
  await using server = await ServerProcess.start({ dataDirectory });
  await new JsonClient(server.url).put("chen", "perfect");
  await server.end("SIGTERM");

  const file = join(dataDirectory, "kvorum.json");
  const identity = await readFile(file, "utf8");
  const newer = identity.replace(/("format"\s*:\s*)\d+/, "$1 4711");
  t.not(newer, identity, "the file has a format");
  await writeFile(file, newer);
  const end = await runServer(["--data-dir", dataDirectory, ...urlArgs(await freePort())]);
  t.is(end.exitCode, 1);
  t.regex(end.stderr, /\b4711\b.*newer|newer.*\b4711\b/);
  t.true(end.stderr.includes(dataDirectory), end.stderr);
  t.is(await readFile(file, "utf8"), newer);

  await writeFile(file, identity);
  await using again = await ServerProcess.start({ dataDirectory });
  t.is((await new JsonClient(again.url).range({ key: "chen" })).count, 1);
});

test.serial("kvorum refuses a damaged kvorum.json by name", async (t) => {
  await using directory = await temporaryDirectory();
  const dataDirectory = join(directory.path, "data");
  await using server = await ServerProcess.start({ dataDirectory });
  await server.end("SIGTERM");
  await writeFile(join(dataDirectory, "kvorum.json"), "}{");
  const end = await runServer(["--data-dir", dataDirectory, ...urlArgs(await freePort())]);
  t.is(end.exitCode, 1);
  t.regex(end.stderr, /kvorum\.json/);
});

test.serial("kvorum says that its port is in use, and the data directory stays usable", async (t) => {
  await using directory = await temporaryDirectory();
  const dataDirectory = join(directory.path, "data");
  const port = await freePort();
  const other = createServer().listen(port, "127.0.0.1");
  await once(other, "listening");
  try {
    const end = await runServer(["--data-dir", dataDirectory, ...urlArgs(port)]);
    t.is(end.exitCode, 1);
    t.regex(end.stderr, new RegExp(`127\\.0\\.0\\.1:${port}\\b.*in use`));
    t.notRegex(end.stderr, /^\s+at /m);
  } finally {
    other.close();
    await once(other, "close");
  }

  await using server = await ServerProcess.start({ dataDirectory, port });
  const client = new JsonClient(server.url);
  t.is(await client.put("chen", "perfect"), 2);
});

test.serial("kvorum keeps its identity and its data over restarts", async (t) => {
  await using directory = await temporaryDirectory();
  const dataDirectory = join(directory.path, "data");
  const seen = [];
  for (const [round, signal] of (["SIGTERM", "SIGKILL", "SIGINT"] as const).entries()) {
    await using server = await ServerProcess.start({ dataDirectory });
    const client = new JsonClient(server.url);
    t.is(await client.put(`round${round}`, signal), round + 2);
    const { header, kvs } = await client.range({ key: "round", rangeEnd: "roune" });
    t.deepEqual(
      kvs.map(({ value }) => value),
      ["SIGTERM", "SIGKILL", "SIGINT"].slice(0, round + 1),
    );
    seen.push({ ...header, revision: 0, raftTerm: 0 });
    await server.end(signal);
  }
  t.deepEqual(new Set(seen.map((header) => JSON.stringify(header))).size, 1);
});
