/** What became of a promise so far. */
export interface Outcome {
  state: "pending" | "resolved" | "rejected";
}

/** Follows a promise. Its rejection counts as handled. */
export function watch(promise: Promise<unknown>): Outcome {
  const outcome: Outcome = { state: "pending" };
  promise.then(
    () => outcome.state = "resolved",
    () => outcome.state = "rejected",
  );
  return outcome;
}
