import { setTimeout as delay } from "node:timers/promises";

/** Waits for a promise, but rejects when it takes longer than `withinMs`. */
export async function before<T>(
  promise: Promise<T>,
  { withinMs, what }: { readonly withinMs: number; readonly what: string },
): Promise<T> {
  const stopTimer = new AbortController();
  const late = delay(withinMs, undefined, { signal: stopTimer.signal }).then(() => {
    throw new Error(`Not within ${withinMs} ms: ${what}`);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    late.catch(() => {});
    stopTimer.abort();
  }
}

/** Asks again and again until `condition` holds, and rejects when that takes too long. */
export async function until(
  condition: () => Promise<boolean>,
  { withinMs, what }: { readonly withinMs: number; readonly what: string },
): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await condition())) {
    if (performance.now() > deadline) {
      throw new Error(`Not within ${withinMs} ms: ${what}`);
    }
    await delay(10);
  }
}
