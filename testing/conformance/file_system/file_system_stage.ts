import type { FileLock, FileSystem, OpenFile, OpenOptions } from "../../../storage/mod.ts";
import { demand, demandSame } from "./file_system_requirement.ts";
import type { FileSystemTestbed, OtherProcess } from "./file_system_suite.ts";

/** Where one case of the suite is played: a directory, and what is open in it. */
export class FileSystemStage {
  readonly #testbed: FileSystemTestbed;
  #files: FileSystem;
  readonly #open = new Set<OpenFile>();
  readonly #locks = new Set<FileLock>();

  constructor(testbed: FileSystemTestbed, files: FileSystem) {
    this.#testbed = testbed;
    this.#files = files;
  }

  /** The file system of the present life. */
  get files(): FileSystem {
    return this.#files;
  }

  /** The directory itself. */
  get directory(): string {
    return this.#testbed.directory;
  }

  /** Path of something in the directory. */
  path(name: string): string {
    return `${this.#testbed.directory}/${name}`;
  }

  async open(name: string, options: OpenOptions): Promise<OpenFile> {
    const file = await this.#files.open(this.path(name), options);
    this.#open.add(file);
    return file;
  }

  async close(file: OpenFile): Promise<void> {
    this.#open.delete(file);
    await file.close();
  }

  /** Creates a file, which is not open afterwards. */
  async create(name: string, bytes: Uint8Array = new Uint8Array(0)): Promise<void> {
    const file = await this.open(name, { mode: "create" });
    if (bytes.length > 0) {
      await file.write(bytes, 0);
    }
    await this.close(file);
  }

  /** Creates a file whose content is durable; its name is not. */
  async createSynced(name: string, bytes: Uint8Array): Promise<void> {
    const file = await this.open(name, { mode: "create" });
    await file.write(bytes, 0);
    await file.dataSync();
    await this.close(file);
  }

  /** What a handle that is opened for it reads. */
  async contentOf(name: string): Promise<Uint8Array> {
    const file = await this.open(name, { mode: "read" });
    const bytes = await readAll(file);
    await this.close(file);
    return bytes;
  }

  async demandContent(name: string, expected: Uint8Array): Promise<void> {
    demandSame(await this.contentOf(name), expected, name);
  }

  /** Demands that a name is there or not. */
  async demandName(name: string, isThere: boolean): Promise<void> {
    const names = await this.#files.list(this.directory);
    demand(names.includes(name) === isThere, `${name} is ${isThere ? "not " : ""}there`);
  }

  async lock(name: string): Promise<FileLock> {
    const lock = await this.#files.lock(this.path(name));
    this.#locks.add(lock);
    return lock;
  }

  /** Demands that a lock is refused, and returns with what. */
  async lockRefusal(name: string): Promise<unknown> {
    return await this.refusal(() => this.lock(name), "a lock that is held is given");
  }

  /** Demands that something rejects, and returns with what. */
  async refusal(act: () => Promise<unknown>, ifNot: string): Promise<unknown> {
    let answer: Promise<unknown>;
    try {
      answer = act();
    } catch (error) {
      demand(false, `a call throws rather than reject: ${String(error)}`);
    }
    const refusal = await answer.then(() => null, (error: unknown) => ({ error }));
    demand(refusal !== null, ifNot);
    return refusal.error;
  }

  /** Demands that something rejects with a code. */
  async refused(act: () => Promise<unknown>, code: string, ifNot: string): Promise<void> {
    const found = codeOf(await this.refusal(act, ifNot));
    demand(found === code, `the error's code is ${String(found)}, not ${code}`);
  }

  /** Ability `powerCuts`: the power fails and comes back. */
  async cutPower(): Promise<void> {
    await this.#testbed.cutPower?.();
    this.#open.clear();
    this.#locks.clear();
    this.#files = await this.#testbed.open();
  }

  /** Ability `processes`. */
  async startProcess(): Promise<OtherProcess> {
    const other = await this.#testbed.startProcess?.();
    if (other === undefined) {
      throw new TypeError("The testbed that supports processes has no startProcess");
    }
    return other;
  }

  /** Ends the case, with all that it left open. */
  async end(): Promise<void> {
    // What a broken file system makes of this is nothing that the case asks for.
    await Promise.allSettled([...this.#open].map((file) => file.close()));
    await Promise.allSettled([...this.#locks].map((lock) => lock.release()));
    await this.#testbed.close();
  }
}

/** The code of an error; `undefined` where it has none. */
export function codeOf(error: unknown): unknown {
  return error instanceof Error ? (error as { readonly code?: unknown }).code : undefined;
}

/** All that a handle reads. */
export async function readAll(file: OpenFile): Promise<Uint8Array> {
  const size = await file.size();
  const bytes = new Uint8Array(size);
  // In steps, since how much one read gives is a requirement of its own; and for
  // an empty file none, since so is the empty target.
  for (let at = 0; at < size; at += STEP_BYTES) {
    const step = bytes.subarray(at, at + STEP_BYTES);
    const bytesRead = await file.read(step, at);
    demand(bytesRead === step.length, `${bytesRead} of ${step.length} bytes are read at ${at}`);
  }
  return bytes;
}

const STEP_BYTES = 16_384;

/** Bytes that differ from place to place and by `seed`, none of them zero. */
export function sampleBytes(length: number, seed: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at += 1) {
    bytes[at] = 1 + (at * 7 + (at >> 8) * 3 + seed * 31) % 255;
  }
  return bytes;
}
