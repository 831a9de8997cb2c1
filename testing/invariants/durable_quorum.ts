import { expect } from "../violation.ts";
import type { GroupInvariant, MemberView } from "./group_invariant.ts";
import { hasQuorum } from "./membership_rules.ts";

/**
 * A leader commits only what is on the disks of a quorum, its own counted like
 * any other (Raft thesis §3.6, §10.2.1; nothing is acknowledged before it is
 * durable). It is seen at once, not when a crash happens to lose an entry.
 */
export class DurableQuorum implements GroupInvariant {
  readonly name = "durable quorum";
  readonly #members: ReadonlyMap<string, MemberView>;

  constructor(members: ReadonlyMap<string, MemberView>) {
    this.#members = members;
  }

  onCommitted(leader: MemberView): void {
    const { id, role, membership, committedIndex, log } = leader;
    if (role !== "leader") {
      return;
    }
    const term = log.termAt(committedIndex);
    // Where the leader knows no entry, whoever holds none there would agree.
    expect(
      term !== null,
      this.name,
      () => `${id} committed entry ${committedIndex}, its own log ends with ${log.lastIndex}`,
    );
    const holds = (voter: string) => {
      const disk = this.#members.get(voter)?.disk.log;
      return disk !== undefined &&
        (disk.termAt(committedIndex) === term || disk.marker.index > committedIndex);
    };
    // A change of membership may have been committed, handed out and been
    // followed by another commit in the same step.
    const next = leader.membershipAfter ?? membership;
    expect(
      hasQuorum(membership, holds) || hasQuorum(next, holds),
      this.name,
      () =>
        `${id} committed entry ${committedIndex} of term ${term}, which is durable on ` +
        `[${[...this.#members.keys()].filter(holds)}] of [${membership.voters}]` +
        (membership.votersOutgoing.length > 0 ? ` and [${membership.votersOutgoing}]` : ""),
    );
  }
}
