import { type EntryId, invariant, type SnapshotMeta } from "../../raft/mod.ts";
import { SnapshotCorruptError, StorageClosedError } from "../errors.ts";
import type { OpenFile } from "../file_system.ts";
import type { OpenSnapshot } from "../snapshot_store.ts";
import { readChunks } from "./read_chunks.ts";
import { FileDamage } from "./snapshot_damage.ts";
import type { DecodedHeader } from "./snapshot_header.ts";

/** What a `SnapshotReading` reads, and for whom. */
export interface SnapshotReadingOptions {
  readonly file: OpenFile;
  readonly path: string;
  readonly decoded: DecodedHeader;
  readonly passedOver: readonly EntryId[];
  /** Told once if the file turns out to be damaged. */
  readonly onDamage: (damage: FileDamage) => void;
  /** Told once when the file is closed. */
  readonly onClosed: () => void;
}

/** A snapshot file that is being read. */
export class SnapshotReading implements OpenSnapshot {
  readonly #options: SnapshotReadingOptions;
  readonly chunks: AsyncIterable<Uint8Array>;
  #isTaken = false;
  /** The call of the file under way, or the last one. Never rejects. */
  #call: Promise<unknown> = Promise.resolve();
  #closing: Promise<void> | null = null;

  constructor(options: SnapshotReadingOptions) {
    this.#options = options;
    this.chunks = { [Symbol.asyncIterator]: () => this.#take() };
  }

  get meta(): SnapshotMeta {
    return this.#options.decoded.header.meta;
  }

  get passedOver(): readonly EntryId[] {
    return this.#options.passedOver;
  }

  close(): Promise<void> {
    return this.#closing ??= this.#close();
  }

  /** Reads everything once, for the checks alone. */
  async verify(): Promise<void> {
    for await (const _chunk of this.#read()) {
      // What does not check throws.
    }
  }

  #take(): AsyncIterator<Uint8Array> {
    // A second reader would be handed an end without a beginning.
    invariant(!this.#isTaken, "an open snapshot is read once");
    this.#isTaken = true;
    const chunks = this.#stream();
    return {
      next: () => chunks.next(),
      // A generator that was never asked for anything would not run its `finally`.
      return: async () => {
        await this.close();
        return await chunks.return();
      },
    };
  }

  async *#stream(): AsyncGenerator<Uint8Array, void> {
    const { path, decoded, onDamage } = this.#options;
    try {
      yield* this.#read();
    } catch (error) {
      if (error instanceof FileDamage) {
        onDamage(error);
        const { last } = decoded.header.meta;
        const what = `${path} at offset ${error.offset}: ${error.message}`;
        throw new SnapshotCorruptError(last, what, { cause: error });
      }
      throw error;
    } finally {
      await this.close();
    }
  }

  #read(): AsyncGenerator<Uint8Array, void> {
    const { file, decoded } = this.#options;
    return readChunks({
      read: (target, offset) => this.#whileOpen(() => file.read(target, offset)),
      size: () => this.#whileOpen(() => file.size()),
    }, decoded);
  }

  #whileOpen<T>(call: () => Promise<T>): Promise<T> {
    if (this.#closing !== null) {
      return Promise.reject(new StorageClosedError(this.#options.path));
    }
    const result = call();
    this.#call = result.catch(() => {});
    return result;
  }

  /** Waits for the call under way, whose descriptor could otherwise be another file's by then. */
  async #close(): Promise<void> {
    await this.#call;
    this.#options.onClosed();
    await this.#options.file.close();
  }
}
