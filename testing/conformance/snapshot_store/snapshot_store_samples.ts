/** Pieces of a stream: none at all, single bytes, and more than a store would hold at once. */
const PIECES: readonly number[] = [1, 0, 1_000, 3, 65_536, 300_000, 10];

/** A state that its index tells from others; some hundred bytes, so that many cases are quick. */
export function sampleState(index: number): Uint8Array {
  return Uint8Array.from({ length: 200 + index }, (_, at) => index * 31 + at * 7);
}

/** A state of some hundred thousand bytes. */
export function largeState(): Uint8Array {
  const length = PIECES.reduce((sum, piece) => sum + piece, 0);
  return Uint8Array.from({ length }, (_, at) => at * 7 + (at >> 8));
}

/** A state, in pieces of 64 bytes. */
export async function* streamOf(state: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < state.length; at += 64) {
    yield await Promise.resolve(state.slice(at, at + 64));
  }
}

/** The large state, in pieces of very different sizes. */
export async function* unevenStream(): AsyncGenerator<Uint8Array> {
  const state = largeState();
  let at = 0;
  for (const length of PIECES) {
    yield await Promise.resolve(state.slice(at, at + length));
    at += length;
  }
}

/** A state's beginning, then a failure. */
export async function* failingStream(state: Uint8Array, error: Error): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(state.slice(0, state.length >> 1));
  throw error;
}

/** A stream that is held up after its first half. */
export class HeldStream implements AsyncIterable<Uint8Array> {
  readonly #state: Uint8Array;
  readonly #released: Promise<void>;
  #release: () => void = () => {};
  #given = 0;
  /** Whether the store waits for what is held up. */
  isWaitedFor = false;
  /** Whether it was told that no more of it is wanted. */
  isReturnedFrom = false;

  constructor(state: Uint8Array) {
    this.#state = state;
    this.#released = new Promise((resolve) => this.#release = resolve);
  }

  /** Lets the second half come, and the end. */
  release(): void {
    this.#release();
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    return {
      next: async () => {
        const half = this.#state.length >> 1;
        const number = this.#given += 1;
        if (number === 1) {
          return { done: false, value: this.#state.slice(0, half) };
        }
        this.isWaitedFor = true;
        await this.#released;
        return number === 2
          ? { done: false, value: this.#state.slice(half) }
          : { done: true, value: undefined };
      },
      return: () => {
        this.isReturnedFrom = true;
        return Promise.resolve({ done: true, value: undefined });
      },
    };
  }
}
