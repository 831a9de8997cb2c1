import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import test from "ava";
import { membershipOf } from "../../../raft/mod.ts";
import { repositoryPath } from "../../../scripts/repository.ts";
import { InvariantSuite } from "../../../testing/invariants/invariant_suite.ts";
import {
  acknowledgement,
  appendRequest,
  candidacy,
  entries,
  entry,
  FakeGroup,
  type FakeMember,
  heartbeatAnswer,
  membershipEntry,
  vote,
} from "./fake_group.ts";
import { testHistories } from "./histories.ts";

const ELECTION_TICKS = 10;

const TUNING = { electionTicks: ELECTION_TICKS, inflightMessagesMax: 1, tailBytesMax: 6 };

test("InvariantSuite holds every invariant of its folder", async (t) => {
  const directory = repositoryPath("testing/invariants");
  const names: (string | undefined)[] = [];
  for (const file of await readdir(directory)) {
    const source = await readFile(join(directory, file), "utf8");
    if (source.includes("implements GroupInvariant")) {
      names.push(/readonly name = "(.+)"/.exec(source)?.[1]);
    }
  }
  const suite = new InvariantSuite(new FakeGroup().members, TUNING);
  t.true(names.length > 15);
  t.deepEqual(suite.names.sort(), names.sort());
});

/** The first member is elected in term 1 by the second one's vote. */
function elect(suite: InvariantSuite, { a, b }: FakeGroup) {
  suite.onSending(a.promise(1, "a"), candidacy(a, 1));
  suite.onSending(b.promise(1, "a"), vote(b, "a", 1));
  b.term = 1;
  return suite.onRoleChanged(a.be("leader", 1));
}

/** Entries of term 1 from 1 to 2 come into a log and onto its disk. */
function append(suite: InvariantSuite, member: FakeMember) {
  suite.onAppending(member, entries(1, 1, 1));
  suite.onAppended(member.hold(...entries(1, 1, 1)), entries(1, 1, 1), 0);
  return suite.onSending(member, acknowledgement(member, 1, 2));
}

function commit(suite: InvariantSuite, member: FakeMember) {
  return suite.onCommitted(member.commit(2), 0);
}

function apply(suite: InvariantSuite, member: FakeMember) {
  suite.onApplying(member, entries(1, 1, 1));
  member.machine.apply(entries(1, 1, 1));
  return suite.onApplied(member);
}

/** Voter c goes, by the second entry of term 1. */
const REMOVAL = membershipEntry(2, 1, membershipOf(["a", "b"]));

/** An entry and the removal of c come into a log and onto its disk. */
function change(suite: InvariantSuite, member: FakeMember) {
  // The leader has committed an entry of its term when it proposes.
  member.delusion = { committedIndex: 1 };
  suite.onAppended(member.hold(entry(1, 1), REMOVAL), [entry(1, 1), REMOVAL], 0);
  member.delusion = {};
}

/** Two entries are committed and applied by two members. */
function write(suite: InvariantSuite, group: FakeGroup) {
  const { a, b } = group;
  elect(suite, group);
  [a, b].forEach((member) => append(suite, member));
  [a, b].forEach((member) => commit(suite, member));
  [a, b].forEach((member) => apply(suite, member));
}

testHistories("InvariantSuite", {
  create: ({ members }) => new InvariantSuite(members, TUNING),
  fine: [
    {
      why: "a group elects, writes, reads, restores and starts again",
      steps: (suite, group) => [
        () => group.members.forEach((member) => suite.onStarted(member)),
        () => write(suite, group),
        () => suite.onAcknowledged(2, 2),
        () => suite.onDropped(3),
        () => suite.onReadBegun(1),
        () => suite.onReadConfirmed(1, 2),
        () => suite.onReadServed(1, 2),
        () => {
          const { a, c } = group;
          c.log.reset({ index: 2, term: 1, membership: null });
          c.disk.log.reset({ index: 2, term: 1, membership: null });
          c.machine.restore(a.machine.state);
          suite.onCommitted(c.commit(2), 0);
          suite.onRestored(c, { last: { index: 2, term: 1 }, membership: c.membership });
        },
        () => suite.compareAll([...group.members.values()]),
        () => suite.onStarted(group.b),
      ],
    },
    {
      why: "a leader accepts something, or is asked again, between two refusals",
      steps: (suite, { a }) => [
        () => suite.onRefused(a.be("leader", 1), "transferring", 0),
        () => suite.onAccepted(a),
        () => suite.onRefused(a, "transferring", 15),
        () => suite.onTransferRequested(a, "b", 30),
        () => suite.onRefused(a, "transferring", 30),
        () => suite.onTicked(a, 30 + ELECTION_TICKS),
        () => suite.onTransferEnded(a, "b"),
        () => suite.onTicked(a, 31 + ELECTION_TICKS),
      ],
    },
    {
      why: "a change is asked for, made and in force",
      steps: (suite, group) => [
        () => group.members.forEach((member) => suite.onStarted(member)),
        () => elect(suite, group),
        () => suite.onChangeRequested(group.a, [{ type: "remove", id: "c" }]),
        () => change(suite, group.a),
        () => suite.onChangeTaken(group.a),
        () => change(suite, group.b),
        () => [group.a, group.b].forEach((member) => suite.onCommitted(member.commit(2), 0)),
        () => {
          suite.onApplying(group.a, [entry(1, 1), REMOVAL]);
          suite.onMembershipChanged(group.a.goBy(membershipOf(["a", "b"])), 2);
        },
        () => suite.compareAll([group.a, group.b]),
      ],
    },
    {
      why: "a leader sends one entry after the other as they are acknowledged",
      steps: (suite, { a, b }) => [
        () => suite.onSending(a.be("leader", 1), appendRequest(a, "b", entries(1, 1))),
        () => suite.onReceiving(a, acknowledgement(b, 1, 1)),
        () => suite.onSending(a, appendRequest(a, "b", entries(2, 1))),
      ],
    },
    {
      why: "a leader sends what its disk has just given it",
      steps: (suite, group) => [
        () => write(suite, group),
        () => suite.onEntriesRead(group.a, 1),
        () => suite.onSending(group.a, appendRequest(group.a, "b", entries(1, 1))),
      ],
    },
    {
      why: "a read that was dropped owes nothing",
      steps: (suite, group) => [
        () => write(suite, group),
        () => suite.onAcknowledged(2, 2),
        () => suite.onReadBegun(1),
        () => suite.onReadDropped(1),
        () => suite.onReadConfirmed(1, 0),
      ],
    },
  ],
  broken: [
    {
      check: "one vote in a term",
      why: "a member starts in a term before its promise",
      steps: (suite, { a }) => [
        () => suite.onSending(a.promise(5), heartbeatAnswer(a, 5)),
        () => suite.onStarted(a.be("follower", 4)),
      ],
    },
    {
      check: "election safety",
      why: "two lead a term",
      steps: (suite, group) => [
        () => elect(suite, group),
        () => suite.onRoleChanged(group.b.be("leader", 1)),
      ],
    },
    {
      check: "elected by a quorum",
      why: "a member leads without votes",
      steps: (suite, { a }) => [() => suite.onRoleChanged(a.be("leader", 1))],
    },
    {
      check: "leader completeness",
      why: "the next leader lacks what was committed",
      steps: (suite, group) => [
        () => write(suite, group),
        () => suite.onSending(group.a.promise(2, "c"), vote(group.a, "c", 2)),
        () => suite.onRoleChanged(group.c.promise(2, "c").be("leader", 2)),
      ],
    },
    {
      check: "log matching",
      why: "two members take different entries of one index and term",
      steps: (suite, { a, b }) => [
        () => suite.onAppended(a.append(entry(1, 1, 7)), [entry(1, 1, 7)], 0),
        () => suite.onAppended(b.append(entry(1, 1, 8)), [entry(1, 1, 8)], 0),
      ],
    },
    {
      check: "cut at the first conflict",
      why: "a member drops an entry that matches",
      steps: (suite, { a }) => [
        () => append(suite, a.promise(1)),
        () => suite.onAppending(a, entries(2, 1)),
      ],
    },
    {
      check: "leader append-only",
      why: "a leader takes an entry of another term than its own",
      steps: (suite, group) => [
        () => elect(suite, group),
        () => suite.onAppended(group.a.append(entry(1, 2)), entries(1, 2), 0),
      ],
    },
    {
      check: "membership steps",
      why: "two voters go at once",
      steps: (suite, { a }) => {
        const two = [
          membershipEntry(1, 1, membershipOf(["a", "b", "c"])),
          membershipEntry(2, 1, membershipOf(["a"])),
        ];
        return [() => suite.onAppended(a.append(...two), two, 0)];
      },
    },
    {
      check: "membership targets",
      why: "a voter goes of whom nobody wants to be rid",
      steps: (suite, group) => [
        () => elect(suite, group),
        () => suite.onChangeRequested(group.a, [{ type: "remove", id: "b" }]),
        () => change(suite, group.a),
      ],
    },
    {
      check: "membership targets",
      why: "a voter goes after the wish for it was dealt with",
      steps: (suite, group) => [
        () => elect(suite, group),
        () => suite.onChangeRequested(group.a, [{ type: "remove", id: "c" }]),
        () => suite.onChangeTaken(group.a),
        () => change(suite, group.a),
      ],
    },
    {
      check: "membership in force",
      why: "a membership is said to be in force that the log does not hold",
      steps: (suite, group) => [
        () => elect(suite, group),
        () => suite.onChangeRequested(group.a, [{ type: "remove", id: "c" }]),
        () => [group.a, group.b].forEach((member) => change(suite, member)),
        () => commit(suite, group.a),
        () => suite.onMembershipChanged(group.a.goBy(membershipOf(["a", "c"])), 2),
      ],
    },
    {
      check: "membership in force",
      why: "a full look finds a core that goes by another membership",
      steps: (suite, { a }) => [
        () => suite.onStarted(a),
        () => {
          a.delusion = { membership: membershipOf(["a"]) };
          suite.compareAll([a]);
        },
      ],
    },
    {
      check: "membership in force",
      why: "a restored snapshot brings another membership than the log",
      steps: (suite, group) => [
        () => elect(suite, group),
        () => suite.onChangeRequested(group.a, [{ type: "remove", id: "c" }]),
        () => [group.a, group.b].forEach((member) => change(suite, member)),
        () => commit(suite, group.a),
        () => {
          const { membership } = group.c;
          suite.onRestored(group.c, { last: { index: 2, term: 1 }, membership });
        },
      ],
    },
    {
      check: "limits",
      why: "an append leaves before the one before it is acknowledged",
      steps: (suite, { a, b }) => [
        () => suite.onSending(a.be("leader", 1), appendRequest(a, "b", entries(1, 1))),
        () => suite.onReceiving(a, acknowledgement(b, 1, 0)),
        () => suite.onSending(a, appendRequest(a, "b", entries(2, 1))),
      ],
    },
    {
      check: "limits",
      why: "an entry is in memory that was applied long ago",
      steps: (suite, group) => [
        () => write(suite, group),
        () => suite.onSending(group.a, appendRequest(group.a, "b", entries(1, 1))),
      ],
    },
    {
      check: "commit of the current term",
      why: "a leader commits an entry of an earlier term by itself",
      steps: (suite, group) => [
        () => append(suite, group.a.promise(1)),
        () => append(suite, group.c.promise(1)),
        () => suite.onSending(group.b.promise(2, "a"), vote(group.b, "a", 2)),
        () => suite.onRoleChanged(group.a.promise(2, "a").be("leader", 2)),
        () => commit(suite, group.a),
      ],
    },
    {
      check: "durable quorum",
      why: "a leader commits what is on its disk alone",
      steps: (suite, group) => [
        () => elect(suite, group),
        () => append(suite, group.a),
        () => commit(suite, group.a),
      ],
    },
    {
      check: "commit never goes back",
      why: "a member commits what is beyond its log",
      steps: (suite, { a }) => [() => commit(suite, a)],
    },
    {
      check: "durable promises",
      why: "a vote leaves before it is durable",
      steps: (suite, { a }) => [() => suite.onSending(a, vote(a, "b", 1))],
    },
    {
      check: "applied in order",
      why: "a member applies what is not on its disk",
      steps: (suite, { a, b, c }) => [
        () => [a, b].forEach((member) => append(suite, member.promise(1))),
        () => suite.onAppended(c.append(...entries(1, 1, 1)), entries(1, 1, 1), 0),
        () => commit(suite, c),
        () => apply(suite, c),
      ],
    },
    {
      check: "state-machine safety",
      why: "a member applies what nobody committed",
      steps: (suite, { a }) => [() => apply(suite, a.hold(...entries(1, 1, 1)).commit(2))],
    },
    {
      check: "state-machine safety",
      why: "two states differ",
      steps: (suite, group) => [
        () => write(suite, group),
        () => {
          group.b.machine.restore({ ...group.b.machine.state, digest: 0 });
          suite.onApplied(group.b);
        },
      ],
    },
    {
      check: "state-machine safety",
      why: "a snapshot is restored of what nobody committed",
      steps: (suite, { a }) => [
        () => suite.onRestored(a, { last: { index: 1, term: 1 }, membership: a.membership }),
      ],
    },
    {
      check: "exactly once",
      why: "a command is acknowledged that nobody committed",
      steps: (suite) => [() => suite.onAcknowledged(70, 1)],
    },
    {
      check: "exactly once",
      why: "a committed command is dropped",
      steps: (suite, group) => [() => write(suite, group), () => suite.onDropped(1)],
    },
    {
      check: "linearizable reads",
      why: "a read is confirmed below what was acknowledged before it began",
      steps: (suite, group) => [
        () => write(suite, group),
        () => suite.onAcknowledged(2, 2),
        () => suite.onReadBegun(1),
        () => suite.onReadConfirmed(1, 1),
      ],
    },
    {
      check: "linearizable reads",
      why: "a read is confirmed below what another one saw before it began",
      steps: (suite) => [
        () => suite.onReadBegun(1),
        () => suite.onReadConfirmed(1, 2),
        () => suite.onReadServed(1, 2),
        () => suite.onReadBegun(2),
        () => suite.onReadConfirmed(2, 1),
      ],
    },
    {
      check: "linearizable reads",
      why: "a read is served from a state before what it was confirmed at",
      steps: (suite) => [
        () => suite.onReadBegun(1),
        () => suite.onReadConfirmed(1, 2),
        () => suite.onReadServed(1, 1),
      ],
    },
    {
      check: "transfer ends",
      why: "a leader never says what became of a transfer",
      steps: (suite, { a }) => [
        () => suite.onTransferRequested(a.be("leader", 1), "b", 0),
        () => suite.onTransferEnded(a, "c"),
        () => suite.onTicked(a, ELECTION_TICKS + 1),
      ],
    },
    {
      check: "transfer ends",
      why: "a leader refuses for more than an election timeout",
      steps: (suite, { a }) => [
        () => suite.onRefused(a.be("leader", 1), "transferring", 0),
        () => suite.onRefused(a, "transferring", ELECTION_TICKS),
        () => suite.onRefused(a, "transferring", ELECTION_TICKS + 1),
      ],
    },
    {
      check: "mirrored log",
      why: "a full look finds a core that believes in another log than it has told of",
      steps: (suite, { a, b }) => [
        () => suite.compareAll([a, b]),
        () => {
          b.delusion = { lastIndex: 1 };
          suite.compareAll([a, b]);
        },
      ],
    },
  ],
});
