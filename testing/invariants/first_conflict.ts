import type { Entry } from "../../raft/mod.ts";
import { expect } from "../violation.ts";
import type { GroupInvariant, MemberView } from "./group_invariant.ts";

/**
 * A log is cut at the first entry that really conflicts with one of the
 * leader's, and nothing that matches is dropped, not even to be written anew: an
 * acknowledgement of it may be on its way (Raft paper §5.3, figure 2).
 */
export class FirstConflict implements GroupInvariant {
  readonly name = "cut at the first conflict";

  onAppending({ id, log }: MemberView, [first]: readonly Entry[]): void {
    if (first !== undefined && first.index <= log.lastIndex) {
      expect(
        log.termAt(first.index) !== first.term,
        this.name,
        () => `${id} drops entry ${first.index} of term ${first.term}, which is the leader's`,
      );
    }
  }
}
