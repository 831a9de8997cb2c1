/**
 * Waits until all microtasks have run, however many follow from one another: a
 * message to oneself arrives only after them. Nothing depends on when that is.
 *
 * Counting a fixed number of turns instead would make the end of a longer chain
 * of promises fall among later events.
 */
export class MicrotaskDrain {
  readonly #channel = new MessageChannel();
  #resolve: () => void = () => {};

  constructor() {
    // Assigned this way since the types of Node and of browsers differ here.
    Object.assign(this.#channel.port1, { onmessage: () => this.#resolve() });
  }

  /** Resolves once no microtask is left. One call at a time. */
  wait(): Promise<void> {
    return new Promise((resolve) => {
      this.#resolve = resolve;
      this.#channel.port2.postMessage(null);
    });
  }

  /** Frees the channel, which else keeps a process alive. */
  close(): void {
    this.#channel.port1.close();
    this.#channel.port2.close();
  }
}
