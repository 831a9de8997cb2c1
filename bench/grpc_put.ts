import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";
import { create, toBinary } from "@bufbuild/protobuf";
import { PutRequestSchema } from "../proto/mod.ts";
import { ETCD, KVORUM, type ServerKind, ServerProcess } from "./server_process.ts";

/** One load: so many connections, so many streams on each, so many puts in all. */
interface Load {
  readonly connections: number;
  readonly streams: number;
  readonly puts: number;
}

const LOADS: readonly Load[] = [
  { connections: 1, streams: 1, puts: 10_000 },
  { connections: 10, streams: 10, puts: 150_000 },
  { connections: 10, streams: 100, puts: 200_000 },
];

const ROUNDS = 3;

const KEY_BYTES = 32;
const VALUE_BYTES = 256;

/**
 * Puts through gRPC, one key over and over, with `h2load` as the client. The
 * member and, where installed, a real etcd get the same loads in turn, each
 * time on fresh data. The revision afterwards tells that every put was applied.
 */
export async function grpcPut(): Promise<void> {
  await requireProgram("h2load", "Debian's package nghttp2-client");
  const kinds = await hasProgram(process.env["ETCD_BIN"] ?? "etcd") ? [KVORUM, ETCD] : [KVORUM];
  const directory = await mkdtemp(join(tmpdir(), "kvorum-bench-"));
  try {
    const frame = join(directory, "put.grpc");
    await writeFile(frame, putFrame());
    process.stdout.write(
      `puts/s, median of ${ROUNDS} runs, ${KEY_BYTES} B keys, ${VALUE_BYTES} B values\n`,
    );
    for (const load of LOADS) {
      await measure(kinds, load, frame);
    }
  } finally {
    await rm(directory, { recursive: true });
  }
}

async function measure(kinds: readonly ServerKind[], load: Load, frame: string): Promise<void> {
  const rates = new Map<string, number[]>(kinds.map(({ name }) => [name, []]));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const kind of kinds) {
      rates.get(kind.name)?.push(await putsPerSecond(kind, load, frame));
    }
  }
  const medians = kinds.map(({ name }) => median(rates.get(name) ?? []));
  const [own = NaN, other] = medians;
  const figures = kinds.map(({ name }, index) => `${name} ${Math.round(medians[index] ?? NaN)}`);
  const ratio = other === undefined
    ? "(no etcd found: no ratio)"
    : `ratio ${(own / other).toFixed(2)}`;
  process.stdout.write(`${load.connections}x${load.streams}: ${figures.join(", ")}, ${ratio}\n`);
}

async function putsPerSecond(kind: ServerKind, load: Load, frame: string): Promise<number> {
  await using server = await ServerProcess.start(kind);
  const before = await server.revision();
  const { stdout } = await run("h2load", [
    `-n${load.puts}`,
    `-c${load.connections}`,
    `-m${load.streams}`,
    "-d",
    frame,
    "-H",
    "content-type: application/grpc",
    "-H",
    "te: trailers",
    `${server.clientUrl}/etcdserverpb.KV/Put`,
  ]);
  const applied = await server.revision() - before;
  if (applied !== load.puts) {
    throw new Error(`${kind.name} applied ${applied} of ${load.puts} puts:\n${stdout}`);
  }
  const rate = /finished in .*?, ([\d.]+) req\/s/.exec(stdout)?.[1];
  if (rate === undefined) {
    throw new Error(`h2load printed no rate:\n${stdout}`);
  }
  return Number(rate);
}

/** A put as the body of a gRPC call. */
function putFrame(): Uint8Array {
  const message = toBinary(
    PutRequestSchema,
    create(PutRequestSchema, {
      key: new Uint8Array(KEY_BYTES).fill(0x6b),
      value: new Uint8Array(VALUE_BYTES).fill(0x76),
    }),
  );
  const frame = new Uint8Array(5 + message.length);
  new DataView(frame.buffer).setUint32(1, message.length);
  frame.set(message, 5);
  return frame;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}

const run = promisify(execFile);

async function hasProgram(program: string): Promise<boolean> {
  return await run(program, ["--version"]).then(() => true, () => false);
}

async function requireProgram(program: string, source: string): Promise<void> {
  if (!await hasProgram(program)) {
    throw new Error(`${program} is needed and not installed: it is in ${source}`);
  }
}
