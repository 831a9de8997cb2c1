/** Lets promises that are ready run. Nothing here waits for real time. */
export async function settled(turns: number = 50): Promise<void> {
  for (let turn = 0; turn < turns; turn += 1) {
    await Promise.resolve();
  }
}

/** What becomes of a promise, as a test may look at it at any time. */
export function outcomeOf(promise: Promise<unknown>): () => string {
  let outcome = "pending";
  promise.then(
    (value) => outcome = `resolved: ${JSON.stringify(value)}`,
    (error) => outcome = `rejected: ${error.code ?? error.name}: ${error.message}`,
  );
  return () => outcome;
}
