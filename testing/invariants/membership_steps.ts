import { decodeMembership, type Entry, type Membership } from "../../raft/mod.ts";
import { expect } from "../violation.ts";
import type { GroupInvariant, MemberView } from "./group_invariant.ts";
import { isBetweenTwo } from "./membership_rules.ts";

/**
 * Memberships follow on each other so that their majorities overlap: by one
 * voter, or into a joint configuration and out of it (Raft thesis §4.1, §4.3).
 * A leader proposes one only when it has committed the one before and an entry
 * of its own term (the bug in single-server changes that was found later).
 */
export class MembershipSteps implements GroupInvariant {
  readonly name = "membership steps";

  onAppended(member: MemberView, entries: readonly Entry[]): void {
    for (const entry of entries) {
      if (entry.kind === "membership") {
        this.#checkStep(member, entry);
        if (member.role === "leader" && member.term === entry.term) {
          this.#checkProposal(member, entry);
        }
      }
    }
  }

  #checkProposal({ id, term, log, believed }: MemberView, { index }: Entry): void {
    // What the same step has committed counts.
    const { committedIndex } = believed;
    const previous = previousMembership(log.entries, index);
    expect(
      previous === undefined || previous.index <= committedIndex,
      this.name,
      () => `${id} proposes a membership at ${index}, that at ${previous?.index} is not committed`,
    );
    expect(
      (log.termAt(committedIndex) ?? term) === term,
      this.name,
      () =>
        `${id} proposes a membership at ${index} before it has committed an entry of term ${term}`,
    );
  }

  #checkStep({ id, log, membership }: MemberView, entry: Entry): void {
    const previous = previousMembership(log.entries, entry.index);
    const before = previous === undefined
      ? log.marker.membership ?? membership
      : decodeMembership(previous.data);
    const after = decodeMembership(entry.data);
    expect(
      before.voters.length === 0 || isStep(before, after),
      this.name,
      () =>
        `${id} takes a membership at ${entry.index} that does not follow on the one before: ` +
        `${JSON.stringify(before)}, ${JSON.stringify(after)}`,
    );
  }
}

function previousMembership(entries: readonly Entry[], index: number): Entry | undefined {
  return entries.findLast((entry) => entry.kind === "membership" && entry.index < index);
}

function isStep(before: Membership, after: Membership): boolean {
  if (isBetweenTwo(before)) {
    return !isBetweenTwo(after) && isSame(after.voters, before.voters) &&
      isSame(after.learners, [...before.learners, ...before.learnersNext]);
  }
  if (isBetweenTwo(after)) {
    return isSame(after.votersOutgoing, before.voters);
  }
  const gone = before.voters.filter((id) => !after.voters.includes(id));
  const come = after.voters.filter((id) => !before.voters.includes(id));
  return gone.length + come.length <= 1;
}

function isSame(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((id) => other.includes(id));
}
