import type { Message } from "../../raft/mod.ts";
import { expect } from "../violation.ts";
import type { GroupInvariant, MemberView } from "./group_invariant.ts";

const ANSWERS: ReadonlySet<Message["type"]> = new Set([
  "voteResponse",
  "appendAccepted",
  "appendRejected",
  "heartbeatResponse",
]);

/**
 * A vote or an acknowledgement leaves a member only after what it promises is
 * on its disk (Raft thesis §3.8), and so does a request for a vote, in which
 * the candidate's own vote is implied. A member whose disk says that the end of
 * its log may be missing says so in each of its answers.
 */
export class DurablePromises implements GroupInvariant {
  readonly name = "durable promises";

  onSending({ id, disk, log }: MemberView, message: Message): void {
    const { term, vote } = disk.hardState;
    expect(
      !disk.isSuspect || !ANSWERS.has(message.type) || "suspectLife" in message,
      this.name,
      () => `${id} sends ${message.type} as if its log were whole`,
    );
    switch (message.type) {
      case "voteRequest":
      case "voteResponse": {
        const candidate = message.type === "voteRequest" ? id : message.to;
        const isPromise = !message.isPreVote && (message.type === "voteRequest" || message.granted);
        expect(
          !isPromise || (term === message.term && vote === candidate),
          this.name,
          () =>
            `${id} votes for ${candidate} in term ${message.term}, on its disk are ${term} and ${vote}`,
        );
        return;
      }
      case "appendAccepted":
        expect(
          disk.log.lastIndex >= message.match &&
            (message.match <= log.marker.index ||
              disk.log.termAt(message.match) === log.termAt(message.match)),
          this.name,
          () =>
            `${id} acknowledges entry ${message.match}, its disk ends with ${disk.log.lastIndex}`,
        );
        expect(
          term >= message.term,
          this.name,
          () => `${id} acknowledges entries in term ${message.term}, on its disk is ${term}`,
        );
        return;
      case "heartbeatResponse":
        expect(
          term >= message.term,
          this.name,
          () => `${id} confirms a leader of term ${message.term}, on its disk is ${term}`,
        );
        return;
    }
  }
}
