import type { Message } from "../../raft/mod.ts";
import type { SeededRandom } from "../seeded_random.ts";
import type { FaultChances } from "./fault_chances.ts";

export interface HeldAnswersOptions<Member> {
  readonly electionUs: number;
  readonly random: SeededRandom;
  readonly chances: Pick<FaultChances, "triggers" | "count">;
  /** Cuts a member off, and lets its clock stand still where that is a fault to be borne. */
  readonly cutOff: (member: Member, durationUs: number) => void;
  /** Lets a message come later, past the network. */
  readonly inject: (message: Message, delayUs: number) => void;
}

/** Takes votes and other answers away, which then come when others have moved on. */
export class HeldAnswers<Member> {
  readonly #options: HeldAnswersOptions<Member>;
  /** The last election of which votes are held back. */
  #election: {
    readonly candidate: Member;
    readonly term: number;
    readonly latenessUs: number;
  } | null = null;

  constructor(options: HeldAnswersOptions<Member>) {
    this.#options = options;
  }

  /** Whether a vote is taken away from a candidate, as all are of its election that follow. */
  holdsVote(candidate: Member, message: Message): boolean {
    const held = this.#election;
    if (held?.candidate === candidate && held.term === message.term) {
      this.#options.inject(message, held.latenessUs);
      return true;
    }
    if (this.#options.chances.triggers("hold a vote back")) {
      this.#holdElection(candidate, message);
      return true;
    }
    return false;
  }

  /** Whether an answer is taken away: one in a hundred, at most, comes an election or more too late. */
  holds(message: Message): boolean {
    const { chances, random, electionUs, inject } = this.#options;
    if (
      !isAnswer(message) || !random.chance(0.02) || !chances.triggers("hold an answer back")
    ) {
      return false;
    }
    chances.count("hold an answer back");
    inject(message, random.around(3 * electionUs));
    return true;
  }

  /**
   * Cuts a candidate off before its votes come, and lets them come when others
   * have moved on. Its clock stands still, or it would have given up by then.
   */
  #holdElection(candidate: Member, message: Message): void {
    const { chances, random, electionUs, cutOff, inject } = this.#options;
    const latenessUs = Math.floor(electionUs * (1 + 2 * random.random()));
    chances.count("hold a vote back");
    this.#election = { candidate, term: message.term, latenessUs };
    cutOff(candidate, latenessUs);
    inject(message, latenessUs);
  }
}

/** Whether a message says that somebody has voted for its receiver. */
export function isVote(message: Message): boolean {
  return message.type === "voteResponse" && message.granted && !message.isPreVote;
}

/** Whether a message answers a leader. */
function isAnswer({ type }: Message): boolean {
  return type === "appendAccepted" || type === "appendRejected" ||
    type === "heartbeatResponse" || type === "readsConfirmed";
}
