import { invariant } from "./invariant.ts";
import type { KeyValue } from "./key_value.ts";
import { decodeKeyValue } from "./key_value_codec.ts";
import { encodeRevision, type Revision } from "./revision.ts";
import type { Backend } from "../storage/mod.ts";
import type { TreeIndex } from "./tree_index.ts";

/** Names of the buckets and keys that the store uses, as in etcd. */
export const KEY_BUCKET = "key";
export const META_BUCKET = "meta";
const UTF8 = new TextEncoder();
export const SCHEDULED_COMPACT_KEY: Uint8Array = UTF8.encode("scheduledCompactRev");
export const FINISHED_COMPACT_KEY: Uint8Array = UTF8.encode("finishedCompactRev");

/** What the parts of the store share. Invariant: compactRevision ≤ currentRevision. */
export interface StoreState {
  readonly backend: Backend;
  readonly index: TreeIndex;
  /** Main revision of the last transaction that changed something and has ended. */
  currentRevision: number;
  /** Reads below it are refused. -1 before the first compaction. */
  compactRevision: number;
}

/** Reads the record of a put. */
export function readStoredRecord({ backend }: StoreState, revision: Revision): KeyValue {
  const bytes = backend.get(KEY_BUCKET, encodeRevision(revision));
  invariant(
    bytes !== undefined,
    "the backend has each put of the index",
    revision.main,
    revision.sub,
  );
  return decodeKeyValue(bytes);
}
