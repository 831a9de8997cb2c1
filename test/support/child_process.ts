import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import type { Readable } from "node:stream";
import { before } from "./deadline.ts";

/** How a program ended. */
export interface ProgramEnd {
  /** `null` if a signal ended it. */
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ProgramOptions {
  /** Added to this process's environment, from which etcd's own variables are taken away. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly directory?: string;
  readonly input?: string;
}

/** No program that a test file has started outlives it, however it ends. */
const running = new Set<ChildProcess>();
process.on("exit", () => running.forEach((child) => child.kill("SIGKILL")));

/** A program that a test has started, and that never outlives it. */
export class ChildProgram implements AsyncDisposable {
  readonly ended: Promise<ProgramEnd>;
  readonly #child: ChildProcess;
  #stdout: readonly string[] = [];
  #stderr: readonly string[] = [];

  constructor(command: string, args: readonly string[], options: ProgramOptions = {}) {
    this.#child = spawn(command, args, {
      cwd: options.directory,
      env: { ...ownEnvironment(), ...options.environment },
      stdio: "pipe",
    });
    this.#collect(this.#child.stdout, (chunk) => this.#stdout = [...this.#stdout, chunk]);
    this.#collect(this.#child.stderr, (chunk) => this.#stderr = [...this.#stderr, chunk]);
    this.#child.stdin?.on("error", () => {}); // It ended without reading its input.
    this.#child.stdin?.end(options.input ?? "");
    running.add(this.#child);
    this.ended = this.#end();
    this.ended.catch(() => {}); // Whoever waits for the end is told.
  }

  get pid(): number {
    return this.#child.pid ?? -1;
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  get stdout(): string {
    return this.#stdout.join("");
  }

  get stderr(): string {
    return this.#stderr.join("");
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Sends a signal and waits until the process is gone. */
  async end(signal: NodeJS.Signals, withinMs = 30_000): Promise<ProgramEnd> {
    this.signal(signal);
    return await before(this.ended, { withinMs, what: `end after ${signal}\n${this.stderr}` });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.ended.catch(() => {}); // It could not be started: the test knows.
  }

  #collect(stream: Readable | null, add: (chunk: string) => void): void {
    stream?.setEncoding("utf8").on("data", add);
  }

  async #end(): Promise<ProgramEnd> {
    try {
      const [exitCode, signal] = await once(this.#child, "close") as [
        number | null,
        NodeJS.Signals | null,
      ];
      return { exitCode, signal, stdout: this.stdout, stderr: this.stderr };
    } finally {
      running.delete(this.#child);
    }
  }
}

/** Runs a program until it ends by itself. */
export async function runProgram(
  command: string,
  args: readonly string[],
  options: ProgramOptions & { readonly withinMs?: number } = {},
): Promise<ProgramEnd> {
  await using program = new ChildProgram(command, args, options);
  return await before(program.ended, {
    withinMs: options.withinMs ?? 30_000,
    what: `end of ${[command, ...args].join(" ")}`,
  });
}

/** What the machine's user has set for etcd must not change what a test sees. */
function ownEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(ETCD|FORCE_COLOR$)/.test(name));
  return { ...Object.fromEntries(kept), NO_COLOR: "1" };
}
