import type { SnapshotMeta } from "../../raft/mod.ts";
import type { BrokenSnapshotStore } from "./broken_snapshot_publishes.ts";
import {
  type Collecting,
  joined,
  type Kept,
  KeptSnapshotStore,
  SNAPSHOTS_MAX,
} from "./kept_snapshot_store.ts";

/** Stores that do not keep what they should, or keep what they should not. */
export const BROKEN_LIVES: readonly BrokenSnapshotStore[] = [
  {
    what: "loses its newest when it is closed",
    breaks: "what was published is there after a close",
    Store: class extends KeptSnapshotStore {
      override async close() {
        await super.close();
        this.keep.held = this.keep.held.filter(({ meta }) => meta.last.index !== 20);
      }
    },
  },
  {
    what: "cuts publishes off when it is closed",
    breaks: "close finishes a publish that is under way",
    Store: class extends KeptSnapshotStore {
      #isClosed = false;
      override close() {
        this.#isClosed = true;
        return Promise.resolve();
      }
      override place(kept: Kept) {
        if (this.#isClosed) {
          throw new Error("closed");
        }
        super.place(kept);
      }
    },
  },
  {
    what: "writes through only when it is closed",
    breaks: "what was published survives a crash",
    Store: class extends KeptSnapshotStore {
      #waiting: Kept[] = [];
      override place(kept: Kept) {
        if (kept.meta.last.index === 21) {
          this.#waiting.push(kept);
        } else {
          super.place(kept);
        }
      }
      override async close() {
        await super.close();
        this.#waiting.forEach((kept) => super.place(kept));
      }
    },
  },
  {
    what: "writes in place",
    breaks: "a publish that a crash cuts off leaves what was there",
    Store: class extends KeptSnapshotStore {
      override async collect(iterator: AsyncIterator<Uint8Array>, collecting: Collecting) {
        const { meta, parts } = collecting;
        await super.collect({
          next: async () => {
            if (meta.last.index === 22 && parts.length > 0) {
              this.place({ meta, bytes: joined(parts), isDamaged: false });
            }
            return await iterator.next();
          },
          return: async () => await iterator.return?.() ?? { done: true, value: undefined },
        }, collecting);
      }
      override giveUp(meta: SnapshotMeta, _bytes: Uint8Array, error: unknown) {
        const { index } = meta.last;
        this.keep.held = this.keep.held.filter(({ meta }) => meta.last.index !== index);
        throw error;
      }
    },
  },
  {
    what: "purges only when it is closed",
    breaks: "what was purged stays away after a crash",
    Store: class extends KeptSnapshotStore {
      #purges: number[] = [];
      override async purge(keep: number) {
        if (this.keep.held.some(({ meta }) => meta.last.index === 23)) {
          this.#purges.push(keep);
        } else {
          await super.purge(keep);
        }
      }
      override async close() {
        await super.close();
        this.#purges.forEach((keep) => this.purgeNow(keep));
      }
    },
  },
  {
    what: "keeps one more than it is told",
    breaks: "purge leaves the newest ones",
    Store: class extends KeptSnapshotStore {
      override purgeNow(keep: number) {
        super.purgeNow(this.keep.held.length === 3 ? keep + 1 : keep);
      }
    },
  },
  {
    what: "always removes one",
    breaks: "purge leaves all where there are fewer",
    Store: class extends KeptSnapshotStore {
      override purgeNow(keep: number) {
        super.purgeNow(this.keep.held.length === keep && keep === 2 ? 1 : keep);
      }
    },
  },
  {
    what: "never purges by itself",
    breaks: "a publish leaves no more than are to be kept",
    Store: class extends KeptSnapshotStore {
      override limit() {}
    },
  },
  {
    what: "purges what it has just published",
    breaks: "a publish keeps what it has published, though all that are kept are newer",
    Store: class extends KeptSnapshotStore {
      override limit() {
        this.purgeNow(SNAPSHOTS_MAX);
      }
    },
  },
];
