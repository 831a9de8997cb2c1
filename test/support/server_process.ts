import process from "node:process";
import { join } from "node:path";
import { repositoryPath } from "../../scripts/repository.ts";
import { ChildProgram, type ProgramEnd, type ProgramOptions, runProgram } from "./child_process.ts";
import { until } from "./deadline.ts";
import { freePort } from "./free_port.ts";
import { temporaryDirectory } from "./temporary_directory.ts";

export type Runtime = "node" | "deno";

export interface ServerOptions {
  /** Default: a fresh directory, removed when this server is disposed of. */
  readonly dataDirectory?: string;
  /** Default: one that is free. */
  readonly port?: number;
  /** Added to `--data-dir` and the URLs. */
  readonly args?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly runtime?: Runtime;
}

/** Where a server listens and has its data. */
interface ServerPlace {
  readonly port: number;
  readonly dataDirectory: string;
}

/** A running `server/main.ts` that answers on `url`; what is left of it ends with the test. */
export class ServerProcess implements AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly dataDirectory: string;
  readonly #program: ChildProgram;
  readonly #resources: AsyncDisposableStack;

  private constructor(
    program: ChildProgram,
    place: ServerPlace,
    resources: AsyncDisposableStack,
  ) {
    this.port = place.port;
    this.url = `http://127.0.0.1:${place.port}`;
    this.dataDirectory = place.dataDirectory;
    this.#program = program;
    this.#resources = resources;
  }

  /** Starts the server and waits until it says that it is healthy. */
  static async start(options: ServerOptions = {}): Promise<ServerProcess> {
    await using resources = new AsyncDisposableStack();
    const dataDirectory = options.dataDirectory ??
      join(resources.use(await temporaryDirectory()).path, "data");
    const port = options.port ?? await freePort();
    const args = ["--data-dir", dataDirectory, ...urlArgs(port), ...options.args ?? []];
    const server = await ServerProcess.startAs({ ...options, args, port, dataDirectory });
    server.#resources.use(resources.move());
    return server;
  }

  /** Starts the server with these arguments alone, which must say where it listens. */
  static async startAs(options: ServerOptions & ServerPlace): Promise<ServerProcess> {
    await using resources = new AsyncDisposableStack();
    const program = resources.use(spawnServer(options.args ?? [], options));
    await untilHealthy(program, options.port);
    return new ServerProcess(program, options, resources.move());
  }

  /** The address as etcdctl wants it. */
  get endpoint(): string {
    return `127.0.0.1:${this.port}`;
  }

  get pid(): number {
    return this.#program.pid;
  }

  get isRunning(): boolean {
    return this.#program.isRunning;
  }

  get ended(): Promise<ProgramEnd> {
    return this.#program.ended;
  }

  get stdout(): string {
    return this.#program.stdout;
  }

  get stderr(): string {
    return this.#program.stderr;
  }

  signal(signal: NodeJS.Signals): void {
    this.#program.signal(signal);
  }

  /** Sends a signal and waits until the process is gone. */
  end(signal: NodeJS.Signals, withinMs?: number): Promise<ProgramEnd> {
    return this.#program.end(signal, withinMs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#resources.disposeAsync();
  }
}

/** Starts `server/main.ts`, and leaves it to the caller what becomes of it. */
export function spawnServer(
  args: readonly string[],
  options: Pick<ServerOptions, "environment" | "runtime"> = {},
): ChildProgram {
  return new ChildProgram(...commandLine(args, options.runtime), programOptions(options));
}

/** Runs `server/main.ts` with arguments that make it end by itself. */
export function runServer(
  args: readonly string[],
  options: Pick<ServerOptions, "environment" | "runtime"> = {},
): Promise<ProgramEnd> {
  return runProgram(...commandLine(args, options.runtime), programOptions(options));
}

/** The arguments that make a server listen on a port of 127.0.0.1. */
export function urlArgs(port: number): string[] {
  const url = `http://127.0.0.1:${port}`;
  return ["--listen-client-urls", url, "--advertise-client-urls", url];
}

function commandLine(args: readonly string[], runtime: Runtime = "node"): [string, string[]] {
  const main = repositoryPath("server/main.ts");
  switch (runtime) {
    case "node":
      return [process.execPath, ["--conditions=kvorum-source", main, ...args]];
    case "deno":
      return [denoPath(), ["run", "--allow-all", main, ...args]];
  }
}

/** The program itself: `node_modules/.bin/deno` may be a script that starts it, and dies alone. */
export function denoPath(): string {
  return repositoryPath(`node_modules/deno/deno${process.platform === "win32" ? ".exe" : ""}`);
}

function programOptions({ environment }: Pick<ServerOptions, "environment">): ProgramOptions {
  return { directory: repositoryPath(), ...(environment === undefined ? {} : { environment }) };
}

async function untilHealthy(program: ChildProgram, port: number): Promise<void> {
  await until(async () => {
    if (!program.isRunning) {
      const { exitCode, stderr } = await program.ended;
      throw new Error(`The server ended with ${exitCode}:\n${stderr}`);
    }
    return await isHealthy(`http://127.0.0.1:${port}`);
  }, { withinMs: 60_000, what: `health of the server on port ${port}\n${program.stderr}` });
}

async function isHealthy(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/health`);
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false; // It does not listen yet.
  }
}
