import { expect } from "../violation.ts";
import type { CommittedLog } from "./committed_log.ts";
import type { GroupInvariant, MemberView } from "./group_invariant.ts";

/**
 * An entry that was committed in a term is in the logs of the leaders of all
 * later terms (Raft paper, figure 3; thesis §3.6.1).
 *
 * The winner of an *older* term, whose votes arrive late, owes nothing to what
 * newer leaders have committed; hence the term in which an entry was committed
 * is kept with it.
 */
export class LeaderCompleteness implements GroupInvariant {
  readonly name = "leader completeness";
  readonly #committed: CommittedLog;
  /** Leaders that are in office as far as they know, by id. */
  readonly #leaders = new Map<string, MemberView>();

  constructor(committed: CommittedLog) {
    this.#committed = committed;
  }

  onStarted({ id }: MemberView): void {
    this.#leaders.delete(id);
  }

  onRoleChanged(member: MemberView): void {
    if (member.role !== "leader") {
      this.#leaders.delete(member.id);
      return;
    }
    this.#leaders.set(member.id, member);
    this.#assertHolds(member, this.#committed.lastIndex);
  }

  onCommitted({ committedIndex, term }: MemberView): void {
    for (const leader of this.#leaders.values()) {
      if (leader.isRunning && leader.role === "leader" && leader.term > term) {
        this.#assertHolds(leader, committedIndex);
      }
    }
  }

  /** By log matching, the last one that is owed stands for all before it. */
  #assertHolds({ id, term, log }: MemberView, last: number): void {
    for (let index = last; index > log.marker.index; index -= 1) {
      const committed = this.#committed.at(index);
      if (committed !== undefined && committed.term < term) {
        expect(
          log.termAt(index) === committed.entry.term,
          this.name,
          () =>
            `${id} leads term ${term} without entry ${index} of term ${committed.entry.term}, ` +
            `which was committed in term ${committed.term}`,
        );
        return;
      }
    }
  }
}
