/** A stream of chunks, taken one by one, that a signal can cut off. */
export class ChunkSource {
  readonly #iterator: AsyncIterator<Uint8Array>;
  readonly #signal: AbortSignal | undefined;
  #isEnded = false;

  constructor(chunks: AsyncIterable<Uint8Array>, signal: AbortSignal | undefined) {
    this.#iterator = chunks[Symbol.asyncIterator]();
    this.#signal = signal;
  }

  /** The next chunk, `null` at the end. Rejects with the stream's error or the signal's reason. */
  async next(): Promise<Uint8Array | null> {
    this.throwIfAborted();
    const { done, value } = await untilAborted(this.#iterator.next(), this.#signal);
    if (done === true) {
      this.#isEnded = true;
      return null;
    }
    return value;
  }

  throwIfAborted(): void {
    this.#signal?.throwIfAborted();
  }

  /**
   * Tells a stream that has not ended that no more of it is wanted. Does not
   * wait: a generator that hangs in its next chunk would never answer.
   */
  release(): void {
    if (!this.#isEnded) {
      this.#isEnded = true;
      // Whatever goes wrong in its cleaning up is the stream's own affair.
      this.#iterator.return?.().catch(() => {});
    }
  }
}

/** Settles as `promise` does, or rejects as soon as the signal is given. */
function untilAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) {
    return promise;
  }
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
