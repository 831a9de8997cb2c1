import {
  createServer as createHttp1Server,
  type IncomingMessage,
  type Server as Http1Server,
  type ServerResponse,
} from "node:http";
import type { Socket } from "node:net";
import type { HttpHandler } from "./http_message.ts";
import { serveHttpRequest } from "./node_http.ts";

/** How long idle connections are kept when everything closes: some round trips. */
const IDLE_GRACE_MS = 250;

/** How long a connection may be idle. Go, and so etcd, has no limit, and clients count on it. */
const KEEP_ALIVE_TIMEOUT_MS = 300_000;

/** HTTP/1: servers that listen, or that take connections from somebody who did. */
export class Http1Front {
  readonly #handler: HttpHandler;
  readonly #servers: Http1Server[] = [];
  /** The last request of each connection. */
  readonly #requests = new WeakMap<Socket, Promise<void>>();
  #closeIdle: ReturnType<typeof setInterval> | null = null;

  constructor(handler: HttpHandler) {
    this.#handler = handler;
  }

  createServer(): Http1Server {
    const server = createHttp1Server((request, response) => this.#serve(request, response));
    server.keepAliveTimeout = KEEP_ALIVE_TIMEOUT_MS;
    // A client may end its side after its request, and still wait for the answer.
    Object.assign(server, { httpAllowHalfOpen: true });
    this.#servers.push(server);
    return server;
  }

  /** Answers what is on its way, and tells clients that their connections end. */
  beginClose(): void {
    // A request may be on its way on a connection that is idle here.
    this.#closeIdle = setInterval(
      () => this.#servers.forEach((server) => server.closeIdleConnections()),
      IDLE_GRACE_MS,
    );
  }

  endClose(): void {
    clearInterval(this.#closeIdle ?? undefined);
    this.#servers.forEach((server) => server.close());
  }

  /** Requests that a client sends without waiting for answers are done one after the other. */
  #serve(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const request = { method: incoming.method ?? "", url: incoming.url ?? "", body: incoming };
    const before = this.#requests.get(incoming.socket) ?? Promise.resolve();
    const served = before.then(() =>
      serveHttpRequest(request, this.#handler, ({ status, headers, body }) => {
        const isLast = this.#closeIdle !== null;
        outgoing.writeHead(status, isLast ? { ...headers, connection: "close" } : headers);
        outgoing.end(body);
      })
    );
    this.#requests.set(incoming.socket, served);
  }
}
