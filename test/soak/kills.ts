/**
 * `npm run soak -- kills [ROUNDS] [SEED]`: one member, killed so many times
 * (default: 300) at random moments, most of them under load, some while it
 * starts. After each kill all that was acknowledged must be there, at its
 * revision, and nothing else.
 */
import { randomInt } from "node:crypto";
import { join } from "node:path";
import process from "node:process";
import { killRound, killWhileStarting, restartDifferences } from "../support/kill_round.ts";
import { seededRandom } from "../support/seeded_random.ts";
import { ServerProcess } from "../support/server_process.ts";
import { checkedOutCommit, writeSoakRecord } from "../support/soak_record.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";
import { WriteLedger } from "../support/write_ledger.ts";

const rounds = numberArgument(2, { name: "ROUNDS", low: 1 }) ?? 300;
const seed = numberArgument(3, { name: "SEED", low: 0 }) ?? randomInt(2 ** 32);
const command = `npm run soak -- kills ${rounds} ${seed}`;
const commit = await checkedOutCommit();
const startedAtMs = Date.now();
console.error(command);

const faults = {
  killedUnderGrpcLoad: 0,
  killedUnderJsonLoad: 0,
  killedSoonAfterStart: 0,
  killedWhileStarting: 0,
};
const ledger = new WriteLedger();
const failures = await soak().catch((error) => [`the soak itself failed: ${error.stack ?? error}`]);
const record = await writeSoakRecord({
  soak: "kills",
  commit,
  seed,
  command,
  startedAtMs,
  operations: { ...ledger.counts },
  faults,
  failures,
});
console.error(`${failures.length === 0 ? "passed" : "FAILED"}: ${record}`);
process.exitCode = failures.length === 0 ? 0 : 1;

/** Runs the rounds until one fails. Returns what was wrong then. */
async function soak(): Promise<string[]> {
  const random = seededRandom(seed);
  await using directory = await temporaryDirectory();
  const dataDirectory = join(directory.path, "data");
  for (let round = 1; round <= rounds; round += 1) {
    const wire = random.pick<"grpc" | "json">(["grpc", "json"]);
    const soon = random.int(0, 5) === 0;
    const killAfter = soon ? random.int(1, 200) : random.int(500, 6_000);
    if (round > 1 && random.int(0, 5) === 0) {
      await killWhileStarting(dataDirectory, random.int(20, 1_500));
      faults.killedWhileStarting += 1;
    } else {
      const differences = await killRound({ dataDirectory, ledger, random, wire, killAfter });
      if (differences.length > 0) {
        return differences.map((difference) => `round ${round}: ${difference}`);
      }
      faults[wire === "grpc" ? "killedUnderGrpcLoad" : "killedUnderJsonLoad"] += 1;
      faults.killedSoonAfterStart += soon ? 1 : 0;
    }
    if (round % 10 === 0) {
      console.error(`${round} rounds, ${ledger.acknowledged} writes acknowledged`);
    }
  }
  await using server = await ServerProcess.start({ dataDirectory });
  const differences = await restartDifferences(server, ledger);
  const { exitCode, stderr } = await server.end("SIGTERM");
  return [...differences, ...exitCode === 0 ? [] : [`a stop ended with ${exitCode}: ${stderr}`]];
}

function numberArgument(
  position: number,
  { name, low }: { readonly name: string; readonly low: number },
): number | null {
  const given = process.argv[position];
  if (given === undefined) {
    return null;
  }
  const value = Number(given);
  if (!Number.isSafeInteger(value) || value < low) {
    console.error(`${name} is not a whole number from ${low} on: ${given}`);
    process.exit(1);
  }
  return value;
}
