#!/usr/bin/env node
import process from "node:process";
import { ConfigurationError } from "./config/errors.ts";
import { readCommandLine } from "./config/command_line.ts";
import type { Defragmentation } from "./data/backend_file.ts";
import { storageRemedy } from "./data/storage_remedy.ts";
import type { ServerConfig } from "./config/server_config.ts";
import { Member } from "./member.ts";
import { ETCD_VERSION, KVORUM_VERSION } from "./version.ts";

/** `node:http2` aborts the process under Deno 2.9 with several streams in flight. */
const SERVES_GRPC = !("Deno" in globalThis);

async function main(): Promise<void> {
  try {
    const commandLine = readCommandLine(
      { args: process.argv.slice(2), environment: process.env },
      versionText(),
    );
    if (commandLine.type === "print") {
      process.stdout.write(commandLine.text);
      return;
    }
    commandLine.warnings.forEach((warning) => log("warning", warning));
    await run(commandLine.config);
  } catch (error) {
    fail(error);
  }
}

/** Runs a member until it is told to stop, or fails. */
async function run(config: ServerConfig): Promise<void> {
  const member = await Member.start(config, {
    grpc: SERVES_GRPC,
    onRepair: ({ file, offset, bytes }) =>
      log(
        "warning",
        `cut ${bytes} bytes at ${offset} of ${file}: written last, they may have been acknowledged; ` +
          "among others, this member neither votes nor acknowledges until a leader has confirmed its log",
      ),
    onDefragmented: logDefragmentation,
  });
  process.stdout.write(greeting(config, member));
  member.failed.catch(fail);
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => stop(member, signal));
  }
}

function logDefragmentation(outcome: Defragmentation): void {
  if (outcome.type === "done") {
    const { bytesBefore, bytesAfter } = outcome;
    log("info", `defragmented the backend from ${bytesBefore} to ${bytesAfter} bytes`);
  } else {
    const { error } = outcome;
    const reason = error instanceof Error ? error.message : String(error);
    log("warning", `could not defragment the backend, which is as it was: ${reason}`);
  }
}

async function stop(member: Member, signal: string): Promise<void> {
  log("info", `${signal}: stopping`);
  try {
    await member.stop();
    log("info", "stopped, all acknowledged writes are durable");
    process.exit(0);
  } catch (error) {
    fail(error);
  }
}

function fail(error: unknown): never {
  if (error instanceof Error && "code" in error && EXPECTED.has(String(error.code))) {
    const remedy = storageRemedy(error);
    log("error", remedy === null ? error.message : `${error.message}. ${remedy}`);
  } else {
    log("error", error instanceof Error ? error.stack ?? error.message : String(error));
  }
  process.exit(error instanceof ConfigurationError ? error.exitCode : 1);
}

/** Failures that their message explains. Of others, the stack helps. */
const EXPECTED = new Set([
  "BACKEND_DAMAGED",
  "BACKEND_MISSING",
  "BACKEND_UNUSABLE",
  "CONFIGURATION",
  "DATA_DIRECTORY",
  "LISTEN",
  "LOCKED",
  "MEMBER_STOPPED",
  "START_MISMATCH",
  "STORAGE_FAILED",
  "WAL_CORRUPT",
  "WAL_IDENTITY",
  "WAL_VERSION",
]);

function log(level: string, message: string): void {
  process.stderr.write(`${new Date().toISOString()} ${level} ${message}\n`);
}

function versionText(): string {
  return `kvorum Version: ${KVORUM_VERSION}\netcd Version: ${ETCD_VERSION}`;
}

function greeting(config: ServerConfig, member: Member): string {
  const [url = ""] = config.advertiseClientUrls;
  const address = url.replace(/^http:\/\//, "");
  const grpcLines = SERVES_GRPC
    ? `  etcdctl --endpoints=${address} put greeting hello\n  etcdctl --endpoints=${address} get greeting\n`
    : "";
  return `kvorum ${KVORUM_VERSION}, member ${config.name}
data     ${member.dataDirectory}
clients  ${config.advertiseClientUrls.join(", ")}${
    SERVES_GRPC ? "" : " (HTTP and JSON; no gRPC under Deno)"
  }
try
  curl ${url}/v3/kv/put -d '{"key":"Z3JlZXRpbmc=","value":"aGVsbG8="}'
  curl ${url}/v3/kv/range -d '{"key":"Z3JlZXRpbmc="}'
${grpcLines}`;
}

await main();
