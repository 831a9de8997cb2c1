import type { LogStore } from "../../../raft/mod.ts";
import { APPEND_CASES } from "./log_store_append_cases.ts";
import { COMPACT_CASES } from "./log_store_compact_cases.ts";
import { CONTENT_CASES } from "./log_store_content_cases.ts";
import { FAILURE_CASES } from "./log_store_failure_cases.ts";
import { HISTORY_CASES } from "./log_store_history_cases.ts";
import { KILL_CASES } from "./log_store_kill_cases.ts";
import { LIFE_CASES } from "./log_store_life_cases.ts";
import { LOCK_CASES } from "./log_store_lock_cases.ts";
import { OPEN_CASES } from "./log_store_open_cases.ts";
import { POWER_CUT_CASES } from "./log_store_power_cut_cases.ts";
import { READ_CASES } from "./log_store_read_cases.ts";
import { LogStoreStage } from "./log_store_stage.ts";

/** Where an implementation keeps one log, for one case. Each case gets a fresh one. */
export interface LogStoreTestbed {
  /**
   * Makes a store on what this testbed keeps, not opened yet. When it is called
   * again after the store before was closed or lost, it is the log's next life.
   */
  create(): LogStore | Promise<LogStore>;
  /**
   * Ability `powerCuts`: ends a store's life as a power cut does, or as near to
   * that as can be had: what the store has not made durable is lost. Nobody uses
   * the store any more; calls under way need not settle.
   */
  lose?(store: LogStore): void | Promise<void>;
  /**
   * Ability `kills`: ends a store's life as the end of its process does, while
   * the machine goes on: what was written can be read, durable or not.
   */
  kill?(store: LogStore): void | Promise<void>;
  /** Ability `failures`: from now on all writes of the store fail, or succeed again. */
  failWrites?(fail: boolean): void | Promise<void>;
  /**
   * Lets a moment go by in which calls under way get on, so that a power cut
   * meets them in the middle. Default: a microtask.
   */
  pass?(): Promise<void>;
  /** The case has ended. All stores were closed or lost, but for those of a case that failed. */
  close(): void | Promise<void>;
}

/**
 * What only some implementations, or their testbeds, can do.
 *
 * - `powerCuts`: the log is durable, and the testbed can show it by `lose`.
 * - `kills`: beside a power cut, the testbed can play a process that is killed, by `kill`.
 * - `locks`: a log that is open is not opened a second time.
 * - `failures`: the testbed can make writes fail, by `failWrites`.
 */
export type LogStoreAbility = "powerCuts" | "kills" | "locks" | "failures";

/** What the suite has to know of an implementation. */
export interface LogStoreSuiteOptions {
  openTestbed(): LogStoreTestbed | Promise<LogStoreTestbed>;
  /** Default: none. A durable log has `powerCuts`. */
  readonly supports?: readonly LogStoreAbility[];
  /**
   * How many random histories are played beside the single requirements, each
   * some 30 calls long. Default: 20. More find more, of what needs several
   * things to come together.
   */
  readonly histories?: number;
}

/** One requirement on a log store. */
export interface LogStoreCase {
  /** The requirement, as a sentence. */
  readonly name: string;
  /** Rejects with `LogStoreRequirementError` if it is not met. */
  run(): Promise<void>;
}

/**
 * The conformance suite of `LogStore`. It calls a store as `RaftNode` does:
 * `open` first, one append or compaction at a time, reads at any time.
 *
 * ```ts
 * for (const requirement of logStoreCases({ openTestbed, supports: ["powerCuts"] })) {
 *   test(`MyLogStore: ${requirement.name}`, async (t) => {
 *     await t.notThrowsAsync(() => requirement.run());
 *   });
 * }
 * ```
 *
 * What it can not see is whether a store waits for the disk, unless `lose`
 * takes away what was not synced, as a simulated disk does. It has no timeouts;
 * a call that is never answered is left to the test runner.
 */
export function logStoreCases(options: LogStoreSuiteOptions): LogStoreCase[] {
  const { supports = [] } = options;
  return [
    ...OPEN_CASES,
    ...APPEND_CASES,
    ...CONTENT_CASES,
    ...READ_CASES,
    ...COMPACT_CASES,
    ...LIFE_CASES,
    ...(supports.includes("powerCuts") ? POWER_CUT_CASES : []),
    ...(supports.includes("powerCuts") && supports.includes("kills") ? KILL_CASES : []),
    ...(supports.includes("locks") ? LOCK_CASES : []),
    ...(supports.includes("failures") ? FAILURE_CASES : []),
    ...HISTORY_CASES,
  ].map(([name, play]) => ({
    name,
    async run() {
      const stage = new LogStoreStage(await options.openTestbed(), options);
      try {
        await play(stage);
        await stage.end();
      } finally {
        await stage.close();
      }
    },
  }));
}
