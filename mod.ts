/**
 * Building blocks for replicated stores: each module under its name.
 *
 * ```ts
 * import { mvcc, raft } from "kvorum";
 *
 * console.log(raft.membershipOf(["a", "b", "c"]).voters.length); // 3
 * console.log(typeof mvcc.MvccStore); // function
 * ```
 *
 * - `raft`: the log that a group of members agrees on.
 * - `storage`: where log and data live. Files and LMDB are entries of their
 *   own (`kvorum/storage/wal`, …), since they need more than a browser has.
 * - `transport`: how members of a group reach each other.
 * - `mvcc`: keys with all their revisions.
 *
 * Each module is an entry of its own as well (`kvorum/raft`, …), whose header
 * says how to use it alone. Names are not mixed here: the modules know nothing
 * of each other, so two of them may use the same one.
 *
 * @module
 */
export * as mvcc from "./mvcc/mod.ts";
export * as raft from "./raft/mod.ts";
export * as storage from "./storage/mod.ts";
export * as transport from "./transport/mod.ts";
