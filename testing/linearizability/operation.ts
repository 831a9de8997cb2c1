/** One request of a client, as the client saw it. */
export interface Operation<Input, Output> {
  readonly input: Input;
  /** What it was answered; `undefined` when it never was. */
  readonly output: Output | undefined;
  /** When it was sent, on any clock that all clients share. */
  readonly call: number;
  /**
   * When the answer came. `Infinity` for a request that was never answered: it
   * may take effect at any time after its call, or never.
   */
  readonly return: number;
}

/**
 * What a service does when nobody else is there: the definition that a history
 * is held against.
 */
export interface SequentialModel<State, Input, Output> {
  readonly initial: State;
  /**
   * The state after an operation, or `null` if it cannot have been answered like
   * this in `state`. An `output` of `undefined` is any.
   */
  step(state: State, input: Input, output: Output | undefined): State | null;
  /** A text that two states share if, and only if, they are the same. */
  keyOf(state: State): string;
  /**
   * Operations with different names do not affect each other, and are checked
   * apart, which is what makes long histories feasible. Default: one for all.
   */
  partitionOf?(input: Input): string;
}
