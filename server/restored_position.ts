import type { Backend, BackendOperation } from "../storage/mod.ts";

/** Holds what is this member's own, and no part of the replicated state. */
export const LOCAL_BUCKET = "local";

const KEY = new TextEncoder().encode("kvorum_restored");

/**
 * The write that records up to which entry a snapshot has brought the state. In
 * one batch with what makes that state the current one: a backend that is ahead of its log is in
 * order only if it says so.
 */
export function restoredOperation(index: number): BackendOperation {
  const value = new Uint8Array(8);
  new DataView(value.buffer).setFloat64(0, index);
  return { bucket: LOCAL_BUCKET, key: KEY, value };
}

/** Reads what `restoredOperation` wrote, 0 where nothing was ever restored. */
export function readRestoredIndex(backend: Backend): number {
  const value = backend.get(LOCAL_BUCKET, KEY);
  return value === undefined
    ? 0
    : new DataView(value.buffer, value.byteOffset, value.byteLength).getFloat64(0);
}
