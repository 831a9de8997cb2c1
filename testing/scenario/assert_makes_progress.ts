import { ViolationError } from "../violation.ts";
import type { ScriptedGroup } from "./scripted_group.ts";

/** Election timeouts, as they are configured, within which a group must heal. */
const TIMEOUTS = 10;

/** Fresh writes and fresh reads that must be served. */
const FRESH_REQUESTS = 10;

/**
 * Throws unless a group without faults makes progress within ten election
 * timeouts: a leader, ten fresh writes and reads, equal logs (R38).
 */
export function assertMakesProgress(group: ScriptedGroup): void {
  const served = group.served();
  let written = 0;
  let command: number | null = null;
  for (let ticks = 0; ticks < TIMEOUTS * group.electionTicks; ticks += 1) {
    group.run(1);
    const { leader } = group;
    const outcome = command === null ? null : group.outcomeOf(command);
    if (leader === null || outcome === "pending") {
      continue;
    }
    while (written < FRESH_REQUESTS && (command === null || isDone(group, command))) {
      written += command === null ? 0 : 1;
      command = group.propose(leader.id);
      group.read(leader.id);
      group.settle();
    }
    if (written >= FRESH_REQUESTS && group.served() - served >= FRESH_REQUESTS && group.isEven) {
      group.compareAll();
      return;
    }
    if (command !== null && !isDone(group, command)) {
      command = null;
    }
  }
  throw new ViolationError("progress after healing", describe(group));
}

function isDone(group: ScriptedGroup, command: number): boolean {
  return group.outcomeOf(command) === "acknowledged";
}

function describe(group: ScriptedGroup): string {
  return group.members.map(({ id, role, term, leader, log, committedIndex, membership }) =>
    `${id}: ${role} in term ${term}, leader ${leader}, log ${log.lastIndex}/${log.lastTerm}, ` +
    `committed ${committedIndex}, voters ${membership.voters}|${membership.votersOutgoing}`
  ).join("\n");
}
