import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import test from "ava";
import { repositoryPath } from "../../scripts/repository.ts";
import { before } from "../support/deadline.ts";
import { openClients, restartDifferences } from "../support/kill_round.ts";
import { randomOfTest } from "../support/seeded_random.ts";
import { ServerProcess } from "../support/server_process.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";
import { type KeyChange, WriteLedger } from "../support/write_ledger.ts";
import { writeUntilFailure } from "../support/write_load.ts";

const PRELOAD = pathToFileURL(repositoryPath("test/support/fail_wal_write.ts")).href;

for (
  const { fails, want, why } of [
    { fails: { code: "EIO" }, want: /Check the disk/, why: "W7: with an i/o error" },
    {
      fails: { code: "EIO", writtenBytes: 100 },
      want: /Check the disk/,
      why: "W7: with an i/o error after some bytes",
    },
    { fails: { code: "ENOSPC" }, want: /The disk is full/, why: "W8: for want of space" },
    {
      fails: { code: "ENOSPC", writtenBytes: 51 },
      want: /The disk is full/,
      why: "W8: for want of space after some bytes",
    },
    { fails: { code: "EDQUOT" }, want: /The disk quota is used up/, why: "W8: by the quota" },
    { fails: { code: "EFBIG" }, want: /Check the disk/, why: "W8: as the file is too large" },
  ]
) {
  test.serial(`${why}, one write to the log fails: the member stops at once, acknowledges nothing of it, and starts again`, async (t) => {
    const random = randomOfTest(t);
    const ledger = new WriteLedger();
    await using directory = await temporaryDirectory();
    const dataDirectory = join(directory.path, "data");
    const bytesTo = join(directory.path, "failed");
    const environment = {
      NODE_OPTIONS: `--import=${PRELOAD}`,
      KVORUM_TEST_FAIL: JSON.stringify({ nth: random.int(20, 60), bytesTo, ...fails }),
    };
    await using server = await ServerProcess.start({ dataDirectory, environment });
    await using clients = await openClients(server, "grpc");
    await writeUntilFailure({
      ledger,
      random,
      clients: clients.all,
      writers: 16,
      keysPerWriter: 25,
      onAcknowledged: () => {},
    });
    const { exitCode, stderr } = await before(server.ended, { withinMs: 30_000, what: "its end" });
    t.is(exitCode, 1, stderr);
    t.true(stderr.includes(`out of use: ${join(dataDirectory, "wal")}: ${fails.code}`), stderr);
    t.regex(stderr, want);
    t.notRegex(stderr, /WROTE AGAIN/);
    t.notRegex(stderr, /^\s+at /m);
    // A writer waits for one answer at a time: what it still waits for is what failed, if that
    // names its key. The other answers were on their way.
    const failed = await readFile(bytesTo);
    const hasFailed = ({ key }: KeyChange) => failed.includes(key);
    t.true(ledger.acknowledged > 0 && ledger.unanswered.some(hasFailed));

    // A write of which nothing got to the disk must not come back.
    const mayHaveHappened = (change: KeyChange) => "writtenBytes" in fails || !hasFailed(change);
    await using again = await ServerProcess.start({ dataDirectory });
    t.deepEqual(await restartDifferences(again, ledger, { mayHaveHappened }), []);
    await using more = await openClients(again, "grpc");
    t.true(await more.all[0].put("after", "restart") > 0);
    t.is((await again.end("SIGTERM")).exitCode, 0);
  });
}
