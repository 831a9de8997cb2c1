import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { repositoryPath } from "../repository.ts";

/** What a program printed, and how it ended. */
export interface ToolResult {
  /** `null` if a signal ended it. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a program is run with, beside its arguments. */
export interface ToolOptions {
  /** Default: the root of the repository. */
  readonly directory?: string;
  /** Text for its standard input. Default: none. */
  readonly input?: string;
}

/** Runs a program from the `PATH`, to which `run.mjs` has added the installed tools. */
export async function runTool(
  command: string,
  args: readonly string[],
  options: ToolOptions = {},
): Promise<ToolResult> {
  const tool = spawn(command, args, {
    cwd: options.directory ?? repositoryPath(),
    // The output is shown indented and compared, neither of which suits colours.
    env: { ...process.env, NO_COLOR: "1", FORCE_COLOR: undefined },
  });
  const ended = once(tool, "close") as Promise<[number | null]>;
  tool.stdin.end(options.input ?? "");
  const [stdout, stderr, [exitCode]] = await Promise.all([
    text(tool.stdout),
    text(tool.stderr),
    ended,
  ]);
  return { exitCode, stdout, stderr };
}

/** Runs a program that is itself a check: what it prints is wrong, if it fails. */
export async function toolProblems(command: string, args: readonly string[]): Promise<string[]> {
  const { exitCode, stdout, stderr } = await runTool(command, args);
  if (exitCode === 0) {
    return [];
  }
  const output = `${stdout}\n${stderr}`.trim();
  return [output === "" ? `${command} ended with ${exitCode}` : output];
}
