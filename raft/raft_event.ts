import type { Entry, EntryId } from "./entry.ts";
import type { HardState, NodeId } from "./hard_state.ts";
import type { MembershipChange } from "./membership_change.ts";
import type { Message, SnapshotMeta } from "./message.ts";

/** A command that a client wants in the log. */
export interface Proposal {
  /** Named by the driver, unique as long as the proposal is under way. */
  readonly id: number;
  readonly data: Uint8Array;
}

/** Whom entries are read from the log store for: this member's state machine, or a follower. */
export type ReadPurpose = { readonly type: "apply" } | {
  readonly type: "replicate";
  readonly to: NodeId;
};

/**
 * Something that happened outside. All of it passes this one door, in the
 * order in which it happened.
 */
export type RaftEvent =
  /** One tick of the driver's clock has passed. */
  | { readonly type: "tick" }
  /** A message of another member has come. */
  | { readonly type: "received"; readonly message: Message }
  /** Clients propose commands. The ones of one turn come together, as one batch. */
  | { readonly type: "proposed"; readonly proposals: readonly Proposal[] }
  /** Clients want to read what is committed by now (Raft thesis §6.4). */
  | { readonly type: "readRequested"; readonly ids: readonly number[] }
  /** Someone wants another membership. `id` names the request as a proposal's does. */
  | {
    readonly type: "membershipChangeRequested";
    readonly id: number;
    readonly changes: readonly MembershipChange[];
  }
  /** Someone wants `to` to lead. */
  | { readonly type: "transferRequested"; readonly to: NodeId }
  /**
   * A `persist` effect became durable, and all before it. It says what did: a
   * completion that comes late, after the log was overwritten, then does not
   * match and is ignored.
   */
  | {
    readonly type: "persisted";
    /** Number of the last `persist` effect that is covered. */
    readonly sequence: number;
    /** Last entry of what was written, `null` if there was none. */
    readonly upTo: EntryId | null;
    /** Hard state of what was written, `null` if there was none. */
    readonly hardState: HardState | null;
  }
  /**
   * The answer to a `readEntries` effect: entries from the index asked for on,
   * none if they were dropped meanwhile, or `null` where they are compacted.
   */
  | {
    readonly type: "entriesRead";
    readonly purpose: ReadPurpose;
    readonly entries: readonly Entry[] | null;
  }
  /** The state machine has applied all entries up to `index`. */
  | { readonly type: "applied"; readonly index: number }
  /** The log store has dropped the entries up to `index`. */
  | { readonly type: "compacted"; readonly index: number }
  /** A follower cannot be reached: what was sent may be lost. */
  | { readonly type: "unreachable"; readonly id: NodeId }
  /** A snapshot for a follower is ready to be streamed, as its meta tells. */
  | { readonly type: "snapshotReady"; readonly to: NodeId; readonly snapshot: SnapshotMeta }
  /** A snapshot could not be sent, or was sent whole. */
  | { readonly type: "snapshotSent"; readonly to: NodeId; readonly succeeded: boolean }
  /** A snapshot was restored: the state machine and the log store hold it durably. */
  | { readonly type: "snapshotRestored"; readonly snapshot: SnapshotMeta }
  /** A snapshot could not be restored; the state is as before. */
  | { readonly type: "snapshotFailed"; readonly snapshot: SnapshotMeta };
