import type { EntryId, SnapshotMeta } from "../../raft/mod.ts";
import { isSameEntry, newestFirst } from "../snapshot_order.ts";

/** A snapshot file, and what is known of it. */
export interface HeldSnapshot {
  readonly last: EntryId;
  /** `null` if the header is damaged. */
  readonly meta: SnapshotMeta | null;
  /** Why it cannot be used, as far as that is known. */
  damage: string | null;
}

/** Which snapshots a directory holds. */
export class SnapshotCatalog {
  /** Newest first, one for each entry. */
  #held: readonly HeldSnapshot[] = [];

  /** Newest first, damaged ones included. */
  get all(): readonly HeldSnapshot[] {
    return this.#held;
  }

  /** What is not known to be damaged, newest first. */
  get good(): readonly HeldSnapshot[] {
    return this.#held.filter(({ damage }) => damage === null);
  }

  /** Adds a snapshot, in the place of one for the same entry. */
  add(added: HeldSnapshot): void {
    const others = this.#held.filter(({ last }) => !isSameEntry(last, added.last));
    this.#held = [...others, added].sort((one, other) => newestFirst(one.last, other.last));
  }

  remove(removed: HeldSnapshot): void {
    this.#held = this.#held.filter((held) => held !== removed);
  }

  has(held: HeldSnapshot): boolean {
    return this.#held.includes(held);
  }

  /**
   * What goes when the newest `keep` good ones are kept, oldest first. Damaged
   * ones that are newer than all good ones stay: whoever opens the next good
   * one has to be told of them.
   */
  superfluous(keep: number): HeldSnapshot[] {
    const [newest] = this.good;
    if (newest === undefined) {
      return [];
    }
    const kept = new Set(this.good.slice(0, keep));
    return this.#held
      .slice(this.#held.indexOf(newest))
      .filter((held) => !kept.has(held))
      .reverse();
  }
}
