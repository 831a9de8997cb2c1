import type { Mutant } from "./mutant.ts";

/** Where bugs of the log show: in its damage, in its crashes, in its use. */
const REPAIR = ["test/storage/wal/repair.test.ts"];
const CRASHES = ["test/storage/wal/crash_everywhere.test.ts"];
const USE = ["test/storage/wal/wal_log_store.test.ts"];
const FAILURES = ["test/storage/wal/failing_calls.test.ts"];

const SNAPSHOT_TESTS = ["test/storage/snapshots/*.test.ts"];

/** Bugs of the log in files and of the snapshot files. */
export const STORAGE_MUTANTS: readonly Mutant[] = [
  {
    id: "segment-without-directory-sync",
    listed: 16,
    bug: "the directory is not synced after a segment was created and renamed",
    file: "storage/wal/segment_file.ts",
    find:
      "  await fileSystem.rename(temporaryPath, path);\n  await fileSystem.syncDirectory(directory);",
    replace: "  await fileSystem.rename(temporaryPath, path);",
    tests: CRASHES,
  },
  {
    id: "goes-on-after-failed-write",
    listed: 17,
    bug: "a log goes on after a write that failed",
    file: "storage/wal/wal_log_store.ts",
    find:
      "      this.#failure = new StorageFailedError(this.#options.directory, error);\n      throw this.#failure;",
    replace: "      throw new StorageFailedError(this.#options.directory, error);",
    tests: USE,
  },
  {
    id: "cuts-damage-anywhere",
    listed: 18,
    bug: "the log is cut at the first frame that does not check, wherever it is",
    file: "storage/wal/replay.ts",
    find: "if (tail.frameOffset !== null) {",
    replace: "if (tail.frameOffset !== null && sequence < 0) {",
    tests: REPAIR,
  },
  {
    id: "snapshot-renamed-before-sync",
    listed: 19,
    bug: "a snapshot gets its name before it is durable",
    file: "storage/snapshots/file_snapshot_store.ts",
    find: "        await file.dataSync();\n",
    replace: "",
    tests: SNAPSHOT_TESTS,
  },
  {
    id: "segment-renamed-before-sync",
    bug: "a segment gets its name before its header is durable",
    file: "storage/wal/segment_file.ts",
    find: "    await file.write(start, 0);\n    await file.dataSync();",
    replace: "    await file.write(start, 0);",
    tests: CRASHES,
  },
  {
    id: "append-without-data-sync",
    bug: "an append is not synced",
    file: "storage/wal/segment_writer.ts",
    find: 'await fileSystem.open(path, { mode: "write", dataSync: true });',
    replace: 'await fileSystem.open(path, { mode: "write", dataSync: false });',
    tests: CRASHES,
  },
  {
    id: "zeros-not-checked",
    bug: "zeros are taken for durable though the file system may have turned read-only",
    file: "storage/wal/zero_fill.ts",
    find: "    await this.#assertWritable();\n    this.#end = end;\n  }",
    replace: "    this.#end = end;\n  }",
    tests: FAILURES,
  },
  {
    id: "frame-in-hole-not-checked",
    bug: "a frame in a hole is taken for durable though the file system may have turned read-only",
    file: "storage/wal/zero_fill.ts",
    find: "      await this.#assertWritable();\n      this.#end = end;\n    }",
    replace: "      this.#end = end;\n    }",
    tests: FAILURES,
  },
  {
    id: "zeros-over-frames",
    bug: "a long frame does not wait for the zeros that are under way where it goes",
    file: "storage/wal/zero_fill.ts",
    find: "      await this.settled();\n",
    replace: "",
    tests: ["test/storage/wal/zero_fill.test.ts"],
  },
  {
    id: "holes-after-cut-forgotten",
    bug: "what a cut leaves is taken for filled with zeros",
    file: "storage/wal/wal_log_store.ts",
    find: "      writer.cutBehind();\n",
    replace: "",
    tests: FAILURES,
  },
  {
    id: "found-log-not-synced",
    bug: "what a killed process had written is told to be durable before it is",
    file: "storage/wal/wal_log_store.ts",
    find: "    await this.#makeDurable(replayed);\n",
    replace: "    if (replayed.offset < 0) {\n      await this.#makeDurable(replayed);\n    }\n",
    tests: ["test/storage/wal/open_syncs.test.ts"],
  },
  {
    id: "found-frame-not-rewritten",
    bug: "what a failed write left in memory alone is taken for synced by the next sync",
    file: "storage/wal/wal_log_store.ts",
    find: "        await file.write(frame, lastFrameOffset);\n",
    replace: "",
    tests: FAILURES,
  },
  {
    id: "torn-end-stays",
    bug: "a torn end is not cut, so that it stands in the way of what follows",
    file: "storage/wal/wal_log_store.ts",
    find:
      "      await file.truncate(this.#writer === writer ? writer.offset : offset);\n      await file.truncate(sizeBytes);\n",
    replace: "      await file.truncate(offset < 0 ? writer.offset : sizeBytes);\n",
    tests: [...REPAIR, ...CRASHES],
  },
  {
    id: "segments-removed-youngest-first",
    bug: "the segments below a marker are removed without a sync in between",
    file: "storage/wal/wal_log_store.ts",
    find:
      "      await fileSystem.remove(joinPath(directory, segmentName(first)));\n      await fileSystem.syncDirectory(directory);",
    replace: "      await fileSystem.remove(joinPath(directory, segmentName(first)));",
    tests: CRASHES,
  },
  {
    id: "chain-not-checked",
    bug: "a frame is taken whatever came before it",
    file: "storage/wal/frame_scan.ts",
    find: "if (head === null || head.previousCrc !== crc) {",
    replace: "if (head === null) {",
    tests: REPAIR,
  },
  {
    id: "frame-not-checked",
    bug: "a frame is taken whatever its checksum says",
    file: "storage/wal/frame_scan.ts",
    find: "if (!frameChecks(buffer, position, head)) {",
    replace: "if (!frameChecks(buffer, position, head) && crc < 0) {",
    tests: REPAIR,
  },
  {
    id: "no-watermark-at-rest",
    bug: "the last append is never confirmed by a watermark",
    file: "storage/wal/wal_log_store.ts",
    find: "} else if (this.#unconfirmed && this.#failure === null) {",
    replace: "} else if (this.#unconfirmed && this.#failure !== null) {",
    tests: REPAIR,
  },
  {
    id: "no-watermark-at-close",
    bug: "closing does not confirm the last append",
    file: "storage/wal/wal_log_store.ts",
    find: "if (writer !== null && this.#failure === null && this.#unconfirmed) {",
    replace: "if (writer !== null && this.#failure !== null && this.#unconfirmed) {",
    tests: REPAIR,
  },
  {
    id: "missing-segment-passed-over",
    bug: "a segment that is missing between others is not noticed",
    file: "storage/wal/wal_log_store.ts",
    find: "      if (sequence !== expected) {",
    replace: "      if (sequence < 0) {",
    tests: REPAIR,
  },
  {
    id: "hard-state-lost-in-roll",
    bug: "a new segment's header has not the newest hard state",
    file: "storage/wal/wal_log_store.ts",
    find: "    this.#index.hardState = hardState ?? this.#index.hardState;\n",
    replace: "",
    tests: CRASHES,
  },
  {
    id: "contradicting-log-kept",
    bug: "entries that contradict a marker are kept",
    file: "storage/wal/log_index.ts",
    find: "return index > this.lastIndex || this.terms.termAt(index) !== term;",
    replace: "return index > this.lastIndex || (term < 0 && this.terms.termAt(index) !== term);",
    tests: ["test/storage/log_store.test.ts"],
  },
  {
    id: "bounds-of-reads-ignored",
    bug: "a read takes entries of a frame that were appended again later",
    file: "storage/wal/frame_table.ts",
    find: "slot + 1 < this.#end ? this.#first(slot + 1) : this.#nextIndex;",
    replace:
      "slot + 1 < this.#end ? Math.max(this.#first(slot + 1), this.#nextIndex) : this.#nextIndex;",
    tests: USE,
  },
  {
    id: "identity-not-compared",
    bug: "the log of another owner is opened",
    file: "storage/wal/replay.ts",
    find: "if (header.identity !== this.#identity) {",
    replace: "if (header.identity.length < 0) {",
    tests: REPAIR,
  },
];
