import type { Message, NodeId } from "../../raft/mod.ts";
import { expect } from "../violation.ts";
import type { GroupInvariant, MemberView } from "./group_invariant.ts";

/**
 * A member votes for one candidate in a term, whatever restarts come between
 * (Raft paper §5.2; thesis §3.4, §3.8), and never acts in a term before it.
 */
export class OneVote implements GroupInvariant {
  readonly name = "one vote in a term";
  /** By member: the candidate that it promised its vote, by term. */
  readonly #votes = new Map<NodeId, Map<number, NodeId>>();
  /** By member: the highest term in which it promised anything. */
  readonly #terms = new Map<NodeId, number>();

  onStarted({ id, term }: MemberView): void {
    const promised = this.#terms.get(id) ?? 0;
    expect(
      term >= promised,
      this.name,
      () => `${id} starts in term ${term} after it made promises in term ${promised}`,
    );
  }

  onSending({ id }: MemberView, message: Message): void {
    switch (message.type) {
      case "voteRequest":
        return message.isPreVote ? undefined : this.#note(id, message.term, id);
      case "voteResponse":
        return message.isPreVote || !message.granted
          ? undefined
          : this.#note(id, message.term, message.to);
      case "appendAccepted":
      case "heartbeatResponse":
        this.#terms.set(id, Math.max(this.#terms.get(id) ?? 0, message.term));
        return;
    }
  }

  #note(voter: NodeId, term: number, candidate: NodeId): void {
    const votes = this.#votes.get(voter) ?? new Map<number, NodeId>();
    this.#votes.set(voter, votes);
    const earlier = votes.get(term) ?? candidate;
    expect(
      earlier === candidate,
      this.name,
      () => `${voter} votes for ${candidate} in term ${term}, after it voted for ${earlier}`,
    );
    votes.set(term, candidate);
    this.#terms.set(voter, Math.max(this.#terms.get(voter) ?? 0, term));
  }
}
