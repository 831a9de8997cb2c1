import { setTimeout as delay } from "node:timers/promises";
import { freePort } from "./free_port.ts";
import { GrpcKvClient } from "./grpc_kv_client.ts";
import { JsonClient } from "./json_client.ts";
import { type KvClient, RefusedError } from "./kv_client.ts";
import type { SeededRandom } from "./seeded_random.ts";
import { type Runtime, ServerProcess, spawnServer, urlArgs } from "./server_process.ts";
import type { DifferenceOptions, WriteLedger } from "./write_ledger.ts";
import { LOAD_KEYS, writeUntilFailure } from "./write_load.ts";

export interface KillRoundOptions {
  readonly dataDirectory: string;
  readonly ledger: WriteLedger;
  readonly random: SeededRandom;
  readonly runtime?: Runtime;
  /** The wire that is written over. */
  readonly wire: "grpc" | "json";
  /**
   * The server is killed some milliseconds after so many acknowledgements, while
   * requests of all writers are under way.
   */
  readonly killAfter: number;
}

/** Longer than a commit takes, so that the kill comes anywhere in one. */
const KILL_DELAY_MS = 10;

const WRITERS = 128;
const CONNECTIONS = 4;

/**
 * Starts a server, holds it to the ledger, writes to it from many sides and
 * kills it in the middle. Returns in what the server differed from the ledger,
 * or answered wrongly.
 */
export async function killRound(options: KillRoundOptions): Promise<string[]> {
  const { dataDirectory, ledger, random, runtime = "node" } = options;
  await using server = await ServerProcess.start({ dataDirectory, runtime });
  const differences = await restartDifferences(server, ledger, { past: "new" });
  await using clients = await openClients(server, options.wire);
  const killDelayMs = random.int(0, KILL_DELAY_MS);
  let acknowledgements = 0;
  const ends = await writeUntilFailure({
    ledger,
    random,
    clients: clients.all,
    writers: WRITERS,
    keysPerWriter: 25,
    onAcknowledged: () => {
      acknowledgements += 1;
      if (acknowledgements === options.killAfter) {
        setTimeout(() => server.signal("SIGKILL"), killDelayMs);
      }
    },
  });
  await server.ended;
  const errors = ends.filter((end) => end instanceof RefusedError).map((end) => end.message);
  return [...differences, ...errors];
}

/** Kills a server so many milliseconds after its start, whatever it is at. */
export async function killWhileStarting(dataDirectory: string, afterMs: number): Promise<void> {
  await using program = spawnServer(["--data-dir", dataDirectory, ...urlArgs(await freePort())]);
  await delay(afterMs);
  await program.end("SIGKILL");
}

/** In what a server that has just started differs from the ledger. */
export async function restartDifferences(
  server: ServerProcess,
  ledger: WriteLedger,
  options: Omit<DifferenceOptions, "keys"> = {},
): Promise<string[]> {
  return await ledger.differences(new JsonClient(server.url), { ...options, keys: LOAD_KEYS });
}

export interface OpenClients extends AsyncDisposable {
  readonly all: readonly [KvClient, ...KvClient[]];
}

export async function openClients(
  server: ServerProcess,
  wire: "grpc" | "json",
): Promise<OpenClients> {
  if (wire === "json") {
    return { all: [new JsonClient(server.url)], [Symbol.asyncDispose]: async () => {} };
  }
  await using stack = new AsyncDisposableStack();
  const first = stack.use(await GrpcKvClient.open(server.url));
  const all: [KvClient, ...KvClient[]] = [first];
  while (all.length < CONNECTIONS) {
    all.push(stack.use(await GrpcKvClient.open(server.url)));
  }
  const owned = stack.move();
  return { all, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
