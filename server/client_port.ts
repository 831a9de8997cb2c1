import {
  createServer as createHttp2Server,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from "node:http2";
import { createServer as createTcpServer, type Server as TcpServer, type Socket } from "node:net";
import { isGrpc, serveGrpcStream } from "./grpc/grpc_stream.ts";
import { Http1Front } from "./http/http1_front.ts";
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
   * answered in HTTP/1, with an error.
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

/**
 * How long the last requests get when the port closes: time for all that have
 * a deadline. Whoever is not done by then is cut off.
 */
const CLOSE_TIMEOUT_MS = REQUEST_TIMEOUT_MS + 1_000;

/** How long a client gets to close a connection on which all is answered. */
const GOODBYE_MS = 250;

/**
 * The client port: gRPC over HTTP/2 and JSON over HTTP/1.1 or HTTP/2, told
 * apart by the first bytes of a connection.
 */
export class ClientPort {
  readonly #options: ClientPortOptions;
  readonly #http1: Http1Front;
  readonly #http2: Http2Server;
  readonly #listeners: TcpServer[] = [];
  readonly #sockets = new Set<Socket>();
  /** Connections of which it is not yet known what they speak: nothing was asked on them. */
  readonly #unknownSockets = new Set<Socket>();
  readonly #sessions = new Set<ServerHttp2Session>();
  #closing = false;

  constructor(options: ClientPortOptions) {
    this.#options = options;
    this.#http1 = new Http1Front(options.http);
    this.#http2 = createHttp2Server({ maxSessionMemory: SESSION_MEMORY_MIB });
    this.#http2.on("stream", (stream, headers) => this.#serveHttp2(stream, headers));
  }

  /** Starts to listen. Resolves with the port. */
  listen({ host, port }: ListenAddress): Promise<number> {
    const listener = this.#options.grpc ? this.#sniffingListener() : this.#http1Listener();
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
    this.#unknownSockets.forEach((socket) => socket.destroy());
    this.#sessions.forEach((session) => session.close());
    this.#http1.beginClose();
    const timer = setTimeout(
      () => this.#sockets.forEach((socket) => socket.destroy()),
      CLOSE_TIMEOUT_MS,
    );
    await Promise.all(closed);
    clearTimeout(timer);
    this.#http1.endClose();
    this.#http2.close();
  }

  #sniffingListener(): TcpServer {
    const http1 = this.#http1.createServer();
    // It never listens itself, so its watch over slow connections has to be started.
    http1.emit("listening");
    return createTcpServer({ noDelay: true, allowHalfOpen: true }, (socket) => {
      this.#addSocket(socket);
      this.#unknownSockets.add(socket);
      // Who says nothing more before it is known what it speaks, has asked nothing.
      socket.once("end", () => this.#unknownSockets.has(socket) && socket.destroy());
      socket.setTimeout(FIRST_BYTES_TIMEOUT_MS, () => socket.destroy());
      this.#sniff(socket, [], (isHttp2) => {
        this.#unknownSockets.delete(socket);
        socket.setTimeout(0);
        socket.removeAllListeners("timeout");
        if (isHttp2) {
          // Only in HTTP/1 does a client that ends its side still want an answer.
          socket.allowHalfOpen = false;
          this.#http2.once("session", (session) => this.#addSession(session, socket));
          this.#http2.emit("connection", socket);
        } else {
          http1.emit("connection", socket);
        }
      });
    });
  }

  /** Without gRPC nothing has to be told apart. (Deno closes connections that were handed over.) */
  #http1Listener(): TcpServer {
    const server = this.#http1.createServer();
    server.on("connection", (socket) => this.#addSocket(socket));
    return server;
  }

  #addSocket(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on("close", () => {
      this.#sockets.delete(socket);
      this.#unknownSockets.delete(socket);
    });
    socket.on("error", () => socket.destroy());
  }

  /** Waits for the bytes that tell HTTP/2 from HTTP/1, and puts them back. */
  #sniff(socket: Socket, seen: Uint8Array[], onKnown: (isHttp2: boolean) => void): void {
    socket.once("readable", () => {
      const chunk: Uint8Array | null = socket.read();
      if (chunk !== null) {
        seen.push(chunk);
      }
      const bytes = Buffer.concat(seen);
      const mark = bytes.toString("latin1", 0, HTTP2_MARK.length);
      if (mark.length < HTTP2_MARK.length && HTTP2_MARK.startsWith(mark)) {
        if (!socket.readableEnded && !socket.destroyed) {
          this.#sniff(socket, seen, onKnown);
        }
        return;
      }
      socket.unshift(bytes);
      onKnown(mark === HTTP2_MARK);
    });
  }

  #addSession(session: ServerHttp2Session, socket: Socket): void {
    this.#sessions.add(session);
    session.on("close", () => {
      this.#sessions.delete(session);
      if (this.#closing) {
        // A client that never closes its end, or is gone, holds nothing up.
        setTimeout(() => socket.destroy(), GOODBYE_MS);
      }
    });
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
}

/** How every connection of HTTP/2 begins, as far as no method of HTTP/1 does. */
const HTTP2_MARK = "PRI ";

/** Bytes that a client may send before it is acknowledged: a few of the largest requests. */
const SESSION_WINDOW_BYTES = 4 * 1024 * 1024;

/** What one connection may hold in memory: its window, and answers not yet taken. */
const SESSION_MEMORY_MIB = 64;
