import type { Entry, EntryId, EntryRange } from "./entry.ts";
import type { HardState, NodeId } from "./hard_state.ts";

/** What a member is to its group. */
export type Role = "follower" | "candidate" | "leader";

/** What changes without having to survive a restart. */
export interface SoftState {
  readonly role: Role;
  readonly term: number;
  /** The leader of `term`, `null` while unknown. */
  readonly leader: NodeId | null;
}

/** Why a proposal or a read was not taken. It certainly has had no effect. */
export type DropReason =
  /** No leader is known. */
  | "noLeader"
  /** Too many bytes wait to be committed: come back later. */
  | "uncommittedLimit";

/** Something that must now happen outside, in this order. */
export type RaftEffect =
  /**
   * Make this durable, then say `persisted`. Entries with an index that was
   * given before supersede those from there on. Batches may be merged.
   */
  | {
    readonly type: "persist";
    readonly hardState: HardState | null;
    readonly entries: readonly Entry[];
  }
  /** Proposals became entries: the proposal `ids[i]` is the entry `first.index + i`. */
  | { readonly type: "accepted"; readonly ids: readonly number[]; readonly first: EntryId }
  /** These proposals were not taken. */
  | {
    readonly type: "proposalsDropped";
    readonly ids: readonly number[];
    readonly reason: DropReason;
  }
  /** These reads were not taken. */
  | { readonly type: "readsDropped"; readonly ids: readonly number[]; readonly reason: DropReason }
  /** These reads are linearizable once `index` is applied. */
  | { readonly type: "readsConfirmed"; readonly ids: readonly number[]; readonly index: number }
  /** Read entries from the log store, then say `entriesRead`. At most one is under way. */
  | { readonly type: "readEntries"; readonly range: EntryRange }
  /** Apply these committed entries, then say `applied`. At most one is under way. */
  | { readonly type: "apply"; readonly entries: readonly Entry[] }
  /** Role, term or leader changed. */
  | { readonly type: "softStateChanged"; readonly softState: SoftState };
