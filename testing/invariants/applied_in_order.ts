import type { Entry } from "../../raft/mod.ts";
import { expect } from "../violation.ts";
import type { GroupInvariant, MemberView } from "./group_invariant.ts";

/**
 * A state machine is handed each committed entry once and in order, and only
 * what its member's own disk holds: a state that is ahead of the log could not
 * be replayed (Raft thesis §3.8; DESIGN: a member applies only what its own log
 * has synced).
 */
export class AppliedInOrder implements GroupInvariant {
  readonly name = "applied in order";

  onApplying({ id, machine, disk, committedIndex }: MemberView, entries: readonly Entry[]): void {
    let index = machine.state.appliedIndex;
    for (const entry of entries) {
      expect(
        entry.index === index + 1,
        this.name,
        () => `${id} is to apply entry ${entry.index} after ${index}`,
      );
      index += 1;
    }
    const last = entries.at(-1);
    expect(last !== undefined, this.name, () => `${id} is to apply nothing`);
    expect(
      index <= committedIndex,
      this.name,
      () => `${id} is to apply entry ${index}, and has committed ${committedIndex}`,
    );
    expect(
      disk.log.termAt(index) === last.term,
      this.name,
      () => `${id} is to apply entry ${index} of term ${last.term}, which its disk does not hold`,
    );
  }
}
