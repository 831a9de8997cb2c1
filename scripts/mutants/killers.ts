import type { Level } from "../simulation/levels.ts";

/** What is known to catch a mutant: one of these, or several. */
export interface Killer {
  /** Title of the first scenario that fails. */
  readonly scenario?: string;
  /** The first seed that fails, from scratch, with the check that notices. */
  readonly seed?: { readonly level: Level; readonly seed: number; readonly check: string };
  /** So many seeds from the first on were played, and none failed. */
  readonly seedsPassed?: number;
  /** Title of the first test that fails. */
  readonly test?: string;
}

/** By mutant. Written by `npm run mutate -- --pin`. */
export const KILLERS: Readonly<Record<string, Killer>> = {
  "commit-of-earlier-term": {
    scenario:
      "R1: an entry of an earlier term on a majority is not committed by counting (figure 8)",
    seed: { level: "core", seed: 1, check: "commit of the current term" },
  },
  "vote-before-durable": {
    scenario:
      "R1: an entry of an earlier term on a majority is not committed by counting (figure 8)",
    seed: { level: "core", seed: 1, check: "durable promises" },
  },
  "count-vote-replies": {
    scenario: "R3: a vote that comes twice counts once",
    seed: { level: "core", seed: 3, check: "elected by a quorum" },
  },
  "compare-last-index-only": {
    scenario: "R5: a longer log with an older last term is refused with pre-vote",
    seed: { level: "core", seed: 9, check: "leader completeness" },
  },
  "half-is-a-majority": {
    scenario: "R38: of 2, a minority commits nothing, and the group heals",
    seed: { level: "core", seed: 12, check: "elected by a quorum" },
  },
  "no-check-of-previous": {
    scenario:
      "R1: an entry of an earlier term on a majority is not committed by counting (figure 8)",
    seed: { level: "core", seed: 9, check: "log matching" },
  },
  "commit-beyond-message": {
    scenario: "R7: a follower commits no more than what the message proves",
    seedsPassed: 2000,
  },
  "peer-ack-of-any-term": {
    scenario: "R9: an acknowledgement of an earlier term does not count for what stands there now",
    seedsPassed: 2000,
  },
  "storage-ack-of-any-term": {
    scenario: "R9: an entry that is replaced and comes back is durable when its new write is",
    seedsPassed: 2000,
  },
  "leader-counts-itself-early": {
    scenario:
      "R10: completions of storage that come out of order take nothing back and skip nothing",
    seed: { level: "core", seed: 1, check: "durable quorum" },
  },
  "read-before-noop": {
    scenario: "R20: a new leader answers no read before an entry of its term is committed",
    seed: { level: "core", seed: 1, check: "linearizable reads" },
  },
  "change-before-own-commit": {
    scenario: "R30: two leaders' changes do not part the group: addVoter e, remove a",
    seed: { level: "core", seed: 6, check: "membership steps" },
  },
  "joint-election-by-new-majority": {
    scenario: "R12: quorums are those of brute force, simple and joint",
    seed: { level: "core", seed: 5, check: "elected by a quorum" },
  },
  "joint-commit-by-new-majority": {
    scenario: "R12: quorums are those of brute force, simple and joint",
    seed: { level: "core", seed: 34, check: "durable quorum" },
  },
  "leave-joint-again": {
    scenario: 'R33: a follower crashes in a joint change at "membership proposed"',
    seed: { level: "core", seed: 5, check: "membership steps" },
  },
  "transfer-never-aborted": {
    scenario:
      "R27: a transfer ends within an election timeout, and writes go on: the target is dead",
    seed: { level: "core", seed: 52, check: "transfer ends" },
  },
  "snapshot-keeps-conflicting-log": {
    scenario: "R10: the completion of a write from before a snapshot makes nothing durable",
    seed: { level: "core", seed: 9, check: "state-machine safety" },
  },
  "no-check-quorum": {
    scenario: "R38: of 2, a minority commits nothing, and the group heals",
    seed: { level: "core", seed: 1414, check: "progress after healing" },
  },
  "activity-never-forgotten": {
    scenario: "R38: of 2, a minority commits nothing, and the group heals",
    seedsPassed: 2000,
  },
  "never-sticky": {
    scenario: "R24: the followers of a lease elect nobody else before it ends",
    seedsPassed: 2000,
  },
  "pre-vote-begins-term": {
    scenario:
      "R1: an entry of an earlier term on a majority is not committed by counting (figure 8)",
    seed: { level: "core", seed: 726, check: "durable quorum" },
  },
  "granted-pre-vote-begins-term": {
    scenario:
      "R1: an entry of an earlier term on a majority is not committed by counting (figure 8)",
    seed: { level: "core", seed: 1, check: "progress after healing" },
  },
  "refused-pre-vote-tells-nothing": {
    scenario:
      "R1: an entry of an earlier term on a majority is not committed by counting (figure 8)",
    seed: { level: "core", seed: 66, check: "progress after healing" },
  },
  "pre-vote-is-a-vote": {
    scenario:
      "R1: an entry of an earlier term on a majority is not committed by counting (figure 8)",
    seed: { level: "core", seed: 1, check: "elected by a quorum" },
  },
  "own-vote-before-durable": {
    scenario: "R2: a candidate counts its own vote once it is durable, and not before",
  },
  "request-before-durable": {
    scenario:
      "R1: an entry of an earlier term on a majority is not committed by counting (figure 8)",
    seed: { level: "core", seed: 1, check: "durable promises" },
  },
  "vote-for-anyone": {
    scenario:
      "R1: an entry of an earlier term on a majority is not committed by counting (figure 8)",
    seed: { level: "core", seed: 1, check: "durable promises" },
  },
  "log-not-compared": {
    scenario:
      "R15: a tail of 10,000 entries over 50 terms is replaced in rounds that grow with the terms",
    seed: { level: "core", seed: 5, check: "leader completeness" },
  },
  "silence-forgotten": {
    scenario: "R24: the promise of a lease outlives the word of a later term",
    seed: { level: "core", seed: 102, check: "progress after healing" },
  },
  "pre-vote-postpones": {
    scenario: "R25: granting a pre-vote does not put off the granter's own election",
    seedsPassed: 2000,
  },
  "no-commit-news": {
    scenario:
      "R28: a removed member that missed the commit of its removal learns of it while a leader lives: 0 writes later",
    seed: { level: "core", seed: 152, check: "progress after healing" },
  },
  "commit-news-unchecked": {
    scenario: "R5: a longer log with an older last term is refused with pre-vote",
    seed: { level: "core", seed: 9, check: "state-machine safety" },
  },
  "later-term-in-rejection-ignored": {
    scenario:
      "R26: the leader of a term is reported when it becomes known, and so is a term without one",
    seed: { level: "core", seed: 21, check: "progress after healing" },
  },
  "ignored-pre-vote-unanswered": {
    scenario:
      "R28: a removed member that missed the commit of its removal learns of it while a leader lives: 0 writes later",
    seedsPassed: 2000,
  },
  "stranger-leads": {
    scenario: "R19: a stranger that claims to lead stops no leader, and takes over no follower",
    seedsPassed: 2000,
  },
  "any-term-taken-over": {
    scenario: "R19: a term that leaves no room for elections is not taken over",
    seedsPassed: 2000,
  },
  "stale-leader-not-told": {
    scenario: "R29: a voter learns from a candidate what is committed",
    seed: { level: "core", seed: 21, check: "progress after healing" },
  },
  "transfer-waits-for-lease": {
    scenario: "R17: a leader whose disk hangs hands over within two election timeouts",
    seedsPassed: 2000,
  },
  "transfer-asks-first": {
    scenario: "R17: a leader whose disk hangs hands over within two election timeouts",
    seedsPassed: 2000,
  },
  "transfer-to-laggard": {
    scenario:
      "R27: leadership goes to the target in one term, without a pre-vote: the target is behind",
    seedsPassed: 2000,
  },
  "transfer-to-learner": {
    scenario: "R27: a transfer that cannot be is refused at once, and writes go on: to a learner",
    seedsPassed: 2000,
  },
  "proposals-during-transfer": {
    scenario: "R27: proposals are refused during a transfer, certainly and not for long",
    seedsPassed: 2000,
  },
  "stalled-leader-stays": {
    scenario: "R17: a leader whose disk hangs hands over within two election timeouts",
    seedsPassed: 2000,
  },
  "stalled-leader-waits-anew": {
    scenario:
      "R17: a leader whose disk hangs hands over in time though it hears its followers every 3 ticks",
    seedsPassed: 2000,
  },
  "snapshotless-leader-stays": {
    scenario: "R17: a leader that cannot make the snapshot that a follower needs hands over",
    seedsPassed: 2000,
  },
  "snapshots-without-pause": {
    scenario: "R17: a leader that cannot make the snapshot that a follower needs hands over",
    seedsPassed: 2000,
  },
  "slow-disk-is-stalled": {
    scenario: "R17: a leader whose disk is merely slow stays",
    seedsPassed: 2000,
  },
  "late-hard-state-counts": {
    scenario: "R10: the completion of an older write does not take back which term is durable",
    seedsPassed: 2000,
  },
  "wrong-receiver": {
    scenario: "R19: messages that make no sense change nothing, and are counted",
    seedsPassed: 2000,
  },
  "implausible-numbers": {
    scenario: "R19: messages that make no sense change nothing, and are counted",
    seedsPassed: 2000,
  },
  "candidate-shows-committed-log": {
    scenario:
      "R1: an entry of an earlier term on a majority is not committed by counting (figure 8)",
    seed: { level: "core", seed: 1, check: "progress after healing" },
  },
  "pre-vote-for-own-term": {
    scenario:
      "R1: an entry of an earlier term on a majority is not committed by counting (figure 8)",
    seed: { level: "core", seed: 1, check: "core's own assertion" },
  },
  "second-try-without-pre-vote": {
    scenario: "R25: a member that was cut off for 100 elections disturbs nobody when it returns",
    seedsPassed: 25,
  },
  "removed-candidate-goes-on": {
    scenario: "R28: a candidate that learns of its removal gives up",
    seedsPassed: 25,
  },
  "lost-election-goes-on": {
    scenario: "R26: a candidate that a quorum has refused follows again",
    seedsPassed: 25,
  },
  "own-vote-never-counted": {
    scenario:
      "R1: an entry of an earlier term on a majority is not committed by counting (figure 8)",
    seed: { level: "core", seed: 4, check: "progress after healing" },
  },
  "candidate-waits-for-ever": {
    scenario: "R4: votes of an earlier term and pre-votes do not count in an election",
  },
  "proposal-at-candidate-unanswered": {
    scenario: "R27: a preCandidate answers at once what only a leader can do",
    seed: { level: "core", seed: 1, check: "progress after healing" },
  },
  "read-at-candidate-unanswered": {
    scenario: "R27: a preCandidate answers at once what only a leader can do",
    seed: { level: "core", seed: 1, check: "progress after healing" },
  },
  "equal-timeouts": {
    scenario:
      "R1: an entry of an earlier term on a majority is not committed by counting (figure 8)",
    seedsPassed: 25,
  },
  "later-term-postpones-election": {
    scenario:
      "R38: a candidate that cannot win does not keep from standing who can, however fast its clock",
    seedsPassed: 25,
  },
  "match-is-own-last-index": {
    scenario: "R7: a follower commits no more than what the message proves",
    seedsPassed: 25,
  },
  "ack-before-durable": {
    scenario:
      "R1: an entry of an earlier term on a majority is not committed by counting (figure 8)",
    seed: { level: "core", seed: 1, check: "durable promises" },
  },
  "ack-before-term-durable": {
    scenario: "R7: a follower commits no more than what the message proves",
    seed: { level: "core", seed: 1, check: "durable promises" },
  },
  "truncate-without-conflict": {
    scenario:
      "R1: an entry of an earlier term on a majority is not committed by counting (figure 8)",
    seed: { level: "core", seed: 1, check: "cut at the first conflict" },
  },
  "heartbeat-commits-anything": {
    scenario: "R7: a follower commits no more than what the message proves",
    seedsPassed: 25,
  },
  "apply-before-durable": {
    scenario:
      "R1: an entry of an earlier term on a majority is not committed by counting (figure 8)",
    seed: { level: "core", seed: 1, check: "applied in order" },
  },
  "apply-again-after-restart": {
    scenario: "R15: a tail whose place is compacted at the leader is skipped at once",
    seed: { level: "core", seed: 1, check: "applied in order" },
  },
  "commit-beyond-cut-log": {
    scenario: "R18: a commit index beyond the end of a log that was cut is not believed",
    seedsPassed: 25,
  },
  "truncation-keeps-persisted": {
    scenario:
      "R1: an entry of an earlier term on a majority is not committed by counting (figure 8)",
    seed: { level: "core", seed: 1, check: "durable promises" },
  },
  "storage-ack-unchecked": {
    scenario: "R10: the completion of a write from before a snapshot makes nothing durable",
    seedsPassed: 25,
  },
  "terms-not-truncated": {
    scenario: "R9: an entry that is replaced and comes back is durable when its new write is",
    seed: { level: "core", seed: 4, check: "core's own assertion" },
  },
  "tail-loses-unapplied": {
    scenario:
      "R16: entries that were read for a follower before the log was overwritten are not sent",
    seed: { level: "core", seed: 2, check: "core's own assertion" },
  },
  "compacted-term-is-zero": {
    scenario: "R15: a tail whose place is compacted at the leader is skipped at once",
    seed: { level: "core", seed: 1, check: "mirrored log" },
  },
  "hint-ignored": {
    scenario: "R15: a tail whose place is compacted at the leader is skipped at once",
    seedsPassed: 25,
  },
  "compacted-run-agrees": {
    scenario: "R15: a tail whose place is compacted at the leader is skipped at once",
    seedsPassed: 25,
  },
  "attempts-counted-by-life": {
    scenario: "R28: a removed member takes no requests",
    seedsPassed: 25,
  },
  "append-before-commit-dropped": {
    scenario: "R6: an append that begins before what is committed brings what is new in it",
    seedsPassed: 25,
  },
  "hint-by-one-entry": {
    scenario:
      "R15: a rejection names the last entry that may fit: not behind, and not of a later term",
    seedsPassed: 25,
  },
  "rejection-of-any-attempt": {
    scenario: "R16: a late rejection of an earlier attempt makes a leader send nothing anew",
  },
  "acceptance-of-any-attempt": {
    scenario: "R16: late answers to an earlier attempt let no more than one append go",
    seedsPassed: 25,
  },
  "lost-probe-blocks": {
    scenario:
      "R1: an entry of an earlier term on a majority is not committed by counting (figure 8)",
    seed: { level: "core", seed: 2, check: "progress after healing" },
  },
  "window-never-freed": {
    scenario: "R16: bytes that were acknowledged make room in the window of a follower",
    seedsPassed: 25,
  },
  "window-bytes-leak": {
    scenario: "R16: bytes that were acknowledged make room in the window of a follower",
    seedsPassed: 25,
  },
  "uncommitted-bytes-leak": {
    scenario: "R16: the limits on what is not committed and on what is under way are given back",
    seed: { level: "core", seed: 2, check: "progress after healing" },
  },
  "inherited-bytes-given-back": {
    scenario:
      "R1: an entry of an earlier term on a majority is not committed by counting (figure 8)",
    seed: { level: "core", seed: 1, check: "core's own assertion" },
  },
  "empty-commands-free": {
    scenario: "R16: the limits on what is not committed and on what is under way are given back",
    seedsPassed: 25,
  },
  "tail-kept-until-applied": {
    scenario:
      "R16: committed entries that a slow state machine has not applied do not stay in memory",
    seedsPassed: 25,
  },
  "waiting-answers-pile-up": {
    scenario: "R16: answers that wait for the disk do not pile up",
    seedsPassed: 25,
  },
  "stale-read-of-disk": {
    scenario:
      "R16: entries that were read for a follower before the log was overwritten are not sent",
  },
  "restore-while-reading": { seed: { level: "core", seed: 192, check: "driver contract" } },
  "append-while-restoring": {
    scenario:
      "R36: one snapshot is made while a follower restores it, whatever it answers meanwhile",
    seedsPassed: 25,
  },
  "apply-while-restoring": { seed: { level: "core", seed: 38, check: "applied in order" } },
  "snapshot-below-commit": {
    scenario: "R36: a snapshot that contradicts what is committed stops the member",
    seedsPassed: 25,
  },
  "failed-snapshot-is-final": {
    scenario: "R17: a leader that cannot make the snapshot that a follower needs hands over",
    seed: { level: "core", seed: 7, check: "progress after healing" },
  },
  "failed-restore-blocks": {
    scenario: "R15: a tail whose place is compacted at the leader is skipped at once",
    seed: { level: "core", seed: 4, check: "progress after healing" },
  },
  "restored-membership-lost": {
    scenario: "R37: a snapshot that is taken right after a change holds it",
    seed: { level: "core", seed: 12, check: "membership in force" },
  },
  "forward-taken-twice": { seed: { level: "core", seed: 1, check: "exactly once" } },
  "forward-without-session": {
    seed: { level: "core", seed: 116, check: "progress after healing" },
  },
  "forward-never-given-up": { seed: { level: "core", seed: 1, check: "progress after healing" } },
  "forward-said-to-be-dropped": {
    scenario:
      "R11: a forwarded proposal that is lost is given up after an election timeout, and once",
    seed: { level: "core", seed: 1, check: "exactly once" },
  },
  "accepted-off-by-one": {
    scenario:
      "R1: an entry of an earlier term on a majority is not committed by counting (figure 8)",
    seed: { level: "core", seed: 1, check: "exactly once" },
  },
  "applied-change-pending-after-restart": {
    scenario: "R32: a member whose last applied entry is a change may lead after a restart",
    seedsPassed: 25,
  },
  "pending-change-forgotten-by-restart": {
    scenario: "R32: a restart does not forget that a change is pending",
    seed: { level: "core", seed: 17, check: "membership targets" },
  },
  "just-committed-change-overlooked": {
    scenario: "R32: a member does not campaign with a committed change that it has not applied",
    seedsPassed: 25,
  },
  "cut-outlives-its-write": {
    scenario:
      "R15: a tail of 10,000 entries over 50 terms is replaced in rounds that grow with the terms",
    seedsPassed: 25,
  },
  "restored-log-not-durable": {
    scenario: "R10: the completion of a write from before a snapshot makes nothing durable",
    seed: { level: "core", seed: 9, check: "durable promises" },
  },
  "pending-change-survives-restore": {
    scenario: "R31: a change that a snapshot has replaced keeps nobody from campaigning",
    seedsPassed: 25,
  },
  "marker-term-unknown": {
    scenario: "R15: a tail whose place is compacted at the leader is skipped at once",
    seed: { level: "core", seed: 4, check: "progress after healing" },
  },
  "equal-log-is-older": {
    scenario:
      "R1: an entry of an earlier term on a majority is not committed by counting (figure 8)",
    seed: { level: "core", seed: 1, check: "core's own assertion" },
  },
  "read-beyond-disk": {
    scenario:
      "R1: an entry of an earlier term on a majority is not committed by counting (figure 8)",
    seed: { level: "core", seed: 1, check: "core's own assertion" },
  },
  "appended-change-not-noted": {
    scenario: "R32: a second change is refused while one is under way",
    seed: { level: "core", seed: 5, check: "membership steps" },
  },
  "tail-drops-one-too-many": {
    scenario: "R16: what is not yet durable is sent from memory, however little of that there is",
    seed: { level: "core", seed: 3, check: "core's own assertion" },
  },
  "tail-trims-unapplied": {
    scenario:
      "R16: entries that were read for a follower before the log was overwritten are not sent",
    seed: { level: "core", seed: 2, check: "core's own assertion" },
  },
  "tail-never-trimmed": {
    scenario:
      "R16: entries that were read for a follower before the log was overwritten are not sent",
    seed: { level: "core", seed: 2, check: "limits" },
  },
  "append-size-without-limit": {
    scenario: "R16: an append is no larger than it may be",
    seed: { level: "core", seed: 4, check: "limits" },
  },
  "truncated-bytes-still-counted": {
    scenario: "R16: what was truncated takes no room in memory",
    seedsPassed: 25,
  },
  "term-run-off-by-one": {
    scenario:
      "R1: an entry of an earlier term on a majority is not committed by counting (figure 8)",
    seed: { level: "core", seed: 1, check: "cut at the first conflict" },
  },
  "hint-skips-equal-term": {
    scenario:
      "R15: a follower that first hears its leader by a heartbeat is sent what it lacks, and not the whole log",
    seedsPassed: 25,
  },
  "any-answer-confirms-reads": {
    scenario: "R21: the answers to an earlier round confirm no later read",
    seed: { level: "core", seed: 9, check: "linearizable reads" },
  },
  "round-off-by-one": {
    scenario: "R21: the answers to an earlier round confirm no later read",
    seed: { level: "core", seed: 9, check: "linearizable reads" },
  },
  "unheard-voter-confirms": {
    scenario: "R21: the answers to an earlier round confirm no later read",
    seed: { level: "core", seed: 9, check: "linearizable reads" },
  },
  "round-for-each-read": {
    scenario: "R21: reads that come while a round is under way share the next",
    seedsPassed: 25,
  },
  "gathered-reads-wait-for-heartbeat": {
    scenario: "R21: reads that come while a round is under way share the next",
    seedsPassed: 25,
  },
  "reads-join-a-sent-round": {
    scenario: "R21: the answers to an earlier round confirm no later read",
    seedsPassed: 25,
  },
  "read-at-applied-index": { seed: { level: "core", seed: 1, check: "linearizable reads" } },
  "early-read-at-old-index": {
    scenario: "R20: a new leader answers no read before an entry of its term is committed",
    seed: { level: "core", seed: 1, check: "linearizable reads" },
  },
  "reads-lost-with-leadership": {
    scenario: "R20: reads that wait for the first entry of a term are dropped with its leader",
    seed: { level: "core", seed: 6, check: "progress after healing" },
  },
  "lease-from-answer": {
    scenario: "R24: a lease counts from when the heartbeats left, however late the answers come",
    seedsPassed: 25,
  },
  "lease-too-long": {
    scenario: "R24: a lease serves reads while it holds, and not when it is over",
    seedsPassed: 25,
  },
  "lease-in-transfer": {
    scenario: "R24: there are no lease reads while leadership is transferred",
    seedsPassed: 25,
  },
  "lease-forgotten-by-restart": {
    scenario: "R24: the followers of a lease elect nobody else before it ends",
    seedsPassed: 25,
  },
  "lease-forgotten-by-role": {
    scenario: "R24: the followers of a lease elect nobody else before it ends",
    seedsPassed: 25,
  },
  "early-reads-lost-with-leadership": {
    scenario: "R20: reads that wait for the first entry of a term are dropped with its leader",
    seed: { level: "core", seed: 6, check: "progress after healing" },
  },
  "early-reads-join-every-round": {
    scenario: "R20: a read that waited for the first entry of a term is confirmed once",
    seedsPassed: 25,
  },
  "lease-one-tick-longer": {
    scenario: "R24: a lease has a margin of a tick, and one for clocks that drift",
    seedsPassed: 25,
  },
  "lease-without-drift": {
    scenario: "R24: a lease has a margin of a tick, and one for clocks that drift",
    seedsPassed: 25,
  },
  "lease-rounds-not-numbered": {
    scenario: "R24: a lease serves reads while it holds, and not when it is over",
    seedsPassed: 25,
  },
  "lease-clock-stands": {
    scenario: "R24: a lease serves reads while it holds, and not when it is over",
    seedsPassed: 25,
  },
  "forwarded-reads-confirmed-here": {
    scenario: "R21: reads that come while a round is under way share the next",
    seedsPassed: 25,
  },
  "read-at-next-index": {
    scenario: "R20: a read does not wait for what is not committed",
    seedsPassed: 25,
  },
  "lease-extended-one-round-late": {
    scenario: "R24: a lease counts from when the heartbeats left, however late the answers come",
    seedsPassed: 25,
  },
  "one-confirmation-at-a-time": {
    scenario: "R20: a new leader answers no read before an entry of its term is committed",
    seedsPassed: 25,
  },
  "committed-change-forgotten": {
    scenario: "R32: a restart does not forget that a change is committed",
    seed: { level: "core", seed: 17, check: "progress after healing" },
  },
  "truncated-change-pending": {
    scenario: "R31: a change that was truncated keeps nobody from campaigning",
  },
  "campaign-with-unapplied-change": {
    scenario: "R32: a member does not campaign with a committed change that it has not applied",
    seedsPassed: 25,
  },
  "campaign-while-restoring": {
    scenario: "R36: a member does not stand while it restores a snapshot, and does afterwards",
    seedsPassed: 25,
  },
  "removed-member-asks-on": {
    scenario: "R28: a removed member takes no requests",
    seedsPassed: 25,
  },
  "stranger-proposes": {
    scenario: "R19: messages that make no sense change nothing, and are counted",
    seedsPassed: 25,
  },
  "two-changes-at-once": {
    scenario: "R32: a second change is refused while one is under way",
    seed: { level: "core", seed: 6, check: "membership steps" },
  },
  "change-in-joint": { scenario: "R32: no change is planned in a joint configuration" },
  "two-voters-in-one-step": {
    scenario: "R35: a member whose disk was lost comes back under a new name",
    seed: { level: "core", seed: 5, check: "membership steps" },
  },
  "joint-forgets-demoted": {
    scenario:
      "R33: learners stay learners, and those that are demoted become some, over a joint change",
    seed: { level: "core", seed: 5, check: "membership steps" },
  },
  "joint-never-left": {
    scenario: 'R33: the leader crashes in a joint change at "joint entered"',
    seedsPassed: 25,
  },
  "removed-leader-stays": {
    scenario: "R29: a leader of 2 that removes itself steps down",
    seed: { level: "core", seed: 6, check: "elected by a quorum" },
  },
  "removed-member-not-told": {
    scenario: "R28: a member that is removed hears of it in that moment",
  },
  "new-member-not-served": {
    scenario:
      "R27: a transfer ends within an election timeout, and writes go on: the target is a learner",
    seed: { level: "core", seed: 12, check: "progress after healing" },
  },
  "everyone-campaigns": {
    scenario:
      "R27: a transfer ends within an election timeout, and writes go on: the target is dead",
    seed: { level: "core", seed: 2, check: "election safety" },
  },
  "learners-count": {
    scenario: "R34: the promotion of a learner is refused while it is behind",
    seedsPassed: 25,
  },
  "promoted-while-behind": {
    scenario: "R34: the promotion of a learner is refused while it is behind",
    seedsPassed: 25,
  },
  "promoted-on-request-while-behind": {
    scenario: "R34: the promotion of a learner is refused while it is behind",
    seedsPassed: 25,
  },
  "promoted-while-silent": {
    scenario: "R34: a learner that has gone silent is not promoted by itself",
    seedsPassed: 25,
  },
  "outgoing-voter-not-served": {
    scenario: 'R33: a follower crashes in a joint change at "membership proposed"',
    seed: { level: "core", seed: 17, check: "progress after healing" },
  },
  "outgoing-voter-not-asked": {
    scenario: "R12: quorums are those of brute force, simple and joint",
    seed: { level: "core", seed: 17, check: "progress after healing" },
  },
  "change-during-transfer": {
    scenario: "R34: a learner that has gone silent is not promoted by itself",
    seedsPassed: 25,
  },
  "joint-left-before-own-commit": {
    scenario:
      "R33: a joint configuration is not left before an entry of the leader's term is committed",
    seedsPassed: 25,
  },
  "promotes-unasked": {
    scenario:
      "R27: a transfer ends within an election timeout, and writes go on: the target is a learner",
    seed: { level: "core", seed: 17, check: "membership targets" },
  },
  "promotion-beside-change": {
    scenario: "R34: a learner that has gone silent is not promoted by itself",
    seedsPassed: 25,
  },
  "change-not-sent": {
    scenario:
      "R27: a transfer ends within an election timeout, and writes go on: the target was removed",
    seedsPassed: 25,
  },
  "accepted-change-off-by-one": {
    scenario: "R32: who asks for a change is told which entry it is",
    seedsPassed: 25,
  },
  "member-named-twice": {
    scenario: "R32: a change that is not possible is refused: a member is named twice",
    seedsPassed: 25,
  },
  "last-voter-removed": {
    scenario: "R32: a change that is not possible is refused: no voter would be left",
    seedsPassed: 25,
  },
  "member-added-again": {
    scenario: "R32: a change that is not possible is refused: it is a voter already",
    seedsPassed: 25,
  },
  "stranger-removed": {
    scenario: "R32: a change that is not possible is refused: it is no member",
    seedsPassed: 25,
  },
  "demoted-voter-stays-voter": {
    scenario: "R29: a leader of 2 that demotes itself steps down",
    seed: { level: "core", seed: 5, check: "membership targets" },
  },
  "demoted-voter-learner-too-early": {
    scenario:
      "R33: learners stay learners, and those that are demoted become some, over a joint change",
    seed: { level: "core", seed: 5, check: "membership targets" },
  },
  "joint-forgets-learners": {
    scenario:
      "R33: learners stay learners, and those that are demoted become some, over a joint change",
    seed: { level: "core", seed: 5, check: "membership steps" },
  },
  "joint-of-new-voters-only": {
    scenario: 'R33: the leader crashes in a joint change at "membership proposed"',
    seed: { level: "core", seed: 5, check: "membership steps" },
  },
  "decoded-joint-is-simple": {
    scenario: 'R33: the leader crashes in a joint change at "membership proposed"',
    seed: { level: "core", seed: 5, check: "membership steps" },
  },
  "next-learners-not-encoded": {
    scenario:
      "R33: learners stay learners, and those that are demoted become some, over a joint change",
    seed: { level: "core", seed: 5, check: "membership targets" },
  },
  "pre-vote-of-any-later-term": {
    scenario:
      "R4: a pre-vote that is granted for another term than was asked for counts for nothing",
    seedsPassed: 25,
  },
  "stale-pre-vote-unanswered": {
    scenario:
      "R25: a refused pre-vote tells of a later term, so that a stale cohort does not deadlock",
    seedsPassed: 25,
  },
  "stale-request-answered-in-its-term": {
    scenario:
      "R25: a refused pre-vote tells of a later term, so that a stale cohort does not deadlock",
    seedsPassed: 25,
  },
  "refusal-in-term-of-request": {
    scenario:
      "R1: an entry of an earlier term on a majority is not committed by counting (figure 8)",
    seedsPassed: 25,
  },
  "pre-vote-granted-in-own-term": {
    scenario:
      "R1: an entry of an earlier term on a majority is not committed by counting (figure 8)",
    seed: { level: "core", seed: 1, check: "core's own assertion" },
  },
  "leader-takes-part-in-elections": {
    scenario: "R5: a longer log with an older last term is refused without pre-vote",
    seedsPassed: 25,
  },
  "vote-though-leader-is-known": {
    scenario: "R4: who follows a leader gives nobody else its vote in that term",
    seedsPassed: 25,
  },
  "candidate-ignores-leader": {
    scenario:
      "R15: a tail of 10,000 entries over 50 terms is replaced in rounds that grow with the terms",
    seedsPassed: 25,
  },
  "restored-index-not-noted": {
    scenario: "R36: a core knows that a snapshot took its state machine on",
    seedsPassed: 25,
  },
  "restore-not-acknowledged": {
    scenario: "R36: a restored snapshot is acknowledged as soon as it is durable",
    seedsPassed: 25,
  },
  "new-leader-not-reported": {
    scenario: "R19: a stranger that claims to lead stops no leader, and takes over no follower",
    seed: { level: "core", seed: 1, check: "progress after healing" },
  },
  "new-term-not-reported": {
    scenario:
      "R26: the leader of a term is reported when it becomes known, and so is a term without one",
    seedsPassed: 25,
  },
  "own-message-taken": {
    scenario: "R19: messages that make no sense change nothing, and are counted",
    seedsPassed: 25,
  },
  "no-news-from-candidates": {
    scenario: "R29: a voter learns from a candidate what is committed",
    seedsPassed: 25,
  },
  "no-news-from-voters": {
    scenario:
      "R28: a removed member that missed the commit of its removal learns of it while a leader lives: 0 writes later",
    seedsPassed: 25,
  },
  "change-not-told-to-role": {
    scenario: "R29: a leader of 2 that removes itself steps down",
    seed: { level: "core", seed: 6, check: "elected by a quorum" },
  },
  "order-of-earlier-leader-obeyed": {
    scenario:
      "R27: leadership goes to the target in one term, without a pre-vote: the target has everything",
    seedsPassed: 25,
  },
  "vote-kept-in-later-term": {
    scenario:
      "R1: an entry of an earlier term on a majority is not committed by counting (figure 8)",
    seed: { level: "core", seed: 1, check: "progress after healing" },
  },
  "pre-vote-refused-after-vote": {
    scenario:
      "R1: an entry of an earlier term on a majority is not committed by counting (figure 8)",
    seed: { level: "core", seed: 6, check: "progress after healing" },
  },
  "compaction-ignored": {
    scenario: "R17: a leader that cannot make the snapshot that a follower needs hands over",
    seed: { level: "core", seed: 9, check: "progress after healing" },
  },
  "election-without-pre-vote-disrupts": {
    scenario: "R28: who hears its leader ignores real elections too, and does not enter their term",
    seedsPassed: 25,
  },
  "pre-vote-granted-beside-leader": {
    scenario:
      "R24: a member without a term that keeps to a lease from before its start says nothing",
    seedsPassed: 25,
  },
  "lease-without-quorum-check": {
    scenario: "R24: leases are refused without check-quorum, by which a leader has one",
    seedsPassed: 25,
  },
  "timeout-of-one-heartbeat": {
    scenario: "R24: a tuning that contradicts itself is refused: a timeout has several heartbeats",
    seedsPassed: 25,
  },
  "hard-state-with-old-commit": {
    scenario: "R32: a restart does not forget that a change is committed",
    seedsPassed: 25,
  },
  "idle-disk-is-busy": {
    scenario: "R25: a member that was cut off for 100 elections disturbs nobody when it returns",
    seedsPassed: 25,
  },
  "vote-durable-with-its-term": {
    scenario: "R25: who votes for another puts off its own election",
    seed: { level: "core", seed: 4, check: "durable promises" },
  },
  "forwards-not-numbered": {
    scenario: "R16: forwarded proposals go in parts that are not too large",
    seed: { level: "core", seed: 1, check: "progress after healing" },
  },
  "reads-to-apply-pile-up": {
    scenario: "R16: one read is under way for the state machine, however much happens meanwhile",
    seedsPassed: 25,
  },
  "applied-index-not-noted": {
    scenario: "R32: who asks for a change is told which entry it is",
    seedsPassed: 25,
  },
  "heartbeats-with-every-tick": {
    scenario: "R26: heartbeats are sent in their interval, not with every tick",
    seedsPassed: 25,
  },
  "quorum-checked-too-early": {
    scenario: "R21: the answers to an earlier round confirm no later read",
    seedsPassed: 25,
  },
  "commit-not-told": { scenario: "R28: a removed member takes no requests", seedsPassed: 25 },
  "no-limit-of-uncommitted-bytes": {
    scenario: "R16: the limits on what is not committed and on what is under way are given back",
    seed: { level: "core", seed: 1, check: "uncommitted bytes" },
  },
  "limit-of-uncommitted-bytes-too-low": {
    scenario: "R16: the commit of what a leader inherited makes no room for more",
    seedsPassed: 25,
  },
  "refused-forward-not-told": {
    scenario:
      "R16: of forwarded proposals those that fit are taken, and the others refused at once",
    seedsPassed: 25,
  },
  "refused-forward-accepted": {
    scenario:
      "R16: of forwarded proposals those that fit are taken, and the others refused at once",
    seed: { level: "core", seed: 4, check: "exactly once" },
  },
  "refused-proposals-accepted": {
    scenario: "R16: the limits on what is not committed and on what is under way are given back",
    seed: { level: "core", seed: 1, check: "exactly once" },
  },
  "first-refusal-not-told": {
    scenario: "R16: the limits on what is not committed and on what is under way are given back",
    seed: { level: "core", seed: 1, check: "progress after healing" },
  },
  "stalled-leader-without-heir-leaves": {
    scenario:
      "R17: a leader whose disk hangs hands over in time though it hears its followers every 3 ticks",
    seedsPassed: 25,
  },
  "heir-not-told": {
    scenario: "R17: a leader whose disk hangs hands over within two election timeouts",
    seedsPassed: 25,
  },
  "early-reads-never-join": {
    scenario: "R20: a new leader answers no read before an entry of its term is committed",
    seed: { level: "core", seed: 2, check: "progress after healing" },
  },
  "smaller-quorum-commits-nothing": {
    scenario:
      "R29: what the quorum that is left holds already is committed when a voter is removed",
    seedsPassed: 25,
  },
  "own-write-commits-nothing": {
    scenario: "R2: a candidate counts its own vote once it is durable, and not before",
    seedsPassed: 25,
  },
  "lone-leader-confirms-nothing": {
    scenario: "R2: a candidate counts its own vote once it is durable, and not before",
    seedsPassed: 25,
  },
  "former-leader-follows-itself": {
    scenario:
      "R26: a leader that is answered by nothing but heartbeats stays, and knows no leader afterwards",
    seedsPassed: 25,
  },
  "transfer-restarted": {
    scenario: "R27: a transfer that is asked for twice goes on, and ends with one word",
    seedsPassed: 25,
  },
  "transfer-waits-for-answer": {
    scenario: "R24: there are no lease reads while leadership is transferred",
    seedsPassed: 25,
  },
  "transfer-ends-silently": {
    scenario:
      "R27: a transfer ends within an election timeout, and writes go on: the target is dead",
    seedsPassed: 25,
  },
  "transfer-to-removed-goes-on": {
    scenario: "R27: a target that is removed during the transfer ends it",
    seedsPassed: 25,
  },
  "transfer-to-itself-fails": {
    scenario: "R27: a transfer to the leader itself has succeeded",
    seedsPassed: 25,
  },
  "replaced-transfer-ends-silently": {
    scenario: "R27: a second transfer takes the place of the first",
    seedsPassed: 25,
  },
  "acknowledgement-beyond-log": {
    scenario: "R19: an acknowledgement of what the leader does not have changes nothing",
    seedsPassed: 25,
  },
  "acknowledgement-is-no-activity": {
    scenario: "R26: a leader that hears its followers by acknowledgements alone stays",
    seedsPassed: 25,
  },
  "any-acknowledgement-ends-snapshot": {
    scenario: "R36: an acknowledgement of less than the log begins with does not end a snapshot",
    seedsPassed: 25,
  },
  "caught-up-follower-waits-for-snapshot": {
    scenario: "R36: a follower that is found to need no snapshot gets entries at once",
    seedsPassed: 25,
  },
  "acknowledged-follower-waits": {
    scenario: "R11: an entry has the term in which its proposer was elected",
    seedsPassed: 25,
  },
  "rejected-follower-keeps-window": {
    scenario: "R15: one lost append of many leads to one probe, not to many",
    seedsPassed: 25,
  },
  "lost-window-blocks": {
    scenario: "R16: no more is under way to a follower than is allowed: three appends",
    seed: { level: "core", seed: 24, check: "progress after healing" },
  },
  "heartbeat-answer-sends-nothing": {
    scenario:
      "R1: an entry of an earlier term on a majority is not committed by counting (figure 8)",
    seed: { level: "core", seed: 2, check: "progress after healing" },
  },
  "late-read-sent-anyway": {
    scenario:
      "R16: entries that were read for a follower are not sent when it needs others by then",
    seed: { level: "core", seed: 3, check: "core's own assertion" },
  },
  "reading-never-ends": {
    scenario:
      "R1: an entry of an earlier term on a majority is not committed by counting (figure 8)",
    seed: { level: "core", seed: 2, check: "progress after healing" },
  },
  "snapshot-index-forgotten": {
    scenario:
      "R36: one snapshot is made while a follower restores it, whatever it answers meanwhile",
    seedsPassed: 25,
  },
  "failed-snapshot-counts": {
    scenario:
      "R36: one snapshot is made while a follower restores it, whatever it answers meanwhile",
    seedsPassed: 25,
  },
  "new-leader-begins-at-the-start": {
    scenario:
      "R15: a follower that first hears its leader by a heartbeat is sent what it lacks, and not the whole log",
    seedsPassed: 25,
  },
  "removed-member-served-on": {
    scenario:
      "R28: a removed member that missed the commit of its removal learns of it while a leader lives: 0 writes later",
    seedsPassed: 25,
  },
  "heir-with-shortest-log": {
    scenario: "R29: a leader that leaves has the one take over that can: one has less",
    seedsPassed: 25,
  },
  "heir-that-is-gone": {
    scenario: "R17: a leader that cannot make snapshots stays where nobody could take its place",
    seedsPassed: 25,
  },
  "window-bytes-not-counted": {
    scenario: "R16: no more is under way to a follower than is allowed: the bytes of three",
    seed: { level: "core", seed: 6, check: "limits" },
  },
  "attempt-not-sent": {
    scenario:
      "R1: an entry of an earlier term on a majority is not committed by counting (figure 8)",
    seed: { level: "core", seed: 2, check: "progress after healing" },
  },
  "own-confirmation-not-counted": {
    scenario: "R2: a candidate counts its own vote once it is durable, and not before",
    seed: { level: "core", seed: 17, check: "progress after healing" },
  },
  "heartbeat-answer-is-no-activity": {
    scenario: "R25: a member that was cut off for 100 elections disturbs nobody when it returns",
    seedsPassed: 25,
  },
  "window-kept-by-new-attempt": {
    scenario: "R16: a window that was lost is a whole one again once the follower was found",
    seedsPassed: 25,
  },
  "probe-waits-after-rejection": {
    scenario:
      "R1: an entry of an earlier term on a majority is not committed by counting (figure 8)",
    seedsPassed: 25,
  },
  "window-without-limit": {
    scenario: "R16: no more is under way to a follower than is allowed: three appends",
    seed: { level: "core", seed: 1, check: "limits" },
  },
  "overtaken-rejection-counts": {
    scenario: "R16: a rejection that an acknowledgement has overtaken does not begin a probe",
    seedsPassed: 25,
  },
  "match-goes-back": {
    scenario: "R10: an older acknowledgement that comes late takes nothing back",
    seedsPassed: 25,
  },
  "window-one-too-large": {
    scenario: "R16: no more is under way to a follower than is allowed: three appends",
    seed: { level: "core", seed: 1, check: "limits" },
  },
  "window-freed-one-short": {
    scenario: "R16: the limits on what is not committed and on what is under way are given back",
    seedsPassed: 25,
  },
  "window-bytes-kept": {
    scenario: "R16: no more is under way to a follower than is allowed: the bytes of three",
    seedsPassed: 25,
  },
  "silence-is-refusal": {
    scenario:
      "R1: an entry of an earlier term on a majority is not committed by counting (figure 8)",
  },
  "learners-not-served": {
    scenario: "R34: a learner's vote does not count, nor its copy of the log",
    seed: { level: "core", seed: 5, check: "progress after healing" },
  },
  "leader-heard-too-long": {
    scenario:
      "R1: an entry of an earlier term on a majority is not committed by counting (figure 8)",
    seedsPassed: 25,
  },
  "vote-does-not-postpone": {
    scenario: "R25: who votes for another puts off its own election",
    seedsPassed: 25,
  },
  "append-is-no-sign-of-life": {
    scenario: "R26: a leader of whom nothing but appends comes through is heard",
    seedsPassed: 25,
  },
  "snapshot-is-no-sign-of-life": {
    scenario: "R26: a leader of whom nothing but offers of snapshots comes through is heard",
    seedsPassed: 25,
  },
  "leader-not-noted-as-heard": {
    scenario: "R24: the followers of a lease elect nobody else before it ends",
    seedsPassed: 25,
  },
  "snapshot-below-commit-unanswered": {
    scenario:
      "R36: an offer of a snapshot that the log makes needless is answered, and not restored",
    seedsPassed: 25,
  },
  "repeated-append-unanswered": {
    scenario:
      "R6: an append that comes again is acknowledged again, for its answer may be lost: its entries are new",
    seedsPassed: 25,
  },
  "attempt-not-returned": {
    scenario:
      "R1: an entry of an earlier term on a majority is not committed by counting (figure 8)",
    seed: { level: "core", seed: 8, check: "progress after healing" },
  },
  "older-append-lowers-match": {
    scenario: "R6: an older append that comes late takes nothing of an acknowledgement away",
    seedsPassed: 25,
  },
  "transfer-looks-like-election": {
    scenario: "R17: a leader whose disk hangs hands over within two election timeouts",
    seedsPassed: 25,
  },
  "restored-snapshot-matches-nothing": {
    scenario: "R36: a restored snapshot is acknowledged as soon as it is durable",
    seedsPassed: 25,
  },
  "lone-voter-waits": {
    scenario:
      "R10: completions of storage that come out of order take nothing back and skip nothing",
    seedsPassed: 25,
  },
  "commits-nothing-of-heartbeats": {
    scenario: "R21: reads that come while a round is under way share the next",
    seed: { level: "core", seed: 1, check: "progress after healing" },
  },
  "forwards-never-time-out": {
    scenario:
      "R11: a forwarded proposal that is lost is given up after an election timeout, and once",
    seed: { level: "core", seed: 2, check: "progress after healing" },
  },
  "offer-of-what-is-held-restored": {
    scenario: "R26: a leader of whom nothing but offers of snapshots comes through is heard",
    seedsPassed: 25,
  },
  "newest-attempt-forgotten": {
    scenario: "R6: an acknowledgement names the newest attempt, whatever comes late",
    seedsPassed: 25,
  },
  "new-term-counts-as-heard": {
    scenario:
      'R2: a voter with a log crashes at "vote decided" and is free to vote again: the vote never came to the disk',
    seedsPassed: 25,
  },
  "offer-during-restore-waits": {
    scenario: "R36: an offer that comes during a restore is not taken after it",
    test:
      "a snapshot that is being restored is given up for a newer one of its leader, and for no other",
    seedsPassed: 25,
  },
  "restore-during-apply": {
    scenario: "R36: two snapshots in quick succession do no harm",
    seedsPassed: 25,
  },
  "waiting-snapshot-not-active": {
    scenario:
      "R36: a snapshot waits for the apply that is under way, and nothing is taken meanwhile",
    seedsPassed: 25,
  },
  "started-offer-waits-on": {
    scenario: "R15: a tail whose place is compacted at the leader is skipped at once",
    seed: { level: "core", seed: 7, check: "progress after healing" },
  },
  "restore-of-an-old-leader": {
    test: "a snapshot that is being restored is given up when another leader is heard",
    seedsPassed: 25,
  },
  "forward-parts-too-large": {
    scenario: "R16: forwarded proposals go in parts that are not too large",
    seedsPassed: 25,
  },
  "accepted-forward-given-up": {
    scenario: "R11: a forwarded proposal that the leader has taken is not given up",
    seedsPassed: 25,
  },
  "late-refusal-passed-on": {
    scenario: "R22: answers to forwarded requests that come twice, or too late, are passed on once",
    seedsPassed: 25,
  },
  "late-confirmation-passed-on": {
    scenario: "R22: answers to forwarded requests that come twice, or too late, are passed on once",
    seedsPassed: 25,
  },
  "given-up-again-and-again": {
    scenario:
      "R11: a forwarded proposal that is lost is given up after an election timeout, and once",
    seedsPassed: 25,
  },
  "forwarded-read-not-remembered": {
    scenario: "R21: reads that come while a round is under way share the next",
    seed: { level: "core", seed: 1, check: "progress after healing" },
  },
  "forward-dropped-without-word": {
    scenario: "R11: a follower that knows no leader drops proposals and reads at once",
    seed: { level: "core", seed: 1, check: "progress after healing" },
  },
  "forwarded-proposal-not-remembered": {
    scenario: "R11: an entry has the term in which its proposer was elected",
    seed: { level: "core", seed: 1, check: "progress after healing" },
  },
  "answer-to-an-earlier-life": {
    test: "a confirmation of a read of an earlier life confirms none of this one",
    seedsPassed: 25,
  },
  "vote-request-unchecked": {
    scenario:
      "R19: a message that cannot be true is not answered, and changes nothing: the last entry of a candidate",
    seedsPassed: 25,
  },
  "vote-response-unchecked": {
    scenario:
      "R19: a message that cannot be true is not answered, and changes nothing: the commit index of a voter",
    seedsPassed: 25,
  },
  "falling-terms-taken": {
    scenario:
      "R19: a message that cannot be true is not answered, and changes nothing: an entry of an earlier term than the one before",
    seedsPassed: 25,
  },
  "entry-of-no-term-taken": {
    scenario:
      "R19: a message that cannot be true is not answered, and changes nothing: an entry of term 0 that is not the log's beginning",
    seedsPassed: 25,
  },
  "snapshot-of-nothing-taken": {
    scenario:
      'R19: a message that cannot be true is not answered, and changes nothing: a snapshot up to {"term":0,"index":0}',
    seedsPassed: 25,
  },
  "forward-unchecked": {
    scenario:
      'R19: a message that cannot be true is not answered, and changes nothing: proposals forwarded as {"session":1,"sequence":null}',
    seedsPassed: 25,
  },
  "confirmed-read-unchecked": {
    scenario:
      "R19: a message that cannot be true is not answered, and changes nothing: a read confirmed at no index",
    seedsPassed: 25,
  },
  "acceptance-unchecked": {
    scenario:
      "R19: a message that cannot be true is not answered, and changes nothing: a proposal accepted before the log's beginning",
    seedsPassed: 25,
  },
  "attempt-unchecked": {
    scenario:
      "R19: a message that cannot be true is not answered, and changes nothing: an attempt that is no number",
    seedsPassed: 25,
  },
  "pause-unnoticed": {
    test:
      "node_ticks › RaftNode knows after a pause that its lease is over, when a timer comes first",
  },
  "ticks-counted-twice": {
    test:
      "node_ticks › RaftNode holds no election before its time has passed, also when it starts at once",
  },
  "compacted-read-ends-member": {
    test:
      "raft_node_scripted › RaftNode stops when its log cannot be read, and reads on after a compaction",
  },
  "read-error-ignored": {
    test:
      "raft_node_scripted › RaftNode stops when its log cannot be read, and reads on after a compaction",
  },
  "results-not-counted": {
    test: "raft_node_scripted › RaftNode stops when the state machine gives too few results",
  },
  "rejected-apply-ignored": { test: "raft_node › RaftNode stops when the state machine throws" },
  "ticks-after-end": {
    test: "node_lifecycle › RaftNode tells when its log is whole again: a single member at once",
  },
  "streams-left-at-end": {
    test:
      "raft_node_scripted › RaftNode rejects streams of snapshots that it does not need, and all when it stops",
  },
  "events-after-end": {
    test: "raft_node_scripted › RaftNode does nothing any more once it has stopped",
  },
  "broken-assertion-ignored": {
    test: "node_lifecycle › RaftNode stops when an assertion of its core is broken",
  },
  "applied-not-told": {
    test:
      "raft_node_scripted › RaftNode rejects streams of snapshots that it does not need, and all when it stops",
  },
  "unreachable-not-told": {
    test:
      "raft_node_scripted › RaftNode sends to a follower that is lost no more than one append at a time",
  },
  "event-before-ticks": {
    test:
      "node_ticks › RaftNode knows after a pause that its lease is over, when a request comes first",
  },
  "own-pause-taken-for-silence": {
    test: "node_ticks › RaftNode does not take its own pause for its leader's silence",
  },
  "first-tick-twice": {
    test:
      "node_ticks › RaftNode holds no election before its time has passed, also when it starts at once",
  },
  "ended-member-starts": {
    test: "node_lifecycle › RaftNode that ends while its transport starts does not tick",
  },
  "stop-does-not-wait-for-apply": {
    test:
      "node_lifecycle › RaftNode.stop waits for an apply under way, and touches the log no more",
  },
  "stop-does-not-wait-for-reads": {
    test: "node_lifecycle › RaftNode.stop waits for a read of the log",
  },
  "applied-membership-not-noted": {
    test:
      "node_lifecycle › RaftNode marks a compacted log with a membership that has only just been applied",
  },
  "answered-one-step-late": {
    test: "raft_node › RaftNode answers a read as soon as an asynchronous apply gets to its index",
  },
  "outgoing-streams-left-at-end": {
    test: "node_snapshots › RaftNode ends the streams that go out of it when it is stopped",
  },
  "streams-outlive-leadership": {
    test:
      "node_snapshots › RaftNode ends the streams that go out of it when it does not lead any more",
  },
  "unwanted-snapshot-kept": {
    test:
      "node_snapshots › RaftNode gives a snapshot back at once that is made when nobody needs it any more",
  },
  "unwanted-restore-goes-on": {
    test:
      "node_snapshots › RaftNode gives a snapshot that comes in up when it hears another leader",
  },
  "tick-by-timer": {
    test:
      "node_ticks › RaftNode knows after a pause that its lease is over, when a timer comes first",
  },
  "waiting-calls-made-after-end": {
    test:
      "machine_turns › MachineTurns refuses what waits when it is ended, and waits for the call under way",
  },
  "calls-taken-after-end": {
    test:
      "machine_turns › MachineTurns refuses what waits when it is ended, and waits for the call under way",
  },
  "call-jumps-the-queue": {
    test:
      "machine_turns › MachineTurns lets what an answer asks for wait behind what waits already",
  },
  "broken-answer-ignored": {
    test: "raft_node_scripted › RaftNode stops when the state machine gives too few results",
  },
  "snapshot-beside-apply": {
    test: "machine_turns › MachineTurns makes one call at a time, in their order",
  },
  "given-up-said-to-be-dropped": {
    test:
      "raft_group › a signal ends the wait, and the error says whether the command may be applied",
  },
  "overtaken-proposals-wait": {
    test:
      "raft_node_scripted › RaftNode knows nothing of a proposal that a snapshot has overtaken, and serves reads after it",
  },
  "restored-index-unknown-to-node": {
    test:
      "raft_node_scripted › RaftNode knows nothing of a proposal that a snapshot has overtaken, and serves reads after it",
  },
  "restore-not-reported": {
    test:
      "raft_node_scripted › RaftNode knows nothing of a proposal that a snapshot has overtaken, and serves reads after it",
  },
  "stop-leaves-proposals": {
    test:
      "node_lifecycle › RaftNode.stop waits for an apply under way, and touches the log no more",
  },
  "stop-leaves-reads": {
    test:
      "raft_node_scripted › RaftNode answers everything when it stops, and takes nothing afterwards",
  },
  "stop-leaves-transfers": {
    test:
      "raft_node_scripted › RaftNode answers everything when it stops, and takes nothing afterwards",
  },
  "stop-leaves-readers": {
    test:
      "node_lifecycle › RaftNode tells when its log is whole again: a member of a group once its leader says so",
  },
  "stop-does-not-wait": {
    test: "node_lifecycle › RaftNode.stop closes the transport although the disk hangs",
  },
  "stop-leaves-transport": {
    test: "node_lifecycle › RaftNode.start leaves nothing behind when the transport does not start",
  },
  "stopped-never-told": {
    test: "node_lifecycle › RaftNode stops when an assertion of its core is broken",
  },
  "late-acceptance-waits": {
    test:
      "raft_node_scripted › RaftNode does not know the result of a proposal of which it hears after its apply",
  },
  "dropped-reads-unanswered": {
    test:
      "raft_node_scripted › RaftNode drops reads and proposals at once while no leader is known",
  },
  "unknown-said-to-be-dropped": {
    test: "raft_group › a forwarded proposal whose leader does not answer is unknown, not dropped",
  },
  "refused-change-unanswered": {
    test: "raft_group › changeMembership refuses what cannot be, and says why",
  },
  "transfer-after-stop-waits": {
    test:
      "raft_node_scripted › RaftNode answers everything when it stops, and takes nothing afterwards",
  },
  "leader-known-after-stop": {
    test: "raft_node_scripted › RaftNode.whenLeaderKnown rejects when the member stops before",
  },
  "gap-never-told": {
    test:
      "raft_node_scripted › RaftNode serves reads when their index is applied: not before, and each",
  },
  "transfer-end-not-told": {
    test:
      "raft_node_scripted › RaftNode says at once that a transfer to the leader itself has succeeded",
  },
  "leader-change-not-told-to-transfers": {
    test: "raft_group › a snapshot whose stream stalls does not keep a member from its next leader",
  },
  "given-up-transfer-asked-for": {
    test: "node_lifecycle › RaftNode does nothing for a caller who has given up before the call",
  },
  "given-up-change-proposed": {
    test: "node_lifecycle › RaftNode does nothing for a caller who has given up before the call",
  },
  "given-up-wait-for-leader-goes-on": {
    test: "node_lifecycle › RaftNode.whenLeaderKnown ends when its caller gives up",
  },
  "removed-before-applied": {
    test: "removal › RaftNode that is removed answers nothing before the removal is applied",
  },
  "removed-member-answers-nothing": {
    test: "removal › RaftNode that is removed answers nothing before the removal is applied",
  },
  "never-a-member-is-removed": {
    test:
      "removal › RaftNode that is not yet a member is not removed by the memberships before its own",
  },
  "added-again-still-removed": {
    test: "removal › RaftNode that is a member again when its removal is applied is not removed",
  },
  "aborted-signal-ignored": {
    test:
      "raft_group › a signal ends the wait, and the error says whether the command may be applied",
  },
  "listeners-left-on-signal": {
    test: "raft_node_scripted › RaftNode leaves no listener on a caller's signal",
  },
  "dropped-proposal-sent": {
    test:
      "raft_node_scripted › RaftNode does not propose what its caller has taken back in the same turn",
  },
  "one-turn-only": {
    test: "raft_node › RaftNode answers a read as soon as an asynchronous apply gets to its index",
  },
  "turn-handed-over-twice": {
    test:
      "raft_node › RaftNode compacts the log up to what the state machine holds durably, less a tail",
  },
  "late-word-of-earlier-leader-taken": {
    test:
      "PendingProposals does not know what became of a proposal if word of it comes when a later term has committed since",
  },
  "word-at-applied-index-taken": {
    test:
      "PendingProposals does not know what became of a proposal if word of it comes when its entry is applied already",
  },
  "superseded-proposal-forgotten": {
    test: "PendingProposals drops a proposal when a later leader has another one in its place",
  },
  "commit-of-another-acknowledged": {
    test: "PendingProposals acknowledges a commit to whose entry it is, and to nobody else",
  },
  "proposals-of-own-term-outvoted": {
    test: "PendingProposals keeps what is behind a commit of its own term",
  },
  "result-of-another-taken": {
    test: "PendingProposals drops a proposal whose place another leader's entry took",
  },
  "proposal-at-snapshot-waits": {
    test: "PendingProposals says that a snapshot has overtaken a proposal",
  },
  "overtaken-said-to-be-dropped": {
    test: "PendingProposals says that a snapshot has overtaken a proposal",
  },
  "later-ids-off-by-one": {
    test: "PendingProposals acknowledges a commit to whose entry it is, and to nobody else",
  },
  "committed-ack-waits-for-apply": {
    test: "PendingProposals acknowledges a commit to whose entry it is, and to nobody else",
  },
  "commit-skipped": { test: "PendingProposals answers commits in whatever steps they come" },
  "committed-before-word-waits": {
    test: "PendingProposals answers a proposal that was committed before word of it came",
  },
  "all-looked-at-in-each-step": {
    test: "PendingProposals looks at nothing that waits when nothing new is committed",
  },
  "read-before-applied": {
    test: "RaftNode serves reads when their index is applied: not before, and each",
  },
  "served-reads-kept": {
    test: "RaftNode serves reads when their index is applied: not before, and each",
  },
  "only-first-of-many-rejected": {
    test: "RaftNode drops reads and proposals at once while no leader is known",
  },
  "successful-transfer-unanswered": {
    test: "PendingTransfers resolves a transfer when its target leads",
  },
  "transfer-won-by-another-unanswered": {
    test: "PendingTransfers rejects a transfer when another member leads a later term",
  },
  "transfer-to-leader-unanswered": {
    test: "PendingTransfers resolves a transfer when the core says that it succeeded",
  },
  "failed-transfer-unanswered": {
    test: "PendingTransfers rejects a transfer when the core says that it failed",
  },
  "transfer-timer-left": {
    test: "PendingTransfers ends a transfer of which nothing more is heard, and forgets its timer",
  },
  "ended-reader-not-woken": { test: "EventStream's reader can be returned from while it waits" },
  "newest-event-dropped": {
    test:
      "EventStream drops the oldest events of a reader that is too slow, and says how many, once",
  },
  "drops-told-again": {
    test:
      "EventStream drops the oldest events of a reader that is too slow, and says how many, once",
  },
  "end-loses-events": {
    test: "EventStream lets its readers read what waits, and end, whether they wait or not",
  },
  "reader-after-end-waits": { test: "EventStream ends a reader that begins after the end" },
  "events-without-limit": {
    test:
      "EventStream drops the oldest events of a reader that is too slow, and says how many, once",
  },
  "returned-reader-waits": { test: "EventStream's reader can be returned from while it waits" },
  "returned-reader-kept": { test: "EventStream's reader can be returned from while it waits" },
  "replaced-snapshot-kept": {
    test: "SnapshotSender gives the former snapshot back when there is a newer one",
  },
  "failed-snapshot-not-told": { test: "SnapshotSender says that a snapshot could not be made" },
  "broken-stream-counts-as-sent": {
    test: "SnapshotSender gives a snapshot back when its stream cannot be opened",
  },
  "other-snapshot-streamed": {
    test: "SnapshotSender streams no other snapshot than the one that was offered",
  },
  "broken-stream-not-aborted": { test: "SnapshotSender tells both ends when a stream breaks off" },
  "discarded-snapshot-pinned": {
    test: "SnapshotSender gives a snapshot back that the core does not want any more",
  },
  "mismatched-snapshot-pinned": {
    test: "SnapshotSender streams no other snapshot than the one that was offered",
  },
  "nameless-snapshot-pinned": {
    test: "SnapshotSender gives a snapshot back whose making ends after the member's end",
  },
  "snapshot-offered-after-end": {
    test: "SnapshotSender gives a snapshot back whose making ends after the member's end",
  },
  "waiting-snapshot-pinned": {
    test: "SnapshotSender gives back at the end what was made and waits",
  },
  "streamed-snapshot-pinned": {
    test: "SnapshotSender gives a snapshot back when its stream cannot be opened",
  },
  "stream-goes-on-after-abort": {
    test: "SnapshotSender.abort ends a stream at once, while the stream is opened",
  },
  "snapshot-with-newest-membership": {
    test: "SnapshotSender gives a snapshot back when its membership is not known any more",
  },
  "superseded-stream-kept": {
    test: "SnapshotReceiver restores no other stream than the one that was offered",
  },
  "unwanted-stream-kept": {
    test: "SnapshotReceiver gives up a stream that does not come, and one that is not asked for",
  },
  "missing-stream-waited-for": {
    test: "SnapshotReceiver gives up a stream that does not come, and one that is not asked for",
  },
  "other-stream-restored": {
    test: "SnapshotReceiver restores no other stream than the one that was offered",
  },
  "restore-before-term-is-durable": {
    test:
      "SnapshotReceiver restores nothing before the log is written, and tells nothing before it is reset",
  },
  "restored-before-log-is-reset": {
    test: "SnapshotReceiver ends the member when the log cannot be reset",
  },
  "log-not-reset": { test: "SnapshotReceiver ends the member when the log cannot be reset" },
  "failed-restore-not-told": {
    test: "SnapshotReceiver says that a snapshot could not be restored, and rejects its stream",
  },
  "waiting-streams-left-at-end": {
    test: "SnapshotReceiver rejects at the end what waits, and what comes after it",
  },
  "aborted-restore-goes-on": { test: "SnapshotReceiver.abort ends a restore at once" },
  "aborted-wait-not-told": { test: "SnapshotReceiver.abort ends the wait for a stream" },
  "log-reset-after-end": {
    test: "SnapshotReceiver resets no log after the end, and is idle once the restore has ended",
  },
  "restore-told-after-end": {
    test: "SnapshotReceiver tells nothing of a reset that ends after the end",
  },
  "restored-membership-not-noted": {
    test: "SnapshotReceiver restores what comes, however long it takes, and then resets the log",
  },
  "running-restore-outlives-member": {
    test: "SnapshotReceiver ends a restore whose stream is silent with the member",
  },
  "broken-reset-ignored": { test: "SnapshotReceiver ends the member when the log cannot be reset" },
  "silent-stream-waited-for": {
    test: "snapshot_receiver › SnapshotReceiver gives a stream up that brings nothing for too long",
  },
  "long-stream-taken-for-silent": {
    test: "received_chunks › ReceivedChunks gives what comes, and leaves no timer",
  },
  "stopped-stream-read-on": {
    test: "received_chunks › ReceivedChunks that is stopped between two pieces gives no more",
  },
  "stopped-stream-not-rejected": {
    test: "received_chunks › ReceivedChunks that is stopped between two pieces gives no more",
  },
  "merge-keeps-replaced": {
    test:
      "PersistQueue merges what waits: later entries and the newest hard state replace earlier ones",
  },
  "merge-loses-hard-state": {
    test:
      "PersistQueue merges what waits: later entries and the newest hard state replace earlier ones",
  },
  "merge-keeps-older-hard-state": {
    test:
      "PersistQueue merges what waits: later entries and the newest hard state replace earlier ones",
  },
  "completion-covers-what-waits": {
    test:
      "PersistQueue merges what waits: later entries and the newest hard state replace earlier ones",
  },
  "writes-after-failure": {
    test: "PersistQueue writes nothing any more once the log store has failed",
  },
  "reset-overtakes-appends": {
    test: "PersistQueue resets the log after what was pushed before, and tells of compactions",
  },
  "idle-between-writes": {
    test: "PersistQueue is idle once nothing waits, not when one write is done",
  },
  "compaction-not-told": {
    test: "PersistQueue resets the log after what was pushed before, and tells of compactions",
  },
  "compaction-never-written": {
    test: "PersistQueue compacts although there is always something to append",
  },
  "hard-state-alone-not-written": {
    test: "PersistQueue writes a hard state that comes without entries",
  },
  "first-entry-is-the-last": {
    test:
      "PersistQueue merges what waits: later entries and the newest hard state replace earlier ones",
  },
  "thrown-error-escapes": {
    test: "PersistQueue ends when append throws instead of rejecting, and writes nothing more",
  },
  "failed-reset-waited-for": {
    test: "PersistQueue tells of a reset that fails who asked for it, and its listener",
  },
  "reset-left-at-end": {
    test: "PersistQueue finishes the call under way when it is ended, and begins no other",
  },
  "compaction-after-stop": {
    test: "PersistQueue writes nothing any more once the log store has failed",
  },
  "marker-has-newest-membership": {
    test: "LogCompaction marks a log with the membership that was in force where it begins",
  },
  "compaction-keeps-no-tail": {
    test: "LogCompaction at 130, durable 130, is due up to 120: the tail stays",
  },
  "compacts-what-is-not-durable": {
    test: "LogCompaction at 130, durable 110, is due up to 110: what is not durable stays",
  },
  "compacts-with-every-apply": {
    test: "LogCompaction marks a log with the membership that was in force where it begins",
  },
  "compacted-for-little": {
    test:
      "LogCompaction at 130, durable 109, is due up to null: too little would go to be worth it",
  },
  "compacted-too-early": {
    test:
      "LogCompaction at 129, durable 129, is due up to null: tail and threshold are not reached",
  },
  "compaction-forgets-restore": {
    test: "LogCompaction counts from the end of a snapshot that was restored",
  },
  "marker-membership-one-early": {
    test: "MembershipHistory.at(10) is a: the first one is in force as of its own entry",
  },
  "current-membership-forgotten": {
    test: "MembershipHistory forgets what was in force before an index, and keeps what was then",
  },
  "gap-before-log-accepted": {
    test: "W14: startCore refuses to start where entries are in neither",
  },
  "foreign-log-accepted": { test: "W14: startCore refuses to start where the log was lost" },
  "uncommitted-membership-in-force": {
    test:
      "startCore takes the log's membership as of what is applied: that of the marker, if no other is applied",
  },
  "founders-before-marker": {
    test:
      "startCore takes the log's membership as of what is applied: that of the marker, if no other is applied",
  },
  "oldest-membership-in-force": {
    test: "startCore takes the log's membership as of what is applied: not that of an earlier one",
  },
  "half-installed-log-kept": {
    test:
      "W14: startCore lets the log begin after a snapshot that a crash left half installed: the snapshot goes beyond the log",
  },
  "half-installed-log-used": {
    test:
      "W14: startCore lets the log begin after a snapshot that a crash left half installed: the log has another leader's entry there (R36)",
  },
  "founders-forgotten-at-restart": {
    test: "startCore takes the founders for the members of before what the state machine holds",
  },
  "changes-forgotten-at-restart": {
    test: "startCore knows the memberships of all that the log still holds and is applied",
  },
  "segment-without-directory-sync": {
    test:
      "W16: WalLogStore forgets at no power cut that its end was damaged: the word goes into the place of what is cut",
  },
  "goes-on-after-failed-write": {
    test: "W7: WalLogStore is out of use once an append has failed, even if the next would succeed",
  },
  "cuts-damage-anywhere": {
    test: "W6: WalLogStore refuses damage to the last batch if it brought a term",
  },
  "snapshot-renamed-before-sync": {
    test: "crash › W15: FileSnapshotStore takes nothing back that a life after a kill was told of",
  },
  "segment-renamed-before-sync": {
    test:
      "W16: WalLogStore forgets at no power cut that its end was damaged: the word goes into the place of what is cut",
  },
  "append-without-data-sync": {
    test:
      "W16: WalLogStore forgets at no power cut that its end was damaged: the word goes into the place of what is cut",
  },
  "zeros-not-checked": {
    test:
      "W17: WalLogStore whose file system turns read-only at any call has what it acknowledged, in zeros",
  },
  "frame-in-hole-not-checked": {
    test:
      "W17: WalLogStore whose file system turns read-only at any call has what it acknowledged, in holes",
  },
  "zeros-share-opening": {
    test:
      "W7: with an i/o error, each call fails once: WalLogStore is out of use, and restarts with what it had acknowledged",
  },
  "stored-heads-believed": {
    test: "W4: WalLogStore cuts a torn write whose data look like frames",
  },
  "close-stops-timer-first": {
    test: "WalLogStore.close confirms what was under way once, however late its timer comes",
  },
  "failed-zeros-forgotten": {
    test:
      "W7: WalLogStore whose zeros could not be written takes no append, in a new segment neither",
  },
  "zeros-over-frames": {
    test: "ZeroFill never writes zeros over a frame, in whatever order writes are done",
  },
  "holes-after-cut-forgotten": {
    test:
      "W17: WalLogStore whose file system turns read-only at any call has what it acknowledged, in the place of what it cut",
  },
  "found-log-not-synced": {
    test: "WalLogStore makes durable what it finds, before it says that it is",
  },
  "found-frame-not-rewritten": {
    test:
      "W7: written but not synced, each call fails once: WalLogStore is out of use, and restarts with what it had acknowledged",
  },
  "torn-end-stays": {
    test:
      "repair › W1: WalLogStore that has cut its end finds nothing more to cut, though nothing was appended",
  },
  "segments-removed-youngest-first": {
    test:
      "W5, W9, W10: WalLogStore comes back from a power cut before and during each of 100 calls, whatever is lost: with holes",
  },
  "chain-not-checked": {
    test: "W4: WalLogStore refuses a frame that was written in the place of another",
  },
  "frame-not-checked": { test: "W6: WalLogStore refuses damage to a compaction marker" },
  "no-watermark-at-rest": {
    test: "W6: WalLogStore refuses damage to the last batch once a watermark has confirmed it",
  },
  "no-watermark-at-close": { test: "W6: WalLogStore.close confirms the last batch" },
  "missing-segment-passed-over": {
    test: "W11: WalLogStore names a segment that is missing, renamed, or exchanged",
  },
  "hard-state-lost-in-roll": {
    test:
      "W5, W9, W10: WalLogStore comes back from a power cut before and during each of 100 calls, whatever is lost: filled with zeros at once",
  },
  "contradicting-log-kept": {
    test: "WalLogStore on a simulated disk: a log that began anew does not go back by a power cut",
  },
  "bounds-of-reads-ignored": {
    test: "WalLogStore reads as much as fits behind a frame of which a part was appended again",
  },
  "identity-not-compared": { test: "WalLogStore refuses the log of another owner" },
  "promise-beside-its-confirmation": {
    test:
      "W5: every sector of 4 KiB zeros or 0xff: WalLogStore loses nothing without a word where the last batch may be torn",
  },
  "marker-not-confirmed": { test: "W6: WalLogStore refuses damage to a compaction marker" },
  "short-file-accepted": { test: "W1: WalLogStore refuses a file that is cut at any byte" },
  "same-salt-everywhere": {
    test: "W4: WalLogStore does not take frames of an older life of the file for its own",
  },
  "version-before-checksum": {
    test: "W6: WalLogStore refuses a log in which any byte before the last batch is damaged",
  },
  "drops-segment-being-opened": {
    test: "EntryReader lets no segment go that is being opened to be read",
  },
  "close-keeps-lock": {
    test: "WalLogStore.close frees the lock though the last watermark cannot be written",
  },
  "found-meta-not-rewritten": {
    test:
      "W19: meta page 0 that was written, and the sync of it failed, is durable once LMDB gets to see it",
  },
  "found-meta-not-synced": {
    test:
      "W19: meta page 0 that was written, and the process was killed before it synced it, is durable once LMDB gets to see it",
  },
  "rest-of-a-restore-kept": {
    test: "KvStateMachine.restore leaves all as it was when its stream breaks off anywhere",
  },
  "restore-overtakes-clearing": {
    test: "KvStateMachine.restore leaves all as it was when its stream breaks off anywhere",
  },
  "restored-before-durable": {
    test:
      "KvStateMachine reads the old state during a restore and the new one after it, never half",
  },
  "restored-before-its-index": {
    test: "InvariantError: Invariant broken: the store is restored before use (begun)",
  },
  "restore-not-flushed": {
    test:
      "KvStateMachine reads the old state during a restore and the new one after it, never half",
  },
  "snapshot-of-another-entry": {
    test:
      "KvStateMachine.restore refuses a stream of another entry than was announced, in pieces of Infinity bytes",
  },
  "membership-not-restored": {
    test: "W15: a crash after any batch of a restore leaves the old state or the new, and no rest",
  },
  "restore-held-in-memory": {
    test: "KvStateMachine.restore holds a bounded part of a snapshot: few long ones",
  },
  "short-snapshot-restored": {
    test: "KvStateMachine.restore refuses a stream of nothing, in pieces of 1 bytes",
  },
  "slot-and-word-apart": {
    test: "KvStateMachine.restore makes its slot current in one batch with word of how far it goes",
  },
  "spare-not-cleared-at-start": {
    test: "W15: a crash after any batch of a restore leaves the old state or the new, and no rest",
  },
  "failed-publish-leaves-file": { test: "FileSnapshotStore heeds an abort up to its last write" },
  "failed-close-told-instead": {
    test:
      "FileSnapshotStore leaves nothing of a publish that failed when neither can what was written be closed",
  },
  "passed-over-not-told": {
    test:
      "fallback › W15: a member comes up from an older snapshot and its log to the same state: a bit of the newest one flipped",
  },
  "damaged-newest-purged": {
    test:
      "snapshot_store › FileSnapshotStore on a simulated disk: purge hides no damage that readers are to be told of",
  },
  "snapshot-chain-not-checked": { test: "readChunks hands out no chunk that is out of place" },
  "start-beyond-older-snapshot": {
    test:
      "W15: a member whose log does not reach back to the older snapshot is refused, and told what is missing",
  },
  "create-opens-what-is-there": {
    test: "NodeFileSystem: a file to create must not exist: EEXIST, and what it holds stays",
  },
  "files-readable-by-all": { test: "NodeFileSystem keeps files and directories to their owner" },
  "lock-shared": { test: "NodeFileSystem: a lock that was refused stays held" },
  "memory-log-keeps-contradiction": {
    test: "MemoryLogStore: a compaction at an entry of another term drops all entries",
  },
  "memory-view-not-pinned": { test: "MemoryBackend: a view does not show what is written later" },
  "memory-snapshot-shares-bytes": {
    test:
      "MemorySnapshotStore: the bytes of a chunk are the caller's when the next one is asked for",
  },
  "backend-goes-on-after-failed-commit": {
    test: "W19: LmdbBackend fails when a small disk is full, and goes on once there is room",
  },
  "flush-does-not-wait": {
    test:
      "lmdb › commit_failure › W19: a commit that cannot begin fails the backend in bounded time",
  },
  "sealed-layers-not-read": { test: "backend › LmdbBackend: a batch of many operations is kept" },
  "deleted-key-read-below": { test: "LmdbBackend: a record that was deleted is gone" },
  "view-not-pinned": {
    test:
      "lmdb › lmdb_backend › W19: LmdbBackend grows its map many times over while views are open",
  },
  "cut-backend-opened": {
    test: "W19: with any bit of the meta pages flipped, a file is refused or holds the right data",
  },
  "bad-sector-not-told": {
    test: "W19: checkFile names the place that cannot be read, for each read that it makes",
  },
  "foreign-directory-founded": {
    test: "openDataDirectory refuses what another program left, and leaves it alone",
  },
  "later-format-read": {
    test: "openDataDirectory refuses an identity with a newer format, and lets go of the lock",
  },
  "backend-ahead-of-log": {
    test:
      "W14: misfitOf a backend at 21 of term 3 is /up to 21, and the log ends at 20/: ahead of the log",
  },
  "other-directory-not-noticed": {
    test: "W17: guardDirectory tells once that the directory is replaced by another's",
  },
  "identity-renamed-before-sync": {
    test:
      "writeSmallFile leaves the old content or the new after a power cut at any time, and the new once it resolved",
  },
  "suspect-vote-counts": {
    scenario:
      "W16: a member that has lost what it acknowledged elects nobody without it, asked first",
    seedsPassed: 25,
  },
  "own-suspect-vote-counts": {
    scenario:
      "W16: a member that has lost what it acknowledged elects nobody without it, asked first",
    seedsPassed: 25,
  },
  "suspect-votes-never-count": {
    scenario: "R12: quorums are those of brute force, simple and joint",
    seedsPassed: 25,
  },
  "most-suspect-votes-count": {
    scenario: "R12: quorums are those of brute force, simple and joint",
    seedsPassed: 25,
  },
  "pending-voters-not-asked": {
    scenario:
      "W16: the votes of a membership in force are not enough where one in the log may be in force too",
    seedsPassed: 25,
  },
  "pending-voter-does-not-stand": {
    scenario:
      "W16: who is asked for its vote without being a voter stands itself, if its log is the newest",
    seedsPassed: 25,
  },
  "suspect-match-counts": {
    scenario: "W16: what a member holds that is not confirmed counts towards no commit",
    seedsPassed: 25,
  },
  "late-answers-count": {
    scenario:
      "W16: an acknowledgement from before the crash, which comes late, counts towards no commit",
    seedsPassed: 25,
  },
  "match-survives-suspicion": {
    scenario: "W16: what a member holds that is not confirmed counts towards no commit",
    seedsPassed: 25,
  },
  "lives-not-told-apart": {
    scenario:
      "W16: two crashes in a row: what was acknowledged between them, once confirmed, does not count",
    seedsPassed: 25,
  },
  "confirmed-too-early": {
    scenario: "W16: what a leader has committed since its election is needed, too, to be confirmed",
    seedsPassed: 25,
  },
  "confirmed-by-commit-alone": {
    scenario:
      "W16: a group of which all members are suspect elects who has the newest log, once all are there",
    seedsPassed: 25,
  },
  "confirmation-for-any-life": {
    scenario:
      "W16: two crashes in a row: a confirmation that was meant for the life before is not taken",
    seedsPassed: 25,
  },
  "confirmed-without-log": {
    scenario: "W16: a confirmation of what a member does not hold is not taken",
    seedsPassed: 25,
  },
  "suspicion-over-before-durable": {
    scenario:
      "W16: a member that has lost what it acknowledged elects nobody without it, asked first",
    seedsPassed: 25,
  },
  "suspicion-lost-with-term": {
    scenario:
      "W16: a member that has lost what it acknowledged elects nobody without it, asked first",
    seedsPassed: 25,
  },
  "answers-not-flagged": {
    scenario:
      "W16: a member that has lost what it acknowledged elects nobody without it, asked first",
    seedsPassed: 25,
  },
  "confirmed-but-silent": { scenario: "W16: a suspect member confirms no read", seedsPassed: 25 },
  "suspect-not-asked-again": {
    scenario: "W16: what a member holds that is not confirmed counts towards no commit",
    seedsPassed: 25,
  },
  "suspect-confirms-reads": { scenario: "W16: a suspect member confirms no read", seedsPassed: 25 },
  "suspect-heir": {
    scenario: "W16: a suspect member is not told to lead, nor is a suspect learner promoted",
    seedsPassed: 25,
  },
  "suspect-is-not-heard": {
    scenario: "W16: a leader stays as long as it hears a suspect member that it could confirm",
    seedsPassed: 25,
  },
  "elected-and-still-suspect": {
    scenario:
      "W16: a group of which all members are suspect elects who has the newest log, once all are there",
    seedsPassed: 25,
  },
  "cut-forgotten": {
    seedsPassed: 1,
    test:
      "crash_everywhere › W16: WalLogStore forgets at no power cut that its end was damaged: the word goes into the place of what is cut",
  },
  "vote-not-confirmed": {
    seedsPassed: 1,
    test: "W6: WalLogStore refuses damage to the last batch if it brought a term",
  },
  "membership-not-confirmed": {
    seedsPassed: 1,
    test: "W6: WalLogStore refuses damage to the last batch if it brought a membership",
  },
};
