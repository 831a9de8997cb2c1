import { expect } from "../violation.ts";
import type { GroupInvariant, MemberView } from "./group_invariant.ts";

/**
 * A member's commit index never goes back while it runs, and never beyond the
 * end of its log (Raft paper, figure 2). After a restart it may be lower, but
 * not below what the state machine holds.
 */
export class MonotonicCommit implements GroupInvariant {
  readonly name = "commit never goes back";

  onStarted({ id, committedIndex, machine }: MemberView): void {
    const { appliedIndex } = machine.state;
    expect(
      committedIndex >= appliedIndex,
      this.name,
      () =>
        `${id} starts with commit ${committedIndex}, below ${appliedIndex}, which it has applied`,
    );
  }

  onCommitted({ id, committedIndex, log }: MemberView, before: number): void {
    expect(
      committedIndex > before,
      this.name,
      () => `${id} takes its commit index from ${before} back to ${committedIndex}`,
    );
    expect(
      committedIndex <= log.lastIndex,
      this.name,
      () => `${id} commits ${committedIndex}, its log ends with ${log.lastIndex}`,
    );
  }
}
