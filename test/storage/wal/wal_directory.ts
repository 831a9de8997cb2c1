import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Entry, LogState } from "../../../raft/mod.ts";
import { NodeFileSystem } from "../../../storage/files/mod.ts";
import { WalLogStore, type WalLogStoreOptions, type WalRepair } from "../../../storage/wal/mod.ts";
import { temporaryDirectory } from "../../support/temporary_directory.ts";

/** Small, so that a few appends make several segments. */
export const SEGMENT_BYTES = 4096;

/** An open log. */
export interface OpenLog {
  readonly log: WalLogStore;
  readonly state: LogState;
  /** What `open` had to cut. */
  readonly repairs: readonly WalRepair[];
}

/** A directory with a log, removed at the end of the block that holds it. */
export class WalDirectory implements AsyncDisposable {
  readonly #parent: { readonly path: string } & AsyncDisposable;

  private constructor(parent: { readonly path: string } & AsyncDisposable) {
    this.#parent = parent;
  }

  static async create(): Promise<WalDirectory> {
    return new WalDirectory(await temporaryDirectory());
  }

  get path(): string {
    return join(this.#parent.path, "wal");
  }

  /** Opens the log. Without a timer, no watermark comes but that of `close`. */
  async open(options: Partial<WalLogStoreOptions> = {}): Promise<OpenLog> {
    const repairs: WalRepair[] = [];
    const log = new WalLogStore({
      fileSystem: new NodeFileSystem(),
      directory: this.path,
      segmentBytes: SEGMENT_BYTES,
      setTimer: () => () => {},
      onRepair: (repair) => repairs.push(repair),
      ...options,
    });
    return { log, state: await log.open(), repairs };
  }

  /** Names of the segments, in order. */
  async segments(): Promise<string[]> {
    return (await readdir(this.path)).filter((name) => name.endsWith(".wal")).sort();
  }

  pathOf(name: string): string {
    return join(this.path, name);
  }

  async read(name: string): Promise<Uint8Array> {
    return new Uint8Array(await readFile(this.pathOf(name)));
  }

  [Symbol.asyncDispose](): PromiseLike<void> {
    return this.#parent[Symbol.asyncDispose]();
  }
}

/** A command whose data tell its index and term. */
export function command(index: number, term: number, lengthBytes = 20): Entry {
  const data = new Uint8Array(lengthBytes).fill(index * 7 + term);
  return { index, term, kind: "command", data };
}

/** Everything that the log holds. */
export async function allEntries({ log, state }: OpenLog): Promise<Entry[]> {
  const low = state.marker.index + 1;
  return await log.entries({ low, high: state.lastIndex + 1, maxBytes: Infinity });
}
