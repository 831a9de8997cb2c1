import type { FileLock, FileSystem, OpenFile, OpenOptions } from "../../../storage/mod.ts";

/** A call that is about to be made. */
export interface HookedCall {
  readonly name: keyof FileSystem | keyof OpenFile;
  readonly path: string;
  /** Of a read or a write. */
  readonly bytes: number;
}

/**
 * Is told of each call first. May throw in its place, or have it answered without being made;
 * but a file is closed in any case, as the system closes it though it tells of an error.
 */
export type CallHook = (call: HookedCall) => "skip" | void;

/** A file system that does or leaves undone what a test says. */
export class HookedFileSystem implements FileSystem {
  readonly #files: FileSystem;
  readonly #hook: CallHook;
  /** Files that are open. */
  openFiles = 0;
  /** Whether a file was closed while it was read: by then its number may be another file's. */
  hasClosedWhileReading = false;

  constructor(files: FileSystem, hook: CallHook = () => {}) {
    this.#files = files;
    this.#hook = hook;
  }

  async open(path: string, options: OpenOptions): Promise<OpenFile> {
    this.#hook({ name: "open", path, bytes: 0 });
    const file = await this.#files.open(path, options);
    this.openFiles += 1;
    let reading = 0;
    return {
      read: async (target, offset) => {
        this.#hook({ name: "read", path, bytes: target.length });
        reading += 1;
        try {
          return await file.read(target, offset);
        } finally {
          reading -= 1;
        }
      },
      write: (bytes, offset) =>
        this.#unless({ name: "write", path, bytes: bytes.length }, () => file.write(bytes, offset)),
      dataSync: () => this.#unless({ name: "dataSync", path, bytes: 0 }, () => file.dataSync()),
      truncate: (sizeBytes) =>
        this.#unless({ name: "truncate", path, bytes: 0 }, () => file.truncate(sizeBytes)),
      size: async () => {
        this.#hook({ name: "size", path, bytes: 0 });
        return await file.size();
      },
      close: async () => {
        this.openFiles -= 1;
        this.hasClosedWhileReading ||= reading > 0;
        await file.close();
        this.#hook({ name: "close", path, bytes: 0 });
      },
    };
  }

  async list(directory: string): Promise<string[]> {
    this.#hook({ name: "list", path: directory, bytes: 0 });
    return await this.#files.list(directory);
  }

  createDirectory(path: string): Promise<void> {
    const call = { name: "createDirectory", path, bytes: 0 } as const;
    return this.#unless(call, () => this.#files.createDirectory(path));
  }

  rename(from: string, to: string): Promise<void> {
    const call = { name: "rename", path: from, bytes: 0 } as const;
    return this.#unless(call, () => this.#files.rename(from, to));
  }

  remove(path: string): Promise<void> {
    return this.#unless({ name: "remove", path, bytes: 0 }, () => this.#files.remove(path));
  }

  syncDirectory(path: string): Promise<void> {
    const call = { name: "syncDirectory", path, bytes: 0 } as const;
    return this.#unless(call, () => this.#files.syncDirectory(path));
  }

  async lock(path: string): Promise<FileLock> {
    this.#hook({ name: "lock", path, bytes: 0 });
    return await this.#files.lock(path);
  }

  async #unless(call: HookedCall, make: () => Promise<void>): Promise<void> {
    if (this.#hook(call) !== "skip") {
      await make();
    }
  }
}
