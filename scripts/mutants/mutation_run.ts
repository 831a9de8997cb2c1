import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import process from "node:process";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { repositoryPath } from "../repository.ts";
import { parseTapLine } from "../tiers/tap_parser.ts";
import type { ProbeOrder, ProbeResult } from "./probe.ts";

/** How long one run may take. An endless loop is not a bug that was caught. */
const RUN_TIMEOUT_MS = 900_000;

/**
 * Runs a probe in a process of its own.
 *
 * @throws {Error} if it ends otherwise than with a result: the harness crashed, or hung.
 */
export async function runProbe(order: ProbeOrder): Promise<ProbeResult> {
  const { output, errors, exitCode } = await finished(spawn(
    process.execPath,
    [
      "--conditions=kvorum-source",
      repositoryPath("scripts/mutants/probe.ts"),
      JSON.stringify(order),
    ],
    { stdio: ["ignore", "pipe", "pipe"] },
  ));
  if (exitCode !== 0) {
    throw new Error(
      exitCode === null ? "the probe hung" : `the probe crashed: ${errors.trim().slice(0, 500)}`,
    );
  }
  return JSON.parse(output) as ProbeResult;
}

/**
 * Runs test files in a copy of the source. Returns the titles of the tests that
 * failed: those in which an assertion did, not those that never came to an end.
 */
export async function runTests(directory: string, files: readonly string[]): Promise<string[]> {
  const { output } = await finished(spawn(
    process.execPath,
    [join(directory, "scripts/tiers/ava.js"), "--tap", "--timeout=60s", ...files],
    { cwd: directory, stdio: ["ignore", "pipe", "pipe"] },
  ));
  return output.split("\n").map(parseTapLine)
    .flatMap((line) => line.type === "result" && line.outcome === "failed" ? [line.title] : []);
}

interface Finished {
  readonly output: string;
  readonly errors: string;
  /** `null` if it did not come to an end. */
  readonly exitCode: number | null;
}

async function finished(child: ChildProcessByStdio<null, Readable, Readable>): Promise<Finished> {
  const timer = setTimeout(() => child.kill("SIGKILL"), RUN_TIMEOUT_MS);
  const [output, errors, [exitCode]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close") as Promise<[number | null]>,
  ]);
  clearTimeout(timer);
  return { output, errors, exitCode };
}
