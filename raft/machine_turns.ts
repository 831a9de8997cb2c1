/** A call that waits for its turn. */
interface Waiting {
  readonly run: () => void;
  readonly refuse: (error: Error) => void;
}

/** Who is told what became of a call. */
interface Told<Value> {
  readonly done: (value: Value) => void;
  /** Also told of what `done` throws. */
  readonly failed: (error: unknown) => void;
}

/**
 * Calls of a state machine: one at a time, in the order in which they were
 * asked for. A call that is answered at once takes no turn of the event loop.
 */
export class MachineTurns {
  #isTaken = false;
  readonly #waiting: Waiting[] = [];
  #hasEnded = false;
  /** The call under way, if it takes time. Never rejects. */
  #pending: Promise<void> | null = null;

  take<Value>(call: () => Value | Promise<Value>, told: Told<Value>): void {
    if (this.#hasEnded) {
      told.failed(memberStopped());
    } else if (this.#isTaken || this.#waiting.length > 0) {
      this.#waiting.push({ run: () => this.#run(call, told), refuse: told.failed });
    } else {
      this.#run(call, told);
    }
  }

  /** Makes no call from now on. The one under way is still told. */
  end(): void {
    this.#hasEnded = true;
    this.#waiting.splice(0).forEach(({ refuse }) => refuse(memberStopped()));
  }

  /** Resolves when no call is under way. */
  async idle(): Promise<void> {
    while (this.#pending !== null) {
      await this.#pending;
    }
  }

  #run<Value>(call: () => Value | Promise<Value>, { done, failed }: Told<Value>): void {
    this.#isTaken = true;
    let answer: Value | Promise<Value>;
    try {
      answer = call();
    } catch (error) {
      this.#leave(() => failed(error), failed);
      return;
    }
    if (answer instanceof Promise) {
      this.#pending = answer.then(
        (value) => this.#leave(() => done(value), failed),
        (error) => this.#leave(() => failed(error), failed),
      );
    } else {
      const value = answer;
      this.#leave(() => done(value), failed);
    }
  }

  #leave(tell: () => void, failed: (error: unknown) => void): void {
    this.#isTaken = false;
    this.#pending = null;
    try {
      tell();
    } catch (error) {
      failed(error);
    }
    if (!this.#isTaken) {
      this.#waiting.shift()?.run();
    }
  }
}

function memberStopped(): Error {
  return new Error("the member has stopped");
}
