/**
 * Waits until all microtasks have run, however many follow from one another: a
 * callback of the event loop comes only after them. Nothing depends on when
 * that is.
 *
 * Counting a fixed number of turns instead would make the end of a longer chain
 * of promises fall among later events.
 */
export class MicrotaskDrain {
  readonly #defer: (callback: () => void) => void;
  readonly #channel: InstanceType<typeof MessageChannel> | null;
  #waiting: () => void = () => {};

  constructor() {
    const { setImmediate } = globalThis as { setImmediate?: (callback: () => void) => void };
    if (setImmediate !== undefined) {
      this.#channel = null;
      this.#defer = (callback) => setImmediate(callback);
      return;
    }
    // Browsers. Deno takes a message that was sent while it handles another one
    // among the microtasks, so there this would not do.
    const channel = new MessageChannel();
    Object.assign(channel.port1, { onmessage: () => this.#waiting() });
    this.#channel = channel;
    this.#defer = (callback) => {
      this.#waiting = callback;
      channel.port2.postMessage(null);
    };
  }

  /** Resolves once no microtask is left. One call at a time. */
  wait(): Promise<void> {
    return new Promise((resolve) => this.#defer(resolve));
  }

  /** Ends all use. */
  close(): void {
    this.#channel?.port1.close();
    this.#channel?.port2.close();
  }
}
