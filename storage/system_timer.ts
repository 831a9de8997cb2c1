import { setTimeout } from "node:timers";

/** Calls back once, by the system's timers, without keeping the process alive for it. Returns what stops it. */
export function systemTimer(delayMs: number, callback: () => void): () => void {
  const timer = setTimeout(callback, delayMs);
  timer.unref();
  return () => clearTimeout(timer);
}
