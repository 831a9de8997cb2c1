import type { Clock } from "./clock.ts";
import type { IncomingSnapshot } from "./transport.ts";

/** How long a stream may be silent. */
export interface ReceivedChunksOptions {
  readonly clock: Pick<Clock, "setTimer">;
  /** Longest wait for one piece. */
  readonly idleMs: number;
}

/**
 * The pieces of a snapshot that comes in. Reading throws as soon as the stream
 * is stopped, or has brought nothing for too long, whatever its transport does.
 */
export class ReceivedChunks implements AsyncIterable<Uint8Array> {
  readonly #incoming: IncomingSnapshot;
  readonly #options: ReceivedChunksOptions;
  #failure: Error | null = null;
  /** Ends the wait for the next piece. */
  #fail: (error: Error) => void = () => {};

  constructor(incoming: IncomingSnapshot, options: ReceivedChunksOptions) {
    this.#incoming = incoming;
    this.#options = options;
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    const reader = this.#incoming.chunks[Symbol.asyncIterator]();
    return {
      next: () => this.#next(reader),
      return: async () => await reader.return?.() ?? { done: true, value: undefined },
    };
  }

  /** Has reading throw, now and from now on. */
  stop(reason: string): void {
    this.#failure ??= new Error(reason);
    this.#fail(this.#failure);
    this.#incoming.reject(reason);
  }

  #next(reader: AsyncIterator<Uint8Array>): Promise<IteratorResult<Uint8Array>> {
    if (this.#failure !== null) {
      return Promise.reject(this.#failure);
    }
    const { clock, idleMs } = this.#options;
    return new Promise((resolve, reject) => {
      const cancel = clock.setTimer(idleMs, () => this.stop(`nothing came for ${idleMs} ms`));
      this.#fail = (error) => {
        cancel();
        reject(error);
      };
      reader.next().then((next) => {
        cancel();
        resolve(next);
      }, this.#fail);
    });
  }
}
