import { membershipOf } from "../../../raft/mod.ts";
import { DurablePromises } from "../../../testing/invariants/durable_promises.ts";
import { ElectedByQuorum } from "../../../testing/invariants/elected_by_quorum.ts";
import { ElectionSafety } from "../../../testing/invariants/election_safety.ts";
import { OneVote } from "../../../testing/invariants/one_vote.ts";
import { TransferEnds } from "../../../testing/invariants/transfer_ends.ts";
import {
  acknowledgement,
  candidacy,
  entries,
  entry,
  type FakeGroup,
  type FakeMember,
  heartbeatAnswer,
  vote,
} from "./fake_group.ts";
import { testHistories } from "./histories.ts";

const JOINT = {
  voters: ["a", "d", "e"],
  learners: [],
  votersOutgoing: ["a", "b", "c"],
  learnersNext: [],
};

testHistories("ElectionSafety", {
  create: () => new ElectionSafety(),
  check: "election safety",
  fine: [
    {
      why: "a leader of one term follows in the next, which another one leads",
      steps: (check, { a, b }) => [
        () => check.onRoleChanged(a.be("leader", 1)),
        () => check.onRoleChanged(a.be("follower", 2)),
        () => check.onRoleChanged(b.be("leader", 2)),
      ],
    },
    {
      why: "several stand in a term that one of them leads",
      steps: (check, { a, b }) => [
        () => check.onRoleChanged(a.be("candidate", 1)),
        () => check.onRoleChanged(b.be("candidate", 1)),
        () => check.onRoleChanged(b.be("leader", 1)),
        () => check.onRoleChanged(b),
      ],
    },
  ],
  broken: [
    {
      why: "two lead a term, though one after the other",
      steps: (check, { a, b }) => [
        () => check.onRoleChanged(a.be("leader", 3)),
        () => check.onRoleChanged(a.be("follower", 4)),
        () => check.onRoleChanged(b.be("leader", 3)),
      ],
    },
  ],
});

testHistories("ElectedByQuorum", {
  create: () => new ElectedByQuorum(),
  check: "elected by a quorum",
  fine: [
    {
      why: "a member leads by its own durable vote and that of another",
      steps: (check, { a, b }) => [
        () => check.onSending(b, vote(b, "a", 2)),
        () => check.onRoleChanged(a.promise(2, "a").be("leader", 2)),
      ],
    },
    {
      why: "a member leads by two votes of others before its own is durable",
      steps: (check, { a, b, c }) => [
        () => check.onSending(b, vote(b, "a", 2)),
        () => check.onSending(c, vote(c, "a", 2)),
        () => check.onRoleChanged(a.be("leader", 2)),
      ],
    },
    {
      why: "a member follows without any votes",
      steps: (check, { a }) => [() => check.onRoleChanged(a.be("candidate", 2))],
    },
    {
      why: "both majorities of a joint configuration voted",
      steps: (check, group) => {
        const { a, b } = group;
        const d = group.join("d");
        a.membership = JOINT;
        return [
          () => check.onSending(b, vote(b, "a", 2)),
          () => check.onSending(d, vote(d, "a", 2)),
          () => check.onRoleChanged(a.promise(2, "a").be("leader", 2)),
        ];
      },
    },
    {
      why: "the votes are those of the membership before the step that elected",
      steps: (check, { a, b }) => [
        () => check.onSending(b, vote(b, "a", 2)),
        () => {
          a.membershipBefore = a.membership;
          a.membership = membershipOf(["a", "d", "e"]);
          check.onRoleChanged(a.promise(2, "a").be("leader", 2));
        },
      ],
    },
    {
      why: "the votes are those of the membership that the step that elected hands out",
      steps: (check, { a, b }) => [
        () => check.onSending(b, vote(b, "a", 2)),
        () => {
          a.membership = membershipOf(["a", "d", "e"]);
          a.membershipAfter = membershipOf(["a", "b", "e"]);
          check.onRoleChanged(a.promise(2, "a").be("leader", 2));
        },
      ],
    },
    {
      why: "a vote of an older term comes late and does not count against the newer ones",
      steps: (check, { a, b, c }) => [
        () => check.onSending(b, vote(b, "a", 3)),
        () => check.onSending(c, vote(c, "a", 2)),
        () => check.onRoleChanged(a.promise(3, "a").be("leader", 3)),
      ],
    },
  ],
  broken: [
    {
      why: "a member leads by its own vote alone",
      steps: (check, { a }) => [() => check.onRoleChanged(a.promise(2, "a").be("leader", 2))],
    },
    {
      why: "one of its two votes is its own, which is not durable",
      steps: (check, { a, b }) => [
        () => check.onSending(b, vote(b, "a", 2)),
        () => check.onRoleChanged(a.promise(1, "a").be("leader", 2)),
      ],
    },
    {
      why: "one of its two votes was durably given to another candidate",
      steps: (check, { a, b }) => [
        () => check.onSending(b, vote(b, "a", 2)),
        () => check.onRoleChanged(a.promise(2, "c").be("leader", 2)),
      ],
    },
    {
      why: "a voter of five is counted twice",
      steps: (check, { a, b }) => {
        a.membership = membershipOf(["a", "b", "c", "d", "e"]);
        return [
          () => check.onSending(b, vote(b, "a", 2)),
          () => check.onSending(b, vote(b, "a", 2)),
          () => check.onRoleChanged(a.promise(2, "a").be("leader", 2)),
        ];
      },
    },
    {
      why: "the other vote is of an earlier term",
      steps: (check, { a, b }) => [
        () => check.onSending(b, vote(b, "a", 1)),
        () => check.onRoleChanged(a.promise(2, "a").be("leader", 2)),
      ],
    },
    {
      why: "the other vote is a pre-vote",
      steps: (check, { a, b }) => [
        () => check.onSending(b, vote(b, "a", 2, { isPreVote: true })),
        () => check.onRoleChanged(a.promise(2, "a").be("leader", 2)),
      ],
    },
    {
      why: "the other vote is a refusal",
      steps: (check, { a, b }) => [
        () => check.onSending(b, vote(b, "a", 2, { granted: false })),
        () => check.onRoleChanged(a.promise(2, "a").be("leader", 2)),
      ],
    },
    {
      why: "the votes are a majority neither before the step that elected, nor in it, nor after it",
      steps: (check, { a, b }) => [
        () => check.onSending(b, vote(b, "a", 2)),
        () => {
          a.membershipBefore = membershipOf(["a", "d", "e"]);
          a.membership = membershipOf(["a", "d", "f"]);
          a.membershipAfter = membershipOf(["a", "e", "f"]);
          check.onRoleChanged(a.promise(2, "a").be("leader", 2));
        },
      ],
    },
    {
      why: "only the new majority of a joint configuration voted",
      steps: (check, group) => {
        const d = group.join("d");
        group.a.membership = JOINT;
        return [
          () => check.onSending(d, vote(d, "a", 2)),
          () => check.onRoleChanged(group.a.promise(2, "a").be("leader", 2)),
        ];
      },
    },
    {
      why: "only the old majority of a joint configuration voted",
      steps: (check, { a, b }) => {
        a.membership = JOINT;
        return [
          () => check.onSending(b, vote(b, "a", 2)),
          () => check.onRoleChanged(a.promise(2, "a").be("leader", 2)),
        ];
      },
    },
  ],
});

testHistories("OneVote", {
  create: () => new OneVote(),
  check: "one vote in a term",
  fine: [
    {
      why: "a member repeats its vote, and gives another in another term",
      steps: (check, { a }) => [
        () => check.onSending(a, vote(a, "b", 2)),
        () => check.onSending(a, vote(a, "b", 2)),
        () => check.onSending(a, vote(a, "c", 3)),
      ],
    },
    {
      why: "pre-votes and refusals bind nobody",
      steps: (check, { a }) => [
        () => check.onSending(a, vote(a, "b", 2, { isPreVote: true })),
        () => check.onSending(a, vote(a, "c", 2, { isPreVote: true })),
        () => check.onSending(a, candidacy(a, 2, { isPreVote: true })),
        () => check.onSending(a, vote(a, "b", 2, { granted: false })),
        () => check.onSending(a, vote(a, "c", 2)),
      ],
    },
    {
      why: "two members vote for different candidates",
      steps: (check, { a, b }) => [
        () => check.onSending(a, vote(a, "a", 2)),
        () => check.onSending(b, vote(b, "b", 2)),
      ],
    },
    {
      why: "a member starts in the term of its promise",
      steps: (check, { a }) => [
        () => check.onSending(a, heartbeatAnswer(a, 5)),
        () => check.onStarted(a.be("follower", 5)),
      ],
    },
    {
      why: "a pre-vote for a later term leaves the term where it was",
      steps: (check, { a }) => [
        () => check.onSending(a, vote(a, "b", 6, { isPreVote: true })),
        () => check.onStarted(a.be("follower", 5)),
      ],
    },
  ],
  broken: [
    {
      why: "a member votes for two candidates",
      steps: (check, { a }) => [
        () => check.onSending(a, vote(a, "b", 2)),
        () => check.onSending(a, vote(a, "c", 2)),
      ],
    },
    {
      why: "a member votes for another one after a restart",
      steps: (check, { a }) => [
        () => check.onSending(a, vote(a, "b", 2)),
        () => check.onStarted(a.be("follower", 2)),
        () => check.onSending(a, vote(a, "c", 2)),
      ],
    },
    {
      why: "a member stands itself after it voted for another one",
      steps: (check, { a }) => [
        () => check.onSending(a, vote(a, "b", 2)),
        () => check.onSending(a, candidacy(a, 2)),
      ],
    },
    {
      why: "a candidate votes for another one",
      steps: (check, { a }) => [
        () => check.onSending(a, candidacy(a, 2)),
        () => check.onSending(a, vote(a, "b", 2)),
      ],
    },
    {
      why: "a late vote of an older term contradicts that of its time",
      steps: (check, { a }) => [
        () => check.onSending(a, vote(a, "b", 2)),
        () => check.onSending(a, vote(a, "b", 3)),
        () => check.onSending(a, vote(a, "c", 2)),
      ],
    },
    ...[
      { what: "a vote", promise: (a: FakeMember) => vote(a, "b", 5) },
      { what: "its candidacy", promise: (a: FakeMember) => candidacy(a, 5) },
      { what: "an acknowledgement", promise: (a: FakeMember) => acknowledgement(a, 5, 1) },
      { what: "its answer to a heartbeat", promise: (a: FakeMember) => heartbeatAnswer(a, 5) },
    ].map(({ what, promise }) => ({
      why: `a member starts in a term before that of ${what}`,
      steps: (check: OneVote, { a }: FakeGroup) => [
        () => check.onSending(a, promise(a)),
        () => check.onStarted(a.be("follower", 4)),
      ],
    })),
  ],
});

testHistories("DurablePromises", {
  create: () => new DurablePromises(),
  check: "durable promises",
  fine: [
    {
      why: "a vote leaves that is on the disk",
      steps: (check, { a }) => [() => check.onSending(a.promise(2, "b"), vote(a, "b", 2))],
    },
    {
      why: "a candidate asks for votes with its own on the disk",
      steps: (check, { a }) => [() => check.onSending(a.promise(2, "a"), candidacy(a, 2))],
    },
    {
      why: "pre-votes and refusals need nothing on the disk",
      steps: (check, { a }) => [
        () => check.onSending(a, candidacy(a, 2, { isPreVote: true })),
        () => check.onSending(a, vote(a, "b", 2, { isPreVote: true })),
        () => check.onSending(a, vote(a, "b", 2, { granted: false })),
      ],
    },
    {
      why: "entries are acknowledged that are on the disk, and some of them",
      steps: (check, { a }) => [
        () => check.onSending(a.promise(2).hold(...entries(1, 1, 2)), acknowledgement(a, 2, 2)),
        () => check.onSending(a, acknowledgement(a, 2, 1)),
      ],
    },
    {
      why: "entries are acknowledged that only a snapshot covers by now",
      steps: (check, { a }) => [
        () => {
          a.promise(2).hold(...entries(1, 1, 2, 2));
          a.log.compact({ index: 2, term: 2, membership: null });
          a.disk.log.compact({ index: 2, term: 2, membership: null });
          check.onSending(a, acknowledgement(a, 2, 1));
        },
      ],
    },
    {
      why: "a heartbeat is answered in a term that is on the disk",
      steps: (check, { a }) => [() => check.onSending(a.promise(2), heartbeatAnswer(a, 2))],
    },
  ],
  broken: [
    {
      why: "a vote leaves before its term is durable",
      steps: (check, { a }) => [
        () => check.onSending(a.promise(1, "b"), vote(a, "b", 2)),
      ],
    },
    {
      why: "a vote leaves of which only the term is durable",
      steps: (check, { a }) => [
        () => check.onSending(a.promise(2), vote(a, "b", 2)),
      ],
    },
    {
      why: "a vote leaves for another candidate than the durable one",
      steps: (check, { a }) => [
        () => check.onSending(a.promise(2, "c"), vote(a, "b", 2)),
      ],
    },
    {
      why: "a candidate asks for votes before its own is durable",
      steps: (check, { a }) => [
        () => check.onSending(a.promise(2), candidacy(a, 2)),
      ],
    },
    {
      why: "entries are acknowledged before they are on the disk",
      steps: (check, { a }) => [
        () => check.onSending(a.promise(2).append(entry(1, 2)), acknowledgement(a, 2, 1)),
      ],
    },
    {
      why: "entries are acknowledged in whose place the disk holds others",
      steps: (check, { a }) => [
        () =>
          check.onSending(
            a.promise(2).store(entry(1, 1)).append(entry(1, 2)),
            acknowledgement(a, 2, 1),
          ),
      ],
    },
    {
      why: "entries are acknowledged in a term that is not on the disk",
      steps: (check, { a }) => [
        () => check.onSending(a.promise(1).hold(entry(1, 1)), acknowledgement(a, 2, 1)),
      ],
    },
    {
      why: "a heartbeat is answered in a term that is not on the disk",
      steps: (check, { a }) => [
        () => check.onSending(a.promise(1), heartbeatAnswer(a, 2)),
      ],
    },
  ],
});

const ELECTION_TICKS = 10;

testHistories("TransferEnds", {
  create: () => new TransferEnds(ELECTION_TICKS),
  check: "transfer ends",
  fine: [
    {
      why: "a leader refuses proposals for one election timeout",
      steps: (check, { a }) => [
        () => check.onTransferRequested(a.be("leader", 1), "b", 5),
        () => check.onRefused(a, "transferring", 5),
        () => check.onRefused(a, "transferring", 5 + ELECTION_TICKS),
      ],
    },
    {
      why: "a leader says after one election timeout what became of a transfer",
      steps: (check, { a }) => [
        () => check.onTransferRequested(a.be("leader", 1), "b", 5),
        () => check.onTicked(a, 5 + ELECTION_TICKS),
        () => check.onTransferEnded(a, "b"),
        () => check.onTicked(a, 6 + ELECTION_TICKS),
      ],
    },
    {
      why: "a leader is asked anew for a transfer that has ended, and has as long again",
      steps: (check, { a }) => [
        () => check.onTransferRequested(a.be("leader", 1), "b", 5),
        () => check.onTransferEnded(a, "b"),
        () => check.onTransferRequested(a, "b", 12),
        () => check.onTicked(a, 12 + ELECTION_TICKS),
      ],
    },
    ...[
      {
        what: "has lost its office",
        end: (check: TransferEnds, a: FakeMember) => check.onRoleChanged(a.be("follower", 2)),
      },
      {
        what: "has started anew",
        end: (check: TransferEnds, a: FakeMember) => check.onStarted(a.be("follower", 1)),
      },
    ].map(({ what, end }) => ({
      why: `a leader that ${what} says nothing of a transfer`,
      steps: (check: TransferEnds, { a }: FakeGroup) => [
        () => check.onTransferRequested(a.be("leader", 1), "b", 5),
        () => end(check, a),
        () => check.onTicked(a.be("leader", 3), 6 + ELECTION_TICKS),
      ],
    })),
    {
      why: "who is asked for a transfer and does not lead need say nothing once it leads",
      steps: (check, { a }) => [
        () => check.onTransferRequested(a.be("follower", 1), "b", 5),
        () => check.onTicked(a.be("leader", 2), 6 + ELECTION_TICKS),
      ],
    },
    {
      why: "a leader refuses again once it is asked for another transfer",
      steps: (check, { a }) => [
        () => check.onRefused(a.be("leader", 1), "transferring", 0),
        () => check.onTransferRequested(a, "c", ELECTION_TICKS),
        () => check.onRefused(a, "transferring", ELECTION_TICKS + 1),
      ],
    },
    {
      why: "a leader has accepted something in between",
      steps: (check, { a }) => [
        () => check.onRefused(a.be("leader", 1), "transferring", 0),
        () => check.onAccepted(a),
        () => check.onRefused(a, "transferring", ELECTION_TICKS + 1),
      ],
    },
    {
      why: "a leader has lost and won its office in between",
      steps: (check, { a }) => [
        () => check.onRefused(a.be("leader", 1), "transferring", 0),
        () => check.onRoleChanged(a.be("leader", 3)),
        () => check.onRefused(a, "transferring", ELECTION_TICKS + 1),
      ],
    },
    {
      why: "refusals for other reasons, and of others than leaders, go on",
      steps: (check, { a, b }) => [
        () => check.onRefused(a.be("leader", 1), "uncommittedLimit", 0),
        () => check.onRefused(a, "uncommittedLimit", ELECTION_TICKS + 1),
        () => check.onRefused(b, "transferring", 0),
        () => check.onRefused(b, "transferring", ELECTION_TICKS + 1),
      ],
    },
    {
      why: "two leaders refuse, each for a while of its own",
      steps: (check, { a, b }) => [
        () => check.onRefused(a.be("leader", 1), "transferring", 0),
        () => check.onRefused(b.be("leader", 2), "transferring", ELECTION_TICKS + 1),
      ],
    },
  ],
  broken: [
    {
      why: "a leader still refuses proposals after an election timeout",
      steps: (check, { a }) => [
        () => check.onTransferRequested(a.be("leader", 1), "b", 5),
        () => check.onRefused(a, "transferring", 5),
        () => check.onRefused(a, "transferring", 9),
        () => check.onRefused(a, "transferring", 5 + ELECTION_TICKS + 1),
      ],
    },
    {
      why: "a leader never says what became of a transfer",
      steps: (check, { a }) => [
        () => check.onTransferRequested(a.be("leader", 1), "b", 5),
        () => check.onTicked(a, 5 + ELECTION_TICKS),
        () => check.onTicked(a, 6 + ELECTION_TICKS),
      ],
    },
    {
      why: "a leader says of a later transfer what became of it, and not of the earlier one",
      steps: (check, { a }) => [
        () => check.onTransferRequested(a.be("leader", 1), "b", 5),
        () => check.onTransferRequested(a, "c", 6),
        () => check.onTransferEnded(a, "c"),
        () => check.onTicked(a, 6 + ELECTION_TICKS),
      ],
    },
    {
      why: "who asks again for the transfer under way is to hear no later of it",
      steps: (check, { a }) => [
        () => check.onTransferRequested(a.be("leader", 1), "b", 5),
        () => check.onTransferRequested(a, "b", 9),
        () => check.onTicked(a, 6 + ELECTION_TICKS),
      ],
    },
    {
      why: "another member says that a transfer of this name has ended",
      steps: (check, { a, b }) => [
        () => check.onTransferRequested(a.be("leader", 1), "c", 5),
        () => check.onTransferEnded(b, "c"),
        () => check.onTicked(a, 6 + ELECTION_TICKS),
      ],
    },
  ],
});
