import type { Entry, EntryId } from "./entry.ts";
import type { HardState } from "./hard_state.ts";

/** A command that a client wants in the log. */
export interface Proposal {
  /** Named by the driver, unique as long as the proposal is under way. */
  readonly id: number;
  readonly data: Uint8Array;
}

/**
 * Something that happened outside. All of it passes this one door, in the
 * order in which it happened.
 */
export type RaftEvent =
  /** One tick of the driver's clock has passed. */
  | { readonly type: "tick" }
  /** Clients propose commands. The ones of one turn come together, as one batch. */
  | { readonly type: "proposed"; readonly proposals: readonly Proposal[] }
  /** Clients want to read what is committed by now (Raft thesis §6.4). */
  | { readonly type: "readRequested"; readonly ids: readonly number[] }
  /**
   * A `persist` effect became durable. It says what did: a completion that
   * comes late, after the log was overwritten, then does not match and is ignored.
   */
  | {
    readonly type: "persisted";
    /** Last entry of the batch, `null` if it had none. */
    readonly upTo: EntryId | null;
    /** Hard state of the batch, `null` if it had none. */
    readonly hardState: HardState | null;
  }
  /** The answer to a `readEntries` effect: at least one entry, from the index asked for on. */
  | { readonly type: "entriesRead"; readonly entries: readonly Entry[] }
  /** The state machine has applied all entries up to `index`. */
  | { readonly type: "applied"; readonly index: number };
