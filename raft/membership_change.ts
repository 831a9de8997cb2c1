import { invariant } from "./errors.ts";
import type { NodeId } from "./hard_state.ts";
import type { Membership } from "./membership.ts";

/**
 * One wish for another membership.
 *
 * - `addVoter`: a new member, or a learner that is promoted.
 * - `addLearner`: a new member, or a voter that is demoted.
 * - `remove`: a voter or a learner.
 */
export interface MembershipChange {
  readonly type: "addVoter" | "addLearner" | "remove";
  readonly id: NodeId;
}

const CHANGE_TYPES: ReadonlySet<unknown> = new Set<MembershipChange["type"]>([
  "addVoter",
  "addLearner",
  "remove",
]);

/** What a peer frame has room for, in UTF-8. */
const NODE_ID_BYTES_MAX = 200;

/** A membership change that is not allowed. Nothing was proposed. */
export class MembershipChangeError extends Error {
  readonly code = "MEMBERSHIP_CHANGE";

  constructor(reason: string) {
    super(`Membership change refused: ${reason}`);
    this.name = "MembershipChangeError";
  }
}

/**
 * The membership to propose so that `changes` come about. If at most one voter
 * comes or goes, that is the target itself (Raft thesis §4.1); otherwise a
 * joint configuration, to be left once it is applied (§4.3).
 *
 * @throws {MembershipChangeError} if the changes are not possible from here.
 */
export function planMembership(
  current: Membership,
  changes: readonly MembershipChange[],
): Membership {
  if (isJoint(current)) {
    throw new MembershipChangeError("another change is under way, in a joint configuration");
  }
  const voters = new Set(current.voters);
  const learners = new Set(current.learners);
  const named = new Set<NodeId>();
  for (const change of changes) {
    assertValid(change);
    if (named.has(change.id)) {
      throw new MembershipChangeError(`${change.id} is named twice`);
    }
    named.add(change.id);
    applyChange(change, voters, learners);
  }
  if (voters.size === 0) {
    throw new MembershipChangeError("no voter would be left");
  }
  return isOneStep(new Set(current.voters), voters)
    ? { voters: [...voters], learners: [...learners], votersOutgoing: [], learnersNext: [] }
    : jointTowards(current, voters, learners);
}

/** The membership after the joint configuration that `membership` is. */
export function leaveJoint(membership: Membership): Membership {
  invariant(isJoint(membership), "a joint configuration is left");
  const { voters, learners, learnersNext } = membership;
  return {
    voters,
    learners: [...learners, ...learnersNext],
    votersOutgoing: [],
    learnersNext: [],
  };
}

/** Whether decisions need two majorities. */
export function isJoint({ votersOutgoing }: Membership): boolean {
  return votersOutgoing.length > 0;
}

/**
 * Once in the log, a change cannot be taken back: what its members or their
 * frames could not read would stop them all, and again at every restart.
 */
function assertValid({ type, id }: MembershipChange): void {
  if (!CHANGE_TYPES.has(type)) {
    throw new MembershipChangeError(`no change is called ${String(type)}`);
  }
  if (typeof id !== "string" || id === "" || !id.isWellFormed()) {
    throw new MembershipChangeError(`${JSON.stringify(id)} is no node id: text, not empty`);
  }
  if (new TextEncoder().encode(id).length > NODE_ID_BYTES_MAX) {
    throw new MembershipChangeError(`a node id has ${NODE_ID_BYTES_MAX} bytes at most`);
  }
}

/** Changes the two sets, which are the function's own working copies. */
function applyChange(
  { type, id }: MembershipChange,
  voters: Set<NodeId>,
  learners: Set<NodeId>,
): void {
  const [role, other] = type === "addVoter" ? [voters, learners] : [learners, voters];
  if (type !== "remove" && role.has(id)) {
    throw new MembershipChangeError(
      `${id} is a ${type === "addVoter" ? "voter" : "learner"} already`,
    );
  }
  if (type === "remove" && !voters.has(id) && !learners.has(id)) {
    throw new MembershipChangeError(`${id} is no member`);
  }
  other.delete(id);
  if (type === "remove") {
    role.delete(id);
  } else {
    role.add(id);
  }
}

/** Whether the two sets of voters differ by one at most, so that their majorities overlap. */
function isOneStep(before: ReadonlySet<NodeId>, after: ReadonlySet<NodeId>): boolean {
  const gone = [...before].filter((id) => !after.has(id));
  const added = [...after].filter((id) => !before.has(id));
  return gone.length + added.length <= 1;
}

/** A voter that is to become a learner keeps its outgoing vote until the configuration is left. */
function jointTowards(
  current: Membership,
  voters: ReadonlySet<NodeId>,
  learners: ReadonlySet<NodeId>,
): Membership {
  const outgoing = new Set(current.voters);
  return {
    voters: [...voters],
    learners: [...learners].filter((id) => !outgoing.has(id)),
    votersOutgoing: [...outgoing],
    learnersNext: [...learners].filter((id) => outgoing.has(id)),
  };
}
