import type { Clock } from "./clock.ts";

type Defer = (callback: () => void) => void;

/** The clock of the machine, on Node, Deno and in browsers. */
export function systemClock(): Clock {
  return {
    now: () => Date.now(),
    monotonic: () => performance.now(),
    setTimer(delayMs, callback) {
      const timer = setTimeout(callback, delayMs);
      return () => clearTimeout(timer);
    },
    defer: systemDefer(),
  };
}

/**
 * `setImmediate` where it exists. Browsers get a message channel: a microtask
 * would run before the next socket is read and so make batches of one.
 */
function systemDefer(): Defer {
  const { setImmediate } = globalThis as { setImmediate?: Defer };
  if (setImmediate !== undefined) {
    return (callback) => setImmediate(callback);
  }
  const { port1, port2 } = new MessageChannel();
  const waiting: (() => void)[] = [];
  Object.assign(port1, { onmessage: () => waiting.shift()?.() });
  return (callback) => {
    waiting.push(callback);
    port2.postMessage(null);
  };
}
