import type { Mutant } from "./mutant.ts";

/** Bugs of linearizable reads and of leases. */
export const READ_MUTANTS: readonly Mutant[] = [
  {
    id: "any-answer-confirms-reads",
    bug: "any answer to a heartbeat confirms all reads",
    file: "raft/replication.ts",
    find: "progress.confirmedRound = Math.max(progress.confirmedRound, round);",
    replace: "progress.confirmedRound = Math.max(progress.confirmedRound, round, Infinity);",
  },
  {
    id: "round-off-by-one",
    bug: "the answers to the round before confirm a read",
    file: "raft/read_rounds.ts",
    find: "read.round > round)",
    replace: "read.round > round + 1)",
  },
  {
    id: "unheard-voter-confirms",
    bug: "a voter that was never heard confirms reads",
    file: "raft/replication.ts",
    find: "this.#followers.get(voter)?.confirmedRound ?? 0,",
    replace: "this.#followers.get(voter)?.confirmedRound || own,",
  },
  {
    id: "reads-join-a-sent-round",
    bug: "reads join a round whose heartbeats are under way",
    file: "raft/read_rounds.ts",
    find: "    this.begin();\n    this.#pending.push",
    replace: "    if (this.#round === 0) {\n      this.begin();\n    }\n    this.#pending.push",
  },
  {
    id: "read-at-applied-index",
    bug: "a read is confirmed at what is applied instead of what is committed",
    file: "raft/leader_reads.ts",
    find: "this.#rounds.add(from, ids, log.committedIndex);",
    replace: "this.#rounds.add(from, ids, log.applyingIndex);",
  },
  {
    id: "early-read-at-old-index",
    bug: "a read that waited for the no-op is confirmed at the index of before it",
    file: "raft/leader_reads.ts",
    find: "this.#rounds.add(from, ids, this.#state.log.committedIndex);",
    replace: "this.#rounds.add(from, ids, this.#state.log.marker.index);",
  },
  {
    id: "reads-lost-with-leadership",
    bug: "the reads of a leader that steps down are never answered",
    file: "raft/leader.ts",
    find: "    this.#reads.end();",
    replace: "    void this.#reads;",
  },
  {
    id: "lease-from-answer",
    bug: "a lease is counted from the answer instead of from the heartbeat",
    file: "raft/leader_reads.ts",
    find: "(sent?.tick ?? 0) +",
    replace: "(sent === undefined ? 0 : this.#now) +",
  },
  {
    id: "lease-too-long",
    bug: "a lease lasts for two election timeouts",
    file: "raft/leader_reads.ts",
    find: "Math.floor(electionTicks * (1 - leaseDriftRatio)) - 1",
    replace: "Math.floor(electionTicks * (2 - leaseDriftRatio)) - 1",
  },
  {
    id: "lease-in-transfer",
    bug: "a lease holds although the leader invited an election",
    file: "raft/leader.ts",
    find: "hasLease: !this.#transfer.hasInvitedElection,",
    replace: "hasLease: !this.#transfer.hasInvitedElection || this.#noopIndex > 0,",
  },
  {
    id: "lease-forgotten-by-restart",
    bug: "a voter that restarts forgets the lease",
    file: "raft/raft_core.ts",
    find: "return hearsLeader || (leaseReads && this.#ticks < electionTicks);",
    replace: "return hearsLeader || (leaseReads && this.#ticks < 0 * electionTicks);",
  },
];
