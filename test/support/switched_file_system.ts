import type { FileLock, FileSystem, OpenFile, OpenOptions } from "../../storage/mod.ts";

/** A file system on which writes fail, without effect, while a switch is on. */
export class SwitchedFileSystem implements FileSystem {
  readonly #fileSystem: FileSystem;
  readonly #isFailing: () => boolean;

  constructor(fileSystem: FileSystem, isFailing: () => boolean) {
    this.#fileSystem = fileSystem;
    this.#isFailing = isFailing;
  }

  async open(path: string, options: OpenOptions): Promise<OpenFile> {
    const file = await this.#fileSystem.open(path, options);
    return {
      read: (target, offset) => file.read(target, offset),
      write: (bytes, offset) => this.#change(() => file.write(bytes, offset)),
      dataSync: () => this.#change(() => file.dataSync()),
      truncate: (sizeBytes) => this.#change(() => file.truncate(sizeBytes)),
      size: () => file.size(),
      close: () => file.close(),
    };
  }

  list(directory: string): Promise<string[]> {
    return this.#fileSystem.list(directory);
  }

  createDirectory(path: string): Promise<void> {
    return this.#change(() => this.#fileSystem.createDirectory(path));
  }

  rename(from: string, to: string): Promise<void> {
    return this.#change(() => this.#fileSystem.rename(from, to));
  }

  remove(path: string): Promise<void> {
    return this.#change(() => this.#fileSystem.remove(path));
  }

  syncDirectory(path: string): Promise<void> {
    return this.#change(() => this.#fileSystem.syncDirectory(path));
  }

  lock(path: string): Promise<FileLock> {
    return this.#fileSystem.lock(path);
  }

  async #change(call: () => Promise<void>): Promise<void> {
    if (this.#isFailing()) {
      throw Object.assign(new Error("EIO: i/o error"), { code: "EIO" });
    }
    await call();
  }
}
