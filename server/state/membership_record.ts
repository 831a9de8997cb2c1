import { decodeMembership, type Membership } from "../../raft/mod.ts";
import type { BackendOperation, BackendReader } from "../../storage/mod.ts";

const BUCKET = "meta";
const KEY = new TextEncoder().encode("kvorum_membership");

/** The write that records a membership of the raft group, as its entry encodes it. */
export function membershipOperation(data: Uint8Array): BackendOperation {
  return { bucket: BUCKET, key: KEY, value: data };
}

/** Reads the membership that a backend holds, `null` if none was recorded. */
export function readMembership(backend: BackendReader): Membership | null {
  const data = backend.get(BUCKET, KEY);
  return data === undefined ? null : decodeMembership(data);
}
