import type { Membership } from "./membership.ts";
import type { SoftState } from "./raft_effect.ts";

/** What happens in a member, for those who watch. */
export type RaftNodeEvent =
  /** Role, term or leader changed. */
  | ({ readonly type: "softStateChanged" } & SoftState)
  /** A membership is in force, as of the entry at `index`. */
  | { readonly type: "membershipChanged"; readonly membership: Membership; readonly index: number }
  /** The entry at `index`, now applied, removed this member from the group. Stop it. */
  | { readonly type: "removed"; readonly index: number }
  /** The end of this member's log was missing; a leader has confirmed that nothing is any more. */
  | { readonly type: "confirmed" }
  /** A snapshot replaced the state, up to `index`. */
  | { readonly type: "snapshotRestored"; readonly index: number }
  /** The reader was too slow: that many events are missing here. */
  | { readonly type: "eventsDropped"; readonly count: number };
