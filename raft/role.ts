import type { NodeId } from "./hard_state.ts";
import type { Message } from "./message.ts";
import type { Role } from "./raft_effect.ts";
import type { Proposal } from "./raft_event.ts";

/** Where a role leads: the core changes the member's role accordingly. */
export type Transition =
  | { readonly to: "follower"; readonly term: number; readonly leader: NodeId | null }
  | { readonly to: "preCandidate" }
  | { readonly to: "candidate"; readonly isTransfer: boolean }
  | { readonly to: "leader" };

/**
 * A member's behaviour in one role. It lives as long as the role: what it
 * remembers is gone with it, so that nothing of an earlier term is left over.
 * What only a leader takes is not here: the core asks whether there is one.
 *
 * A handler returns where the event leads, or nothing to stay.
 */
export interface RoleBehaviour {
  readonly name: Role;
  readonly leader: NodeId | null;

  tick(): Transition | undefined;

  /** A message of this member's own term. */
  receive(message: Message): Transition | undefined;

  propose(proposals: readonly Proposal[]): void;

  requestRead(ids: readonly number[]): void;

  /** Hard state or entries became durable. */
  onPersisted(): Transition | undefined;

  /** The membership changed. */
  onMembershipChanged(): Transition | undefined;

  /** Ends the role: whoever waits for something of it is told. */
  end(): void;
}
