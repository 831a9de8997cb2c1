import {
  type CompactionMarker,
  type Entry,
  type EntryRange,
  type HardState,
  INITIAL_HARD_STATE,
  type LogState,
  type SnapshotMeta,
  type TermRun,
} from "../../raft/mod.ts";
import { StoredLog } from "./stored_log.ts";

/** One thing to be made durable, whole or not at all. */
export type DiskWrite =
  /** A `persist` effect. */
  | {
    readonly type: "batch";
    readonly sequence: number;
    readonly hardState: HardState | null;
    readonly entries: readonly Entry[];
  }
  /** The log begins anew after a snapshot that the state machine has restored. */
  | { readonly type: "reset"; readonly snapshot: SnapshotMeta }
  | { readonly type: "compact"; readonly marker: CompactionMarker };

/**
 * A member's log on a disk that syncs slowly. Writes become durable in their
 * order. A crash loses them from some point on: any number of the oldest ones
 * that were not yet acknowledged may have survived.
 */
export class SimulatedDisk {
  readonly log: StoredLog = new StoredLog();
  #hardState: HardState = INITIAL_HARD_STATE;
  #queue: DiskWrite[] = [];
  #underWay = 0;

  /** Term and vote that would survive a crash. */
  get hardState(): HardState {
    return this.#hardState;
  }

  /** Whether a write is under way. */
  get isBusy(): boolean {
    return this.#underWay > 0;
  }

  /** Writes that are not durable, oldest first. */
  get waiting(): readonly DiskWrite[] {
    return this.#queue;
  }

  push(write: DiskWrite): void {
    this.#queue.push(write);
  }

  /** Starts to write what waits: one write, or as many batches as come in a row. */
  start(options: { readonly merges: boolean }): void {
    this.#underWay = 1;
    if (options.merges && this.#queue[0]?.type === "batch") {
      while (this.#queue[this.#underWay]?.type === "batch") {
        this.#underWay += 1;
      }
    }
  }

  /** Ends the write under way. Returns what is durable now. */
  finish(): DiskWrite[] {
    const written = this.#queue.splice(0, this.#underWay);
    this.#underWay = 0;
    written.forEach((write) => this.#apply(write));
    return written;
  }

  /** The power fails: the oldest `surviving` of the waiting writes had reached the disk. */
  crash(surviving: number): void {
    this.#queue.splice(0, surviving).forEach((write) => this.#apply(write));
    this.#queue = [];
    this.#underWay = 0;
  }

  /** Entries of a range, `null` if they are compacted. */
  read({ low, high, maxBytes }: EntryRange): Entry[] | null {
    if (low <= this.log.marker.index) {
      return null;
    }
    const entries: Entry[] = [];
    let bytes = 0;
    for (let index = low; index < high; index += 1) {
      const entry = this.log.entryAt(index);
      if (entry === undefined) {
        break;
      }
      bytes += entry.data.length;
      if (bytes > maxBytes && entries.length > 0) {
        break;
      }
      entries.push(entry);
    }
    return entries;
  }

  /** What a member finds when it starts. */
  open(): LogState {
    return {
      hardState: this.#hardState,
      marker: this.log.marker,
      lastIndex: this.log.lastIndex,
      terms: termRuns(this.log.entries),
      membershipEntries: this.log.entries.filter(({ kind }) => kind === "membership"),
    };
  }

  #apply(write: DiskWrite): void {
    switch (write.type) {
      case "batch":
        this.#hardState = write.hardState ?? this.#hardState;
        this.log.append(write.entries);
        return;
      case "reset":
        this.log.reset(markerOf(write.snapshot));
        return;
      case "compact":
        this.log.compact(write.marker);
        return;
    }
  }
}

/** Where a log begins after a snapshot. */
export function markerOf({ last, membership }: SnapshotMeta): CompactionMarker {
  return { index: last.index, term: last.term, membership };
}

function termRuns(entries: readonly Entry[]): TermRun[] {
  const runs: TermRun[] = [];
  for (const { index, term } of entries) {
    if (runs.at(-1)?.term !== term) {
      runs.push({ firstIndex: index, term });
    }
  }
  return runs;
}
