import { expect } from "../violation.ts";
import type { CommittedLog } from "./committed_log.ts";
import type { GroupInvariant, MemberView } from "./group_invariant.ts";

/**
 * A leader commits by counting copies of an entry of its own term, and what
 * comes before it along with that (Raft paper §5.4.2; thesis §3.6.2). Nothing is
 * lost at once when it does otherwise, so this is checked where it happens.
 *
 * A leader may still hear that others have committed an entry of an earlier
 * term: what the group had committed before does not count.
 */
export class CurrentTermCommit implements GroupInvariant {
  readonly name = "commit of the current term";
  readonly #committed: Pick<CommittedLog, "lastIndex">;
  #known = 0;

  constructor(committed: Pick<CommittedLog, "lastIndex">) {
    this.#committed = committed;
  }

  onCommitted({ id, role, term, committedIndex, log }: MemberView): void {
    const isNew = committedIndex > this.#known;
    this.noteKnown();
    expect(
      role !== "leader" || !isNew || log.termAt(committedIndex) === term,
      this.name,
      () =>
        `${id}, which leads term ${term}, commits entry ${committedIndex} of term ` +
        `${log.termAt(committedIndex)}`,
    );
  }

  /** What the group has committed by now is nothing new any more. */
  noteKnown(): void {
    this.#known = this.#committed.lastIndex;
  }
}
