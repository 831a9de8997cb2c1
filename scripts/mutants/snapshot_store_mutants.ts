import type { Mutant } from "./mutant.ts";

const USE = ["test/storage/snapshots/file_snapshot_store.test.ts"];
const DAMAGE = ["test/storage/snapshots/damage.test.ts"];
const FALLBACK = ["test/storage/snapshots/fallback.test.ts"];

/** Bugs of the snapshots in files, and of what falls back on the older ones. */
export const SNAPSHOT_STORE_MUTANTS: readonly Mutant[] = [
  {
    id: "failed-publish-leaves-file",
    bug: "a publish that failed leaves its file",
    file: "storage/snapshots/file_snapshot_store.ts",
    find: "      await this.#poisoning(() => fileSystem.remove(temporaryPath));\n",
    replace: "",
    tests: USE,
  },
  {
    id: "failed-close-told-instead",
    bug: "that a file cannot be closed is told in place of why it was given up",
    file: "storage/abandon.ts",
    find: "  } catch {\n    // Nothing depends on it any more.\n  }",
    replace: "  } catch (error) {\n    throw error;\n  }",
    tests: USE,
  },
  {
    id: "passed-over-not-told",
    bug: "who opens an older snapshot is not told of the damaged newer ones",
    file: "storage/snapshots/file_snapshot_store.ts",
    find: "passedOver: this.#newerThan(held).map(({ last }) => last),",
    replace: "passedOver: this.#newerThan(held).slice(0, 0).map(({ last }) => last),",
    tests: [...DAMAGE, ...FALLBACK],
  },
  {
    id: "damaged-newest-purged",
    bug: "a damaged snapshot goes before there is a newer one, so that nobody is told of it",
    file: "storage/snapshots/snapshot_catalog.ts",
    find: ".slice(this.#held.indexOf(newest))",
    replace: ".slice(this.#held.indexOf(newest) * 0)",
    tests: ["test/storage/snapshots/*.test.ts"],
  },
  {
    id: "snapshot-chain-not-checked",
    bug: "a chunk of a snapshot is taken whatever came before it",
    file: "storage/snapshots/read_chunks.ts",
    find: "if (view.getUint32(4, true) !== previousCrc) {",
    replace: "if (view.getUint32(4, true) !== previousCrc && offset < 0) {",
    tests: DAMAGE,
  },
  {
    id: "start-beyond-older-snapshot",
    bug: "a member starts although entries are in neither its log nor its state machine",
    file: "raft/start_core.ts",
    find: "if (opened.marker.index > machine.appliedIndex) {",
    replace: "if (opened.marker.index > machine.appliedIndex && machine.term < 0) {",
    level: null,
    tests: FALLBACK,
  },
];
