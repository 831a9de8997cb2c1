import {
  allVoters,
  decodeMembership,
  type Membership,
  type Message,
  type NodeId,
} from "../../raft/mod.ts";
import { expect } from "../violation.ts";
import type { GroupInvariant, MemberView } from "./group_invariant.ts";
import { hasQuorum } from "./membership_rules.ts";

/** Votes in a term, by voter: whether its log was whole when it gave it. */
type Votes = Map<NodeId, boolean>;

/**
 * A leader was given the votes of a quorum of its membership in its term; in a
 * joint configuration, of both (Raft paper §5.2; thesis §3.4, §4.3). Votes of
 * members whose logs may lack their end count only where all voters gave theirs,
 * those included that the candidate's log would make voters.
 */
export class ElectedByQuorum implements GroupInvariant {
  readonly name = "elected by a quorum";
  /** By candidate: who voted for it in its newest term. */
  readonly #votes = new Map<NodeId, { readonly term: number; readonly voters: Votes }>();

  onSending({ id, disk }: MemberView, message: Message): void {
    if (message.type === "voteResponse" && message.granted && !message.isPreVote) {
      this.#votesFor(message.to, message.term)?.set(id, !disk.isSuspect);
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
    const voters: Votes = new Map(this.#votesFor(id, term));
    if (disk.hardState.term === term && disk.hardState.vote === id) {
      voters.set(id, !disk.isSuspect);
    }
    const isWhole = (voter: NodeId) => voters.get(voter) === true;
    const pending = member.log.entries
      .filter(({ kind, index }) => kind === "membership" && index > member.committedIndex)
      .map(({ data }) => decodeMembership(data))
      .filter(({ voters, votersOutgoing }) =>
        votersOutgoing.length === 0 && !isCovered(voters, membership.voters)
      );
    const isUnanimous = (each: Membership) =>
      [each, ...pending].flatMap(allVoters).every((voter) => voters.has(voter));
    expect(
      [membership, before, after].some((each) => hasQuorum(each, isWhole) || isUnanimous(each)),
      this.name,
      () =>
        `${id} leads term ${term} by the votes of [${[...voters.keys()]}], with whole logs ` +
        `[${[...voters.keys()].filter(isWhole)}], among [${membership.voters}]` +
        (membership.votersOutgoing.length > 0 ? ` and [${membership.votersOutgoing}]` : ""),
    );
  }

  /** Votes for a candidate in a term; `undefined` if it stands in a later one already. */
  #votesFor(candidate: NodeId, term: number): Votes | undefined {
    const votes = this.#votes.get(candidate);
    if (votes === undefined || votes.term < term) {
      const fresh = { term, voters: new Map<NodeId, boolean>() };
      this.#votes.set(candidate, fresh);
      return fresh.voters;
    }
    return votes.term === term ? votes.voters : undefined;
  }
}

/**
 * Whether no quorum of `voters` consists of members that are not among `asked`
 * and of ones that may be damaged, which is at most a minority.
 */
function isCovered(voters: readonly NodeId[], asked: readonly NodeId[]): boolean {
  const strangers = voters.filter((id) => !asked.includes(id)).length;
  const damaged = Math.floor((voters.length - 1) / 2);
  return 2 * (strangers + damaged) <= voters.length;
}
