import { join } from "node:path";
import test from "ava";
import { repositoryPath } from "../../scripts/repository.ts";
import { fileSystemCases } from "../../testing/mod.ts";
import { nodeTestbed } from "../storage/files/node_testbed.ts";
import { runProgram } from "../support/child_process.ts";
import { before } from "../support/deadline.ts";
import { GrpcConnection } from "../support/grpc_client.ts";
import { JsonClient } from "../support/json_client.ts";
import { KeepAliveConnection } from "../support/keep_alive_connection.ts";
import { killRound, restartDifferences } from "../support/kill_round.ts";
import { randomOfTest } from "../support/seeded_random.ts";
import { denoPath, type Runtime, ServerProcess } from "../support/server_process.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";
import { testWithTools } from "../support/tool_test.ts";
import { WriteLedger } from "../support/write_ledger.ts";

test.serial("a member under Deno that was killed has every write that it acknowledged", async (t) => {
  t.timeout(5 * 60_000);
  const random = randomOfTest(t);
  await using directory = await temporaryDirectory();
  const dataDirectory = join(directory.path, "data");
  const ledger = new WriteLedger();
  for (let round = 1; round <= 3; round += 1) {
    const killAfter = random.int(2_000, 5_000);
    const differences = await killRound({
      dataDirectory,
      ledger,
      random,
      runtime: "deno",
      wire: "json",
      killAfter,
    });
    t.deepEqual(differences, [], `round ${round}`);
    t.true(ledger.unanswered.length > 0, "it was killed in the middle");
  }
  await using server = await ServerProcess.start({ dataDirectory, runtime: "deno" });
  t.deepEqual(await restartDifferences(server, ledger), []);
  t.log(`${ledger.acknowledged} acknowledged writes`);
});

testWithTools(["curl"], "what curl wrote to a member under Deno survives its kill", async (t) => {
  await using directory = await temporaryDirectory();
  const dataDirectory = join(directory.path, "data");
  await using server = await ServerProcess.start({ dataDirectory, runtime: "deno" });
  const curl = async (url: string, method: string, body: string): Promise<unknown> => {
    const end = await runProgram("curl", [
      "--silent",
      "--fail",
      `${url}/v3/kv/${method}`,
      "-d",
      body,
    ]);
    t.is(end.exitCode, 0, end.stderr);
    return JSON.parse(end.stdout);
  };
  for (let write = 0; write < 20; write += 1) {
    const body = JSON.stringify({ key: "Y3VybA==", value: btoa(`write ${write}`) });
    t.like(await curl(server.url, "put", body), { header: { revision: String(write + 2) } });
  }
  await server.end("SIGKILL");

  await using again = await ServerProcess.start({ dataDirectory, runtime: "deno" });
  t.like(await curl(again.url, "range", `{"key":"Y3VybA=="}`), {
    header: { revision: "21" },
    kvs: [{ value: btoa("write 19"), mod_revision: "21", version: "20", create_revision: "2" }],
  });
});

test.serial("NodeFileSystem under Deno meets the requirements on a file system", async (t) => {
  const program = join(import.meta.dirname, "../storage/files/run_suite.ts");
  const { exitCode, stdout, stderr } = await runProgram(
    denoPath(),
    ["run", "--allow-all", program],
    { withinMs: 100_000 },
  );
  t.is(exitCode, 0, stderr);
  const cases = fileSystemCases({ openTestbed: nodeTestbed, supports: ["processes"] });
  t.deepEqual(stdout.trim().split("\n"), cases.map(({ name }) => `met: ${name}`));
});

for (
  const [first, second] of [["deno", "node"], ["node", "deno"]] satisfies [Runtime, Runtime][]
) {
  test.serial(`a data directory written under ${first} and killed opens under ${second}`, async (t) => {
    const random = randomOfTest(t);
    await using directory = await temporaryDirectory();
    const dataDirectory = join(directory.path, "data");
    const ledger = new WriteLedger();
    const options = { dataDirectory, ledger, random, wire: "json", killAfter: 3_000 } as const;
    t.deepEqual(await killRound({ ...options, runtime: first }), []);
    t.deepEqual(await killRound({ ...options, runtime: second }), []);
    await using server = await ServerProcess.start({ dataDirectory, runtime: first });
    t.deepEqual(await restartDifferences(server, ledger), []);
  });
}

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  test.serial(`a member under Deno that is told by ${signal} to stop ends with 0 and keeps all`, async (t) => {
    await using directory = await temporaryDirectory();
    const dataDirectory = join(directory.path, "data");
    await using server = await ServerProcess.start({ dataDirectory, runtime: "deno" });
    const client = new JsonClient(server.url);
    const puts = Array.from({ length: 200 }, (_, at) => client.put(`stop/${at}`, String(at)));
    await Promise.any(puts);
    server.signal(signal);
    const answers = await Promise.allSettled(puts);
    t.is((await server.end(signal, 10_000)).exitCode, 0, server.stderr);

    await using again = await ServerProcess.start({ dataDirectory, runtime: "deno" });
    const { kvs } = await new JsonClient(again.url).range({ key: "stop/", rangeEnd: "stop0" });
    t.deepEqual(
      kvs.map(({ value, modRevision }) => [value, modRevision]).sort(),
      answers.flatMap((answer, at) =>
        answer.status === "fulfilled" ? [[String(at), answer.value]] : []
      ).sort(),
    );
  });
}

test.serial("a member under Deno keeps connections open that it says it keeps", async (t) => {
  await using server = await ServerProcess.start({ runtime: "deno" });
  using connection = await KeepAliveConnection.open(server.port);
  for (let put = 0; put < 100; put += 1) {
    t.is(await connection.put("again", String(put)), 200, `put ${put}`);
  }
});

test.serial("a member under Deno says that it has no gRPC, and goes on when it is tried", async (t) => {
  await using server = await ServerProcess.start({ runtime: "deno" });
  t.regex(server.stdout, /no gRPC under Deno/);
  const call = async (): Promise<void> => {
    using connection = await GrpcConnection.open(server.url);
    await connection.send("/etcdserverpb.KV/Range", new Uint8Array());
  };
  await t.throwsAsync(before(call(), { withinMs: 10_000, what: "end of a gRPC call" }), {
    message: /^(?!Not within)/,
  });
  t.is(await new JsonClient(server.url).put("chen", "perfect"), 2);
});

test.serial("a member under Deno keeps a second process off its data directory", async (t) => {
  await using first = await ServerProcess.start({ runtime: "deno" });
  for (const runtime of ["deno", "node"] as const) {
    const error = await t.throwsAsync(async () => {
      await using _second = await ServerProcess.start({
        dataDirectory: first.dataDirectory,
        runtime,
      });
    });
    t.regex(error?.message ?? "", new RegExp(`ended with 1[^]*\\b${first.pid}\\b`));
  }
  t.is(await new JsonClient(first.url).put("chen", "perfect"), 2);
});

test("the snapshot stores meet their requirements under Deno, on the machine's disk too", async (t) => {
  const program = repositoryPath("test/storage/snapshots/conformance_child.ts");
  const end = await runProgram(denoPath(), ["run", "--allow-all", program], { withinMs: 120_000 });
  t.is(end.exitCode, 0, end.stderr);
  t.regex(end.stdout, /^\d{3} passed, 0 failed\n$/);
});
