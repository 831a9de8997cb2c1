import type { IncomingSnapshot, NodeId, SnapshotMeta, SnapshotSink } from "../raft/mod.ts";
import { SnapshotStreamError } from "./errors.ts";

/** What a pipe is made from. */
export interface SnapshotPipeOptions {
  readonly from: NodeId;
  readonly to: NodeId;
  readonly snapshot: SnapshotMeta;
  /** Bytes between the two ends from which on the sender waits. */
  readonly bufferBytesMax: number;
  /** Resolves when what is sent now would arrive. */
  readonly transit: () => Promise<void>;
  /** Called once, when the stream is over. */
  readonly onOver: () => void;
}

/** What a piece costs beside its bytes, so that many empty ones are bounded too. */
const CHUNK_OVERHEAD_BYTES = 64;

/**
 * The stream of one snapshot in one process. Its ends are `sink` and `incoming`.
 *
 * It is open, then perhaps ending (all was written, not all was read), then
 * over: either done, when the reader has seen the end, or failed.
 */
export class SnapshotPipe {
  readonly sink: SnapshotSink;
  readonly incoming: IncomingSnapshot;
  readonly #options: SnapshotPipeOptions;
  #state: "open" | "ending" | "done" = "open";
  #failure: SnapshotStreamError | null = null;
  #chunks: Uint8Array[] = [];
  #bufferedBytes = 0;
  /** Resolves at the next change of anything above. Both ends wait for it. */
  #changed = Promise.withResolvers<void>();

  constructor(options: SnapshotPipeOptions) {
    this.#options = options;
    const { from, snapshot } = options;
    this.sink = {
      write: (chunk) => this.#write(chunk),
      finish: () => this.#finish(),
      abort: (reason) => this.fail(`${from} gave up: ${reason}`),
    };
    this.incoming = {
      from,
      snapshot,
      chunks: { [Symbol.asyncIterator]: () => this.#reader() },
      reject: (reason) => this.fail(`${options.to} does not want it: ${reason}`),
    };
  }

  get from(): NodeId {
    return this.#options.from;
  }

  get to(): NodeId {
    return this.#options.to;
  }

  /** Ends the stream for both, unless it is over. */
  fail(reason: string): void {
    if (this.#state !== "done" && this.#failure === null) {
      this.#failure = new SnapshotStreamError(reason);
      this.#chunks = [];
      this.#change();
      this.#options.onOver();
    }
  }

  async #write(chunk: Uint8Array): Promise<void> {
    this.#assertOpen();
    await this.#options.transit();
    this.#assertOpen();
    if (chunk.length > 0) {
      this.#chunks.push(chunk);
      this.#bufferedBytes += chunk.length + CHUNK_OVERHEAD_BYTES;
      this.#change();
    }
    while (this.#bufferedBytes >= this.#options.bufferBytesMax) {
      await this.#changed.promise;
      this.#assertOpen();
    }
  }

  async #finish(): Promise<void> {
    this.#assertOpen();
    await this.#options.transit();
    this.#assertOpen();
    this.#state = "ending";
    this.#change();
    while (!this.#isDone()) {
      await this.#changed.promise;
    }
  }

  #reader(): AsyncIterator<Uint8Array> {
    return {
      next: () => this.#read(),
      // Called when a loop is left early; after the end it does nothing.
      return: () => {
        this.fail(`${this.to} has stopped to read`);
        return Promise.resolve({ done: true, value: undefined });
      },
    };
  }

  async #read(): Promise<IteratorResult<Uint8Array>> {
    while (!this.#isDone()) {
      const chunk = this.#chunks.shift();
      if (chunk !== undefined) {
        this.#bufferedBytes -= chunk.length + CHUNK_OVERHEAD_BYTES;
        this.#change();
        return { done: false, value: chunk };
      }
      if (this.#state === "ending") {
        this.#state = "done";
        this.#change();
        this.#options.onOver();
      } else {
        await this.#changed.promise;
      }
    }
    return { done: true, value: undefined };
  }

  /** @throws {SnapshotStreamError} if the stream failed. */
  #isDone(): boolean {
    if (this.#failure !== null) {
      throw this.#failure;
    }
    return this.#state === "done";
  }

  #assertOpen(): void {
    this.#isDone();
    if (this.#state !== "open") {
      throw new SnapshotStreamError("it is finished already");
    }
  }

  #change(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}
