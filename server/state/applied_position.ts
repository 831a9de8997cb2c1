import type { BackendOperation, BackendReader } from "../../storage/mod.ts";

/** How far the replicated state has got; written with every change, in the same transaction. */
export interface AppliedPosition {
  /** Index of the last entry applied. */
  readonly index: number;
  /** Term of that entry. */
  readonly term: number;
  /** Newest leader's stamp seen so far: what the applied state takes for "now". */
  readonly stampMs: number;
}

/** The position of a state to which nothing was applied. */
export const NOTHING_APPLIED: AppliedPosition = { index: 0, term: 0, stampMs: 0 };

const BUCKET = "meta";
const KEY = new TextEncoder().encode("kvorum_applied");
const RECORD_BYTES = 24;

/** The write that records a position. */
export function appliedOperation(position: AppliedPosition): BackendOperation {
  const value = new Uint8Array(RECORD_BYTES);
  const view = new DataView(value.buffer);
  view.setFloat64(0, position.index);
  view.setFloat64(8, position.term);
  view.setFloat64(16, position.stampMs);
  return { bucket: BUCKET, key: KEY, value };
}

/** Reads the position that a backend holds. */
export function readAppliedPosition(backend: BackendReader): AppliedPosition {
  const value = backend.get(BUCKET, KEY);
  if (value === undefined) {
    return NOTHING_APPLIED;
  }
  if (value.length !== RECORD_BYTES) {
    throw new RangeError(`Applied position is damaged: ${value.length} bytes, not ${RECORD_BYTES}`);
  }
  const view = new DataView(value.buffer, value.byteOffset, value.byteLength);
  return { index: view.getFloat64(0), term: view.getFloat64(8), stampMs: view.getFloat64(16) };
}
