import type { FileSystem } from "../../storage/mod.ts";

/**
 * One value in a file, replaced as a whole: written beside, synced, renamed. A
 * crash leaves the old one or the new. One call at a time.
 */
export class DurableImage {
  readonly #fileSystem: FileSystem;
  readonly #directory: string;

  constructor(fileSystem: FileSystem, directory: string) {
    this.#fileSystem = fileSystem;
    this.#directory = directory;
  }

  /** Reads what is stored, `null` if nothing is. Called first. */
  async open(): Promise<Uint8Array | null> {
    await this.#fileSystem.createDirectory(this.#directory);
    const names = await this.#fileSystem.list(this.#directory);
    if (!names.includes("image")) {
      return null;
    }
    // An earlier process may have died before it synced what stands here.
    await this.#fileSystem.syncDirectory(this.#directory);
    const file = await this.#fileSystem.open(this.#path, { mode: "read" });
    const bytes = new Uint8Array(await file.size());
    await file.read(bytes, 0);
    await file.close();
    return bytes;
  }

  /** Resolves once the new value would survive a power cut. */
  async replace(bytes: Uint8Array): Promise<void> {
    const temporaryPath = `${this.#path}.new`;
    await this.#fileSystem.remove(temporaryPath);
    const file = await this.#fileSystem.open(temporaryPath, { mode: "create" });
    await file.write(bytes, 0);
    await file.dataSync();
    await file.close();
    await this.#fileSystem.rename(temporaryPath, this.#path);
    await this.#fileSystem.syncDirectory(this.#directory);
  }

  get #path(): string {
    return `${this.#directory}/image`;
  }
}
