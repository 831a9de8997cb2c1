import type { EntryId } from "../../../raft/mod.ts";
import type { SnapshotStore } from "../../../storage/mod.ts";
import { DAMAGE_CASES } from "./snapshot_store_damage_cases.ts";
import { CLOSE_CASES, CRASH_CASES } from "./snapshot_store_durability_cases.ts";
import { FAILURE_CASES } from "./snapshot_store_failure_cases.ts";
import { KEEPING_CASES, PURGE_CASES } from "./snapshot_store_purge_cases.ts";
import { PUBLISH_CASES } from "./snapshot_store_publish_cases.ts";
import { READING_CASES } from "./snapshot_store_reading_cases.ts";
import { SnapshotStoreStage } from "./snapshot_store_stage.ts";

/** Where an implementation keeps its snapshots in one case. Each case gets a fresh one. */
export interface SnapshotStoreTestbed {
  /**
   * A store on what this testbed keeps, not opened. When it is called again,
   * the store before was closed or has crashed: it is its next life.
   */
  create(): SnapshotStore | Promise<SnapshotStore>;
  /**
   * Ability `crash`: ends the life of the open store as a power cut does, with
   * what was not yet durable lost. What was asked of it need not be answered any more.
   */
  crash?(): void | Promise<void>;
  /** Lets the store work for a moment: some milliseconds, real or virtual. */
  pass(): Promise<void>;
  /** Ability `damage`: changes a byte of the stored state, whether the store is open or not. */
  damage?(last: EntryId): void | Promise<void>;
  /** The case has ended, and the store is closed. */
  close(): void | Promise<void>;
}

/**
 * What only some implementations, or their testbeds, can do. One that claims to
 * survive a power cut has the ability to `crash`.
 */
export type SnapshotStoreAbility = "crash" | "damage";

/** What the suite has to know of an implementation. */
export interface SnapshotStoreSuiteOptions {
  openTestbed(): SnapshotStoreTestbed | Promise<SnapshotStoreTestbed>;
  /** Default: none. */
  readonly supports?: readonly SnapshotStoreAbility[];
  /**
   * How many snapshots the store keeps by itself when it publishes, at least 3.
   * Default: it purges nothing by itself.
   */
  readonly snapshotsMax?: number;
  /**
   * How often time passes before the suite gives up on something that must
   * happen at some time. Default: 5,000.
   */
  readonly passesMax?: number;
}

/** One requirement on a snapshot store. */
export interface SnapshotStoreCase {
  /** The requirement, as a sentence. */
  readonly name: string;
  /** Rejects with `SnapshotStoreRequirementError` if it is not met. */
  run(): Promise<void>;
}

/**
 * The conformance suite of `SnapshotStore`.
 *
 * ```ts
 * for (const requirement of snapshotStoreCases({ openTestbed })) {
 *   test(`MySnapshotStore: ${requirement.name}`, async (t) => {
 *     await t.notThrowsAsync(() => requirement.run());
 *   });
 * }
 * ```
 */
export function snapshotStoreCases(options: SnapshotStoreSuiteOptions): SnapshotStoreCase[] {
  const { supports = [], snapshotsMax } = options;
  return [
    ...PUBLISH_CASES,
    ...FAILURE_CASES,
    ...CLOSE_CASES,
    ...(supports.includes("crash") ? CRASH_CASES : []),
    ...READING_CASES,
    ...PURGE_CASES,
    ...(snapshotsMax === undefined ? [] : KEEPING_CASES),
    ...(supports.includes("damage") ? DAMAGE_CASES : []),
  ].map(([name, play]) => ({
    name,
    async run() {
      const stage = new SnapshotStoreStage(await options.openTestbed(), options);
      try {
        await play(stage);
      } finally {
        await stage.close();
      }
    },
  }));
}
