import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { GrpcConnection } from "../../support/grpc_client.ts";
import { JsonClient } from "../../support/json_client.ts";
import { KeepAliveConnection } from "../../support/keep_alive_connection.ts";
import { openClients, restartDifferences } from "../../support/kill_round.ts";
import { NoAnswerError, RefusedError } from "../../support/kv_client.ts";
import { randomOfTest } from "../../support/seeded_random.ts";
import { ServerProcess } from "../../support/server_process.ts";
import { temporaryDirectory } from "../../support/temporary_directory.ts";
import { WriteLedger } from "../../support/write_ledger.ts";
import { type WriterEnd, writeUntilFailure } from "../../support/write_load.ts";

const UNAVAILABLE = 14;
const STOP_MS = 10_000;

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  for (const wire of ["grpc", "json"] as const) {
    test.serial(`a member told by ${signal} to stop answers what it took over ${wire}, keeps it all, and ends with 0`, async (t) => {
      const random = randomOfTest(t);
      await using directory = await temporaryDirectory();
      const dataDirectory = join(directory.path, "data");
      const ledger = new WriteLedger();
      await using server = await ServerProcess.start({ dataDirectory });
      await using clients = await openClients(server, wire);
      const stopAfter = random.int(1_000, 3_000);
      let acknowledgements = 0;
      const ends = await writeUntilFailure({
        ledger,
        random,
        clients: clients.all,
        writers: 300,
        keysPerWriter: 10,
        onAcknowledged: () => {
          acknowledgements += 1;
          if (acknowledgements === stopAfter) {
            server.signal(signal);
          }
        },
      });
      const stopping = performance.now();
      const end = await server.end(signal, STOP_MS);
      t.log(`ended ${Math.round(performance.now() - stopping)} ms after the last answer`);
      t.is(end.exitCode, 0, end.stderr);
      assertAnswered(t, ends, wire);

      await using again = await ServerProcess.start({ dataDirectory });
      t.deepEqual(
        await restartDifferences(again, ledger, { mayHaveHappened: () => false }),
        [],
      );
    });
  }
}

/**
 * No writer was left without an answer. Over HTTP/1.1 a request may meet a
 * connection that is being closed, with nothing to say that it was not looked
 * at; that such a one was not done is for the restarted server to show.
 */
function assertAnswered(
  t: ExecutionContext,
  ends: readonly WriterEnd[],
  wire: "grpc" | "json",
): void {
  const errors = ends.filter((end) => end instanceof RefusedError);
  t.deepEqual(errors.filter(({ grpcCode }) => grpcCode !== UNAVAILABLE), []);
  const silent = ends.filter((end) => end instanceof NoAnswerError);
  const unexplained = silent.filter(({ refused }) => !refused).map(({ message }) => message);
  t.log(
    `${errors.length} unavailable, ${
      silent.length - unexplained.length
    } refused, ${unexplained.length} cut off`,
  );
  if (wire === "grpc") {
    t.deepEqual(unexplained, []);
  }
}

test.serial("a member that is told to stop answers every HTTP request that was sent before", async (t) => {
  await using directory = await temporaryDirectory();
  const dataDirectory = join(directory.path, "data");
  await using server = await ServerProcess.start({ dataDirectory });
  const connections = await Promise.all(
    Array.from({ length: 200 }, () => KeepAliveConnection.open(server.port)),
  );
  await Promise.all(connections.map((connection) => connection.put("warm", "up")));
  const puts = connections.map((connection, at) => connection.put(`stop/${at}`, "sent before"));
  await Promise.all(connections.map((connection) => connection.flushed()));
  server.signal("SIGTERM");
  const statuses = await Promise.all(puts);
  t.is((await server.end("SIGTERM", STOP_MS)).exitCode, 0);
  connections.forEach((connection) => connection[Symbol.dispose]());

  await using again = await ServerProcess.start({ dataDirectory });
  const { kvs } = await new JsonClient(again.url).range({ key: "stop/", rangeEnd: "stop0" });
  const answered = statuses.flatMap((status, at) => status === 200 ? [`stop/${at}`] : []);
  t.deepEqual(kvs.map(({ key }) => key).sort(), answered.sort(), "what was answered was done");
  const counts = Object.groupBy(statuses, String);
  t.deepEqual(Object.keys(counts), ["200"], `${counts["0"]?.length} were not answered`);
});

test.serial("a member that is told to stop does not wait for clients that do nothing", async (t) => {
  await using server = await ServerProcess.start();
  using idle = await GrpcConnection.open(server.url);
  t.is(idle.session.closed, false);
  const halves = ["", "PO", "POST /v3/kv/put HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n{"];
  const sockets = await Promise.all(halves.map(async (half) => {
    const socket = connect({ port: server.port, host: "127.0.0.1" });
    socket.on("error", () => {});
    await once(socket, "connect");
    socket.write(half);
    return socket;
  }));
  // It has taken those connections when it answers on a later one.
  await (await fetch(`${server.url}/health`)).text();
  const end = await server.end("SIGTERM", STOP_MS);
  t.is(end.exitCode, 0, end.stderr);
  sockets.forEach((socket) => socket.destroy());
});

test.serial("a member that has stopped has given its port and its data directory free", async (t) => {
  await using directory = await temporaryDirectory();
  const dataDirectory = join(directory.path, "data");
  await using server = await ServerProcess.start({ dataDirectory });
  await server.end("SIGTERM", STOP_MS);
  await using again = await ServerProcess.start({ dataDirectory, port: server.port });
  t.true(again.isRunning);
});

test.serial("a request whose client has ended its side is answered", async (t) => {
  await using server = await ServerProcess.start();
  const body = JSON.stringify({ key: "YQ==", value: "Yg==" });
  const socket = connect({ port: server.port, host: "127.0.0.1" });
  const answer = readAll(socket);
  socket.end(
    `POST /v3/kv/put HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  );
  t.regex(await answer, /^HTTP\/1\.1 200 OK.*"revision":"2"/s);
});

for (const runtime of ["node", "deno"] as const) {
  test.serial(`a connection on which nothing was asked does not hold up the end, under ${runtime}`, async (t) => {
    await using server = await ServerProcess.start({ runtime });
    const socket = connect({ port: server.port, host: "127.0.0.1" });
    const answer = readAll(socket);
    await once(socket, "connect");
    // It is known to the server once a later one was served.
    await fetch(`${server.url}/health`);
    const { exitCode } = await server.end("SIGTERM", 12_000);
    t.is(exitCode, 0);
    t.is(await answer, "");
  });
}

/** What comes from a socket until it ends. */
async function readAll(socket: Socket): Promise<string> {
  const chunks: Uint8Array[] = [];
  try {
    for await (const chunk of socket) {
      chunks.push(chunk);
    }
  } catch {
    // Cut off: what came, came.
  }
  return Buffer.concat(chunks).toString("latin1");
}
