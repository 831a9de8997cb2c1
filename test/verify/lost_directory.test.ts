import { mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { before } from "../support/deadline.ts";
import { ext4Image, noExt4Image } from "../support/ext4_image.ts";
import { JsonClient } from "../support/json_client.ts";
import { restartDifferences } from "../support/kill_round.ts";
import { randomOfTest } from "../support/seeded_random.ts";
import { ServerProcess } from "../support/server_process.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";
import { WriteLedger } from "../support/write_ledger.ts";
import { writeUntilFailure } from "../support/write_load.ts";

const noImage = await noExt4Image();

for (
  const { take, want, why } of [
    {
      take: (data: string) => rm(data, { recursive: true }),
      want: /kvorum\.json is gone/,
      why: "is deleted",
    },
    {
      take: (data: string) => rename(data, `${data}.old`),
      want: /kvorum\.json is gone/,
      why: "is renamed",
    },
    {
      take: (data: string) => rm(join(data, "wal"), { recursive: true }),
      want: /wal'|the log in .*wal is gone/,
      why: "loses its log",
    },
    {
      take: async (data: string) => {
        await rm(join(data, "backend"), { recursive: true });
        await mkdir(join(data, "backend"));
      },
      want: /data\.mdb is gone/,
      why: "loses its backend",
    },
  ]
) {
  test.serial(`W17: a member whose data directory ${why} while it runs stops with a message`, async (t) => {
    await using directory = await temporaryDirectory();
    const dataDirectory = join(directory.path, "data");
    await using server = await ServerProcess.start({ dataDirectory });
    await new JsonClient(server.url).put("chen", "perfect");
    await take(dataDirectory);
    const stderr = await assertStops(t, server);
    t.regex(stderr, /was taken from under the running member/);
    t.regex(stderr, want);
    t.notRegex(stderr, /^\s+at /m);
  });
}

(noImage === null ? test.serial : test.skip)(
  `W17: a member whose file system turns read-only stops with a message, and has all that it acknowledged${
    noImage === null ? "" : ` (skipped: ${noImage})`
  }`,
  async (t) => {
    const random = randomOfTest(t);
    const ledger = new WriteLedger();
    await using disk = await ext4Image();
    const dataDirectory = join(disk.path, "data");
    await using server = await ServerProcess.start({ dataDirectory });
    let failing: Promise<void> | null = null;
    await writeUntilFailure({
      ledger,
      random,
      clients: [new JsonClient(server.url)],
      writers: 32,
      keysPerWriter: 25,
      onAcknowledged: () => {
        if (ledger.acknowledged >= 300) {
          failing ??= disk.fail();
        }
      },
    });
    await failing;
    const stderr = await assertStops(t, server);
    t.regex(stderr, /EROFS|EIO|Read-only file system|Input\/output error/);
    t.regex(stderr, /The file system of .* is read-only|Check the disk/);

    await disk.repair();
    await using again = await ServerProcess.start({ dataDirectory });
    t.deepEqual(await restartDifferences(again, ledger), []);
    t.true(await new JsonClient(again.url).put("after", "repair") > 0);
  },
);

/** It ends by itself, and names its directory. Returns what it said. */
async function assertStops(t: ExecutionContext, server: ServerProcess): Promise<string> {
  const { exitCode, stderr } = await before(server.ended, { withinMs: 30_000, what: "its end" });
  t.is(exitCode, 1, stderr);
  t.true(stderr.includes(server.dataDirectory), stderr);
  return stderr;
}
