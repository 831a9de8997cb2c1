import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";

/** A server to measure: how it is started on ports and a directory of its own. */
export interface ServerKind {
  readonly name: string;
  command(options: { clientUrl: string; peerUrl: string; dataDirectory: string }): string[];
}

/** This repository's server, run unbuilt. */
export const KVORUM: ServerKind = {
  name: "kvorum",
  command: ({ clientUrl, dataDirectory }) => [
    process.execPath,
    "--conditions=kvorum-source",
    new URL("../server/main.ts", import.meta.url).pathname,
    ...clientFlags(clientUrl, dataDirectory),
  ],
};

/** A real etcd: `ETCD_BIN`, or the one on the path. */
export const ETCD: ServerKind = {
  name: "etcd",
  command: ({ clientUrl, peerUrl, dataDirectory }) => [
    process.env["ETCD_BIN"] ?? "etcd",
    ...clientFlags(clientUrl, dataDirectory),
    `--listen-peer-urls=${peerUrl}`,
    `--initial-advertise-peer-urls=${peerUrl}`,
    `--initial-cluster=default=${peerUrl}`,
    "--log-level=error",
    ...(process.env["ETCD_BIN"] === undefined ? ["--logger=zap"] : []),
  ],
};

function clientFlags(clientUrl: string, dataDirectory: string): string[] {
  return [
    `--data-dir=${dataDirectory}`,
    `--listen-client-urls=${clientUrl}`,
    `--advertise-client-urls=${clientUrl}`,
  ];
}

/** A server that runs for a measurement, with data that go with it. */
export class ServerProcess implements AsyncDisposable {
  readonly clientUrl: string;
  readonly #child: ChildProcess;
  readonly #directory: string;

  /** Starts a server and waits until it answers. */
  static async start(kind: ServerKind): Promise<ServerProcess> {
    const directory = await mkdtemp(join(tmpdir(), `kvorum-bench-${kind.name}-`));
    const [clientPort, peerPort] = await freePorts(2);
    const clientUrl = `http://127.0.0.1:${clientPort}`;
    const [command = "", ...args] = kind.command({
      clientUrl,
      peerUrl: `http://127.0.0.1:${peerPort}`,
      dataDirectory: join(directory, "data"),
    });
    const child = spawn(command, args, { stdio: ["ignore", "ignore", "inherit"] });
    const server = new ServerProcess(clientUrl, child, directory);
    await server.#untilHealthy();
    return server;
  }

  private constructor(clientUrl: string, child: ChildProcess, directory: string) {
    this.clientUrl = clientUrl;
    this.#child = child;
    this.#directory = directory;
  }

  /** The store's current revision. */
  async revision(): Promise<number> {
    const response = await fetch(`${this.clientUrl}/v3/kv/range`, {
      method: "POST",
      body: JSON.stringify({ key: "AA==" }),
    });
    const { header } = await response.json() as { header: { revision: string } };
    return Number(header.revision);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null) {
      const exited = new Promise((resolve) => this.#child.once("exit", resolve));
      this.#child.kill("SIGTERM");
      await exited;
    }
    await rm(this.#directory, { recursive: true, force: true });
  }

  async #untilHealthy(): Promise<void> {
    const deadline = Date.now() + 30_000;
    while (Date.now() < deadline && this.#child.exitCode === null) {
      const healthy = await fetch(`${this.clientUrl}/health`).then(({ ok }) => ok, () => false);
      if (healthy) {
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    await this[Symbol.asyncDispose]();
    throw new Error(`${this.#child.spawnfile} did not become healthy`);
  }
}

async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise<ReturnType<typeof createServer>>((resolve, reject) => {
          const server = createServer().once("error", reject);
          server.listen(0, "127.0.0.1", () => resolve(server));
        }),
    ),
  );
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
