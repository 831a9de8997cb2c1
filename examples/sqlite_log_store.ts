/**
 * A raft log in SQLite: a `LogStore` as a user of the package would write it.
 *
 * ```ts
 * import { DatabaseSync } from "node:sqlite";
 *
 * const logStore = new SqliteLogStore(new DatabaseSync("member-1.log"));
 * const node = await RaftNode.start({ logStore, ... });
 * ```
 *
 * One append is one transaction in SQLite's write-ahead log, one write and one
 * sync. With `synchronous = FULL` a commit returns after the sync, so an append
 * that has resolved survives a power cut. SQLite checks the frames of its log
 * by checksums and takes back a transaction that a crash cut short.
 *
 * `DatabaseSync` blocks the event loop for that sync, some milliseconds on a
 * disk. That is fine for a small group; a busy one would run this in a worker.
 *
 * @module
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import {
  type AppendBatch,
  CompactedError,
  type CompactionMarker,
  type Entry,
  type EntryKind,
  type EntryRange,
  type HardState,
  INITIAL_HARD_STATE,
  type LogState,
  type LogStore,
  type TermRun,
  WHOLE_LOG,
} from "kvorum/raft";

/**
 * Before anything is read. The lock is taken with the first transaction and
 * kept, so that a second process is refused; with it, SQLite needs no shared
 * memory beside the files.
 */
const SETTINGS = `
  PRAGMA locking_mode = EXCLUSIVE;
  PRAGMA synchronous = FULL;
  PRAGMA journal_mode = WAL;
`;

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS entries (
    log_index INTEGER PRIMARY KEY,
    term INTEGER NOT NULL,
    kind TEXT NOT NULL,
    data BLOB NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS state (
    name TEXT PRIMARY KEY,
    json TEXT NOT NULL
  ) STRICT;
`;

/** A log in an SQLite database, which belongs to the store alone and is closed with it. */
export class SqliteLogStore implements LogStore {
  readonly #database: DatabaseSync;
  #statements: Statements | null = null;
  #marker: CompactionMarker = WHOLE_LOG;
  #lastIndex = 0;
  /** What went wrong first. From then on nobody knows what is on the disk. */
  #failure: unknown = null;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  open(): Promise<LogState> {
    return settled(() => {
      try {
        this.#database.exec(SETTINGS);
        // Takes the lock, or throws if somebody else has it.
        this.#inTransaction(() => this.#database.exec(SCHEMA));
        // An earlier process may have been killed between a write and its sync.
        // What it left is told below, so it must be durable: a checkpoint syncs it.
        this.#database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
      } catch (error) {
        this.#database.close();
        throw error;
      }
      this.#statements = prepare(this.#database);
      return this.#load(this.#statements);
    });
  }

  entries({ low, high, maxBytes }: EntryRange): Promise<Entry[]> {
    return settled(() => {
      const { readRange } = this.#usable();
      if (low <= this.#marker.index) {
        throw new CompactedError(low, this.#marker.index);
      }
      const entries: Entry[] = [];
      let bytes = 0;
      for (const row of readRange.iterate(low, high)) {
        const entry = entryOf(row);
        bytes += entry.data.length;
        if (bytes > maxBytes && entries.length > 0) {
          break;
        }
        entries.push(entry);
      }
      return entries;
    });
  }

  append({ hardState, entries }: AppendBatch): Promise<void> {
    return this.#write(({ putState, dropFrom, insert }) => {
      const [first] = entries;
      if (first !== undefined) {
        this.#assertFits(entries, first.index);
        dropFrom.run(first.index);
        for (const { index, term, kind, data } of entries) {
          insert.run(index, term, kind, data);
        }
      }
      if (hardState !== null) {
        putState.run("hardState", JSON.stringify(hardState));
      }
      return () => this.#lastIndex = entries.at(-1)?.index ?? this.#lastIndex;
    });
  }

  compact(marker: CompactionMarker): Promise<void> {
    return this.#write(({ putState, readTerm, dropUpTo, dropFrom }) => {
      if (marker.index <= this.#marker.index) {
        return () => {};
      }
      const isHeld = readTerm.get(marker.index)?.["term"] === marker.term;
      dropUpTo.run(marker.index);
      if (!isHeld) {
        // What follows belongs to another history than the snapshot's.
        dropFrom.run(marker.index);
      }
      putState.run("marker", JSON.stringify(marker));
      return () => {
        this.#marker = marker;
        this.#lastIndex = isHeld ? this.#lastIndex : marker.index;
      };
    });
  }

  /** All calls are finished before they return, so there is nothing to wait for. */
  close(): Promise<void> {
    return settled(() => {
      if (this.#statements !== null) {
        this.#statements = null;
        this.#database.close();
      }
    });
  }

  #load({ readState, readTerms, readMemberships }: Statements): LogState {
    const stored = (name: string): unknown => {
      const json = readState.get(name)?.["json"];
      return json === undefined ? undefined : JSON.parse(String(json));
    };
    const hardState = stored("hardState") as HardState | undefined ?? INITIAL_HARD_STATE;
    this.#marker = stored("marker") as CompactionMarker | undefined ?? WHOLE_LOG;
    const terms: TermRun[] = [];
    this.#lastIndex = this.#marker.index;
    // Terms never fall along a log, so all entries of one are neighbours.
    for (const { term, first, last } of readTerms.iterate()) {
      terms.push({ term: Number(term), firstIndex: Number(first) });
      this.#lastIndex = Number(last);
    }
    return {
      hardState,
      marker: this.#marker,
      lastIndex: this.#lastIndex,
      terms,
      membershipEntries: readMemberships.all().map(entryOf),
    };
  }

  /**
   * Does a write in one transaction. What it returns is done once that is
   * durable; if anything fails, the store is out of use.
   */
  #write(write: (statements: Statements) => () => void): Promise<void> {
    return settled(() => {
      const statements = this.#usable();
      try {
        this.#inTransaction(() => write(statements))();
      } catch (error) {
        this.#failure = error;
        throw error;
      }
    });
  }

  #inTransaction<Value>(write: () => Value): Value {
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      const value = write();
      this.#database.exec("COMMIT");
      return value;
    } catch (error) {
      this.#rollBack();
      throw error;
    }
  }

  #rollBack(): void {
    try {
      this.#database.exec("ROLLBACK");
    } catch {
      // SQLite has rolled back by itself, as it does when the disk is full.
    }
  }

  #assertFits(entries: readonly Entry[], firstIndex: number): void {
    const fits = firstIndex > this.#marker.index && firstIndex <= this.#lastIndex + 1 &&
      entries.every(({ index }, position) => index === firstIndex + position);
    if (!fits) {
      throw new RangeError(`Entries from ${firstIndex} on do not follow ${this.#lastIndex}`);
    }
  }

  #usable(): Statements {
    if (this.#failure !== null) {
      throw new Error("A write to the log failed earlier", { cause: this.#failure });
    }
    if (this.#statements === null) {
      throw new Error("The log is not open");
    }
    return this.#statements;
  }
}

interface Statements {
  readonly readState: StatementSync;
  readonly putState: StatementSync;
  readonly readTerms: StatementSync;
  readonly readMemberships: StatementSync;
  readonly readRange: StatementSync;
  readonly readTerm: StatementSync;
  readonly insert: StatementSync;
  readonly dropFrom: StatementSync;
  readonly dropUpTo: StatementSync;
}

function prepare(database: DatabaseSync): Statements {
  const columns = "log_index, term, kind, data";
  return {
    readState: database.prepare("SELECT json FROM state WHERE name = ?"),
    putState: database.prepare("INSERT OR REPLACE INTO state (name, json) VALUES (?, ?)"),
    readTerms: database.prepare(
      `SELECT term, min(log_index) AS first, max(log_index) AS last
       FROM entries GROUP BY term ORDER BY first`,
    ),
    readMemberships: database.prepare(
      `SELECT ${columns} FROM entries WHERE kind = 'membership' ORDER BY log_index`,
    ),
    readRange: database.prepare(
      `SELECT ${columns} FROM entries WHERE log_index >= ? AND log_index < ? ORDER BY log_index`,
    ),
    readTerm: database.prepare("SELECT term FROM entries WHERE log_index = ?"),
    insert: database.prepare(`INSERT INTO entries (${columns}) VALUES (?, ?, ?, ?)`),
    dropFrom: database.prepare("DELETE FROM entries WHERE log_index >= ?"),
    dropUpTo: database.prepare("DELETE FROM entries WHERE log_index <= ?"),
  };
}

function entryOf(row: Record<string, unknown>): Entry {
  return {
    index: Number(row["log_index"]),
    term: Number(row["term"]),
    kind: row["kind"] as EntryKind,
    data: row["data"] as Uint8Array,
  };
}

/** Does something at once; what it throws becomes a rejection. */
function settled<Value>(act: () => Value): Promise<Value> {
  return new Promise((resolve) => resolve(act()));
}
