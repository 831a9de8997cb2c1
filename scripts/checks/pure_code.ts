/**
 * What must be pure, and what purity means: the data of `purity.ts`.
 *
 * Pure code is synchronous and deterministic. Clock, chance, promises and I/O
 * come in through interfaces, so that a simulator can run it and replay it.
 *
 * @module
 */

/** Folders that hold pure code alone, but for the exceptions below. */
export const PURE_FOLDERS: readonly string[] = [
  "raft/",
  "mvcc/",
  "lease/",
  "watch/",
  "wire/",
  "server/state/",
];

/**
 * - `driver`: performs effects. Pure code may not import it.
 * - `interface`: declares what users implement with promises, which is all
 *   that it may do with them.
 */
export interface Exception {
  readonly kind: "driver" | "interface";
  readonly reason: string;
}

/** Files in pure folders that are not pure. An entry that is not needed is reported too. */
export const EXCEPTIONS: Readonly<Record<string, Exception>> = {
  "raft/abortable.ts": { kind: "driver", reason: "ends the promises of RaftNode's callers" },
  "raft/event_stream.ts": { kind: "driver", reason: "RaftNode's events, for those who await them" },
  "raft/log_store.ts": { kind: "interface", reason: "a log is on disk, so its calls take time" },
  "raft/machine_turns.ts": { kind: "driver", reason: "RaftNode's calls of the state machine" },
  "raft/node_driver.ts": { kind: "driver", reason: "performs the effects of RaftCore" },
  "raft/pending_proposals.ts": { kind: "driver", reason: "the promises of RaftNode's callers" },
  "raft/pending_reads.ts": { kind: "driver", reason: "the promises of RaftNode's callers" },
  "raft/pending_transfers.ts": { kind: "driver", reason: "the promises of RaftNode's callers" },
  "raft/persist_queue.ts": { kind: "driver", reason: "RaftNode's writing to the log store" },
  "raft/raft_node.ts": { kind: "driver", reason: "gives callers promises, batches by turn" },
  "raft/received_chunks.ts": { kind: "driver", reason: "reads a stream of another member" },
  "raft/snapshot_receiver.ts": { kind: "driver", reason: "restores what other members stream" },
  "raft/snapshot_sender.ts": { kind: "driver", reason: "streams snapshots to other members" },
  "raft/start_core.ts": { kind: "driver", reason: "opens the log and the state machine" },
  "raft/state_machine.ts": { kind: "interface", reason: "a user's state machine may do I/O" },
  "raft/system_clock.ts": { kind: "driver", reason: "the machine's clock, which users pass in" },
  "raft/system_random.ts": { kind: "driver", reason: "the machine's chance, RaftNode's default" },
  "raft/underway.ts": { kind: "driver", reason: "waits for what RaftNode has begun" },
  "raft/transport.ts": { kind: "interface", reason: "links open, close and stream" },
};

/** Modules whose `mod.ts` pure code may import values from. */
export const PURE_ENTRIES: readonly string[] = [
  "raft/mod.ts",
  "mvcc/mod.ts",
  "lease/mod.ts",
  "watch/mod.ts",
  "wire/mod.ts",
  "proto/mod.ts",
];

/** Packages that compute and do nothing else. */
export const PURE_PACKAGES: readonly string[] = ["@bufbuild/protobuf", "@msgpack/msgpack"];

/**
 * The only global values that pure code may use. A list of what is allowed,
 * since what is not (`Date`, timers, `crypto`, `process`, …) grows by the year.
 */
export const PURE_GLOBALS: ReadonlySet<string> = new Set([
  "Array",
  "ArrayBuffer",
  "BigInt",
  "BigInt64Array",
  "BigUint64Array",
  "Boolean",
  "DataView",
  "Error",
  "Float64Array",
  "Infinity",
  "Int32Array",
  "Iterator",
  "JSON",
  "Map",
  "Math",
  "NaN",
  "Number",
  "Object",
  "RangeError",
  "Reflect",
  "Set",
  "String",
  "Symbol",
  "SyntaxError",
  "TextDecoder",
  "TextEncoder",
  "TypeError",
  "Uint16Array",
  "Uint32Array",
  "Uint8Array",
  "WeakMap",
  "parseInt",
  "undefined",
]);

/** Global types that tell of time or of promises. Other types have no effect. */
export const IMPURE_TYPES: ReadonlySet<string> = new Set([
  "AbortSignal",
  "AsyncDisposable",
  "AsyncGenerator",
  "AsyncIterable",
  "AsyncIterableIterator",
  "AsyncIterator",
  "Awaited",
  "Date",
  "Promise",
  "PromiseLike",
  "ReadableStream",
]);

/** Properties that lead out of purity from an allowed value, with the reason. */
export const IMPURE_PROPERTIES: ReadonlyMap<string, string> = new Map([
  ["asyncDispose", "waits"],
  ["asyncIterator", "waits"],
  ["catch", "is a promise's"],
  ["constructor", "reaches Function, which runs any code"],
  ["finally", "is a promise's"],
  ["fromAsync", "waits"],
  ["localeCompare", "depends on the machine's language"],
  ["then", "is a promise's"],
  ["toLocaleLowerCase", "depends on the machine's language"],
  ["toLocaleString", "depends on the machine's language"],
  ["toLocaleUpperCase", "depends on the machine's language"],
]);
