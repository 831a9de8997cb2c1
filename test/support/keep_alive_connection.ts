import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { base64 } from "./json_client.ts";

/** One HTTP/1.1 connection for puts, one after the other. */
export class KeepAliveConnection implements Disposable {
  readonly #socket: Socket;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("error", () => {}); // The end of the connection tells it.
  }

  static async open(port: number): Promise<KeepAliveConnection> {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    await once(socket, "connect");
    return new KeepAliveConnection(socket);
  }

  /** Returns the status of the answer, or 0 if the connection ended without one. */
  put(key: string, value: string): Promise<number> {
    const body = JSON.stringify({ key: base64(key), value: base64(value) });
    if (this.#socket.closed || this.#socket.readableEnded) {
      return Promise.resolve(0);
    }
    const answer = this.#answer();
    this.#socket.write(
      `POST /v3/kv/put HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    return answer;
  }

  /** Resolves when all that was written is with the system. */
  async flushed(): Promise<void> {
    await new Promise((resolve) => this.#socket.write("", resolve));
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }

  #answer(): Promise<number> {
    return new Promise((resolve) => {
      const chunks: Uint8Array[] = [];
      const done = (status: number): void => {
        this.#socket.off("data", read).off("close", ended);
        resolve(status);
      };
      const ended = (): void => done(0);
      const read = (chunk: Uint8Array): void => {
        chunks.push(chunk);
        const text = Buffer.concat(chunks).toString("latin1");
        const [, status] = /^HTTP\/1\.1 (\d+)[^]*\r\n\r\n[^]*\}(\r\n0\r\n\r\n)?$/.exec(text) ?? [];
        if (status !== undefined && (!/chunked/i.test(text) || text.endsWith("0\r\n\r\n"))) {
          done(Number(status));
        }
      };
      this.#socket.on("data", read).once("close", ended);
    });
  }
}
