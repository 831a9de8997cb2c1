import { ChildProgram } from "./child_process.ts";
import { until } from "./deadline.ts";
import { freePort } from "./free_port.ts";
import { urlArgs } from "./server_process.ts";
import { temporaryDirectory } from "./temporary_directory.ts";

/** A running `etcd` from the `PATH`, with the names and peer URLs that are its defaults. */
export interface EtcdProcess extends AsyncDisposable {
  readonly endpoint: string;
  readonly url: string;
}

export async function startEtcd(): Promise<EtcdProcess> {
  await using resources = new AsyncDisposableStack();
  const directory = resources.use(await temporaryDirectory());
  const [port, peerPort] = [await freePort(), await freePort()];
  const program = resources.use(
    new ChildProgram("etcd", [
      ...["--data-dir", directory.path],
      ...["--listen-peer-urls", `http://127.0.0.1:${peerPort}`],
      ...urlArgs(port),
    ]),
  );
  const url = `http://127.0.0.1:${port}`;
  await until(async () => {
    if (!program.isRunning) {
      throw new Error(`etcd ended:\n${program.stderr}`);
    }
    return await fetch(`${url}/health`).then((response) => response.ok, () => false);
  }, { withinMs: 60_000, what: `health of etcd at ${url}` });
  const owned = resources.move();
  return { endpoint: `127.0.0.1:${port}`, url, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
