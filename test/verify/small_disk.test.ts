import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { before } from "../support/deadline.ts";
import { freePort } from "../support/free_port.ts";
import { openClients, restartDifferences } from "../support/kill_round.ts";
import { randomOfTest, type SeededRandom } from "../support/seeded_random.ts";
import { runServer, ServerProcess, urlArgs } from "../support/server_process.ts";
import { noSmallFileSystem, smallFileSystem } from "../support/small_file_system.ts";
import { WriteLedger } from "../support/write_ledger.ts";
import { writeUntilFailure } from "../support/write_load.ts";

const noMount = await noSmallFileSystem();
const skipped = noMount === null ? "" : ` (skipped: ${noMount})`;

for (const wire of ["grpc", "json"] as const) {
  (noMount === null ? test.serial : test.skip)(
    `W8: a member that fills a small disk over ${wire} stops and says so, and has all that it acknowledged once there is room${skipped}`,
    async (t) => {
      t.timeout(5 * 60_000);
      const random = randomOfTest(t);
      await using disk = await smallFileSystem(6);
      const dataDirectory = join(disk.path, "data");
      const ballast = join(disk.path, "ballast");
      await writeFile(ballast, new Uint8Array(2 * 1024 * 1024));
      const load = { dataDirectory, ledger: new WriteLedger(), random, wire };

      await assertFills(t, load);
      const refused = await runServer(["--data-dir", dataDirectory, ...urlArgs(await freePort())]);
      t.is(refused.exitCode, 1, "nothing works while there is no room");
      t.regex(refused.stderr, /disk is full|no space left/);
      t.true(refused.stderr.includes(dataDirectory), refused.stderr);

      await rm(ballast);
      await assertFills(t, load);
      await disk.resize(64);
      await using server = await ServerProcess.start({ dataDirectory });
      t.deepEqual(await restartDifferences(server, load.ledger), []);
      await using clients = await openClients(server, wire);
      t.true(await clients.all[0].put("after", "there is room") > 0);
      t.is((await server.end("SIGTERM")).exitCode, 0);
      t.log(JSON.stringify(load.ledger.counts));
    },
  );
}

interface Load {
  readonly dataDirectory: string;
  readonly ledger: WriteLedger;
  readonly random: SeededRandom;
  readonly wire: "grpc" | "json";
}

/** Starts a member that must have everything, and writes to it until its disk is full. */
async function assertFills(
  t: ExecutionContext,
  { dataDirectory, ledger, random, wire }: Load,
): Promise<void> {
  await using server = await ServerProcess.start({ dataDirectory });
  t.deepEqual(await restartDifferences(server, ledger), []);
  const already = ledger.acknowledged;
  await using clients = await openClients(server, wire);
  const writers = { writers: 32, keysPerWriter: 25, onAcknowledged: () => {} };
  await writeUntilFailure({ ledger, random, clients: clients.all, ...writers });
  const { exitCode, stderr } = await before(server.ended, { withinMs: 30_000, what: "its end" });
  t.is(exitCode, 1, stderr);
  t.true(ledger.acknowledged > already, "it took writes before");
  t.regex(stderr, /The disk is full: free space on .*, and start the member again/);
  t.regex(stderr, /out of use: .*(data\.mdb|wal)\b/);
  t.true(stderr.includes(dataDirectory), stderr);
}
