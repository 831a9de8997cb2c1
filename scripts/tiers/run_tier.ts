import { spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { createInterface } from "node:readline";
import { repositoryPath } from "../repository.ts";
import { parseTapLine, type TapLine } from "./tap_parser.ts";
import { Tally } from "./tally.ts";

/**
 * Runs test files with AVA, shows what happens line by line, and ends with the
 * line `N passed, N failed, N skipped`. Sets the exit code of this process.
 *
 * @param files the tier's test files.
 * @param args what the user wrote: options of AVA, and files that replace the tier's.
 */
export async function runTier(files: readonly string[], args: readonly string[]): Promise<void> {
  const tally = new Tally();
  const exitCode = await runAva([...args, ...chosenFiles(files, args)], (line) => {
    tally.add(line);
    show(line);
  });
  report(tally, exitCode);
  process.exitCode = tally.isSuccess(exitCode) ? 0 : 1;
}

/** The tier's files, unless `args` names some. */
function chosenFiles(files: readonly string[], args: readonly string[]): readonly string[] {
  if (args.some((arg) => !arg.startsWith("-") && /\/|\.ts\b/.test(arg))) {
    return [];
  }
  // Told nothing, AVA would run the files of all tiers.
  return files.length > 0 ? files : ["no-test-file-in-this-tier"];
}

/** Returns AVA's exit code. */
async function runAva(
  args: readonly string[],
  onLine: (line: TapLine) => void,
): Promise<number | null> {
  const ava = spawn(
    process.execPath,
    [repositoryPath("scripts/tiers/ava.js"), "--tap", ...args],
    { cwd: repositoryPath(), stdio: ["ignore", "pipe", "inherit"] },
  );
  const ended = once(ava, "close") as Promise<[number | null]>;
  for await (const line of createInterface({ input: ava.stdout })) {
    onLine(parseTapLine(line));
  }
  const [exitCode] = await ended;
  return exitCode;
}

const MARKS = { passed: "✔", failed: "✘", skipped: "-", todo: "-" } as const;

function show(line: TapLine): void {
  if (line.type === "result") {
    console.log(`${MARKS[line.outcome]} ${line.title}`);
  } else if (line.type === "detail") {
    console.log(`  ${line.text}`);
  }
}

function report(tally: Tally, exitCode: number | null): void {
  list("Failed:", tally.titles("failed"));
  // A test that depends on the machine says in its title what it needs.
  list("Skipped:", tally.titles("skipped"));
  list("Planned:", tally.titles("todo"));
  const failure = tally.runFailure(exitCode);
  console.log(failure === null ? "" : `\n${failure}\n`);
  console.log(tally.summary(exitCode));
}

function list(heading: string, titles: readonly string[]): void {
  if (titles.length > 0) {
    console.log(["", heading, ...titles.map((title) => `  ${title}`)].join("\n"));
  }
}
