import type { Mutant } from "./mutant.ts";

const SUITE = ["test/storage/backend.test.ts"];
const CHECK = ["test/storage/lmdb/check_file.test.ts"];
const FAILURES = ["test/storage/lmdb/commit_failure.test.ts"];

/** Bugs of the backend on LMDB. */
export const LMDB_MUTANTS: readonly Mutant[] = [
  {
    id: "backend-goes-on-after-failed-commit",
    bug: "a backend goes on after a commit that failed",
    file: "storage/lmdb/lmdb_backend.ts",
    find: "    this.#failure = failure;\n",
    replace: "",
    tests: FAILURES,
  },
  {
    id: "flush-does-not-wait",
    bug: "a flush resolves before the commit is durable",
    file: "storage/lmdb/lmdb_backend.ts",
    find: "    await this.#sealed.at(-1)?.committed;\n",
    replace: "    await Promise.resolve();\n",
    tests: [...SUITE, ...FAILURES],
  },
  {
    id: "sealed-layers-not-read",
    bug: "reads do not see what waits for its commit",
    file: "storage/lmdb/lmdb_backend.ts",
    find: "const layers = [this.#active, ...this.#sealed.toReversed()].map(",
    replace: "const layers = [this.#active].map(",
    tests: [...SUITE, "test/storage/lmdb/lmdb_backend.test.ts"],
  },
  {
    id: "deleted-key-read-below",
    bug: "a key that was deleted in a layer is read from the database below it",
    file: "storage/lmdb/lmdb_reader.ts",
    find: "      if (value !== undefined) {\n        return value ?? undefined;",
    replace: "      if (value !== undefined && value !== null) {\n        return value;",
    tests: SUITE,
  },
  {
    id: "view-not-pinned",
    bug: "a view reads the database as it is now, not as it was",
    file: "storage/lmdb/lmdb_view.ts",
    find: "new LmdbReader(database, layers, this.#transaction);",
    replace: "new LmdbReader(database, layers, null);",
    tests: [...SUITE, "test/storage/lmdb/lmdb_backend.test.ts"],
  },
  {
    id: "cut-backend-opened",
    bug: "a file whose end was cut off is given to LMDB",
    file: "storage/lmdb/check_file.ts",
    find: "  if (free.missing < missing) {",
    replace: "  if (free.missing < missing && sizeBytes < 0) {",
    tests: CHECK,
  },
  {
    id: "bad-sector-not-told",
    bug: "a place of a backend's file that cannot be read is told without the file",
    file: "storage/lmdb/check_file.ts",
    find: "await checkPages(withReadErrorsAsDamage(file, path), path);",
    replace: 'await checkPages(path === "" ? withReadErrorsAsDamage(file, path) : file, path);',
    tests: CHECK,
  },
];
