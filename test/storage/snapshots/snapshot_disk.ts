import { setImmediate as nextTurn } from "node:timers/promises";
import {
  FileSnapshotStore,
  type FileSnapshotStoreOptions,
  type SnapshotDamage,
} from "../../../storage/snapshots/mod.ts";
import { SeededRandom } from "../../../testing/mod.ts";
import type { DirectoryTree } from "../../../testing/simulated_file_system/directory_tree.ts";
import type { FileCall } from "../../../testing/simulated_file_system/file_call.ts";
import { SimulatedFileSystem } from "../../../testing/simulated_file_system/simulated_file_system.ts";
import { joinPath } from "../../../storage/join_path.ts";

export const DIRECTORY = "/snapshots";

/** Small, so that a short state is several chunks. */
export const CHUNK_BYTES = 64;

/** A store, and what it had to say. */
export interface DiskStore {
  readonly store: FileSnapshotStore;
  readonly damages: readonly SnapshotDamage[];
}

/** A simulated disk that answers in the next turn of the event loop. */
export class SnapshotDisk {
  readonly files: SimulatedFileSystem;

  /** `onCall` is told of each call as it is made. Default: an empty disk. */
  constructor(
    { tree, onCall = () => {} }: {
      readonly tree?: DirectoryTree;
      readonly onCall?: (call: FileCall, path: string) => void;
    } = {},
  ) {
    this.files = new SimulatedFileSystem({
      clock: {
        setTimer(_delayMs, callback) {
          const immediate = setImmediate(callback);
          return () => clearImmediate(immediate);
        },
      },
      random: new SeededRandom(1),
      latency: { callUs: 0, syncUs: 0 },
      onCall,
    }, tree);
  }

  /** A store that is not open yet. */
  store(options: Partial<FileSnapshotStoreOptions> = {}): DiskStore {
    const damages: SnapshotDamage[] = [];
    const store = new FileSnapshotStore({
      fileSystem: this.files,
      directory: DIRECTORY,
      chunkBytes: CHUNK_BYTES,
      onDamage: (damage) => damages.push(damage),
      ...options,
    });
    return { store, damages };
  }

  async open(options: Partial<FileSnapshotStoreOptions> = {}): Promise<DiskStore> {
    const opened = this.store(options);
    await opened.store.open();
    return opened;
  }

  /** Names of all files in the directory but the lock's. */
  async names(): Promise<string[]> {
    return (await this.files.list(DIRECTORY)).filter((name) => name !== "lock");
  }

  async read(name: string): Promise<Uint8Array> {
    const file = await this.files.open(joinPath(DIRECTORY, name), { mode: "read" });
    const bytes = new Uint8Array(await file.size());
    await file.read(bytes, 0);
    await file.close();
    return bytes;
  }

  /** Writes a file anew. */
  async write(name: string, bytes: Uint8Array): Promise<void> {
    const path = joinPath(DIRECTORY, name);
    await this.files.createDirectory(DIRECTORY);
    await this.files.remove(path);
    const file = await this.files.open(path, { mode: "create" });
    await file.write(bytes, 0);
    await file.dataSync();
    await file.close();
    await this.files.syncDirectory(DIRECTORY);
  }

  /** The power fails, and all that was not durable is lost. What is left is for the next life. */
  cutPower(): DirectoryTree {
    return this.files.exit().afterPowerCut(
      () => 0,
      (content) => content.afterPowerCut([]),
    );
  }

  /** Flips all bits of a byte, in place. */
  async flip(name: string, position: number): Promise<void> {
    const file = await this.files.open(joinPath(DIRECTORY, name), { mode: "write" });
    const byte = new Uint8Array(1);
    await file.read(byte, position);
    await file.write(byte.map((bits) => bits ^ 0xff), position);
    await file.close();
  }

  /** Lets what is ready go on. */
  pass(): Promise<void> {
    return nextTurn();
  }
}
