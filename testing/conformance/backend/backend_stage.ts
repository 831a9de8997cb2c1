import type { Backend, BackendOperation } from "../../../storage/mod.ts";
import type { BackendSuiteOptions, BackendTestbed } from "./backend_suite.ts";
import { type Outcome, watch } from "../call_outcome.ts";
import { demand } from "./backend_requirement.ts";

/** Buckets that each backend of the suite is opened with. */
export const SUITE_BUCKETS: readonly string[] = ["a", "b"];

/** Where one case of the suite is played: a backend and its lives. */
export class BackendStage {
  readonly #testbed: BackendTestbed;
  readonly #options: BackendSuiteOptions;
  #backend: Backend | null = null;

  constructor(testbed: BackendTestbed, options: BackendSuiteOptions) {
    this.#testbed = testbed;
    this.#options = options;
  }

  get histories(): number {
    return this.#options.histories ?? 20;
  }

  /** Whether data outlive their backend. */
  get isDurable(): boolean {
    return this.#options.supports?.includes("durable") ?? false;
  }

  /** The backend that is open. */
  get backend(): Backend {
    demand(this.#backend !== null, "no backend is open");
    return this.#backend;
  }

  async open(): Promise<Backend> {
    this.#backend = await this.#testbed.open(SUITE_BUCKETS);
    return this.#backend;
  }

  /** Ends this life. */
  async finish(how: "closed" | "lost"): Promise<void> {
    const { backend } = this;
    this.#backend = null;
    await (how === "closed" ? backend.close() : this.#testbed.lose?.(backend));
  }

  /** Ends the life of a backend that has failed, after which close may reject too. */
  async giveUp(): Promise<void> {
    const { backend } = this;
    this.#backend = null;
    await backend.close().catch(() => {});
  }

  /** Ends this life and begins the next one. */
  async reopen(how: "closed" | "lost"): Promise<Backend> {
    await this.finish(how);
    return await this.open();
  }

  /** Writes one batch. */
  write(...operations: BackendOperation[]): void {
    this.backend.write(operations);
  }

  /** Begins a flush, and waits for nothing. */
  beginFlush(): Outcome {
    return watch(this.backend.flush());
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

  /** The case has come to its end: the backend that is open is closed. */
  async end(): Promise<void> {
    if (this.#backend !== null) {
      await this.finish("closed");
    }
  }

  /** Ends the case, whether it has come to its end or not. */
  async close(): Promise<void> {
    // What is open here belongs to a case that has failed, and that is what should be told.
    await this.#backend?.close().catch(() => {});
    await this.#testbed.close();
  }
}
