import type {
  AppendBatch,
  CompactionMarker,
  Entry,
  HardState,
  LogState,
  LogStore,
} from "../../../raft/mod.ts";
import { type Outcome, watch } from "../call_outcome.ts";
import { demand, demandResolves, LogStoreRequirementError } from "./log_store_requirement.ts";
import type { LogStoreSuiteOptions, LogStoreTestbed } from "./log_store_suite.ts";

/** How a store's life ends. */
export type LogStoreEnd = "closed" | "lost" | "killed";

/** A call that was made, and what became of it. */
export interface CallUnderWay {
  readonly promise: Promise<void>;
  readonly outcome: Outcome;
}

/** Where one case of the suite is played: a log and its lives. */
export class LogStoreStage {
  readonly #testbed: LogStoreTestbed;
  readonly #options: LogStoreSuiteOptions;
  #store: LogStore | null = null;

  constructor(testbed: LogStoreTestbed, options: LogStoreSuiteOptions) {
    this.#testbed = testbed;
    this.#options = options;
  }

  get histories(): number {
    return this.#options.histories ?? 20;
  }

  /** Whether a life can end in a power cut. */
  get canLose(): boolean {
    return this.#options.supports?.includes("powerCuts") ?? false;
  }

  /** The store that is open. */
  get store(): LogStore {
    demand(this.#store !== null, "no store is open");
    return this.#store;
  }

  /** Begins a life of the log. */
  async open(): Promise<LogState> {
    const store = await this.#testbed.create();
    const state = await demandResolves(store.open(), "open");
    this.#store = store;
    return state;
  }

  /** Begins the log's first life, and appends. */
  async openWith(entries: readonly Entry[], hardState: HardState | null = null): Promise<void> {
    await this.open();
    await this.append(entries, hardState);
  }

  /** Ends this life. */
  async finish(how: LogStoreEnd): Promise<void> {
    const { store } = this;
    this.#store = null;
    if (how === "closed") {
      await demandResolves(store.close(), "close");
    } else if (how === "killed") {
      await this.#testbed.kill?.(store);
    } else {
      await this.#testbed.lose?.(store);
    }
  }

  /** Ends the life of a store that has rejected a call, after which close may reject too. */
  async giveUp(): Promise<void> {
    const { store } = this;
    this.#store = null;
    await store.close().catch(() => {});
  }

  /** Ends this life and begins the next one. */
  async reopen(how: LogStoreEnd = "closed"): Promise<LogState> {
    await this.finish(how);
    return await this.open();
  }

  /** A store on the same log, while the other is open. */
  async second(): Promise<LogStore> {
    return await this.#testbed.create();
  }

  async append(entries: readonly Entry[], hardState: HardState | null = null): Promise<void> {
    await demandResolves(this.store.append({ hardState, entries }), "append");
  }

  async compact(marker: CompactionMarker): Promise<void> {
    await demandResolves(this.store.compact(marker), "compact");
  }

  /** Begins an append, and waits for nothing. */
  beginAppend(batch: AppendBatch): CallUnderWay {
    const promise = this.store.append(batch);
    return { promise, outcome: watch(promise) };
  }

  beginCompact(marker: CompactionMarker): CallUnderWay {
    const promise = this.store.compact(marker);
    return { promise, outcome: watch(promise) };
  }

  async read(low: number, high: number, maxBytes: number = Infinity): Promise<Entry[]> {
    return await demandResolves(
      this.store.entries({ low, high, maxBytes }),
      `a read of [${low}, ${high})`,
    );
  }

  /** Everything that a log holds which was opened with this state. */
  async held({ marker, lastIndex }: LogState): Promise<Entry[]> {
    return await this.read(marker.index + 1, lastIndex + 1);
  }

  async failWrites(fail: boolean): Promise<void> {
    await this.#testbed.failWrites?.(fail);
  }

  /** Lets so many moments go by. */
  async pass(times: number): Promise<void> {
    for (let time = 0; time < times; time += 1) {
      await (this.#testbed.pass?.() ?? Promise.resolve());
    }
  }

  /** The case has come to its end: the store that is open is closed. */
  async end(): Promise<void> {
    if (this.#store !== null) {
      await this.finish("closed");
    }
  }

  /** Ends the case, whether it has come to its end or not. */
  async close(): Promise<void> {
    // What is open here belongs to a case that has failed, and that is what should be told.
    await this.#store?.close().catch(() => {});
    await this.#testbed.close();
  }
}

/** Runs a step, and says in which round it went wrong. */
export async function inRound<Value>(round: string, step: () => Promise<Value>): Promise<Value> {
  try {
    return await step();
  } catch (error) {
    if (error instanceof LogStoreRequirementError) {
      throw new LogStoreRequirementError(`${round}: ${error.message}`, { cause: error });
    }
    throw error;
  }
}
