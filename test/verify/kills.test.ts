import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import test from "ava";
import { freePort } from "../support/free_port.ts";
import { killRound, restartDifferences } from "../support/kill_round.ts";
import { randomOfTest } from "../support/seeded_random.ts";
import { ServerProcess, spawnServer, urlArgs } from "../support/server_process.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";
import { WriteLedger } from "../support/write_ledger.ts";

const ROUNDS = 10;

for (const wire of ["grpc", "json"] as const) {
  test.serial(`a member that is killed ${ROUNDS} times under ${wire} keeps every write that it acknowledged`, async (t) => {
    t.timeout(10 * 60_000);
    const random = randomOfTest(t);
    await using directory = await temporaryDirectory();
    const dataDirectory = join(directory.path, "data");
    const ledger = new WriteLedger();
    for (let round = 1; round <= ROUNDS; round += 1) {
      // Now and then right after the start, when the last replay is hardly over.
      const killAfter = random.int(0, 4) === 0 ? random.int(1, 200) : random.int(1_000, 6_000);
      const differences = await killRound({ dataDirectory, ledger, random, wire, killAfter });
      t.deepEqual(differences, [], `round ${round}`);
      t.true(ledger.unanswered > 0, "it was killed in the middle");
    }
    await using server = await ServerProcess.start({ dataDirectory });
    t.deepEqual(await restartDifferences(server, ledger), []);
    t.log(`${ledger.acknowledged} acknowledged writes`);
    t.is((await server.end("SIGTERM")).exitCode, 0);
  });
}

test.serial("a member that is killed while it starts comes up with everything", async (t) => {
  t.timeout(5 * 60_000);
  const random = randomOfTest(t);
  await using directory = await temporaryDirectory();
  const dataDirectory = join(directory.path, "data");
  const ledger = new WriteLedger();
  const options = { dataDirectory, ledger, random, wire: "grpc", killAfter: 5_000 } as const;
  t.deepEqual(await killRound(options), []);
  for (let round = 0; round < ROUNDS; round += 1) {
    await killWhileStarting(dataDirectory, random.int(20, 500));
  }
  await using server = await ServerProcess.start({ dataDirectory });
  t.deepEqual(await restartDifferences(server, ledger), []);
});

/** Kills a server so many milliseconds after its start, whatever it is at. */
async function killWhileStarting(dataDirectory: string, afterMs: number): Promise<void> {
  await using program = spawnServer(["--data-dir", dataDirectory, ...urlArgs(await freePort())]);
  await delay(afterMs);
  await program.end("SIGKILL");
}
