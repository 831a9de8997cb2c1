import { ConfigurationError } from "./errors.ts";

/** How a member is to run. */
export interface ServerConfig {
  /** Human name of the member. */
  readonly name: string;
  readonly dataDirectory: string;
  readonly listenClientUrls: readonly string[];
  /** What clients are told to connect to. */
  readonly advertiseClientUrls: readonly string[];
  /**
   * Free megabytes (of 1,048,576 bytes) in the backend's file from which on it
   * is compacted at the start, before anything is served. 0, the default, is never.
   */
  readonly bootstrapDefragThresholdMegabytes?: number;
}

/** etcd's default for both lists of client URLs. */
export const DEFAULT_CLIENT_URL = "http://localhost:2379";

/**
 * Where the member's peers will reach it. It listens there once clusters of
 * several members exist; until then it is part of the member's identity only.
 */
export const DEFAULT_PEER_URL = "http://localhost:2380";

/** Enters the derivation of ids, so that equal URLs with another token make another cluster. */
export const DEFAULT_CLUSTER_TOKEN = "etcd-cluster";

/** A host and a port to listen on. */
export interface ListenUrl {
  readonly host: string;
  readonly port: number;
}

/**
 * Reads a listen URL: `http://IP:PORT`, or `localhost` for the IP.
 *
 * @throws {ConfigurationError} if it is not one.
 */
export function parseListenUrl(flag: string, text: string): ListenUrl {
  const url = parseUrl(flag, text);
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  if (host !== "localhost" && !/^[0-9.]+$/.test(host) && !host.includes(":")) {
    throw new ConfigurationError(
      `expected IP in URL for binding (${text}), given by --${flag}: names are not resolved, except localhost`,
    );
  }
  // Go, and so etcd, takes the IPv4 address of localhost, and so clients expect it.
  return { host: host === "localhost" ? "127.0.0.1" : host, port: Number(url.port || 80) };
}

/**
 * Reads a URL of a client or peer.
 *
 * @throws {ConfigurationError} if it is not of the form `http://HOST:PORT`.
 */
export function parseUrl(flag: string, text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null) {
    throw new ConfigurationError(`--${flag}: not a URL: ${text}`);
  }
  if (url.protocol !== "http:") {
    throw new ConfigurationError(
      `--${flag}: URL scheme must be http, this version has no TLS and no Unix sockets yet: ${text}`,
    );
  }
  if (!/:\d+\/?$/.test(text)) {
    throw new ConfigurationError(
      `--${flag}: URL must be http://HOST:PORT, without a path: ${text}`,
    );
  }
  return url;
}
