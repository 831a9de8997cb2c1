import type {
  AppendBatch,
  CompactionMarker,
  Entry,
  EntryRange,
  LogState,
  LogStore,
} from "../../raft/mod.ts";
import { never } from "./never.ts";
import type { ProcessGate } from "./process_gate.ts";

/** Who is told of all that is asked of a member's log store, and of the answers. */
export interface LogListener {
  onLogOpened(state: LogState): void;
  /** An append was begun. */
  onAppend(batch: AppendBatch): void;
  /** The append is durable. */
  onAppended(batch: AppendBatch): void;
  /** A compaction was begun. */
  onCompact(marker: CompactionMarker): void;
  /** The compaction is durable. */
  onCompacted(): void;
  /** The append, or the compaction, has failed. */
  onChangeFailed(): void;
  /** Entries are to be read. Returns whether they may be. */
  mayAsk(range: EntryRange): boolean;
  /** For how long the read has to wait for others at the disk. */
  readWaitUs(): number;
  sleep(us: number): Promise<void>;
  onReadFailed(error: unknown): void;
}

/** A member's log store, with all that is asked of it and answered told to a listener. */
export class ObservedLogStore implements LogStore {
  readonly #store: LogStore;
  readonly #gate: ProcessGate;
  readonly #listener: LogListener;

  constructor(store: LogStore, gate: ProcessGate, listener: LogListener) {
    this.#store = store;
    this.#gate = gate;
    this.#listener = listener;
  }

  async open(): Promise<LogState> {
    const state = await this.#gate.hold(this.#store.open());
    this.#listener.onLogOpened(state);
    return state;
  }

  async entries(range: EntryRange): Promise<Entry[]> {
    if (this.#gate.isDead) {
      return never();
    }
    if (!this.#listener.mayAsk(range)) {
      return never();
    }
    const waitUs = this.#listener.readWaitUs();
    if (waitUs > 0) {
      await this.#gate.hold(this.#listener.sleep(waitUs));
    }
    try {
      return await this.#gate.hold(this.#store.entries(range));
    } catch (error) {
      this.#listener.onReadFailed(error);
      throw error;
    }
  }

  async append(batch: AppendBatch): Promise<void> {
    if (this.#gate.isDead) {
      return never();
    }
    const stored = this.#store.append(batch);
    this.#listener.onAppend(batch);
    await this.#changed(stored);
    this.#listener.onAppended(batch);
    return this.#gate.isDead ? never() : undefined;
  }

  async compact(marker: CompactionMarker): Promise<void> {
    if (this.#gate.isDead) {
      return never();
    }
    const stored = this.#store.compact(marker);
    this.#listener.onCompact(marker);
    await this.#changed(stored);
    this.#listener.onCompacted();
    return this.#gate.isDead ? never() : undefined;
  }

  close(): Promise<void> {
    return this.#gate.hold(this.#store.close());
  }

  async #changed(stored: Promise<void>): Promise<void> {
    try {
      await this.#gate.hold(stored);
    } catch (error) {
      this.#listener.onChangeFailed();
      throw error;
    }
  }
}
