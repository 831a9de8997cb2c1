/** Callers that wait for an answer, by the number of their request. */
export class Waiters<Value> {
  readonly #waiting = new Map<number, PromiseWithResolvers<Value>>();

  open(id: number): Promise<Value> {
    const waiter = Promise.withResolvers<Value>();
    this.#waiting.set(id, waiter);
    return waiter.promise;
  }

  resolve(id: number, value: Value): void {
    this.#take(id)?.resolve(value);
  }

  reject(ids: readonly number[], error: Error): void {
    ids.forEach((id) => this.#take(id)?.reject(error));
  }

  rejectAll(error: Error): void {
    this.reject([...this.#waiting.keys()], error);
  }

  #take(id: number): PromiseWithResolvers<Value> | undefined {
    const waiter = this.#waiting.get(id);
    this.#waiting.delete(id);
    return waiter;
  }
}
