import type { EntryId } from "../../../raft/mod.ts";
import type { SnapshotStore } from "../../../storage/mod.ts";
import { StagedSnapshotStore } from "./snapshot_store_life.ts";
import { SnapshotStoreRequirementError } from "./snapshot_store_requirement.ts";
import type { SnapshotStoreSuiteOptions, SnapshotStoreTestbed } from "./snapshot_store_suite.ts";
import { watch } from "../call_outcome.ts";

/** Where one case of the suite is played: a store, its lives, and time that passes. */
export class SnapshotStoreStage {
  readonly #testbed: SnapshotStoreTestbed;
  readonly #options: SnapshotStoreSuiteOptions;
  #open: SnapshotStore | null = null;

  constructor(testbed: SnapshotStoreTestbed, options: SnapshotStoreSuiteOptions) {
    this.#testbed = testbed;
    this.#options = options;
  }

  /** How many the store keeps by itself. */
  get snapshotsMax(): number {
    return this.#options.snapshotsMax ?? Infinity;
  }

  /** The store's next life, opened. */
  async open(): Promise<StagedSnapshotStore> {
    const store = await this.#testbed.create();
    this.#open = store;
    await this.resolves(store.open(), "open");
    return new StagedSnapshotStore(store, this);
  }

  /** Closes the store and opens it again, perhaps after something was done to what it keeps. */
  async reopen(between: () => Promise<void> = async () => {}): Promise<StagedSnapshotStore> {
    await this.#closeStore();
    await between();
    return await this.open();
  }

  /** Lets the store crash and opens it again. */
  async crash(): Promise<StagedSnapshotStore> {
    this.#open = null;
    await this.#testbed.crash?.();
    return await this.open();
  }

  async damage(last: EntryId): Promise<void> {
    await this.#testbed.damage?.(last);
  }

  /** Lets time pass until the condition holds. */
  async until(condition: () => boolean, what: string): Promise<void> {
    const { passesMax = 5_000 } = this.#options;
    for (let pass = 0; pass < passesMax && !condition(); pass += 1) {
      await this.#testbed.pass();
    }
    if (!condition()) {
      throw new SnapshotStoreRequirementError(`${what}: not within ${passesMax} passes`);
    }
  }

  /** What a call resolves with; that it does is a requirement, too. */
  async resolves<T>(call: Promise<T>, what: string): Promise<T> {
    const outcome = watch(call);
    await this.until(() => outcome.state !== "pending", what);
    try {
      return await call;
    } catch (error) {
      throw error instanceof SnapshotStoreRequirementError
        ? error
        : new SnapshotStoreRequirementError(`${what} rejects: ${String(error)}`, { cause: error });
    }
  }

  /** What a call rejects with; that it does is a requirement, too. */
  async rejects(call: Promise<unknown>, what: string): Promise<unknown> {
    const outcome = watch(call);
    await this.until(() => outcome.state !== "pending", what);
    return await call.then(
      () => {
        throw new SnapshotStoreRequirementError(`${what} resolves`);
      },
      (error: unknown) => error,
    );
  }

  /** Ends the case. */
  async close(): Promise<void> {
    await this.#closeStore();
    await this.#testbed.close();
  }

  async #closeStore(): Promise<void> {
    const store = this.#open;
    this.#open = null;
    if (store !== null) {
      await this.resolves(store.close(), "close");
    }
  }
}
