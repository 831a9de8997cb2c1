import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pid } from "node:process";
import test from "ava";
import { openDataDirectory } from "../../server/data/data_directory.ts";
import { DataDirectoryError } from "../../server/data/errors.ts";
import { clusterIdOf, foundingMemberId } from "../../server/data/identity.ts";
import { NodeFileSystem } from "../../storage/files/mod.ts";

const FOUNDING = { peerUrls: ["http://localhost:2380"], clusterToken: "etcd-cluster" };

async function temporary(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), "kvorum-test-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}

const open = (path: string) => openDataDirectory(new NodeFileSystem(), path, FOUNDING);

test("foundingMemberId and clusterIdOf give the ids that etcd gives", (t) => {
  t.is(foundingMemberId(["http://127.0.0.1:23793"], "tok"), "d3a7ceca07b0f091");
  const member = foundingMemberId(["http://localhost:2380"], "etcd-cluster");
  t.is(member, "8e9e05c52164694d");
  t.is(clusterIdOf([member]), "cdf818194e3a8c32");
});

test("openDataDirectory founds a directory once and finds the same member later", async (t) => {
  await using parent = await temporary();
  const path = join(parent.path, "deep", "data");
  const first = await open(path);
  t.is(first.identity.memberId, "8e9e05c52164694d");
  t.deepEqual(first.identity.foundingVoters, ["8e9e05c52164694d"]);
  t.regex(first.identity.incarnation, /^[\w-]{21}$/);
  await first.release();
  const second = await openDataDirectory(new NodeFileSystem(), path, {
    peerUrls: ["http://other:1"],
    clusterToken: "other",
  });
  t.deepEqual(second.identity, first.identity);
  await second.release();
});

test("openDataDirectory gives each founding an incarnation of its own", async (t) => {
  await using parent = await temporary();
  const [first, second] = await Promise.all([
    open(join(parent.path, "1")),
    open(join(parent.path, "2")),
  ]);
  t.not(first.identity.incarnation, second.identity.incarnation);
  await Promise.all([first.release(), second.release()]);
});

test("W13: openDataDirectory refuses a directory that is in use, and names the process", async (t) => {
  await using parent = await temporary();
  const holder = await open(parent.path);
  await t.throwsAsync(open(parent.path), {
    instanceOf: DataDirectoryError,
    message: `Data directory ${parent.path} is in use by a running member (process ${pid})`,
  });
  await holder.release();
  await (await open(parent.path)).release();
});

test("openDataDirectory refuses a directory that cannot be written, and says why", async (t) => {
  await using parent = await temporary();
  const file = join(parent.path, "file");
  await writeFile(file, "");
  const error = await t.throwsAsync(open(join(file, "data")), { instanceOf: DataDirectoryError });
  t.regex(error.message, /cannot be created: .*ENOTDIR/);
});

test("openDataDirectory refuses what another program left, and leaves it alone", async (t) => {
  await using parent = await temporary();
  await mkdir(join(parent.path, "member"));
  const error = await t.throwsAsync(open(parent.path), { instanceOf: DataDirectoryError });
  t.regex(error.message, /holds data that is not Kvorum's \(member\): name an empty directory/);
  t.false((await readdir(parent.path)).includes("kvorum.json"));
});

test("openDataDirectory goes on with a founding that a crash cut short", async (t) => {
  await using parent = await temporary();
  await writeFile(join(parent.path, "kvorum.json.tmp"), "{");
  await writeFile(join(parent.path, "pid"), "1\n");
  await writeFile(join(parent.path, "lock"), "");
  const directory = await open(parent.path);
  t.is(JSON.parse(await readFile(join(parent.path, "kvorum.json"), "utf8")).format, 1);
  await directory.release();
});

for (
  const { content, message, why } of [
    {
      content: `{"format":2}`,
      message: /has format 2, written by a newer version of Kvorum; this one knows format 1/,
      why: "a newer format",
    },
    {
      content: `{"format":"1"}`,
      message: /is damaged: kvorum.json names no format/,
      why: "no format",
    },
    {
      content: `{"format":1}`,
      message: /is damaged: kvorum.json is incomplete/,
      why: "missing ids",
    },
    {
      content: `{"form`,
      message: /is damaged: kvorum.json is not a JSON object/,
      why: "half a file",
    },
    { content: "", message: /is damaged: kvorum.json is not a JSON object/, why: "an empty file" },
    {
      content:
        `{"format":1,"clusterId":"x","memberId":"8e9e05c52164694d","incarnation":"i","foundingVoters":[],"peerUrls":[]}`,
      message: /is damaged: kvorum.json is incomplete/,
      why: "an id that is none",
    },
  ]
) {
  test(`openDataDirectory refuses an identity with ${why}, and lets go of the lock`, async (t) => {
    await using parent = await temporary();
    const file = join(parent.path, "kvorum.json");
    await writeFile(file, content);
    for (let attempt = 0; attempt < 2; attempt += 1) {
      await t.throwsAsync(open(parent.path), { instanceOf: DataDirectoryError, message });
    }
    t.is(await readFile(file, "utf8"), content);
  });
}
