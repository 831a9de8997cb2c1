import type {
  AppendBatch,
  CompactionMarker,
  Entry,
  EntryRange,
  LogState,
  LogStore,
} from "../../raft/mod.ts";
import type { FullStackMember } from "./full_stack_member.ts";
import { never } from "./never.ts";
import type { ProcessGate } from "./process_gate.ts";

/** A member's log store, with all that is asked of it and answered told to the member. */
export class ObservedLogStore implements LogStore {
  readonly #store: LogStore;
  readonly #gate: ProcessGate;
  readonly #member: FullStackMember;

  constructor(store: LogStore, gate: ProcessGate, member: FullStackMember) {
    this.#store = store;
    this.#gate = gate;
    this.#member = member;
  }

  async open(): Promise<LogState> {
    const state = await this.#gate.hold(this.#store.open());
    this.#member.onLogOpened(state);
    return state;
  }

  async entries(range: EntryRange): Promise<Entry[]> {
    if (this.#gate.isDead) {
      return never();
    }
    if (!this.#member.mayAsk(range)) {
      return never();
    }
    const waitUs = this.#member.readWaitUs();
    if (waitUs > 0) {
      await this.#gate.hold(this.#member.sleep(waitUs));
    }
    try {
      return await this.#gate.hold(this.#store.entries(range));
    } catch (error) {
      this.#member.onReadFailed();
      throw error;
    }
  }

  async append(batch: AppendBatch): Promise<void> {
    if (this.#gate.isDead) {
      return never();
    }
    const stored = this.#store.append(batch);
    this.#member.onAppend(batch);
    await this.#gate.hold(stored);
    this.#member.onAppended(batch);
    return this.#gate.isDead ? never() : undefined;
  }

  async compact(marker: CompactionMarker): Promise<void> {
    if (this.#gate.isDead) {
      return never();
    }
    const stored = this.#store.compact(marker);
    this.#member.onCompact(marker);
    await this.#gate.hold(stored);
    this.#member.onCompacted();
    return this.#gate.isDead ? never() : undefined;
  }

  close(): Promise<void> {
    return this.#gate.hold(this.#store.close());
  }
}
