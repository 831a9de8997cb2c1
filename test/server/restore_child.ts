import { join } from "node:path";
import process from "node:process";
import { MEMBER_BUCKETS } from "../../server/state_slots.ts";
import { LmdbBackend } from "../../storage/lmdb/mod.ts";
import {
  type Backend,
  type BackendOperation,
  type BackendRecord,
  type BackendScan,
  type BackendSize,
  type BackendView,
  MemoryBackend,
} from "../../storage/mod.ts";
import {
  machineOn,
  metaOf,
  partsOn,
  piecesOf,
  putEntries,
  putsOf,
  streamOf,
  turn,
} from "./state_machine_samples.ts";

/**
 * Restores a snapshot of so many records over the state of some entries, and
 * kills itself at one of the moments of that, which are counted.
 */
const [directory = "", records = "", entries = "", killAt = ""] = process.argv.slice(2);
let moments = -1;

function pass(): void {
  moments += moments < 0 ? 0 : 1;
  if (moments === Number(killAt)) {
    process.kill(process.pid, "SIGKILL");
  }
}

/** A backend whose batches and flushes, at their beginning and at their end, are moments. */
class CountingBackend implements Backend {
  readonly #backend: Backend;

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  get(bucket: string, key: Uint8Array): Uint8Array | undefined {
    return this.#backend.get(bucket, key);
  }

  scan(bucket: string, scan?: BackendScan): Iterable<BackendRecord> {
    return this.#backend.scan(bucket, scan);
  }

  write(operations: readonly BackendOperation[]): void {
    this.#backend.write(operations);
    pass();
  }

  view(): BackendView {
    return this.#backend.view();
  }

  async flush(): Promise<void> {
    const flushed = this.#backend.flush();
    // Another thread has begun to write.
    await turn();
    pass();
    await flushed;
    pass();
  }

  size(): BackendSize {
    return this.#backend.size();
  }

  close(): Promise<void> {
    return this.#backend.close();
  }
}

const source = machineOn(new MemoryBackend());
await source.open();
source.apply(putsOf(Number(records), 10));
const pieces = await piecesOf(source, 16_384);

const path = join(directory, "db");
const backend = new CountingBackend(await LmdbBackend.open({ path, buckets: MEMBER_BUCKETS }));
const { machine, slots } = partsOn(backend);
await machine.open();
machine.apply(putEntries(Number(entries)));
await backend.flush();
moments = 0;
await machine.restore(metaOf(Number(records)), streamOf(pieces));
console.log("restored");
while ([...slots.spare.scan("key")].length + [...slots.spare.scan("meta")].length > 0) {
  await turn();
}
machine.close();
await backend.close();
console.log(`${moments} moments`);
