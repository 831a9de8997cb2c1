import { join } from "node:path";
import test from "ava";
import { killRound, killWhileStarting, restartDifferences } from "../support/kill_round.ts";
import { randomOfTest } from "../support/seeded_random.ts";
import { ServerProcess } from "../support/server_process.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";
import { WriteLedger } from "../support/write_ledger.ts";

const LOAD_ROUNDS = 30;
const START_ROUNDS = 10;

test.serial(`a member that is killed ${LOAD_ROUNDS} times under gRPC and JSON keeps every write that it acknowledged`, async (t) => {
  t.timeout(15 * 60_000);
  const random = randomOfTest(t);
  await using directory = await temporaryDirectory();
  const dataDirectory = join(directory.path, "data");
  const ledger = new WriteLedger();
  for (let round = 1; round <= LOAD_ROUNDS; round += 1) {
    const wire = round % 2 === 0 ? "grpc" : "json";
    // Now and then right after the start, when the last replay is hardly over.
    const killAfter = random.int(0, 4) === 0 ? random.int(1, 200) : random.int(1_000, 6_000);
    const differences = await killRound({ dataDirectory, ledger, random, wire, killAfter });
    t.deepEqual(differences, [], `round ${round}`);
    t.true(ledger.unanswered.length > 0, "it was killed in the middle");
  }
  await using server = await ServerProcess.start({ dataDirectory });
  t.deepEqual(await restartDifferences(server, ledger), []);
  t.log(JSON.stringify(ledger.counts));
  t.is((await server.end("SIGTERM")).exitCode, 0);
});

test.serial("a member that is killed while it starts comes up with everything", async (t) => {
  t.timeout(5 * 60_000);
  const random = randomOfTest(t);
  await using directory = await temporaryDirectory();
  const dataDirectory = join(directory.path, "data");
  const ledger = new WriteLedger();
  const options = { dataDirectory, ledger, random, wire: "grpc", killAfter: 5_000 } as const;
  t.deepEqual(await killRound(options), []);
  for (let round = 0; round < START_ROUNDS; round += 1) {
    await killWhileStarting(dataDirectory, random.int(20, 500));
  }
  await using server = await ServerProcess.start({ dataDirectory });
  t.deepEqual(await restartDifferences(server, ledger), []);
});
