import { ViolationError } from "../violation.ts";
import type { ScriptedGroup } from "./scripted_group.ts";

/**
 * Throws unless a group without faults makes progress within ten election
 * timeouts, each the longest that chance may draw: a leader, a fresh write and
 * read, equal logs.
 */
export function assertMakesProgress(group: ScriptedGroup): void {
  let command: number | null = null;
  for (let ticks = 0; ticks < 20 * group.electionTicks; ticks += 1) {
    group.run(1);
    const { leader } = group;
    const outcome = command === null ? null : group.outcomeOf(command);
    if (leader === null || outcome === "pending") {
      continue;
    }
    if (outcome === "acknowledged" && group.isEven) {
      const served = group.served();
      group.read(leader.id);
      group.settle();
      if (group.served() > served) {
        group.compareAll();
        return;
      }
    }
    command = group.propose(leader.id);
    group.settle();
  }
  throw new ViolationError("progress after healing", describe(group));
}

function describe(group: ScriptedGroup): string {
  return group.members.map(({ id, role, term, leader, log, committedIndex, membership }) =>
    `${id}: ${role} in term ${term}, leader ${leader}, log ${log.lastIndex}/${log.lastTerm}, ` +
    `committed ${committedIndex}, voters ${membership.voters}|${membership.votersOutgoing}`
  ).join("\n");
}
