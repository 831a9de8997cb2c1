import type { Entry, EntryId, EntryRange } from "./entry.ts";
import type { HardState, NodeId } from "./hard_state.ts";
import type { Membership } from "./membership.ts";
import type { Message, SnapshotMeta } from "./message.ts";
import type { ReadPurpose } from "./raft_event.ts";

/** What a member is to its group. */
export type Role = "follower" | "preCandidate" | "candidate" | "leader";

/** What changes without having to survive a restart. */
export interface SoftState {
  readonly role: Role;
  readonly term: number;
  /** The leader of `term`, `null` while unknown. */
  readonly leader: NodeId | null;
}

/** Why a proposal or a read was not taken. It certainly has had no effect. */
export type DropReason =
  /** No leader is known, or it was lost. */
  | "noLeader"
  /** Too many bytes wait to be committed: come back later. */
  | "uncommittedLimit"
  /** Leadership is being transferred: come back after it. */
  | "transferring"
  /** This member was removed from the group, and whatever it wants is none of the group's business. */
  | "removed";

/** Something that must now happen outside, in this order. */
export type RaftEffect =
  /**
   * Make this durable, then say `persisted`. Entries with an index that was
   * given before supersede those from there on. Batches may be merged.
   */
  | {
    readonly type: "persist";
    /** Rises by one from `persist` to `persist`. */
    readonly sequence: number;
    readonly hardState: HardState | null;
    readonly entries: readonly Entry[];
  }
  /** Send this now; it may be lost. What a message promises is durable already. */
  | { readonly type: "send"; readonly message: Message }
  /** Proposals became entries: the proposal `ids[i]` is the entry `first.index + i`. */
  | { readonly type: "accepted"; readonly ids: readonly number[]; readonly first: EntryId }
  /** These proposals were not taken. */
  | {
    readonly type: "proposalsDropped";
    readonly ids: readonly number[];
    readonly reason: DropReason;
  }
  /** What became of these forwarded proposals will not be known here. */
  | { readonly type: "proposalsUnknown"; readonly ids: readonly number[] }
  /** A membership change is not possible, and nothing was proposed. */
  | { readonly type: "membershipChangeRefused"; readonly id: number; readonly reason: string }
  /** These reads were not taken. */
  | { readonly type: "readsDropped"; readonly ids: readonly number[]; readonly reason: DropReason }
  /** These reads are linearizable once `index` is applied. */
  | { readonly type: "readsConfirmed"; readonly ids: readonly number[]; readonly index: number }
  /**
   * Read entries from the log store, then say `entriesRead`. At most one is under
   * way to apply. For a follower a second one may come before the first has
   * ended, where it was given up; what then comes is looked at before it is used.
   */
  | { readonly type: "readEntries"; readonly purpose: ReadPurpose; readonly range: EntryRange }
  /** Apply these committed entries, then say `applied`. At most one is under way. */
  | { readonly type: "apply"; readonly entries: readonly Entry[] }
  /** Make a snapshot for a follower, then say `snapshotReady`, or `snapshotSent` with a failure. */
  | { readonly type: "makeSnapshot"; readonly to: NodeId }
  /** Stream the snapshot that is ready to a follower, then say `snapshotSent`. */
  | { readonly type: "sendSnapshot"; readonly to: NodeId; readonly snapshot: SnapshotMeta }
  /**
   * Take a snapshot's stream from `from`, restore the state machine and set the
   * log to begin after it, then say `snapshotRestored` or `snapshotFailed`.
   */
  | { readonly type: "restoreSnapshot"; readonly from: NodeId; readonly snapshot: SnapshotMeta }
  /** Stop the restore that is under way: a better snapshot is to be had. It ends as it would else. */
  | { readonly type: "abortRestore"; readonly snapshot: SnapshotMeta }
  /** This member was suspect, and is no more: it votes and acknowledges again. */
  | { readonly type: "confirmed" }
  /** Role, term or leader changed. */
  | { readonly type: "softStateChanged"; readonly softState: SoftState }
  /** A membership is in force. */
  | { readonly type: "membershipChanged"; readonly membership: Membership; readonly index: number }
  /** A transfer of leadership that was asked for here has ended. */
  | { readonly type: "transferEnded"; readonly to: NodeId; readonly succeeded: boolean };
