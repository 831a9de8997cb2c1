import type { NodeId } from "./hard_state.ts";
import type { MemberState } from "./member_state.ts";
import type { Message, ProposalsAccepted } from "./message.ts";
import type { Proposal } from "./raft_event.ts";

/**
 * Proposals and reads that a follower passes on to one leader, until they are
 * answered, take too long, or the leader is another.
 */
export class Forwarded {
  readonly #state: MemberState;
  readonly #leader: NodeId | null;
  #now = 0;
  /** Requests without an answer, by id, with the tick at which that is too long; oldest first. */
  readonly #proposals = new Map<number, number>();
  readonly #reads = new Map<number, number>();

  constructor(state: MemberState, leader: NodeId | null) {
    this.#state = state;
    this.#leader = leader;
  }

  propose(proposals: readonly Proposal[]): void {
    const ids = proposals.map(({ id }) => id);
    if (this.#leader === null) {
      this.#state.emit({ type: "proposalsDropped", ids, reason: "noLeader" });
      return;
    }
    ids.forEach((id) => this.#proposals.set(id, this.#due));
    for (const part of partsOf(proposals, this.#state.tuning.appendBytesMax)) {
      this.#state.send({
        type: "proposalForward",
        to: this.#leader,
        term: this.#state.term,
        session: this.#state.session,
        sequence: this.#state.takeForwardSequence(),
        proposals: part,
      });
    }
  }

  requestRead(ids: readonly number[]): void {
    if (this.#leader === null) {
      this.#state.emit({ type: "readsDropped", ids, reason: "noLeader" });
      return;
    }
    ids.forEach((id) => this.#reads.set(id, this.#due));
    const { term, session } = this.#state;
    this.#state.send({ type: "readForward", to: this.#leader, term, session, ids });
  }

  /** Takes an answer to what waits. One of an earlier life, or one that comes twice, is void. */
  onAnswer(
    message: Message & {
      readonly type: "proposalsAccepted" | "proposalsRefused" | "readsConfirmed";
    },
  ): void {
    if (message.session !== this.#state.session) {
      return;
    }
    switch (message.type) {
      case "proposalsAccepted":
        this.#onAccepted(message);
        return;
      case "proposalsRefused": {
        const ids = message.ids.filter((id) => this.#proposals.delete(id));
        if (ids.length > 0) {
          this.#state.emit({ type: "proposalsDropped", ids, reason: message.reason });
        }
        return;
      }
      case "readsConfirmed": {
        const ids = message.ids.filter((id) => this.#reads.delete(id));
        if (ids.length > 0) {
          this.#state.emit({ type: "readsConfirmed", ids, index: message.index });
        }
        return;
      }
    }
  }

  /** An answer names proposals of one message, which wait together or not at all. */
  #onAccepted({ ids, first }: ProposalsAccepted): void {
    if (ids.every((id) => this.#proposals.has(id))) {
      ids.forEach((id) => this.#proposals.delete(id));
      this.#state.emit({ type: "accepted", ids, first });
    }
  }

  /** Gives up what has taken an election timeout: the request or its answer was lost. */
  tick(): void {
    this.#now += 1;
    this.#giveUp((due) => due <= this.#now);
  }

  /** Gives up everything. */
  end(): void {
    this.#giveUp(() => true);
  }

  #giveUp(isOver: (due: number) => boolean): void {
    const proposals = takeWhile(this.#proposals, isOver);
    const reads = takeWhile(this.#reads, isOver);
    if (proposals.length > 0) {
      // The leader may have taken them, or may yet.
      this.#state.emit({ type: "proposalsUnknown", ids: proposals });
    }
    if (reads.length > 0) {
      this.#state.emit({ type: "readsDropped", ids: reads, reason: "noLeader" });
    }
  }

  get #due(): number {
    return this.#now + this.#state.tuning.electionTicks;
  }
}

/** What a proposal counts beside its data. */
const PROPOSAL_BYTES = 32;

/** Proposals in parts of at most so many bytes, or of one that is larger. */
function partsOf(proposals: readonly Proposal[], bytesMax: number): Proposal[][] {
  const parts: Proposal[][] = [];
  let bytes = Infinity;
  for (const proposal of proposals) {
    const size = proposal.data.length + PROPOSAL_BYTES;
    bytes += size;
    if (bytes > bytesMax) {
      parts.push([]);
      bytes = size;
    }
    parts.at(-1)?.push(proposal);
  }
  return parts;
}

/** Removes the oldest entries, as long as `isOver` is true of them, and returns their ids. */
function takeWhile(waiting: Map<number, number>, isOver: (due: number) => boolean): number[] {
  const ids: number[] = [];
  for (const [id, due] of waiting) {
    if (!isOver(due)) {
      break;
    }
    ids.push(id);
    waiting.delete(id);
  }
  return ids;
}
