/** Reads that a leader has confirmed: they may be served once `index` is applied. */
interface ConfirmedReads {
  readonly ids: readonly number[];
  readonly index: number;
}

/** Reads of this member's callers, from the call to its answer. */
export class PendingReads {
  readonly #byId = new Map<number, PromiseWithResolvers<number>>();
  #confirmed: ConfirmedReads[] = [];

  open(id: number): Promise<number> {
    const pending = Promise.withResolvers<number>();
    this.#byId.set(id, pending);
    return pending.promise;
  }

  onConfirmed(reads: ConfirmedReads): void {
    this.#confirmed.push(reads);
  }

  /** Answers those whose index is applied. */
  answerAt(appliedIndex: number): void {
    if (this.#confirmed.length > 0) {
      const isReadable = ({ index }: ConfirmedReads) => index <= appliedIndex;
      const ready = this.#confirmed.filter(isReadable);
      this.#confirmed = this.#confirmed.filter((reads) => !isReadable(reads));
      ready.flatMap(({ ids }) => ids).forEach((id) => this.#take(id)?.resolve(appliedIndex));
    }
  }

  reject(ids: readonly number[], error: Error): void {
    ids.forEach((id) => this.#take(id)?.reject(error));
  }

  rejectAll(error: Error): void {
    this.reject([...this.#byId.keys()], error);
  }

  #take(id: number): PromiseWithResolvers<number> | undefined {
    const pending = this.#byId.get(id);
    this.#byId.delete(id);
    return pending;
  }
}
