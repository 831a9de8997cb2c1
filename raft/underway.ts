/** Work that is under way, for those who wait until there is none. */
export class Underway {
  readonly #work = new Set<Promise<unknown>>();

  /** Takes note of work. Whether it succeeds is of no concern here. */
  add(work: Promise<unknown>): void {
    this.#work.add(work);
    const forget = () => void this.#work.delete(work);
    work.then(forget, forget);
  }

  async idle(): Promise<void> {
    while (this.#work.size > 0) {
      await Promise.allSettled(this.#work);
    }
  }
}
