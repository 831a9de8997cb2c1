/** What must be closed, and is, in the order opposite to that in which it was opened. */
export class Closers {
  #closers: (() => void | Promise<void>)[] = [];
  #closing: Promise<void> | null = null;

  add(closer: () => void | Promise<void>): void {
    this.#closers.push(closer);
  }

  /** Closes all, also when one fails, and then rejects with the first failure. Closes once. */
  close(): Promise<void> {
    this.#closing ??= this.#closeAll();
    return this.#closing;
  }

  async #closeAll(): Promise<void> {
    const failures: unknown[] = [];
    for (const closer of this.#closers.reverse()) {
      try {
        await closer();
      } catch (error) {
        failures.push(error);
      }
    }
    this.#closers = [];
    if (failures.length > 0) {
      throw failures[0];
    }
  }
}
