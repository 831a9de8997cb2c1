import { join } from "node:path";
import test from "ava";
import { killRound, restartDifferences } from "../../support/kill_round.ts";
import { randomOfTest } from "../../support/seeded_random.ts";
import { ServerProcess } from "../../support/server_process.ts";
import { temporaryDirectory } from "../../support/temporary_directory.ts";
import { WriteLedger } from "../../support/write_ledger.ts";

test("a member that was killed has every write that it acknowledged, and none invented", async (t) => {
  const random = randomOfTest(t);
  await using directory = await temporaryDirectory();
  const dataDirectory = join(directory.path, "data");
  const ledger = new WriteLedger();
  const killAfter = random.int(4_000, 8_000);
  t.deepEqual(await killRound({ dataDirectory, ledger, random, wire: "grpc", killAfter }), []);
  t.true(ledger.acknowledged > 3_000);
  t.true(ledger.unanswered.length > 0, "it was killed in the middle");
  t.log(
    `killed after ${ledger.acknowledged} writes, ${ledger.unanswered.length} of them under way`,
  );

  await using server = await ServerProcess.start({ dataDirectory });
  t.deepEqual(await restartDifferences(server, ledger), []);
});
