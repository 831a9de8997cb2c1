import type { EntryRange, HardState, NodeId, RaftEvent, ReadPurpose } from "../../raft/mod.ts";
import { ViolationError } from "../violation.ts";
import type { MarkCounts } from "./marks.ts";
import type { DiskWrite, SimulatedDisk } from "./simulated_disk.ts";
import type { Work } from "./work.ts";

export interface DiskDriverOptions {
  /** Whose disk it is, for failures. */
  readonly id: NodeId;
  /** Whether batches that wait are written as one. */
  readonly mergesWrites: boolean;
  readonly marks: MarkCounts;
  /** Begins work on the disk. */
  readonly begin: (work: Work) => void;
}

/**
 * The part of a member that performs what its core asks of the disk, one write
 * at a time, and says what the core is told of it.
 */
export class DiskDriver {
  readonly #disk: SimulatedDisk;
  readonly #options: DiskDriverOptions;

  constructor(disk: SimulatedDisk, options: DiskDriverOptions) {
    this.#disk = disk;
    this.#options = options;
  }

  write(write: DiskWrite): void {
    this.#disk.push(write);
    this.maybeStartWrite();
  }

  /** Starts to write what waits, unless a write is under way. */
  maybeStartWrite(): void {
    if (!this.#disk.isBusy && this.#disk.waiting.length > 0) {
      this.#disk.start({ merges: this.#options.mergesWrites });
      this.#options.begin({ type: "write" });
    }
  }

  beginRead(purpose: ReadPurpose, range: EntryRange): void {
    this.#options.marks.hit(
      purpose.type === "apply" ? "entries read to be applied" : "entries read for a follower",
    );
    this.#options.begin({ type: "read", purpose, range });
  }

  /** Ends a read. Returns what the core is told. */
  finishRead(purpose: ReadPurpose, range: EntryRange): RaftEvent {
    const { id, marks } = this.#options;
    const entries = this.#disk.read(range);
    if (entries !== null && entries.length > 0) {
      return { type: "entriesRead", purpose, entries };
    }
    if (entries === null) {
      marks.hit("entries were compacted when read");
    } else if (purpose.type === "apply") {
      throw new ViolationError(
        "driver contract",
        `${id} is to apply entry ${range.low}, its disk ends with ${this.#disk.log.lastIndex}`,
      );
    }
    // Nothing is left, too, of what a leader asked for that was deposed, and
    // whose log was cut meanwhile.
    return { type: "entriesRead", purpose, entries: null };
  }
}

/** What the core is told of writes that became durable together, in this order. */
export function completionsOf(written: readonly DiskWrite[]): RaftEvent[] {
  const events: RaftEvent[] = [];
  const persisted = persistedEvent(written);
  if (persisted !== null) {
    events.push(persisted);
  }
  for (const write of written) {
    if (write.type === "reset") {
      events.push({ type: "snapshotRestored", snapshot: write.snapshot });
    } else if (write.type === "compact") {
      events.push({ type: "compacted", index: write.marker.index });
    }
  }
  return events;
}

/** All batches in one event, `null` if there are none. */
function persistedEvent(written: readonly DiskWrite[]): RaftEvent | null {
  let sequence = 0;
  let upTo: { term: number; index: number } | null = null;
  let hardState: HardState | null = null;
  for (const write of written) {
    if (write.type === "batch") {
      sequence = write.sequence;
      hardState = write.hardState ?? hardState;
      const last = write.entries.at(-1);
      upTo = last === undefined ? upTo : { term: last.term, index: last.index };
    }
  }
  return sequence === 0 ? null : { type: "persisted", sequence, upTo, hardState };
}
