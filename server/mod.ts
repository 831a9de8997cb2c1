/**
 * The reference server: a member that speaks the etcd v3 protocol, composed of
 * Kvorum's modules and nothing else.
 *
 * ```ts no-run
 * import { Member } from "kvorum/server";
 *
 * await using member = await Member.start({
 *   name: "default",
 *   dataDirectory: "./default.etcd",
 *   listenClientUrls: ["http://localhost:2379"],
 *   advertiseClientUrls: ["http://localhost:2379"],
 * });
 * await member.failed;
 * ```
 *
 * `main.ts` is the `kvorum` command. What it leaves to you: stopping the member
 * before the process ends, or nothing at all: what was acknowledged is durable.
 *
 * @module
 */
export { ConfigurationError } from "./config/errors.ts";
export type { ServerConfig } from "./config/server_config.ts";
export type { Defragmentation } from "./data/backend_file.ts";
export { DataDirectoryError } from "./data/errors.ts";
export { ListenError } from "./listen_error.ts";
export { Member, type MemberOptions } from "./member.ts";
export { ETCD_VERSION, KVORUM_VERSION } from "./version.ts";
