import {
  type CompactionMarker,
  type Entry,
  type EntryId,
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

/** The newest frame of a log, of whose damage nothing tells that it is none that was torn. */
interface NewestFrame {
  /** What it added. */
  readonly added: readonly Entry[];
  /** What it replaced. */
  readonly dropped: readonly Entry[];
  readonly hardStateBefore: HardState;
}

/**
 * A member's log on a disk that syncs slowly. Writes become durable in their
 * order. A crash loses them from some point on: any number of the oldest ones
 * that were not yet acknowledged may have survived. Damage may take the newest
 * write that is durable too, if it was of entries alone; the log then says that
 * it is suspect, as it does after a write that was torn.
 */
export class SimulatedDisk {
  readonly log: StoredLog;
  #hardState: HardState = INITIAL_HARD_STATE;
  #queue: DiskWrite[] = [];
  #underWay = 0;
  #newest: NewestFrame | null = null;
  #lost: EntryId[] = [];
  #hasLostWrites = false;
  #cuts = 0;
  #isRotten = false;

  constructor(log: StoredLog = new StoredLog()) {
    this.log = log;
  }

  /** Term and vote that would survive a crash. */
  get hardState(): HardState {
    return this.#hardState;
  }

  /** Whether this log says that its end may be missing. */
  get isSuspect(): boolean {
    return this.#hardState.isSuspect === true;
  }

  /** Whether it is missing, or will turn out to be when the log is opened. */
  get isDamaged(): boolean {
    return this.#isRotten || this.isSuspect && this.#lost.length > 0;
  }

  /** Whether bytes of the newest write have changed, which nobody has noticed yet. */
  get isRotten(): boolean {
    return this.#isRotten;
  }

  /** Whether damage to what was written last would be taken for a write that was torn. */
  get canRot(): boolean {
    return !this.#isRotten && (this.#newest?.added.length ?? 0) > 0 &&
      this.#queue.every(({ type }) => type === "batch");
  }

  /** Entries that damage has taken, though they were durable, since this log last was whole. */
  get lost(): readonly EntryId[] {
    return this.#lost;
  }

  /** How often the end of this log was cut. */
  get cuts(): number {
    return this.#cuts;
  }

  /** Whether writes were under way in the last crash that did not survive. */
  get hasLostWrites(): boolean {
    return this.#hasLostWrites;
  }

  /** Whether damage has taken this entry, and nobody has confirmed the log since. */
  hasLost({ term, index }: EntryId): boolean {
    return this.isSuspect && this.#lost.some((id) => id.term === term && id.index === index);
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
    this.#writeFrame(written);
    return written;
  }

  /** The power fails: the oldest `surviving` of the waiting writes had reached the disk. */
  crash(surviving: number): void {
    this.#queue.splice(0, surviving).forEach((write) => this.#writeFrame([write]));
    this.#hasLostWrites = this.#queue.length > 0;
    this.#queue = [];
    this.#underWay = 0;
  }

  /** Bytes of the newest write change. What comes of it is seen when the log is opened. */
  rot(): void {
    this.#isRotten = true;
  }

  /** Another disk that holds the same. */
  copy(): SimulatedDisk {
    const copy = new SimulatedDisk(this.log.copy());
    copy.#hardState = this.#hardState;
    copy.#queue = [...this.#queue];
    copy.#newest = this.#newest;
    copy.#lost = this.#lost;
    return copy;
  }

  /** The last write was torn: whoever opens the log cannot tell it from damage. */
  tear(): void {
    this.#cuts += 1;
    this.#isRotten = false;
    this.#lost = this.#lostSoFar;
    this.#hardState = { ...this.#hardState, isSuspect: true };
    this.#newest = null;
  }

  /** The newest write is damaged, and is cut. Returns false if that cannot go unnoticed. */
  damage(): boolean {
    const newest = this.#newest;
    const first = newest?.added[0];
    if (newest === null || first === undefined) {
      return false;
    }
    const lost = [
      ...this.#lostSoFar,
      ...newest.added.map(({ term, index }) => ({ term, index })),
    ];
    this.log.truncate(first.index);
    this.log.append(newest.dropped);
    this.#hardState = newest.hardStateBefore;
    this.tear();
    this.#lost = lost;
    return true;
  }

  /** Makes the log begin anew, at a start. */
  reset(marker: CompactionMarker): void {
    this.log.reset(marker);
    this.#newest = null;
  }

  /** What is lost of a log that still is suspect. */
  get #lostSoFar(): EntryId[] {
    return this.isSuspect ? this.#lost : [];
  }

  /**
   * Writes what is one frame. Term, vote and memberships are confirmed at once, so
   * that a frame with any of them is not cut when it is damaged: the log is refused.
   */
  #writeFrame(writes: readonly DiskWrite[]): void {
    const hardStateBefore = this.#hardState;
    const added = writes.flatMap((write) => write.type === "batch" ? write.entries : []);
    const first = Math.min(...added.map(({ index }) => index));
    const dropped = this.log.entries.slice(Math.max(0, first - this.log.marker.index - 1));
    writes.forEach((write) => this.#apply(write));
    const { term, vote, isSuspect } = this.#hardState;
    const isRefused = term !== hardStateBefore.term || vote !== hardStateBefore.vote ||
      isSuspect !== hardStateBefore.isSuspect || added.some(({ kind }) => kind === "membership") ||
      writes.some(({ type }) => type !== "batch");
    // Of what one write brings, a later one of the same frame may have replaced a part.
    const left = added.length === 0
      ? []
      : this.log.entries.slice(first - this.log.marker.index - 1);
    this.#newest = isRefused ? null : { added: left, dropped, hardStateBefore };
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
