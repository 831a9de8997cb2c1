import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { text } from "node:stream/consumers";
import { repositoryPath } from "../repository.ts";
import { type Mutant, mutated } from "./mutant.ts";
import type { ProbeOrder, ProbeResult } from "./probe.ts";

/** What a copy needs, so that scenarios and simulator run in it. */
const COPIED = [
  "raft",
  "storage",
  "transport",
  "mvcc",
  "lease",
  "watch",
  "testing",
  "test/raft/scenarios",
  "package.json",
];

/** How long a probe may take. An endless loop is not a bug that was caught. */
const PROBE_TIMEOUT_MS = 600_000;

/** A copy of the source with one bug in it. Gone when it is disposed of. */
export class MutatedCopy implements Disposable {
  readonly directory: string;
  readonly #mutant: Mutant;

  constructor(mutant: Mutant) {
    this.#mutant = mutant;
    this.directory = mkdtempSync(join(tmpdir(), `kvorum-mutant-`));
    for (const path of COPIED.filter((each) => existsSync(repositoryPath(each)))) {
      cpSync(repositoryPath(path), join(this.directory, path), { recursive: true });
    }
    const file = join(this.directory, "raft", mutant.file);
    writeFileSync(file, mutated(readFileSync(file, "utf8"), mutant));
  }

  /** Where the bug is in its file. */
  get offset(): number {
    const { file, find } = this.#mutant;
    return readFileSync(repositoryPath(`raft/${file}`), "utf8").indexOf(find);
  }

  [Symbol.dispose](): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/**
 * Runs a probe in a process of its own.
 *
 * @throws {Error} if it ends otherwise than with a result: the harness crashed, or hung.
 */
export async function runProbe(order: ProbeOrder): Promise<ProbeResult> {
  const child = spawn(
    process.execPath,
    [
      "--conditions=kvorum-source",
      repositoryPath("scripts/mutants/probe.ts"),
      JSON.stringify(order),
    ],
    { stdio: ["ignore", "pipe", "pipe"] },
  );
  const timer = setTimeout(() => child.kill("SIGKILL"), PROBE_TIMEOUT_MS);
  const [output, errors, [exitCode]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close") as Promise<[number | null]>,
  ]);
  clearTimeout(timer);
  if (exitCode !== 0) {
    throw new Error(
      exitCode === null ? "the probe hung" : `the probe crashed: ${errors.trim().slice(0, 500)}`,
    );
  }
  return JSON.parse(output) as ProbeResult;
}
