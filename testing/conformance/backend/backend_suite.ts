import type { Backend } from "../../../storage/mod.ts";
import { DURABILITY_CASES } from "./backend_durability_cases.ts";
import { BACKEND_FAILURE_CASES } from "./backend_failure_cases.ts";
import { BACKEND_HISTORY_CASES } from "./backend_history_cases.ts";
import { BACKEND_LIFE_CASES } from "./backend_life_cases.ts";
import { BACKEND_READ_CASES } from "./backend_read_cases.ts";
import { BackendRequirementError } from "./backend_requirement.ts";
import { SIZE_CASES } from "./backend_size_cases.ts";
import { BackendStage } from "./backend_stage.ts";
import { VIEW_CASES } from "./backend_view_cases.ts";
import { WRITE_CASES } from "./backend_write_cases.ts";

/** Where an implementation keeps its data, for one case. Each case gets a fresh one. */
export interface BackendTestbed {
  /**
   * Opens a backend that has these buckets at least. When it is called again
   * after the backend before was closed or lost, it is the next life of the data.
   */
  open(buckets: readonly string[]): Backend | Promise<Backend>;
  /**
   * Ability `durable`: ends a backend's life as a power cut does, or as near to
   * that as can be had: what it has not made durable is lost. Nobody uses it any
   * more; calls under way need not settle.
   */
  lose?(backend: Backend): void | Promise<void>;
  /** Ability `failures`: from now on all that would become durable fails, or succeeds again. */
  failWrites?(fail: boolean): void | Promise<void>;
  /**
   * Lets a moment go by in which a flush under way gets on, so that a power cut
   * meets it in the middle. Default: a microtask.
   */
  pass?(): Promise<void>;
  /** The case has ended. All backends were closed or lost, but for those of a case that failed. */
  close(): void | Promise<void>;
}

/**
 * What only some implementations, or their testbeds, can do.
 *
 * - `durable`: what was flushed outlives the backend, and the testbed can show it by `lose`.
 * - `failures`: the testbed can make writes fail, by `failWrites`.
 */
export type BackendAbility = "durable" | "failures";

/** What the suite has to know of an implementation. */
export interface BackendSuiteOptions {
  openTestbed(): BackendTestbed | Promise<BackendTestbed>;
  /** Default: none, as for data that are in memory alone. */
  readonly supports?: readonly BackendAbility[];
  /**
   * How many random histories are played beside the single requirements, each
   * 30 calls long. Default: 20. More find more, of what needs several things to
   * come together.
   */
  readonly histories?: number;
}

/** One requirement on a backend. */
export interface BackendCase {
  /** The requirement, as a sentence. */
  readonly name: string;
  /** Rejects with `BackendRequirementError` if it is not met. */
  run(): Promise<void>;
}

/**
 * The conformance suite of `Backend`.
 *
 * ```ts
 * for (const requirement of backendCases({ openTestbed, supports: ["durable"] })) {
 *   test(`MyBackend: ${requirement.name}`, async (t) => {
 *     await t.notThrowsAsync(() => requirement.run());
 *   });
 * }
 * ```
 *
 * What it can not see is whether a flush waits for the disk, unless `lose` takes
 * away what was not synced. It has no timeouts; a call that is never answered is
 * left to the test runner.
 */
export function backendCases(options: BackendSuiteOptions): BackendCase[] {
  const { supports = [] } = options;
  return [
    ...BACKEND_READ_CASES,
    ...WRITE_CASES,
    ...VIEW_CASES,
    ...SIZE_CASES,
    ...BACKEND_LIFE_CASES,
    ...(supports.includes("durable") ? DURABILITY_CASES : []),
    ...(supports.includes("failures") ? BACKEND_FAILURE_CASES : []),
    ...BACKEND_HISTORY_CASES,
  ].map(([name, play]) => ({
    name,
    async run() {
      const stage = new BackendStage(await options.openTestbed(), options);
      try {
        await play(stage);
        await stage.end();
      } catch (error) {
        if (error instanceof BackendRequirementError) {
          throw error;
        }
        throw new BackendRequirementError(`a call fails: ${String(error)}`, { cause: error });
      } finally {
        await stage.close();
      }
    },
  }));
}
