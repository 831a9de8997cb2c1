import {
  createServer as createHttp1Server,
  type IncomingMessage,
  type Server as Http1Server,
  type ServerResponse,
} from "node:http";
import {
  createServer as createHttp2Server,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from "node:http2";
import { createServer as createTcpServer, type Server as TcpServer, type Socket } from "node:net";
import { isGrpc, serveGrpcStream } from "./grpc/grpc_stream.ts";
import type { HttpHandler } from "./http/http_message.ts";
import { serveHttpRequest } from "./http/node_http.ts";
import { REQUEST_TIMEOUT_MS } from "./request_deadlines.ts";
import type { RpcTable } from "./rpc.ts";

/** What the port serves. */
export interface ClientPortOptions {
  readonly rpcs: RpcTable;
  readonly http: HttpHandler;
  /**
   * Whether gRPC is served. Where it is not, a client that speaks HTTP/2 is
   * disconnected.
   */
  readonly grpc: boolean;
}

/** An address to listen on. */
export interface ListenAddress {
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
}

/** How long a new connection may take until it is known what it speaks. */
const FIRST_BYTES_TIMEOUT_MS = 10_000;

/** How long idle connections of HTTP/1 are kept when the port closes: some round trips. */
const IDLE_GRACE_MS = 250;

/** How long the last requests get when the port closes: every one is answered within its timeout. */
const CLOSE_TIMEOUT_MS = REQUEST_TIMEOUT_MS + 1_000;

/**
 * The client port: gRPC over HTTP/2 and JSON over HTTP/1.1 or HTTP/2, told
 * apart by the first bytes of a connection.
 */
export class ClientPort {
  readonly #options: ClientPortOptions;
  /** The one that connections are handed to; without gRPC, one for each address. */
  readonly #http1Servers: Http1Server[] = [];
  readonly #http2: Http2Server;
  readonly #listeners: TcpServer[] = [];
  readonly #sockets = new Set<Socket>();
  /** Connections of which it is not yet known what they speak: nothing was asked on them. */
  readonly #unknownSockets = new Set<Socket>();
  /** The last request of each connection of HTTP/1. */
  readonly #http1Requests = new WeakMap<Socket, Promise<void>>();
  readonly #sessions = new Set<ServerHttp2Session>();
  #closing = false;

  constructor(options: ClientPortOptions) {
    this.#options = options;
    if (options.grpc) {
      // It never listens itself, so its watch over slow connections has to be started.
      this.#createHttp1().emit("listening");
    }
    this.#http2 = createHttp2Server({ maxSessionMemory: SESSION_MEMORY_MIB });
    this.#http2.on("session", (session) => this.#addSession(session));
    this.#http2.on("stream", (stream, headers) => this.#serveHttp2(stream, headers));
  }

  /** Starts to listen. Resolves with the port. */
  listen({ host, port }: ListenAddress): Promise<number> {
    // Where all is HTTP/1, nothing has to be told apart. (Deno does not keep
    // connections alive that a server was handed.)
    const listener = this.#options.grpc
      ? createTcpServer({ noDelay: true }, (socket) => this.#addSocket(socket))
      : this.#createHttp1();
    return new Promise((resolve, reject) => {
      listener.once("error", reject);
      listener.listen({ host, port }, () => {
        listener.off("error", reject);
        // Running out of file descriptors, say: the ones that are connected stay.
        listener.on("error", () => {});
        this.#listeners.push(listener);
        const address = listener.address();
        resolve(address !== null && typeof address === "object" ? address.port : port);
      });
    });
  }

  /**
   * Takes no more connections, answers every request that has come in, and
   * resolves when all connections are closed.
   */
  async close(): Promise<void> {
    this.#closing = true;
    const closed = this.#listeners.map((listener) =>
      new Promise<void>((resolve) => listener.close(() => resolve()))
    );
    for (const session of this.#sessions) {
      session.close();
    }
    this.#unknownSockets.forEach((socket) => socket.destroy());
    // A request may be on its way on a connection that is idle here: it is still
    // answered, and told that the connection ends.
    const closeIdle = setInterval(
      () => this.#http1Servers.forEach((server) => server.closeIdleConnections()),
      IDLE_GRACE_MS,
    );
    const timer = setTimeout(
      () => this.#sockets.forEach((socket) => socket.destroy()),
      CLOSE_TIMEOUT_MS,
    );
    await Promise.all(closed);
    clearTimeout(timer);
    clearInterval(closeIdle);
    this.#http1Servers.forEach((server) => server.close());
    this.#http2.close();
  }

  #createHttp1(): Http1Server {
    const server = createHttp1Server((request, response) => this.#serveHttp1(request, response));
    this.#http1Servers.push(server);
    return server;
  }

  #addSocket(socket: Socket): void {
    this.#sockets.add(socket);
    this.#unknownSockets.add(socket);
    socket.on("close", () => {
      this.#sockets.delete(socket);
      this.#unknownSockets.delete(socket);
    });
    socket.on("error", () => socket.destroy());
    socket.setTimeout(FIRST_BYTES_TIMEOUT_MS, () => socket.destroy());
    this.#sniff(socket, []);
  }

  /** Waits for the bytes that tell HTTP/2 from HTTP/1, then hands the connection over whole. */
  #sniff(socket: Socket, seen: Uint8Array[]): void {
    socket.once("readable", () => {
      const chunk: Uint8Array | null = socket.read();
      if (chunk !== null) {
        seen.push(chunk);
      }
      const bytes = Buffer.concat(seen);
      if (bytes.length < HTTP2_MARK.length && HTTP2_MARK.startsWith(bytes.toString("latin1"))) {
        if (!socket.readableEnded && !socket.destroyed) {
          this.#sniff(socket, seen);
        }
        return;
      }
      this.#unknownSockets.delete(socket);
      socket.setTimeout(0);
      socket.removeAllListeners("timeout");
      socket.unshift(bytes);
      if (!bytes.toString("latin1", 0, HTTP2_MARK.length).startsWith(HTTP2_MARK)) {
        this.#http1Servers[0]?.emit("connection", socket);
      } else if (this.#options.grpc) {
        this.#http2.emit("connection", socket);
      } else {
        socket.destroy();
      }
    });
  }

  #addSession(session: ServerHttp2Session): void {
    this.#sessions.add(session);
    session.on("close", () => this.#sessions.delete(session));
    session.on("error", () => session.destroy());
    session.setLocalWindowSize(SESSION_WINDOW_BYTES);
    if (this.#closing) {
      session.close();
    }
  }

  #serveHttp2(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
    if (isGrpc(headers)) {
      serveGrpcStream(stream, headers, this.#options.rpcs);
      return;
    }
    stream.on("error", () => {});
    const request = {
      method: String(headers[":method"]),
      url: String(headers[":path"]),
      body: stream,
    };
    serveHttpRequest(request, this.#options.http, ({ status, headers, body }) => {
      if (!stream.destroyed) {
        stream.respond({ ":status": status, ...headers });
        stream.end(body);
      }
    });
  }

  /** Requests that a client sends without waiting for answers are done one after the other. */
  #serveHttp1(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const request = { method: incoming.method ?? "", url: incoming.url ?? "", body: incoming };
    const before = this.#http1Requests.get(incoming.socket) ?? Promise.resolve();
    const served = before.then(() =>
      serveHttpRequest(request, this.#options.http, ({ status, headers, body }) => {
        outgoing.writeHead(status, this.#closing ? { ...headers, connection: "close" } : headers);
        outgoing.end(body);
      })
    );
    this.#http1Requests.set(incoming.socket, served);
  }
}

/** How every connection of HTTP/2 begins, as far as no method of HTTP/1 does. */
const HTTP2_MARK = "PRI ";

/** Bytes that a client may send before it is acknowledged: a few of the largest requests. */
const SESSION_WINDOW_BYTES = 4 * 1024 * 1024;

/** What one connection may hold in memory: its window, and answers not yet taken. */
const SESSION_MEMORY_MIB = 64;
