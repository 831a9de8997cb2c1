import { cp, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import test, { type ExecutionContext } from "ava";
import { decodeMembership } from "../../../raft/mod.ts";
import { repositoryPath } from "../../../scripts/repository.ts";
import { readAppliedPosition } from "../../../server/state/applied_position.ts";
import { NodeFileSystem } from "../../../storage/files/mod.ts";
import { LmdbBackend } from "../../../storage/lmdb/mod.ts";
import { WalLogStore } from "../../../storage/wal/mod.ts";
import { freePort } from "../../support/free_port.ts";
import { GrpcConnection } from "../../support/grpc_client.ts";
import { JsonClient, postJson } from "../../support/json_client.ts";
import { runServer, ServerProcess, urlArgs } from "../../support/server_process.ts";
import { temporaryDirectory } from "../../support/temporary_directory.ts";

/** A member's data directory, and the paths in it. */
class MemberData implements AsyncDisposable {
  readonly path: string;
  readonly backend: string;
  readonly wal: string;
  readonly #dispose: () => Promise<void>;

  private constructor(directory: { readonly path: string } & AsyncDisposable) {
    this.path = join(directory.path, "data");
    this.backend = join(this.path, "backend", "data.mdb");
    this.wal = join(this.path, "wal");
    this.#dispose = async () => await directory[Symbol.asyncDispose]();
  }

  /** The data of a member that has stored a few keys and was stopped. */
  static async create(): Promise<MemberData> {
    const data = new MemberData(await temporaryDirectory());
    await data.run(async (client) => {
      for (let number = 0; number < 20; number += 1) {
        await client.put(`key${number}`, "value");
      }
    });
    return data;
  }

  /** Runs the member for the time of `use`, and stops it. */
  async run(use: (client: JsonClient, server: ServerProcess) => Promise<void>): Promise<void> {
    await using server = await ServerProcess.start({ dataDirectory: this.path });
    await use(new JsonClient(server.url), server);
    await server.end("SIGTERM");
  }

  async memberId(): Promise<string> {
    return JSON.parse(await readFile(join(this.path, "kvorum.json"), "utf8")).memberId;
  }

  /** Starts the member, which must refuse; resolves with what it said. */
  async refusal(
    t: ExecutionContext,
    environment: Readonly<Record<string, string>> = {},
  ): Promise<string> {
    const args = ["--data-dir", this.path, ...urlArgs(await freePort())];
    const end = await runServer(args, { environment });
    t.is(end.exitCode, 1, end.stderr);
    t.notRegex(end.stderr, /^\s+at /m);
    t.regex(end.stderr, /[Rr]estore the whole data directory.*or remove this member/);
    return end.stderr;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#dispose();
  }
}

for (
  const { damage, want, why } of [
    {
      damage: (path: string) => rm(path),
      want: /Backend missing: .*data\.mdb/,
      why: "is gone",
    },
    {
      damage: (path: string) => truncate(path, 0),
      want: /data\.mdb at offset 0: the file is empty/,
      why: "is empty",
    },
    {
      // Behind the first page of data. What is at the end may be free, by when the commits were.
      damage: (path: string) => truncate(path, 3 * 4096 + 904),
      want: /data\.mdb at offset \d+: .*cut short/,
      why: "was cut",
    },
    {
      damage: (path: string) => writeFile(path, "nonsense".repeat(5000)),
      want: /data\.mdb at offset \d+: .*not a database of LMDB/,
      why: "is garbage",
    },
    {
      damage: async (path: string) => {
        const bytes = await readFile(path);
        bytes[4096 + 18] = 2;
        await writeFile(path, bytes);
      },
      want: /data\.mdb at offset 4114: meta page 1/,
      why: "has a bad meta page",
    },
  ]
) {
  test.serial(`W19: kvorum refuses to start when the backend's file ${why}, and changes nothing`, async (t) => {
    await using data = await MemberData.create();
    await damage(data.backend);
    const before = await readFile(data.backend).catch(() => null);
    t.regex(await data.refusal(t), want);
    t.deepEqual(await readFile(data.backend).catch(() => null), before);
  });
}

test.serial("W19: kvorum refuses to start when the backend's file is on a bad sector, and says where", async (t) => {
  await using data = await MemberData.create();
  const said = await data.refusal(t, {
    NODE_OPTIONS: `--import ${pathToFileURL(repositoryPath("test/support/fail_read.ts")).href}`,
    KVORUM_TEST_FAIL: JSON.stringify({ path: data.backend, offset: 4096 }),
  });
  t.regex(
    said,
    /Backend damaged: .*data\.mdb at offset 4096: .*EIO: i\/o error, read\. Check the disk/,
  );
  await data.run(async (client) => {
    t.is((await client.range({ key: "key", rangeEnd: "kez" })).count, 20, "nothing was changed");
  });
});

test.serial("W14: kvorum refuses a backend that is ahead of its log, by member and index", async (t) => {
  await using data = await MemberData.create();
  const olderLog = join(data.path, "..", "wal");
  await data.run(async (client) => {
    // What is acknowledged is in the file, so this is the log of one term, at two times.
    await client.put("before", "1");
    await cp(data.wal, olderLog, { recursive: true });
    await client.put("after", "2");
    await client.put("after", "3");
  });
  await rm(data.wal, { recursive: true });
  await cp(olderLog, data.wal, { recursive: true });
  const said = await data.refusal(t);
  const [, held, end] = /entries up to (\d+), and the log ends at (\d+)/.exec(said) ?? [];
  t.is(Number(held) - Number(end), 2, said);
  t.true(said.includes(await data.memberId()), said);
  t.true(said.includes(data.path), said);
});

test.serial("W14: kvorum refuses a backend whose log is gone", async (t) => {
  await using data = await MemberData.create();
  await rm(data.wal, { recursive: true });
  t.regex(await data.refusal(t), /the log has seen no later term than 0/);
});

test.serial("W14: kvorum refuses a backend that is behind its log's beginning, by member and index", async (t) => {
  await using data = await MemberData.create();
  const olderBackend = join(data.path, "..", "data.mdb");
  await cp(data.backend, olderBackend);
  await data.run(async (client) => {
    await client.put("more", "1");
  });
  const marker = await compactLog(data);
  await cp(olderBackend, data.backend);
  const said = await data.refusal(t);
  t.regex(said, new RegExp(`log begins after ${marker}: \\d+ to ${marker} are in neither`));
  t.true(said.includes(await data.memberId()), said);
});

/** Drops from the log all that the backend holds. Resolves with the last index dropped. */
async function compactLog(data: MemberData): Promise<number> {
  const identity = JSON.parse(await readFile(join(data.path, "kvorum.json"), "utf8"));
  const backend = await LmdbBackend.open({ path: data.backend, buckets: ["meta"] });
  const { index, term } = readAppliedPosition(backend);
  const membership = backend.get("meta", new TextEncoder().encode("kvorum_membership"));
  await backend.close();
  const log = new WalLogStore({
    fileSystem: new NodeFileSystem(),
    directory: data.wal,
    identity: `${identity.clusterId}/${identity.memberId}`,
  });
  await log.open();
  await log.compact({
    index,
    term,
    membership: membership === undefined
      ? { voters: [identity.memberId], learners: [], votersOutgoing: [], learnersNext: [] }
      : decodeMembership(membership),
  });
  await log.close();
  return index;
}

test.serial("W14: kvorum goes on where a backend lags behind its log", async (t) => {
  await using data = await MemberData.create();
  const olderBackend = join(data.path, "..", "data.mdb");
  await cp(data.backend, olderBackend);
  await data.run(async (client) => {
    await client.put("more", "1");
  });
  await cp(olderBackend, data.backend);
  await data.run(async (client) => {
    t.like((await client.range({ key: "more" })).kvs[0], { value: "1", version: 1 });
  });
});

test.serial("Maintenance.Defragment answers at once and changes nothing, also under load", async (t) => {
  await using server = await ServerProcess.start();
  const client = new JsonClient(server.url);
  using grpc = await GrpcConnection.open(server.url);
  let writing = true;
  let written = 0;
  const load = (async () => {
    while (writing) {
      await client.put("loaded", String(written));
      written += 1;
    }
  })();
  for (let round = 0; round < 20; round += 1) {
    const json = await postJson(`${server.url}/v3/maintenance/defragment`, {});
    t.like(json, { status: 200, text: "{}" });
    const empty = new Uint8Array(5);
    const answer = await grpc.call("/etcdserverpb.Maintenance/Defragment", empty);
    t.is(answer.code, 0, answer.message);
    t.deepEqual(answer.messages.map(({ length }) => length), [0], "as etcd's, without a header");
  }
  writing = false;
  await load;
  t.true(written > 0);
  t.like((await client.range({ key: "loaded" })).kvs[0], {
    value: String(written - 1),
    version: written,
  });
});

test.serial("kvorum defragments at the start what has more free space than the flag allows", async (t) => {
  await using data = await MemberData.create();
  await data.run(async (client, server) => {
    const value = "x".repeat(100_000);
    for (let number = 0; number < 40; number += 1) {
      await client.put(`large${number % 2}`, value);
    }
    const { revision } = (await client.range({ key: "large0" })).header;
    const compacted = await postJson(`${server.url}/v3/kv/compaction`, {
      revision,
      physical: true,
    });
    t.is(compacted.status, 200, compacted.text);
    const status = await postJson(`${server.url}/v3/maintenance/status`, {});
    const { dbSize, dbSizeInUse } = status.body as Record<string, string>;
    t.true(Number(dbSize) > 3_000_000 && Number(dbSizeInUse) < 1_000_000, status.text);
  });
  const { size } = await stat(data.backend);
  const start = async (environment: Record<string, string>, args: string[] = []) => {
    await using server = await ServerProcess.start({ dataDirectory: data.path, environment, args });
    const client = new JsonClient(server.url);
    t.is((await client.range({ key: "large1" })).kvs[0]?.value.length, 100_000);
    t.is((await client.range({ key: "key", rangeEnd: "kez" })).count, 20);
    const { stderr } = await server.end("SIGTERM");
    return { stderr, size: (await stat(data.backend)).size };
  };
  const flag = "--bootstrap-defrag-threshold-megabytes";
  const rest = `${data.backend}.compact`;
  await writeFile(rest, "what a crash left");
  const untouched = await start({}, [`${flag}=1000`]);
  t.true(untouched.size >= size);
  t.notRegex(untouched.stderr, /defragmented/);
  await t.throwsAsync(stat(rest), { code: "ENOENT" });
  const smaller = await start({ ETCD_BOOTSTRAP_DEFRAG_THRESHOLD_MEGABYTES: "1" });
  t.regex(smaller.stderr, /info defragmented the backend from \d+ to \d+ bytes/);
  t.true(smaller.size < size / 4, `${size} to ${smaller.size}`);
  t.notRegex((await start({}, [flag, "1"])).stderr, /defragmented/);
});
