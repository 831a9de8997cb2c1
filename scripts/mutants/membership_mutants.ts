import type { Mutant } from "./mutant.ts";

/** Bugs of membership changes. */
export const MEMBERSHIP_MUTANTS: readonly Mutant[] = [
  {
    id: "committed-change-forgotten",
    bug: "a restart forgets that a membership is committed, with the next one in its log",
    file: "member_state.ts",
    find: 'this.#isHardStateStaged ||= entry.kind === "membership";',
    replace: "this.#isHardStateStaged ||= entry.index < 0;",
  },
  {
    id: "truncated-change-pending",
    bug: "a change that was truncated is still pending",
    file: "raft_log.ts",
    find: "this.#membershipIndexes = this.#membershipIndexes.filter((index) => index < low);",
    replace: "this.#membershipIndexes = this.#membershipIndexes.filter((index) => index > 0);",
  },
  {
    id: "campaign-with-unapplied-change",
    bug: "a member campaigns with a committed change that it has not applied",
    file: "follower.ts",
    find: "return isVoter && !log.hasCommittedMembership && !this.#restore.isActive;",
    replace: "return isVoter && log.lastIndex >= 0 && !this.#restore.isActive;",
  },
  {
    id: "campaign-while-restoring",
    bug: "a member campaigns while it restores a snapshot",
    file: "follower.ts",
    find: "return isVoter && !log.hasCommittedMembership && !this.#restore.isActive;",
    replace: "return isVoter && !log.hasCommittedMembership;",
  },
  {
    id: "two-changes-at-once",
    bug: "a change is proposed while another one is pending",
    file: "leader.ts",
    find: "if (log.hasPendingMembership || isJoint(membership)) {",
    replace: "if (isJoint(membership)) {",
  },
  {
    id: "change-in-joint",
    bug: "a change may be proposed in a joint configuration",
    file: "membership_change.ts",
    find: "  if (isJoint(current)) {",
    replace: "  if (isJoint(current) && changes.length === 0) {",
  },
  {
    id: "two-voters-in-one-step",
    bug: "two voters are exchanged without a joint configuration",
    file: "membership_change.ts",
    find: "return gone.length + added.length <= 1;",
    replace: "return gone.length + added.length <= 2;",
  },
  {
    id: "joint-forgets-demoted",
    bug: "a voter that was to become a learner is forgotten when the joint configuration is left",
    file: "membership_change.ts",
    find: "learners: [...learners, ...learnersNext],",
    replace: "learners: [...learners, ...learnersNext.slice(0, 0)],",
  },
  {
    id: "joint-never-left",
    bug: "a joint configuration is left only by the leader that entered it",
    file: "leader.ts",
    find: "        this.#heartbeat();\n      }\n      this.#maybeLeaveJoint();",
    replace: "        this.#heartbeat();\n      }",
  },
  {
    id: "removed-leader-stays",
    bug: "a leader that is no voter any more stays",
    file: "leader.ts",
    find: "    if (!isVoter) {\n      return this.#handOver();",
    replace:
      "    if (!isVoter && membership.voters.length === 0) {\n      return this.#handOver();",
  },
  {
    id: "removed-member-not-told",
    bug: "a member that is removed does not get the commit of its removal",
    file: "leader.ts",
    find: "    this.#replication.broadcast();\n    this.#replication.followMembership();",
    replace: "    this.#replication.followMembership();",
  },
  {
    id: "new-member-not-served",
    bug: "who comes in gets nothing from the leader that took it in",
    file: "leader.ts",
    find: "    this.#replication.followMembership();",
    replace: "    this.#replication.broadcast();",
  },
  {
    id: "everyone-campaigns",
    bug: "a member campaigns though it has no vote",
    file: "member_state.ts",
    find: "return voters.includes(this.id) || votersOutgoing.includes(this.id);",
    replace: "return voters.length + votersOutgoing.length >= 0;",
  },
  {
    id: "learners-count",
    bug: "learners count for a commit",
    file: "leader.ts",
    find: "    const index = jointCommittedIndex(\n      membership,",
    replace: "    const index = jointCommittedIndex(\n" +
      "      { ...membership, voters: [...membership.voters, ...membership.learners] },",
  },
  {
    id: "promoted-while-behind",
    bug: "a learner is promoted while it is behind",
    file: "leader.ts",
    find: "this.#replication.matchOf(id) >= log.committedIndex - tuning.promotionLagMax &&\n" +
      "      this.#replication.isReplicating(id)",
    replace: "this.#replication.matchOf(id) >= log.marker.index - tuning.promotionLagMax",
  },
  {
    id: "outgoing-voter-not-served",
    bug: "in a joint configuration the outgoing voters get nothing",
    file: "quorum.ts",
    find: "return [...new Set([...allVoters(membership), ...membership.learners])];",
    replace: "return [...new Set([...membership.voters, ...membership.learners])];",
  },
  {
    id: "outgoing-voter-not-asked",
    bug: "in a joint configuration the outgoing voters are not asked for their votes",
    file: "quorum.ts",
    find: "return [...new Set([...voters, ...votersOutgoing])];",
    replace: "return [...new Set([...voters, ...votersOutgoing.slice(0, 0)])];",
  },
];
