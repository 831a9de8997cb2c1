import { decodeMembership, type Membership, type NodeId } from "../../raft/mod.ts";
import type { MemberView } from "../invariants/group_invariant.ts";

/** What is looked at of a member to see how much damage its group bears. */
export type DamageView = Pick<MemberView, "id" | "membership" | "log" | "machine" | "disk">;

/**
 * Whether a member may lose what it has acknowledged: no group can bear that of
 * more than a minority at a time. Who has lost something counts until its log is
 * confirmed; so do all memberships that are in force anywhere, or may come to be.
 */
export function mayBeDamaged(id: NodeId, members: readonly DamageView[]): boolean {
  const damaged = new Set(members.filter(({ disk }) => disk.isDamaged).map((member) => member.id));
  damaged.add(id);
  return members.flatMap(membershipsOf).every(({ voters, votersOutgoing }) =>
    [voters, votersOutgoing].every((half) =>
      half.length === 0 || 2 * half.filter((voter) => damaged.has(voter)).length < half.length
    )
  );
}

function membershipsOf({ membership, log, machine }: DamageView): Membership[] {
  const pending = log.entries.filter(({ kind, index }) =>
    kind === "membership" && index > machine.state.appliedIndex
  );
  return [membership, ...pending.map(({ data }) => decodeMembership(data))];
}
