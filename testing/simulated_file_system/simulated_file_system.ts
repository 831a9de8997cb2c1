import type { Clock } from "../../raft/mod.ts";
import {
  type FileLock,
  type FileSystem,
  LockedError,
  type OpenFile,
  type OpenOptions,
} from "../../storage/mod.ts";
import type { SeededRandom } from "../seeded_random.ts";
import { DirectoryTree } from "./directory_tree.ts";
import { type FileCall, METADATA_CALLS, SYNCING_CALLS } from "./file_call.ts";
import { BLOCK_BYTES, FileContent } from "./file_content.ts";
import { FileSystemError } from "./file_errors.ts";
import type { FaultOf, FaultyCall, FileFault } from "./file_fault.ts";
import {
  PowerCut,
  type PowerCutLosses,
  type PowerCutOptions,
  type TearGrain,
} from "./power_cut.ts";
import { SimulatedOpenFile, type StartCall } from "./simulated_open_file.ts";

/** How long calls take: the mean, in microseconds, with a long tail. */
export interface FileLatency {
  /** Of a call that waits for nothing to become durable. */
  readonly callUs: number;
  /** Of a call that does: a sync, or a write with `dataSync`. */
  readonly syncUs: number;
}

/** What a simulated file system is made from. */
export interface SimulatedFileSystemOptions {
  /** By which calls take time. A call is never answered within the turn in which it is made. */
  readonly clock: Pick<Clock, "setTimer">;
  readonly random: SeededRandom;
  readonly latency: FileLatency;
  /** How finely a power cut tears a write. Default: "byte". */
  readonly tearGrain?: TearGrain;
  /** Is told of each call as it is made. */
  readonly onCall?: (call: FileCall, path: string) => void;
  /** Is told once a call is under way: what it writes is there, and not durable yet. */
  readonly onBegun?: (call: FileCall, path: string) => void;
  /** Is told of each error, as it is answered. */
  readonly onFailed?: (call: FileCall, path: string, error: unknown) => void;
  /** Is told of each call that is answered as if it had made durable what is lost. */
  readonly onLost?: (call: FileCall, path: string) => void;
  /** Says what goes wrong. Default: nothing does. */
  readonly faultOf?: FaultOf;
  /** Space of the disk, in blocks of 4 KiB that were written to. Default: no bound. */
  readonly capacityBytes?: number;
}

/**
 * A process's view of a disk in memory. One life: after `crash` or `exit` it answers nothing.
 * Processes that run at the same time have a view of the same tree each.
 */
export class SimulatedFileSystem implements FileSystem {
  #options: SimulatedFileSystemOptions;
  readonly #tree: DirectoryTree;
  /** Files whose locks this process holds. */
  readonly #locks = new Set<FileContent>();
  #isOver = false;
  /** What is done once the disk goes on, while it stalls. */
  #stalled: (() => void)[] | null = null;

  /** `tree` is what an earlier life left. Default: an empty disk. */
  constructor(options: SimulatedFileSystemOptions, tree: DirectoryTree = new DirectoryTree()) {
    this.#options = options;
    this.#tree = tree;
  }

  /** What is on the disk, and what of it is durable. */
  get tree(): DirectoryTree {
    return this.#tree;
  }

  /** From now on calls take so long. */
  setLatency(latency: FileLatency): void {
    this.#options = { ...this.#options, latency };
  }

  /** Answers nothing until `resume`. */
  stall(): void {
    this.#stalled ??= [];
  }

  resume(): void {
    const stalled = this.#stalled ?? [];
    this.#stalled = null;
    stalled.forEach((finish) => this.#options.clock.setTimer(0, finish));
  }

  /**
   * The power fails, and takes of what was not synced what `how` says. Returns
   * what is left, for the next life.
   */
  crash(
    how: Pick<PowerCutOptions, "loss"> = {},
  ): { readonly tree: DirectoryTree; readonly losses: PowerCutLosses } {
    this.#isOver = true;
    const { random, tearGrain: grain = "byte" } = this.#options;
    const cut = new PowerCut(random, { ...how, grain });
    const tree = cut.strike(this.#tree);
    return { tree, losses: cut.losses };
  }

  /**
   * The process ends, the machine goes on: what was written is there, and still
   * not durable if it was not synced. Returns the disk for the next life.
   */
  exit(): DirectoryTree {
    this.#isOver = true;
    this.#locks.forEach((content) => this.#tree.locked.delete(content));
    return this.#tree;
  }

  open(path: string, { mode, dataSync = false }: OpenOptions): Promise<OpenFile> {
    return this.#simpleCall(mode === "create" ? "create" : "open", path, () => {
      const content = this.#find(path, mode);
      return () =>
        new SimulatedOpenFile(content, {
          path,
          isWritable: mode !== "read",
          writesDurably: dataSync,
          blocksLeft: () => this.#blocksLeft,
          call: (call, start) => this.#call({ ...call, path }, start),
          onLost: (call) => this.#options.onLost?.(call, path),
        });
    });
  }

  list(directory: string): Promise<string[]> {
    return this.#simpleCall("list", directory, () => () => this.#tree.list(directory));
  }

  createDirectory(path: string): Promise<void> {
    return this.#simpleCall("createDirectory", path, () => () => this.#tree.create(path));
  }

  rename(from: string, to: string): Promise<void> {
    return this.#simpleCall("rename", from, () => {
      this.#tree.rename(from, to);
      return () => {};
    });
  }

  remove(path: string): Promise<void> {
    return this.#simpleCall("remove", path, () => {
      this.#tree.remove(path);
      return () => {};
    });
  }

  syncDirectory(path: string): Promise<void> {
    return this.#simpleCall("syncDirectory", path, () => this.#tree.sync(path));
  }

  lock(path: string): Promise<FileLock> {
    return this.#simpleCall("lock", path, () => {
      const content = this.#tree.find(path) ?? this.#create(path);
      if (this.#tree.locked.has(content)) {
        throw new LockedError(path);
      }
      this.#tree.locked.add(content);
      this.#locks.add(content);
      let isHeld = true;
      const release = () => {
        // Once this life is over, the lock may be another process's.
        if (isHeld && !this.#isOver) {
          isHeld = false;
          this.#tree.locked.delete(content);
          this.#locks.delete(content);
        }
        return Promise.resolve();
      };
      return () => ({ release });
    });
  }

  #find(path: string, mode: OpenOptions["mode"]): FileContent {
    const known = this.#tree.find(path);
    if (mode === "create") {
      if (known !== undefined || this.#tree.isDirectory(path)) {
        throw new FileSystemError("EEXIST", path);
      }
      return this.#create(path);
    }
    if (known === undefined) {
      throw new FileSystemError(this.#tree.isDirectory(path) ? "EISDIR" : "ENOENT", path);
    }
    return known;
  }

  #create(path: string): FileContent {
    if (this.#tree.isDirectory(path)) {
      throw new FileSystemError("EISDIR", path);
    }
    const content = new FileContent();
    this.#tree.add(path, content);
    return content;
  }

  get #blocksLeft(): number {
    const { capacityBytes = Infinity } = this.#options;
    return Math.floor((capacityBytes - this.#tree.allocatedBytes) / BLOCK_BYTES);
  }

  /** A call that either is done or is not. */
  #simpleCall<Value>(call: FileCall, path: string, start: () => () => Value): Promise<Value> {
    return this.#call({ call, path, bytes: 0, isIntoHole: false }, (fault) => {
      if (fault?.type === "error") {
        throw new FileSystemError(fault.code, path);
      }
      if (fault?.type === "readOnlyMoment" && METADATA_CALLS.has(call)) {
        throw new FileSystemError("EROFS", path);
      }
      return start();
    });
  }

  /** Makes a call: `start` does what happens at once. */
  #call<Value>(asked: FaultyCall, start: StartCall<Value>): Promise<Value> {
    const { call, path } = asked;
    if (this.#isOver) {
      return new Promise(() => {});
    }
    const { clock, random, latency: { callUs, syncUs }, onCall, faultOf } = this.#options;
    onCall?.(call, path);
    // Whoever was told may have ended this life.
    if (this.#isOver) {
      return new Promise(() => {});
    }
    const fault: FileFault | null = faultOf?.(asked) ?? null;
    return new Promise((resolve, reject) => {
      let finish: () => Value;
      const fail = (error: unknown) => {
        this.#options.onFailed?.(call, path, error);
        reject(error);
      };
      const settle = (answer: () => void) => {
        const delayUs = random.around(SYNCING_CALLS.has(call) ? syncUs : callUs);
        clock.setTimer(delayUs / 1000, () => this.#whenGoing(answer));
      };
      try {
        finish = start(fault);
      } catch (error) {
        settle(() => fail(error));
        return;
      }
      this.#options.onBegun?.(call, path);
      settle(() => {
        try {
          resolve(finish());
        } catch (error) {
          fail(error);
        }
      });
    });
  }

  #whenGoing(answer: () => void): void {
    if (this.#isOver) {
      return;
    }
    if (this.#stalled === null) {
      answer();
    } else {
      this.#stalled.push(() => this.#whenGoing(answer));
    }
  }
}
