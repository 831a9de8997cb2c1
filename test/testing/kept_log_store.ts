import {
  type AppendBatch,
  CompactedError,
  type CompactionMarker,
  type Entry,
  type EntryRange,
  type HardState,
  INITIAL_HARD_STATE,
  invariant,
  type LogState,
  type LogStore,
  type TermRun,
  WHOLE_LOG,
} from "../../raft/mod.ts";
import type { LogStoreTestbed } from "../../testing/mod.ts";

/** Everything that a log is. Never changed; each write makes another one. */
export interface KeptLog {
  readonly hardState: HardState;
  readonly marker: CompactionMarker;
  readonly entries: readonly Entry[];
}

export const EMPTY_LOG: KeptLog = { hardState: INITIAL_HARD_STATE, marker: WHOLE_LOG, entries: [] };

/** What survives a store's life. */
export interface LogKeep {
  durable: KeptLog;
  /** What every process sees, durable or not. */
  written: KeptLog;
  /** Who has it open. What others write comes to nothing. */
  owner: KeptLogStore | null;
  fails: boolean;
  /** How many stores were opened. */
  lives: number;
}

/** Making a write durable takes so many microtasks. */
const SYNC_TURNS = 4;

/**
 * A log on a disk that is an object, each write of which takes a moment and is
 * durable at its end. Its parts are there to be broken by subclasses.
 */
export class KeptLogStore implements LogStore {
  readonly keep: LogKeep;
  log: KeptLog = EMPTY_LOG;
  status: "new" | "open" | "failed" | "closed" = "new";
  writing: Promise<unknown> = Promise.resolve();

  constructor(keep: LogKeep) {
    this.keep = keep;
  }

  async open(): Promise<LogState> {
    await Promise.resolve();
    this.lock();
    this.keep.lives += 1;
    this.log = this.keep.written;
    this.sync();
    this.status = "open";
    return this.stateOf(this.log);
  }

  /** Makes durable what another process may have left without. */
  sync(): void {
    this.keep.durable = this.keep.written;
  }

  lock(): void {
    invariant(this.keep.owner === null, "one store has it open");
    this.keep.owner = this;
  }

  async entries(range: EntryRange): Promise<Entry[]> {
    this.assertReadable();
    const { log } = this;
    await Promise.resolve();
    return this.read(log, range);
  }

  async append(batch: AppendBatch): Promise<void> {
    this.assertWritable();
    this.assertFits(batch.entries);
    await this.write(this.appended(this.log, batch));
  }

  async compact(marker: CompactionMarker): Promise<void> {
    this.assertCompactable();
    await this.write(this.compacted(this.log, marker));
  }

  async close(): Promise<void> {
    this.status = "closed";
    await this.writing.catch(() => {});
    if (this.keep.owner === this) {
      this.keep.owner = null;
    }
  }

  assertReadable(): void {
    invariant(this.status === "open", "is open", this.status);
  }

  assertWritable(): void {
    invariant(this.status === "open", "is open", this.status);
  }

  assertCompactable(): void {
    invariant(this.status === "open", "is open", this.status);
  }

  /** Makes a log durable, and shows it from then on. */
  async write(log: KeptLog): Promise<void> {
    const writing = this.writeSlowly(log);
    this.writing = writing;
    await writing;
  }

  async writeSlowly(log: KeptLog): Promise<void> {
    await Promise.resolve();
    if (this.keep.fails) {
      this.status = "failed";
      throw new Error("the write failed");
    }
    if (this.keep.owner === this) {
      this.keep.written = log;
    }
    for (let turn = 0; turn < SYNC_TURNS; turn += 1) {
      await Promise.resolve();
    }
    this.persist(log);
    this.log = log;
  }

  persist(log: KeptLog): void {
    if (this.keep.owner === this) {
      this.keep.durable = log;
      this.keep.written = log;
    }
  }

  assertFits(entries: readonly Entry[]): void {
    const { marker } = this.log;
    let expected = entries[0]?.index ?? 0;
    invariant(
      entries.length === 0 ||
        (expected > marker.index && expected <= marker.index + this.log.entries.length + 1),
      "entries follow those stored",
    );
    for (const { index } of entries) {
      invariant(index === expected, "indexes are consecutive");
      expected += 1;
    }
  }

  stateOf({ hardState, marker, entries }: KeptLog): LogState {
    const terms: TermRun[] = [];
    for (const { index, term } of entries) {
      if (terms.at(-1)?.term !== term) {
        terms.push({ firstIndex: index, term });
      }
    }
    return {
      hardState,
      marker,
      lastIndex: marker.index + entries.length,
      terms,
      membershipEntries: entries.filter(({ kind }) => kind === "membership"),
    };
  }

  read({ marker, entries }: KeptLog, { low, high, maxBytes }: EntryRange): Entry[] {
    if (low <= marker.index) {
      throw new CompactedError(low, marker.index);
    }
    const answer: Entry[] = [];
    let bytes = 0;
    for (const entry of entries.slice(low - marker.index - 1, high - marker.index - 1)) {
      bytes += entry.data.length;
      if (answer.length > 0 && bytes > maxBytes) {
        break;
      }
      answer.push(entry);
    }
    return answer;
  }

  appended(log: KeptLog, { hardState, entries }: AppendBatch): KeptLog {
    const [first] = entries;
    const kept = first === undefined
      ? log.entries
      : log.entries.filter(({ index }) => index < first.index);
    return {
      ...log,
      hardState: hardState ?? log.hardState,
      // The bytes are the caller's, who does not change them any more.
      entries: [...kept, ...entries],
    };
  }

  compacted(log: KeptLog, marker: CompactionMarker): KeptLog {
    if (marker.index <= log.marker.index) {
      return log;
    }
    const held = log.entries.find(({ index }) => index === marker.index);
    return {
      ...log,
      marker,
      entries: held?.term === marker.term
        ? log.entries.filter(({ index }) => index > marker.index)
        : [],
    };
  }
}

/** A disk for one case, and stores of one class on it. */
export function keptLogTestbed(Store: new (keep: LogKeep) => KeptLogStore): LogStoreTestbed {
  const keep: LogKeep = {
    durable: EMPTY_LOG,
    written: EMPTY_LOG,
    owner: null,
    fails: false,
    lives: 0,
  };
  return {
    create: () => new Store(keep),
    lose() {
      keep.owner = null;
      keep.written = keep.durable;
    },
    kill() {
      keep.owner = null;
    },
    failWrites(fail) {
      keep.fails = fail;
    },
    close() {},
  };
}
