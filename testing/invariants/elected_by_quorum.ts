import type { Message, NodeId } from "../../raft/mod.ts";
import { expect } from "../violation.ts";
import type { GroupInvariant, MemberView } from "./group_invariant.ts";
import { hasQuorum } from "./membership_rules.ts";

/**
 * A leader was given the votes of a quorum of its membership in its term; in a
 * joint configuration, of both (Raft paper §5.2; thesis §3.4, §4.3).
 */
export class ElectedByQuorum implements GroupInvariant {
  readonly name = "elected by a quorum";
  /** By candidate: who voted for it in its newest term. */
  readonly #votes = new Map<NodeId, { readonly term: number; readonly voters: Set<NodeId> }>();

  onSending({ id }: MemberView, message: Message): void {
    if (message.type === "voteResponse" && message.granted && !message.isPreVote) {
      this.#votesFor(message.to, message.term)?.add(id);
    }
  }

  onRoleChanged(member: MemberView): void {
    const { id, role, term, membership, disk } = member;
    if (role !== "leader") {
      return;
    }
    // The step that decided may have gone on to apply another membership, or,
    // where a member is seen from outside, have handed it out before.
    const before = member.membershipBefore ?? membership;
    const after = member.membershipAfter ?? membership;
    const voters = new Set(this.#votesFor(id, term));
    if (disk.hardState.term === term && disk.hardState.vote === id) {
      voters.add(id);
    }
    const has = (voter: NodeId) => voters.has(voter);
    expect(
      [membership, before, after].some((each) => hasQuorum(each, has)),
      this.name,
      () =>
        `${id} leads term ${term} by the votes of [${[...voters]}] among [${membership.voters}]` +
        (membership.votersOutgoing.length > 0 ? ` and [${membership.votersOutgoing}]` : ""),
    );
  }

  /** Votes for a candidate in a term; `undefined` if it stands in a later one already. */
  #votesFor(candidate: NodeId, term: number): Set<NodeId> | undefined {
    const votes = this.#votes.get(candidate);
    if (votes === undefined || votes.term < term) {
      const fresh = { term, voters: new Set<NodeId>() };
      this.#votes.set(candidate, fresh);
      return fresh.voters;
    }
    return votes.term === term ? votes.voters : undefined;
  }
}
