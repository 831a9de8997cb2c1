import type { FileLock, FileSystem, OpenFile, OpenOptions } from "../../../storage/mod.ts";

/**
 * A file system whose process can be killed: its locks go, and nothing that it
 * was asked is done or answered any more. The files are as they are.
 */
export class MortalFileSystem implements FileSystem {
  readonly #files: FileSystem;
  readonly #locks = new Set<FileLock>();
  readonly #open = new Set<OpenFile>();
  #isDead = false;

  constructor(files: FileSystem) {
    this.#files = files;
  }

  async kill(): Promise<void> {
    this.#isDead = true;
    await Promise.all([...this.#open].map((file) => file.close()));
    await Promise.all([...this.#locks].map((lock) => lock.release()));
  }

  async open(path: string, options: OpenOptions): Promise<OpenFile> {
    const file = await this.#call(() => this.#files.open(path, options));
    this.#open.add(file);
    return {
      read: (target, offset) => this.#call(() => file.read(target, offset)),
      write: (bytes, offset) => this.#call(() => file.write(bytes, offset)),
      dataSync: () => this.#call(() => file.dataSync()),
      truncate: (sizeBytes) => this.#call(() => file.truncate(sizeBytes)),
      size: () => this.#call(() => file.size()),
      close: () =>
        this.#call(() => {
          this.#open.delete(file);
          return file.close();
        }),
    };
  }

  list(directory: string): Promise<string[]> {
    return this.#call(() => this.#files.list(directory));
  }

  createDirectory(path: string): Promise<void> {
    return this.#call(() => this.#files.createDirectory(path));
  }

  rename(from: string, to: string): Promise<void> {
    return this.#call(() => this.#files.rename(from, to));
  }

  remove(path: string): Promise<void> {
    return this.#call(() => this.#files.remove(path));
  }

  syncDirectory(path: string): Promise<void> {
    return this.#call(() => this.#files.syncDirectory(path));
  }

  async lock(path: string): Promise<FileLock> {
    const lock = await this.#call(() => this.#files.lock(path));
    this.#locks.add(lock);
    return {
      release: () =>
        this.#call(() => {
          this.#locks.delete(lock);
          return lock.release();
        }),
    };
  }

  async #call<T>(call: () => Promise<T>): Promise<T> {
    const answer = this.#isDead ? null : await call();
    return this.#isDead || answer === null ? await new Promise(() => {}) : answer;
  }
}
