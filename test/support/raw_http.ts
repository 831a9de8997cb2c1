import { once } from "node:events";
import { connect } from "node:net";
import { before } from "./deadline.ts";

/**
 * Writes these pieces to a port, one turn of the event loop after the other, and
 * returns all that came back until the server closed the connection, as the last
 * request should ask it to.
 */
export async function rawHttp(
  port: number,
  pieces: readonly (string | Uint8Array)[],
): Promise<string> {
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  try {
    await once(socket, "connect");
    const chunks: Uint8Array[] = [];
    socket.on("data", (chunk: Uint8Array) => chunks.push(chunk));
    const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
    socket.on("error", () => {}); // A reset is an end too.
    for (const piece of pieces) {
      socket.write(piece);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await before(closed, { withinMs: 20_000, what: "end of the connection" });
    return Buffer.concat(chunks).toString("latin1");
  } finally {
    socket.destroy();
  }
}

/** Writes bytes to a port, and hangs up once the server has read them or has hung up itself. */
export async function throwAt(port: number, bytes: Uint8Array): Promise<void> {
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  try {
    await once(socket, "connect");
    socket.resume();
    const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
    socket.on("error", () => {}); // A reset is an answer to nonsense.
    socket.end(bytes);
    await before(closed, { withinMs: 20_000, what: "end of a connection with nonsense" });
  } finally {
    socket.destroy();
  }
}
