import type { FileSystem } from "../../../storage/mod.ts";
import { CONTENT_CASES } from "./file_system_content_cases.ts";
import { FAILURE_CASES } from "./file_system_failure_cases.ts";
import { HANDLE_CASES } from "./file_system_handle_cases.ts";
import { LOCK_CASES } from "./file_system_lock_cases.ts";
import { NAME_CASES } from "./file_system_name_cases.ts";
import { OPEN_CASES } from "./file_system_open_cases.ts";
import { POWER_CUT_CASES } from "./file_system_power_cut_cases.ts";
import { PROCESS_CASES } from "./file_system_process_cases.ts";
import { FileSystemRequirementError } from "./file_system_requirement.ts";
import { FileSystemStage } from "./file_system_stage.ts";

/** A directory and what may happen around it, for one case. Each case gets a fresh one. */
export interface FileSystemTestbed {
  /** Path of an empty directory, which is durable. Paths in it are made with `/`. */
  readonly directory: string;
  /**
   * The file system of the process that runs the case. When it is called again,
   * the power was cut: it is the next life of the same directory.
   */
  open(): FileSystem | Promise<FileSystem>;
  /**
   * Ability `powerCuts`: ends all processes, and loses as much as it can of what
   * is not durable. What is open never answers again.
   */
  cutPower?(): void | Promise<void>;
  /** Ability `processes`: starts another process, which uses the same directory. */
  startProcess?(): OtherProcess | Promise<OtherProcess>;
  /** The case has ended. Other processes of it may still run. */
  close(): void | Promise<void>;
}

/** A process beside the one that runs the case, with a file system of its own. */
export interface OtherProcess {
  /** Takes a lock and keeps it. Resolves with whether it got it: not where somebody else has it. */
  lock(path: string): Promise<boolean>;
  /** Creates a file that holds `bytes`, and makes it durable by `dataSync` and `syncDirectory`. */
  save(path: string, bytes: Uint8Array): Promise<void>;
  /** Ends it as SIGKILL does: it cannot do anything about it. */
  kill(): void | Promise<void>;
}

/** What only some implementations, or their testbeds, can do. */
export type FileSystemAbility = "powerCuts" | "processes";

/** What the suite has to know of an implementation. */
export interface FileSystemSuiteOptions {
  openTestbed(): FileSystemTestbed | Promise<FileSystemTestbed>;
  /** Default: none. */
  readonly supports?: readonly FileSystemAbility[];
}

/** One requirement on a file system. */
export interface FileSystemCase {
  /** The requirement, as a sentence. */
  readonly name: string;
  /** Rejects with `FileSystemRequirementError` if it is not met. */
  run(): Promise<void>;
}

/**
 * The conformance suite of `FileSystem`, with `OpenFile` and `FileLock`. It asks
 * for nothing that the interface does not promise: what is not synced may be
 * lost or may be there.
 *
 * ```ts
 * for (const requirement of fileSystemCases({ openTestbed })) {
 *   test(`MyFileSystem: ${requirement.name}`, async (t) => {
 *     await t.notThrowsAsync(() => requirement.run());
 *   });
 * }
 * ```
 */
export function fileSystemCases(options: FileSystemSuiteOptions): FileSystemCase[] {
  const { supports = [] } = options;
  return [
    ...OPEN_CASES,
    ...CONTENT_CASES,
    ...HANDLE_CASES,
    ...NAME_CASES,
    ...FAILURE_CASES,
    ...LOCK_CASES,
    ...(supports.includes("processes") ? PROCESS_CASES : []),
    ...(supports.includes("powerCuts") ? POWER_CUT_CASES : []),
  ].map(([name, play]) => ({
    name,
    async run() {
      const testbed = await options.openTestbed();
      const stage = new FileSystemStage(testbed, await testbed.open());
      try {
        await play(stage);
      } catch (error) {
        // A call that should have succeeded breaks the requirement too.
        throw error instanceof FileSystemRequirementError
          ? error
          : new FileSystemRequirementError(`A call fails: ${String(error)}`, { cause: error });
      } finally {
        await stage.end();
      }
    },
  }));
}
