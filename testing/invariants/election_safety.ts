import { expect } from "../violation.ts";
import type { GroupInvariant, MemberView } from "./group_invariant.ts";

/** At most one leader is elected in a term (Raft paper, figure 3; thesis §3.4). */
export class ElectionSafety implements GroupInvariant {
  readonly name = "election safety";
  readonly #leaders = new Map<number, string>();

  onRoleChanged({ id, role, term }: MemberView): void {
    if (role !== "leader") {
      return;
    }
    const leader = this.#leaders.get(term) ?? id;
    expect(leader === id, this.name, () => `${leader} and ${id} both lead term ${term}`);
    this.#leaders.set(term, id);
  }
}
