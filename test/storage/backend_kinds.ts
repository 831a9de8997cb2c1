import { join } from "node:path";
import { type Backend, MemoryBackend } from "../../storage/mod.ts";
import { LmdbBackend } from "../../storage/lmdb/mod.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";

/** Buckets of the backends under test. */
export const BUCKETS = ["a", "b"] as const;

/** A backend under test; closed, and its files removed, at the end of the block that holds it. */
export interface TestBackend extends AsyncDisposable {
  readonly backend: Backend;
}

/** The backends that every test of the interface runs on. */
export const BACKEND_KINDS: readonly {
  readonly name: string;
  readonly open: () => Promise<TestBackend>;
}[] = [
  { name: "MemoryBackend", open: openMemory },
  { name: "LmdbBackend", open: () => openLmdb(10_000) },
  // Commits after nearly every write, so that reads meet layers in all states.
  { name: "LmdbBackend that commits at once", open: () => openLmdb(3) },
];

async function openMemory(): Promise<TestBackend> {
  const backend = new MemoryBackend();
  return await Promise.resolve({ backend, [Symbol.asyncDispose]: () => backend.close() });
}

async function openLmdb(commitOperationsMax: number): Promise<TestBackend> {
  await using resources = new AsyncDisposableStack();
  const directory = resources.use(await temporaryDirectory());
  const backend = await LmdbBackend.open({
    path: join(directory.path, "db"),
    buckets: BUCKETS,
    commitOperationsMax,
  });
  resources.defer(() => backend.close());
  const owned = resources.move();
  return { backend, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
