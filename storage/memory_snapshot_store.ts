import type { SnapshotMeta } from "../raft/mod.ts";
import { ChunkSource } from "./chunk_source.ts";
import { StorageClosedError } from "./errors.ts";
import { SerialQueue } from "./serial_queue.ts";
import {
  assertEntryId,
  assertKeep,
  isSameEntry,
  newestFirst,
  SNAPSHOTS_MAX,
} from "./snapshot_order.ts";
import type { OpenSnapshot, PublishOptions, SnapshotStore } from "./snapshot_store.ts";

/** What a `MemorySnapshotStore` can be told. */
export interface MemorySnapshotStoreOptions {
  /** How many are kept: a publish purges the others. Default: 5. */
  readonly snapshotsMax?: number;
}

interface Held {
  readonly meta: SnapshotMeta;
  readonly chunks: readonly Uint8Array[];
}

/**
 * Snapshots in memory: for tests, and for groups that may lose everything
 * together. Opened again after `close`, it still holds what was published, so a
 * restart of a member can be tried without a disk.
 */
export class MemorySnapshotStore implements SnapshotStore {
  readonly #snapshotsMax: number;
  readonly #queue = new SerialQueue();
  /** Newest first. */
  #held: readonly Held[] = [];

  constructor({ snapshotsMax = SNAPSHOTS_MAX }: MemorySnapshotStoreOptions = {}) {
    assertKeep(snapshotsMax);
    this.#snapshotsMax = snapshotsMax;
  }

  open(): Promise<void> {
    return Promise.resolve();
  }

  publish(
    meta: SnapshotMeta,
    chunks: AsyncIterable<Uint8Array>,
    { signal }: PublishOptions = {},
  ): Promise<void> {
    const source = new ChunkSource(chunks, signal);
    return this.#queue.run(async () => {
      try {
        assertEntryId(meta.last);
        const copied: Uint8Array[] = [];
        for (let chunk = await source.next(); chunk !== null; chunk = await source.next()) {
          copied.push(chunk.slice());
        }
        this.#insert({ meta, chunks: copied });
      } finally {
        source.release();
      }
    });
  }

  list(): Promise<SnapshotMeta[]> {
    return Promise.resolve(this.#held.map(({ meta }) => meta));
  }

  openNewest(): Promise<OpenSnapshot | null> {
    const [newest] = this.#held;
    return Promise.resolve(newest === undefined ? null : reading(newest));
  }

  purge(keep: number): Promise<void> {
    return this.#queue.run(() => {
      assertKeep(keep);
      this.#held = this.#held.slice(0, keep);
      return Promise.resolve();
    });
  }

  close(): Promise<void> {
    return this.#queue.idle();
  }

  #insert(published: Held): void {
    const others = this.#held.filter(({ meta }) => !isSameEntry(meta.last, published.meta.last));
    this.#held = [...others, published]
      .sort((one, other) => newestFirst(one.meta.last, other.meta.last))
      // What was just published stays, even if it is not among the newest.
      .filter((held, position) => position < this.#snapshotsMax || held === published);
  }
}

function reading({ meta, chunks }: Held): OpenSnapshot {
  let isClosed = false;
  return {
    meta,
    passedOver: [],
    chunks: (async function* () {
      for (const chunk of chunks) {
        if (isClosed) {
          throw new StorageClosedError("a snapshot that was read");
        }
        yield await Promise.resolve(chunk.slice());
      }
    })(),
    close() {
      isClosed = true;
      return Promise.resolve();
    },
  };
}
