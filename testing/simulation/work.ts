import type { Entry, EntryRange, NodeId, ReadPurpose, SnapshotMeta } from "../../raft/mod.ts";

/** Something that a member has begun and that takes time. */
export type Work =
  | { readonly type: "write" }
  | { readonly type: "read"; readonly purpose: ReadPurpose; readonly range: EntryRange }
  | { readonly type: "apply"; readonly entries: readonly Entry[] }
  | { readonly type: "makeSnapshot"; readonly to: NodeId }
  | { readonly type: "sendSnapshot"; readonly to: NodeId; readonly snapshot: SnapshotMeta }
  | { readonly type: "receiveSnapshot"; readonly from: NodeId; readonly snapshot: SnapshotMeta };
