import type { OpenSnapshot } from "../../storage/mod.ts";
import type { BrokenSnapshotStore } from "./broken_snapshot_publishes.ts";
import { type Kept, KeptSnapshotStore } from "./kept_snapshot_store.ts";

/** Stores that treat readers wrongly, or what is damaged. */
export const BROKEN_READINGS: readonly BrokenSnapshotStore[] = [
  {
    what: "hands out the bytes that it keeps",
    breaks: "the bytes that were read are the reader's",
    Store: class extends KeptSnapshotStore {
      override piece({ bytes }: Kept, at: number) {
        return bytes.subarray(at, at + 100);
      }
    },
  },
  {
    what: "takes a reader that stopped early for one that is reading",
    breaks: "a snapshot can be read again after its reader has stopped early",
    Store: class extends KeptSnapshotStore {
      #isBusy = false;
      override openNewest() {
        return this.#isBusy ? Promise.reject(new Error("busy")) : super.openNewest();
      }
      override async *chunks(opened: Kept) {
        this.#isBusy = false;
        let isEnded = false;
        try {
          yield* super.chunks(opened);
          isEnded = true;
        } finally {
          this.#isBusy = !isEnded;
        }
      }
    },
  },
  {
    what: "has one position for all readers",
    breaks: "two readers do not disturb each other",
    Store: class extends KeptSnapshotStore {
      #shared: AsyncGenerator<Uint8Array> | null = null;
      override chunks(opened: Kept) {
        return opened.meta.last.index === 32
          ? this.#shared ??= super.chunks(opened)
          : super.chunks(opened);
      }
    },
  },
  {
    what: "takes a purged snapshot from its reader",
    breaks: "a snapshot that is purged is read to its end by who has it open",
    Store: class extends KeptSnapshotStore {
      override piece(opened: Kept, at: number) {
        const { index } = opened.meta.last;
        if (!this.keep.held.some(({ meta }) => meta.last.index === index)) {
          throw new Error("ENOENT");
        }
        return super.piece(opened, at);
      }
    },
  },
  {
    what: "reads on in what has taken the snapshot's place",
    breaks: "a snapshot that is replaced is read to its end by who has it open",
    Store: class extends KeptSnapshotStore {
      override piece(opened: Kept, at: number) {
        const { index } = opened.meta.last;
        const current = this.keep.held.find(({ meta }) => meta.last.index === index);
        return super.piece(current ?? opened, at);
      }
    },
  },
  {
    what: "refuses though the one before is good",
    breaks: "a damaged newest one is passed over for the one before",
    Store: class extends KeptSnapshotStore {
      override openNewest() {
        const [newest] = this.newestFirst();
        return newest?.isDamaged === true && newest.meta.last.index === 20
          ? Promise.reject(this.nothingGood([newest.meta.last]))
          : super.openNewest();
      }
    },
  },
  {
    what: "tells of one damaged snapshot at most",
    breaks: "the reader is told which ones were passed over",
    Store: class extends KeptSnapshotStore {
      override passedOver(opened: Kept) {
        return super.passedOver(opened).slice(0, 1);
      }
    },
  },
  {
    what: "takes nothing good for nothing at all",
    breaks: "where all are damaged, opening is refused",
    Store: class extends KeptSnapshotStore {
      override openNewest() {
        const { held } = this.keep;
        return held.length === 2 && held.every(({ isDamaged }) => isDamaged)
          ? Promise.resolve(null)
          : super.openNewest();
      }
    },
  },
  {
    what: "throws away what is damaged",
    breaks: "where all are damaged, the next life refuses too",
    Store: class extends KeptSnapshotStore {
      override async openNewest() {
        try {
          return await super.openNewest();
        } finally {
          const [only, other] = this.keep.held;
          if (other === undefined && only?.isDamaged === true) {
            this.keep.held = [];
          }
        }
      }
    },
  },
  {
    what: "tells of damage that does not matter any more",
    breaks: "a damaged one is no longer told of once there is a newer one",
    Store: class extends KeptSnapshotStore {
      override passedOver() {
        return this.newestFirst().filter(({ isDamaged }) => isDamaged).map(({ meta }) => meta.last);
      }
    },
  },
  {
    what: "remembers an entry as damaged",
    breaks: "a damaged one that is published again is good",
    Store: class extends KeptSnapshotStore {
      override place(kept: Kept) {
        const before = this.keep.held.find(({ meta }) => meta.last.index === kept.meta.last.index);
        super.place({ ...kept, isDamaged: before?.isDamaged ?? false });
      }
    },
  },
  {
    what: "counts damaged ones when it purges",
    breaks: "purge does not count damaged ones",
    Store: class extends KeptSnapshotStore {
      override purgeNow(keep: number) {
        this.keep.held = this.newestFirst().slice(0, keep);
      }
    },
  },
  {
    what: "sweeps damaged ones away once it has found a good one",
    breaks: "purge hides no damage that readers are to be told of",
    Store: class extends KeptSnapshotStore {
      override purgeNow(keep: number) {
        super.purgeNow(keep);
        const good = this.keep.held.filter(({ isDamaged }) => !isDamaged);
        this.keep.held = good.length > 0 ? good : this.keep.held;
      }
    },
  },
  {
    what: "does not check what it reads",
    breaks: "a snapshot that is damaged while it is read does not end as if it were whole",
    Store: class extends KeptSnapshotStore {
      override reading(opened: Kept): OpenSnapshot {
        const { meta, bytes } = opened;
        return { ...super.reading(opened), chunks: this.chunks({ meta, bytes, isDamaged: false }) };
      }
    },
  },
];
