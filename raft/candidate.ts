import { electionTimeoutTicks } from "./election_timeout.ts";
import type { NodeId } from "./hard_state.ts";
import type { MemberState } from "./member_state.ts";
import type { Message } from "./message.ts";
import { electionOutcome, type Vote } from "./quorum.ts";
import type { Proposal } from "./raft_event.ts";
import type { RoleBehaviour, Transition } from "./role.ts";

/** What kind of an election it is. */
export interface ElectionOptions {
  /** Only ask whether it could be won. */
  readonly isPreVote: boolean;
  /** The leader wanted it, so voters do not wait for it to fall silent. */
  readonly isTransfer: boolean;
}

/** The behaviour of a member that asks for votes, or, as a pre-candidate, whether it would get them. */
export class Candidate implements RoleBehaviour {
  readonly name: "preCandidate" | "candidate";
  readonly leader: NodeId | null = null;
  readonly #state: MemberState;
  readonly #isPreVote: boolean;
  readonly #timeoutTicks: number;
  #electionElapsed = 0;
  /** By voter: a message that comes twice does not count twice. */
  readonly #votes = new Map<NodeId, Vote>();

  /**
   * Asks all voters, and those that a membership in the log would make voters
   * and whose word is needed where others are suspect.
   *
   * For a real election, the own term and vote are set already.
   */
  constructor(state: MemberState, { isPreVote, isTransfer }: ElectionOptions) {
    this.#state = state;
    this.#isPreVote = isPreVote;
    this.name = isPreVote ? "preCandidate" : "candidate";
    this.#timeoutTicks = electionTimeoutTicks(state);
    for (const to of this.#others) {
      const request = {
        type: "voteRequest",
        to,
        term: isPreVote ? state.term + 1 : state.term,
        isPreVote,
        last: state.log.last,
        commit: state.log.committed,
        isTransfer,
      } as const;
      // A candidate that forgot its term could ask for the same votes twice, with another log.
      if (isPreVote) {
        state.send(request);
      } else {
        state.sendOnceDurable(request);
      }
    }
  }

  /** Counts the own vote, as soon as it may: a pre-vote at once, a vote once it is durable. */
  countOwnVote(): Transition | undefined {
    if (this.#isPreVote || this.#state.isHardStateDurable) {
      const { id, isSuspect } = this.#state;
      this.#votes.set(id, { granted: true, isSuspect });
      return this.#outcome();
    }
    return undefined;
  }

  tick(): Transition | undefined {
    this.#electionElapsed += 1;
    if (this.#electionElapsed < this.#timeoutTicks) {
      return undefined;
    }
    return this.#state.asksFirst ? { to: "preCandidate" } : { to: "candidate", isTransfer: false };
  }

  receive(message: Message): Transition | undefined {
    if (message.type !== "voteResponse" || message.isPreVote !== this.#isPreVote) {
      return undefined;
    }
    if (!this.#others.includes(message.from)) {
      this.#state.noteDropped();
      return undefined;
    }
    const { from, granted, suspectLife } = message;
    this.#votes.set(from, { granted, isSuspect: suspectLife !== undefined });
    return this.#outcome();
  }

  propose(proposals: readonly Proposal[]): void {
    const ids = proposals.map(({ id }) => id);
    this.#state.emit({ type: "proposalsDropped", ids, reason: "noLeader" });
  }

  requestRead(ids: readonly number[]): void {
    this.#state.emit({ type: "readsDropped", ids, reason: "noLeader" });
  }

  onPersisted(): Transition | undefined {
    return this.countOwnVote();
  }

  onMembershipChanged(): Transition | undefined {
    return this.#state.isVoter
      ? undefined
      : { to: "follower", term: this.#state.term, leader: null };
  }

  end(): void {}

  get #others(): NodeId[] {
    const { id, possibleVoters } = this.#state;
    return possibleVoters.filter((voter) => voter !== id);
  }

  #outcome(): Transition | undefined {
    const { membership, possibleVoters, term } = this.#state;
    switch (electionOutcome(membership, this.#votes, possibleVoters)) {
      case "won":
        return this.#isPreVote ? { to: "candidate", isTransfer: false } : { to: "leader" };
      case "lost":
        return { to: "follower", term, leader: null };
      case "pending":
        return undefined;
    }
  }
}
