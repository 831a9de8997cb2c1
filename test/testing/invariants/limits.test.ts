import type { Entry } from "../../../raft/mod.ts";
import { Limits, type LimitTuning } from "../../../testing/invariants/limits.ts";
import {
  acknowledgement,
  appendRequest,
  type FakeGroup,
  type FakeMember,
  sized,
} from "./fake_group.ts";
import { testHistories } from "./histories.ts";

const MIB = 1 << 20;

const LIMITS: LimitTuning = {
  appendBytesMax: 100,
  applyBytesMax: 80,
  inflightMessagesMax: 3,
  inflightBytesMax: 120,
  tailBytesMax: 60,
};

/** Entries of term 1 from `first` on, each with so many bytes. */
function sizes(first: number, ...bytes: readonly number[]): Entry[] {
  return bytes.map((each, at) => sized(first + at, 1, each));
}

/** The leader sends a follower one entry after the other, each in an append of its own. */
function sends(check: Limits, leader: FakeMember, to: string, ...taken: readonly Entry[]) {
  for (const each of taken) {
    check.onSending(leader, appendRequest(leader, to, [each]));
  }
}

/** The leader holds all of these entries and has handed them out to be applied, one by one. */
function handOut(check: Limits, leader: FakeMember, ...taken: readonly Entry[]) {
  leader.append(...taken);
  return taken.forEach((each) => check.onApplying(leader, [each]));
}

testHistories("Limits", {
  create: () => new Limits(LIMITS),
  check: "limits",
  fine: [
    {
      why: "an append and an apply are as large as they may be",
      steps: (check, { a }) => [
        () => check.onSending(a.be("leader", 1), appendRequest(a, "b", sizes(1, 40, 60))),
        () => check.onApplying(a, sizes(1, 20, 60)),
      ],
    },
    {
      why: "one entry that is larger than all limits is sent and applied on its own",
      steps: (check, { a }) => [
        () => check.onSending(a.be("leader", 1), appendRequest(a, "b", sizes(1, 500))),
        () => check.onApplying(a, sizes(1, 500)),
      ],
    },
    {
      why: "as many appends are under way as may be, to each follower",
      steps: (check, { a }) => [
        () => sends(check, a.be("leader", 1), "b", ...sizes(1, 10, 10, 10)),
        () => sends(check, a, "c", ...sizes(1, 10, 10, 10)),
      ],
    },
    {
      why: "the last append goes over the bytes that may be under way, not beyond",
      steps: (
        check,
        { a },
      ) => [() => sends(check, a.be("leader", 1), "b", ...sizes(1, 100, 19, 90))],
    },
    {
      why: "an acknowledgement makes room for as many as it covers",
      steps: (check, { a, b }) => [
        () => sends(check, a.be("leader", 1), "b", ...sizes(1, 10, 10, 10)),
        () => check.onReceiving(a, acknowledgement(b, 1, 2)),
        () => sends(check, a, "b", ...sizes(4, 10, 10)),
      ],
    },
    {
      why: "an append is sent anew from where the follower is",
      steps: (check, { a }) => [
        () => sends(check, a.be("leader", 1), "b", ...sizes(1, 10, 10, 10)),
        () => sends(check, a, "b", ...sizes(1, 10, 10, 10)),
      ],
    },
    {
      why: "appends without entries are not counted",
      steps: (check, { a }) => [
        () => sends(check, a.be("leader", 1), "b", ...sizes(1, 10, 10, 10)),
        () => check.onSending(a, appendRequest(a, "b", [], { previous: 3 })),
      ],
    },
    ...[
      {
        what: "a new attempt",
        begin: (_: Limits, a: FakeMember) => appendRequest(a, "b", sizes(4, 10), { attempt: 1 }),
      },
      {
        what: "another term",
        begin: (_: Limits, a: FakeMember) => appendRequest(a.be("leader", 2), "b", sizes(4, 10)),
      },
      {
        what: "another time in office",
        begin: (check: Limits, a: FakeMember) => {
          check.onRoleChanged(a.be("follower", 1));
          return appendRequest(a.be("leader", 1), "b", sizes(4, 10));
        },
      },
      {
        what: "another life",
        begin: (check: Limits, a: FakeMember) => {
          check.onStarted(a);
          return appendRequest(a, "b", sizes(4, 10));
        },
      },
    ].map(({ what, begin }) => ({
      why: `the window is empty at the beginning of ${what}`,
      steps: (check: Limits, { a }: FakeGroup) => [
        () => sends(check, a.be("leader", 1), "b", ...sizes(1, 10, 10, 10)),
        () => check.onSending(a, begin(check, a)),
      ],
    })),
    {
      why: "a leader sends the newest of what was applied, as much as may be kept",
      steps: (check, { a }) => [
        () => handOut(check, a.be("leader", 1), ...sizes(1, 20, 20, 20, 20)),
        () => sends(check, a, "b", sized(2, 1, 20)),
      ],
    },
    {
      why: "a leader sends older entries, which its disk has just given it",
      steps: (check, { a }) => [
        () => handOut(check, a.be("leader", 1), ...sizes(1, 20, 20, 20, 20)),
        () => check.onEntriesRead(a, 1),
        () => sends(check, a, "b", sized(1, 1, 20)),
      ],
    },
    {
      why: "what was not handed out may be of any size",
      steps: (check, { a }) => [
        () => sends(check, a.be("leader", 1).append(...sizes(1, 50, 50, 50)), "b", sized(1, 1, 50)),
      ],
    },
    {
      why: "what was applied is not worth sorting out of three times as many entries",
      steps: (check, { a }) => [
        () => handOut(check, a.be("leader", 1), ...sizes(1, 40, 40)),
        () => a.append(...sizes(3, 4, 4, 4, 4, 4, 4, 4)),
        () => sends(check, a, "b", sized(1, 1, 40)),
      ],
    },
    {
      why: "a member that has started anew has handed out what its state machine holds",
      steps: (check, { a }) => [
        () => handOut(check, a.be("leader", 1), ...sizes(1, 40, 40, 40)),
        () => check.onStarted(a),
        () => sends(check, a, "b", sized(1, 1, 40)),
      ],
    },
  ],
  broken: [
    {
      why: "an append has a byte too many",
      steps: (check, { a }) => [
        () => check.onSending(a.be("leader", 1), appendRequest(a, "b", sizes(1, 40, 61))),
      ],
    },
    {
      why: "an entry goes with another that is larger than an append on its own",
      steps: (check, { a }) => [
        () => check.onSending(a.be("leader", 1), appendRequest(a, "b", sizes(1, 500, 4))),
      ],
    },
    {
      why: "an apply has a byte too many, though an append might have it",
      steps: (check, { a }) => [() => check.onApplying(a, sizes(1, 20, 61))],
    },
    {
      why: "an apply has more than one entry, and the first is larger than all of it may be",
      steps: (check, { a }) => [() => check.onApplying(a, sizes(1, 81, 4))],
    },
    {
      why: "an append more is under way than may be",
      steps: (check, { a }) => [
        () => sends(check, a.be("leader", 1), "b", ...sizes(1, 10, 10, 10)),
        () => sends(check, a, "b", sized(4, 1, 10)),
      ],
    },
    {
      why: "an append leaves while as many bytes are under way as may be",
      steps: (check, { a }) => [
        () => sends(check, a.be("leader", 1), "b", ...sizes(1, 60, 60)),
        () => sends(check, a, "b", sized(3, 1, 4)),
      ],
    },
    {
      why: "an append leaves beside one entry that is larger than all that may be under way",
      steps: (check, { a }) => [
        () => sends(check, a.be("leader", 1), "b", sized(1, 1, 500)),
        () => sends(check, a, "b", sized(2, 1, 4)),
      ],
    },
    {
      why: "an acknowledgement makes room for more than it covers",
      steps: (check, { a, b }) => [
        () => sends(check, a.be("leader", 1), "b", ...sizes(1, 10, 10, 10)),
        () => check.onReceiving(a, acknowledgement(b, 1, 1)),
        () => sends(check, a, "b", sized(4, 1, 10)),
        () => sends(check, a, "b", sized(5, 1, 10)),
      ],
    },
    ...[
      { what: "another follower", from: (group: FakeGroup) => acknowledgement(group.c, 1, 3) },
      { what: "an earlier term", from: (group: FakeGroup) => acknowledgement(group.b, 0, 3) },
    ].map(({ what, from }) => ({
      why: `an acknowledgement of ${what} makes room`,
      steps: (check: Limits, group: FakeGroup) => [
        () => sends(check, group.a.be("leader", 1), "b", ...sizes(1, 10, 10, 10)),
        () => check.onReceiving(group.a, from(group)),
        () => sends(check, group.a, "b", sized(4, 1, 10)),
      ],
    })),
    {
      why: "a tail is not trimmed: an entry is at hand that is older than may be kept",
      steps: (check, { a }) => [
        () => handOut(check, a.be("leader", 1), ...sizes(1, 20, 20, 20, 20)),
        () => sends(check, a, "b", sized(1, 1, 20)),
      ],
    },
    {
      why: "a tail keeps the newest applied entry, which is larger than all that may be kept",
      steps: (check, { a }) => [
        () => handOut(check, a.be("leader", 1), ...sizes(1, 10, 61)),
        () => sends(check, a, "b", sized(2, 1, 61)),
      ],
    },
    {
      why: "the disk has given other entries than those that are sent",
      steps: (check, { a }) => [
        () => handOut(check, a.be("leader", 1), ...sizes(1, 20, 20, 20, 20, 20)),
        () => check.onEntriesRead(a, 1),
        () => sends(check, a, "b", sized(2, 1, 20)),
      ],
    },
    {
      why: "entries are at hand for another follower once the disk has given them for one",
      steps: (check, { a }) => [
        () => handOut(check, a.be("leader", 1), ...sizes(1, 20, 20, 20, 20)),
        () => check.onEntriesRead(a, 1),
        () => sends(check, a, "b", sized(1, 1, 20)),
        () => sends(check, a, "c", sized(1, 1, 20)),
      ],
    },
    {
      why: "a tail is not trimmed though a little less than three times as many have to stay",
      steps: (check, { a }) => [
        () => handOut(check, a.be("leader", 1), ...sizes(1, 40, 40)),
        () => a.append(...sizes(3, 4, 4, 4, 4, 4, 4)),
        () => sends(check, a, "b", sized(1, 1, 40)),
      ],
    },
    {
      why: "a tail is not trimmed by a member that has started anew with an applied state",
      steps: (check, { a }) => [
        () => {
          a.append(...sizes(1, 40, 40)).machine.apply(sizes(1, 40, 40));
          check.onStarted(a);
        },
        () => sends(check, a.be("leader", 1), "b", sized(1, 1, 40)),
      ],
    },
    {
      why: "a tail is not trimmed up to a snapshot that was restored",
      steps: (check, { a }) => [
        () => {
          const { membership } = a.append(...sizes(1, 40, 40));
          check.onRestored(a, { last: { index: 2, term: 1 }, membership });
        },
        () => sends(check, a.be("leader", 1), "b", sized(1, 1, 40)),
      ],
    },
  ],
});

/** A core that was given no limits has those of `RaftTuning`. */
testHistories("Limits without any of its own", {
  create: () => new Limits({}),
  check: "limits",
  fine: [
    {
      why: "appends of a MiB are under way, 16 of them",
      steps: (check, { a }) => [
        () => sends(check, a.be("leader", 1), "b", ...sizes(1, ...Array(16).fill(MIB))),
      ],
    },
    {
      why: "512 small appends are under way",
      steps: (check, { a }) => [
        () => sends(check, a.be("leader", 1), "b", ...sizes(1, ...Array(512).fill(4))),
      ],
    },
  ],
  broken: [
    {
      why: "an append has more than a MiB",
      steps: (check, { a }) => [
        () => check.onSending(a.be("leader", 1), appendRequest(a, "b", sizes(1, MIB, 4))),
      ],
    },
    {
      why: "an apply has more than a MiB",
      steps: (check, { a }) => [() => check.onApplying(a, sizes(1, MIB, 4))],
    },
    {
      why: "an append leaves beside 16 MiB",
      steps: (check, { a }) => [
        () => sends(check, a.be("leader", 1), "b", ...sizes(1, ...Array(16).fill(MIB))),
        () => sends(check, a, "b", sized(17, 1, 4)),
      ],
    },
    {
      why: "an append leaves beside 512 others",
      steps: (check, { a }) => [
        () => sends(check, a.be("leader", 1), "b", ...sizes(1, ...Array(512).fill(4))),
        () => sends(check, a, "b", sized(513, 1, 4)),
      ],
    },
    {
      why: "a tail keeps more than 16 MiB",
      steps: (check, { a }) => [
        () => handOut(check, a.be("leader", 1), ...sizes(1, ...Array(17).fill(MIB))),
        () => sends(check, a, "b", sized(1, 1, MIB)),
      ],
    },
  ],
});
