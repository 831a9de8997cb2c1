import type { EntryId, SnapshotMeta } from "../../../raft/mod.ts";
import type { OpenSnapshot, PublishOptions, SnapshotStore } from "../../../storage/mod.ts";
import { isSameBytes, isSameData } from "../transport/transport_equality.ts";
import { demand } from "./snapshot_store_requirement.ts";
import { sampleState, streamOf } from "./snapshot_store_samples.ts";
import type { SnapshotStoreStage } from "./snapshot_store_stage.ts";
import { snapshotMeta } from "../transport/transport_samples.ts";

/** One life of the store under test. Each of its snapshots is told by its index. */
export class StagedSnapshotStore {
  readonly store: SnapshotStore;
  readonly #stage: SnapshotStoreStage;

  constructor(store: SnapshotStore, stage: SnapshotStoreStage) {
    this.store = store;
    this.#stage = stage;
  }

  /** Publishes the sample states of these indexes, one after the other. */
  async publish(...indexes: readonly number[]): Promise<void> {
    for (const index of indexes) {
      const publishing = this.start(index, streamOf(sampleState(index)));
      await this.#stage.resolves(publishing, `publishing ${index}`);
    }
  }

  /** Starts a publish and does not wait. */
  start(
    index: number,
    chunks: AsyncIterable<Uint8Array>,
    options?: PublishOptions,
  ): Promise<void> {
    return this.store.publish(snapshotMeta(index), chunks, options);
  }

  /** Indexes in the list, in its order. */
  async list(): Promise<number[]> {
    return (await this.metas()).map(({ last }) => last.index);
  }

  async metas(): Promise<SnapshotMeta[]> {
    return await this.#stage.resolves(this.store.list(), "list");
  }

  async openNewest(): Promise<OpenSnapshot> {
    const opened = await this.#stage.resolves(this.store.openNewest(), "openNewest");
    demand(opened !== null, "openNewest finds nothing");
    return opened;
  }

  /** All bytes of an open snapshot. */
  async read({ chunks }: OpenSnapshot): Promise<Uint8Array> {
    return await this.#stage.resolves(bytesOf(chunks), "reading");
  }

  /** Opens the newest and demands that it is the sample of this index, whole. */
  async demandNewest(index: number): Promise<void> {
    const opened = await this.openNewest();
    const { last } = opened.meta;
    demand(last.index === index, `snapshot ${last.index} is opened instead of ${index}`);
    demandSame(await this.read(opened), sampleState(index), `snapshot ${index}`);
  }

  /** Demands that these are there and no other, and that the first of them is opened. */
  async demandHolds(...indexes: readonly number[]): Promise<void> {
    const listed = await this.list();
    demand(isSameData(listed, indexes), `there are [${listed}] instead of [${indexes}]`);
    const [newest] = indexes;
    if (newest !== undefined) {
      await this.demandNewest(newest);
    }
  }
}

/** Last entry of the sample snapshot of an index. */
export function lastOf(index: number): EntryId {
  return snapshotMeta(index).last;
}

export async function bytesOf(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const copied: Uint8Array[] = [];
  for await (const chunk of chunks) {
    copied.push(chunk.slice());
  }
  const bytes = new Uint8Array(copied.reduce((length, chunk) => length + chunk.length, 0));
  copied.reduce((offset, chunk) => {
    bytes.set(chunk, offset);
    return offset + chunk.length;
  }, 0);
  return bytes;
}

export function demandSame(actual: Uint8Array, expected: Uint8Array, what: string): void {
  demand(
    actual.length === expected.length,
    `${what} has ${actual.length} bytes instead of ${expected.length}`,
  );
  demand(isSameBytes(actual, expected), `${what} has other bytes than were published`);
}
