import { VirtualExecutor } from "../../../testing/full_stack/mod.ts";
import { SeededRandom } from "../../../testing/mod.ts";
import { DirectoryTree } from "../../../testing/simulated_file_system/directory_tree.ts";
import type {
  PowerCutLosses,
  PowerCutOptions,
  TearGrain,
} from "../../../testing/simulated_file_system/power_cut.ts";
import {
  type FileLatency,
  SimulatedFileSystem,
  type SimulatedFileSystemOptions,
} from "../../../testing/simulated_file_system/simulated_file_system.ts";

/** How a simulated disk is set up. */
export interface DiskStageOptions {
  /** Whose time it goes by. Default: one of its own. */
  readonly executor?: VirtualExecutor;
  readonly seed?: number;
  readonly latency?: FileLatency;
  readonly tearGrain?: TearGrain;
  readonly onCall?: NonNullable<SimulatedFileSystemOptions["onCall"]>;
  readonly onFailed?: NonNullable<SimulatedFileSystemOptions["onFailed"]>;
  readonly onLost?: NonNullable<SimulatedFileSystemOptions["onLost"]>;
  readonly faultOf?: NonNullable<SimulatedFileSystemOptions["faultOf"]>;
  readonly capacityBytes?: number;
}

/** A simulated disk on virtual time, from one life of its process to the next. */
export class DiskStage {
  readonly executor: VirtualExecutor;
  readonly #options: SimulatedFileSystemOptions;
  #tree = new DirectoryTree();
  #files: SimulatedFileSystem;
  /** Processes beside the one whose life this is. */
  readonly #others: SimulatedFileSystem[] = [];

  constructor(options: DiskStageOptions = {}) {
    const { executor, seed = 1, latency = { callUs: 10, syncUs: 100 }, ...others } = options;
    this.executor = executor ?? new VirtualExecutor();
    this.#options = { clock: this.executor, random: new SeededRandom(seed), latency, ...others };
    this.#files = new SimulatedFileSystem(this.#options, this.#tree);
  }

  /** The file system of the present life. */
  get files(): SimulatedFileSystem {
    return this.#files;
  }

  /** Lets time pass until what was asked for is answered. */
  async run<Value>(act: (files: SimulatedFileSystem) => Promise<Value>): Promise<Value> {
    let isDone = false;
    const answer = act(this.#files).finally(() => isDone = true);
    // Handled at once: it may reject while the events are still going on.
    answer.catch(() => {});
    await this.executor.run(() => !isDone);
    if (!isDone) {
      throw new Error("Nothing is left to happen, and there is no answer");
    }
    return await answer;
  }

  /** Lets everything happen that is to happen. */
  async settle(): Promise<void> {
    await this.executor.run(() => true);
  }

  /** Another process on the same disk, until its `exit` or a power cut. */
  startProcess(): SimulatedFileSystem {
    const other = new SimulatedFileSystem(this.#options, this.#tree);
    this.#others.push(other);
    return other;
  }

  /** The power fails; the next life finds what is left. */
  cutPower(how: Pick<PowerCutOptions, "loss"> = {}): PowerCutLosses {
    this.#others.splice(0).forEach((other) => other.exit());
    const { tree, losses } = this.#files.crash(how);
    this.#tree = tree;
    this.#files = new SimulatedFileSystem(this.#options, tree);
    return losses;
  }

  /** The process alone ends. */
  kill(): void {
    this.#files = new SimulatedFileSystem(this.#options, this.#files.exit());
  }

  /** The bytes of a file, `null` if it is not there. */
  async contentOf(path: string): Promise<number[] | null> {
    try {
      return await this.run(async (files) => {
        const file = await files.open(path, { mode: "read" });
        const bytes = new Uint8Array(await file.size());
        await file.read(bytes, 0);
        await file.close();
        return [...bytes];
      });
    } catch (error) {
      if ((error as { readonly code?: string }).code === "ENOENT") {
        return null;
      }
      throw error;
    }
  }
}
