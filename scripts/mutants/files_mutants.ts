import type { Mutant } from "./mutant.ts";

const FILES = ["test/storage/files/node_file_system.test.ts"];
const LOGS = ["test/storage/log_store.test.ts"];
const BACKENDS = ["test/storage/backend.test.ts"];
const SNAPSHOTS = ["test/storage/snapshots/snapshot_store.test.ts"];

/** Bugs of the file system of the machine, and of the stores in memory. */
export const FILES_MUTANTS: readonly Mutant[] = [
  {
    id: "create-opens-what-is-there",
    bug: "a file that must not exist is opened though it does",
    file: "storage/files/node_file_system.ts",
    find: "return O_RDWR | O_CREAT | O_EXCL;",
    replace: "return O_RDWR | O_CREAT | (O_EXCL & 0);",
    tests: FILES,
  },
  {
    id: "files-readable-by-all",
    bug: "other users of the machine can read what clients stored",
    file: "storage/files/node_file_system.ts",
    find: "const FILE_MODE = 0o600;",
    replace: "const FILE_MODE = 0o644;",
    tests: FILES,
  },
  {
    id: "lock-shared",
    bug: "two processes hold one lock",
    file: "storage/files/sqlite_lock.ts",
    find: "BEGIN EXCLUSIVE",
    replace: "BEGIN",
    tests: FILES,
  },
  {
    id: "memory-log-keeps-contradiction",
    bug: "a log in memory keeps entries that contradict a marker",
    file: "storage/memory_log_store.ts",
    find: "const agrees = this.#entries[dropped - 1]?.term === marker.term;",
    replace: "const agrees = this.#entries[dropped - 1] !== undefined;",
    tests: LOGS,
  },
  {
    id: "memory-view-not-pinned",
    bug: "a view of a backend in memory changes with it",
    file: "storage/memory_backend.ts",
    find: "snapshots.set(bucket, table.snapshot());",
    replace: "snapshots.set(bucket, table);",
    tests: BACKENDS,
  },
  {
    id: "memory-snapshot-shares-bytes",
    bug: "a snapshot in memory keeps bytes that are its publisher's",
    file: "storage/memory_snapshot_store.ts",
    find: "copied.push(chunk.slice());",
    replace: "copied.push(chunk);",
    tests: SNAPSHOTS,
  },
];
