import { createHash } from "node:crypto";

/**
 * The id of a member that founds a cluster: from its peer URLs and the
 * cluster's token, as etcd derives it, so it is the same wherever it is computed.
 */
export function foundingMemberId(peerUrls: readonly string[], clusterToken: string): string {
  const urls = [...peerUrls].sort().join("");
  return firstEightBytes(new TextEncoder().encode(urls + clusterToken));
}

/** The id of a cluster: from the ids of the members that found it. It never changes afterwards. */
export function clusterIdOf(memberIds: readonly string[]): string {
  const ids = [...memberIds].sort().join("");
  return firstEightBytes(Uint8Array.from(ids.match(/../g) ?? [], (byte) => parseInt(byte, 16)));
}

/** First 8 bytes of the SHA-1, as 16 hex digits. It names things; nothing secret hangs on it. */
function firstEightBytes(bytes: Uint8Array): string {
  return createHash("sha1").update(bytes).digest("hex").slice(0, 16);
}
