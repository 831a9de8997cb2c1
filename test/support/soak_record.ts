import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";
import { repositoryPath } from "../../scripts/repository.ts";

/** What a soak came to, as it is committed below `test/soak/records/`. */
export interface SoakRecord {
  readonly soak: string;
  /** What was run; `-dirty` follows where files differed from it. */
  readonly commit: string;
  readonly seed: number;
  /** Runs the same again. */
  readonly command: string;
  readonly node: string;
  readonly startedAt: string;
  readonly seconds: number;
  readonly operations: Readonly<Record<string, number>>;
  readonly faults: Readonly<Record<string, number>>;
  readonly verdict: "passed" | "failed";
  /** Empty where it passed. */
  readonly failures: readonly string[];
}

/** What a soak itself knows of its run. */
export type SoakOutcome =
  & Pick<SoakRecord, "soak" | "seed" | "command" | "operations" | "faults" | "failures">
  & { readonly commit: string; readonly startedAtMs: number };

/** The commit that is checked out, to be asked for before a long run, in which it may change. */
export async function checkedOutCommit(): Promise<string> {
  const options = { cwd: repositoryPath() };
  const run = promisify(execFile);
  const { stdout: commit } = await run("git", ["rev-parse", "HEAD"], options);
  const changes = ["status", "--porcelain", "--", ".", ":!test/soak/records"];
  const { stdout: changed } = await run("git", changes, options);
  return `${commit.trim()}${changed === "" ? "" : "-dirty"}`;
}

/** Writes the record of a run that is over. Resolves with its path in the repository. */
export async function writeSoakRecord(outcome: SoakOutcome): Promise<string> {
  const { startedAtMs, failures, ...rest } = outcome;
  const startedAt = new Date(startedAtMs).toISOString();
  const record: SoakRecord = {
    ...rest,
    node: process.versions.node,
    startedAt,
    seconds: Math.round((Date.now() - startedAtMs) / 1_000),
    verdict: failures.length === 0 ? "passed" : "failed",
    failures,
  };
  const path = `test/soak/records/${rest.soak}-${startedAt.slice(0, 10)}-${rest.seed}.json`;
  await mkdir(join(repositoryPath(path), ".."), { recursive: true });
  await writeFile(repositoryPath(path), `${JSON.stringify(record, null, 2)}\n`);
  return path;
}
