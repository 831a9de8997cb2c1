/** Runs tasks one after the other, in the order in which they came. */
export class SerialQueue {
  /** The last task. Never rejects. */
  #last: Promise<unknown> = Promise.resolve();

  run<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#last.then(task);
    this.#last = result.catch(() => {});
    return result;
  }

  /** Resolves once all tasks so far have ended. */
  async idle(): Promise<void> {
    await this.#last;
  }
}
