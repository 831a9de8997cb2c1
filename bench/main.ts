import process from "node:process";
import { grpcPut } from "./grpc_put.ts";
import { lmdb } from "./lmdb.ts";
import { raftCore } from "./raft_core.ts";
import { wal } from "./wal.ts";

/** Benchmarks by name. Each prints what it measured. */
const BENCHMARKS: Readonly<Record<string, (args: readonly string[]) => Promise<void>>> = {
  "grpc-put": grpcPut,
  "lmdb": lmdb,
  "raft-core": raftCore,
  "wal": wal,
};

const [name = "", ...args] = process.argv.slice(2);
const benchmark = BENCHMARKS[name];
if (benchmark === undefined) {
  process.stderr.write(`Name a benchmark: ${Object.keys(BENCHMARKS).join(", ")}\n`);
  process.exit(2);
}
await benchmark(args);
