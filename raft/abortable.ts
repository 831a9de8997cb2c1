/** How a call may be ended by its caller. */
export interface CallOptions {
  /**
   * Ends the wait. A proposal that was under way may still be applied, and the
   * error says so.
   */
  readonly signal?: AbortSignal;
}

/** An answer that its caller may stop waiting for: `abort`, called with the reason, must end it. */
export function abortable<Value>(
  answer: Promise<Value>,
  signal: AbortSignal | undefined,
  abort: (reason: unknown) => void,
): Promise<Value> {
  return signal === undefined ? answer : abortableBy(signal, answer, () => abort(signal.reason));
}

async function abortableBy<Value>(
  signal: AbortSignal,
  answer: Promise<Value>,
  abort: () => void,
): Promise<Value> {
  if (signal.aborted) {
    abort();
  }
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await answer;
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

/** The reason of an abort, as what a promise is rejected with. */
export function abortError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}
