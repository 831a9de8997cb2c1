import type { BackendOperation, BackendReader } from "../../storage/mod.ts";

/** A member of the cluster as it is recorded, and shown to clients. */
export interface MemberRecord {
  /** 16-digit lower-case hex. */
  readonly id: string;
  /** Empty until the member has started once. */
  readonly name: string;
  readonly peerUrls: readonly string[];
  readonly clientUrls: readonly string[];
}

/** Bucket and form are etcd's: the id in hex gives JSON, in which the id is a number. */
const BUCKET = "members";

/** The write that records a member. */
export function memberOperation(member: MemberRecord): BackendOperation {
  const { id, name, peerUrls, clientUrls } = member;
  const rest = JSON.stringify({ peerURLs: peerUrls, name, clientURLs: clientUrls }).slice(1);
  return {
    bucket: BUCKET,
    key: new TextEncoder().encode(id),
    // JSON.stringify has no 64-bit integers.
    value: new TextEncoder().encode(`{"id":${BigInt(`0x${id}`)},${rest}`),
  };
}

/** Reads all members, in ascending order of their ids. */
export function readMembers(backend: BackendReader): MemberRecord[] {
  const decoder = new TextDecoder();
  return Array.from(backend.scan(BUCKET), ([key, value]) => {
    const record = JSON.parse(decoder.decode(value)) as {
      readonly name: string;
      readonly peerURLs: readonly string[];
      readonly clientURLs: readonly string[];
    };
    return {
      // Not from the JSON number, which a double would round.
      id: decoder.decode(key),
      name: record.name,
      peerUrls: record.peerURLs,
      clientUrls: record.clientURLs,
    };
  });
}
