import type { Entry } from "../../raft/mod.ts";
import { expect } from "../violation.ts";
import type { GroupInvariant, MemberView } from "./group_invariant.ts";

/** A leader only appends to its own log, with entries of its own term (Raft paper, figure 3). */
export class LeaderAppendOnly implements GroupInvariant {
  readonly name = "leader append-only";

  onAppended({ id, role, term }: MemberView, entries: readonly Entry[], lastBefore: number): void {
    const [first] = entries;
    if (role !== "leader" || first === undefined) {
      return;
    }
    expect(
      first.index === lastBefore + 1 && entries.every((entry) => entry.term === term),
      this.name,
      () =>
        `${id} leads term ${term} and puts entries of term ${first.term} from ${first.index} on ` +
        `into its log, which ends with ${lastBefore}`,
    );
  }
}
