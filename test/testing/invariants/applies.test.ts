import { commandOf } from "../../../testing/simulation/command.ts";
import test from "ava";
import { membershipOf, type SnapshotMeta } from "../../../raft/mod.ts";
import { AppliedInOrder } from "../../../testing/invariants/applied_in_order.ts";
import { CommittedLog, isSameEntry } from "../../../testing/invariants/committed_log.ts";
import { ExactlyOnce } from "../../../testing/invariants/exactly_once.ts";
import { LinearizableReads } from "../../../testing/invariants/linearizable_reads.ts";
import { StateMachineSafety } from "../../../testing/invariants/state_machine_safety.ts";
import { entries, entry, FakeGroup, type FakeMember, noop } from "./fake_group.ts";
import { testHistories } from "./histories.ts";

testHistories("AppliedInOrder", {
  create: () => new AppliedInOrder(),
  check: "applied in order",
  fine: [
    {
      why: "committed entries from the disk are applied, batch after batch",
      steps: (check, { a }) => [
        () => check.onApplying(a.hold(...entries(1, 1, 1, 2)).commit(3), entries(1, 1, 1)),
        () => {
          a.machine.apply(entries(1, 1, 1));
          check.onApplying(a, entries(3, 2));
        },
      ],
    },
  ],
  broken: [
    {
      why: "an entry is left out between two batches",
      steps: (check, { a }) => [
        () => check.onApplying(a.hold(...entries(1, 1, 1)).commit(2), entries(2, 1)),
      ],
    },
    {
      why: "an entry is left out within a batch",
      steps: (check, { a }) => [
        () =>
          check.onApplying(a.hold(...entries(1, 1, 1, 1)).commit(3), [entry(1, 1), entry(3, 1)]),
      ],
    },
    {
      why: "an entry is applied again",
      steps: (check, { a }) => [
        () => check.onApplying(a.hold(...entries(1, 1, 1)).commit(2), entries(1, 1)),
        () => {
          a.machine.apply(entries(1, 1));
          check.onApplying(a, entries(1, 1, 1));
        },
      ],
    },
    {
      why: "nothing is applied",
      steps: (check, { a }) => [() => check.onApplying(a, [])],
    },
    {
      why: "an entry is applied that is not committed",
      steps: (check, { a }) => [
        () => check.onApplying(a.hold(...entries(1, 1, 1)).commit(1), entries(1, 1, 1)),
      ],
    },
    {
      why: "an entry is applied that is not on the member's own disk",
      steps: (check, { a }) => [
        () => check.onApplying(a.append(entry(1, 1)).commit(1), entries(1, 1)),
      ],
    },
    {
      why: "an entry is applied in whose place the member's own disk holds another one",
      steps: (check, { a }) => [
        () => check.onApplying(a.store(entry(1, 1)).append(entry(1, 2)).commit(1), entries(1, 2)),
      ],
    },
  ],
});

function commits(check: StateMachineSafety, member: FakeMember, index: number) {
  const before = member.committedIndex;
  return check.onCommitted(member.commit(index), before);
}

function applies(check: StateMachineSafety, member: FakeMember, ...taken: readonly number[]) {
  const applied = taken.map((index) => member.log.entryAt(index)).filter((one) =>
    one !== undefined
  );
  check.onApplying(member, applied);
  member.machine.apply(applied);
  return check.onApplied(member);
}

function snapshotOf(index: number, term: number): SnapshotMeta {
  return { last: { index, term }, membership: membershipOf(["a", "b", "c"]) };
}

testHistories("StateMachineSafety", {
  create: () => new StateMachineSafety(new CommittedLog()),
  check: "state-machine safety",
  fine: [
    {
      why: "two members commit and apply the same, in batches of their own",
      steps: (check, { a, b }) => [
        () => commits(check, a.append(...entries(1, 1, 1)), 2),
        () => commits(check, b.append(...entries(1, 1, 1)), 1),
        () => applies(check, a, 1, 2),
        () => applies(check, b, 1),
        () => commits(check, b, 2),
        () => applies(check, b, 2),
        () => check.compareAll([a, b]),
      ],
    },
    {
      why: "members hold different entries where nothing is committed",
      steps: (check, { a, b }) => [
        () => commits(check, a.append(...entries(1, 1, 1)), 1),
        () => commits(check, b.append(...entries(1, 1, 2)), 1),
        () => check.compareAll([a, b]),
      ],
    },
    {
      why: "a member commits by a snapshot what it never held",
      steps: (check, { a, b }) => [
        () => commits(check, a.append(...entries(1, 1, 1)), 2),
        () => applies(check, a, 1, 2),
        () => {
          b.log.reset({ index: 2, term: 1, membership: null });
          b.machine.restore(a.machine.state);
          commits(check, b, 2);
        },
        () => check.onRestored(b, snapshotOf(2, 1)),
        () => check.compareAll([a, b]),
      ],
    },
  ],
  broken: [
    {
      why: "two members commit entries of different terms at an index",
      steps: (check, { a, b }) => [
        () => commits(check, a.append(entry(1, 1)), 1),
        () => commits(check, b.append(entry(1, 2)), 1),
      ],
    },
    {
      why: "two members commit different commands of one index and term",
      steps: (check, { a, b }) => [
        () => commits(check, a.append(entry(1, 1, 7)), 1),
        () => commits(check, b.append(entry(1, 1, 8)), 1),
      ],
    },
    {
      why: "a member commits an entry before anybody committed those before it",
      steps: (check, { a }) => [
        () => check.onCommitted(a.append(...entries(1, 1, 1)).commit(2), 1),
      ],
    },
    {
      why: "a member applies what nobody has committed",
      steps: (check, { a }) => [
        () => applies(check, a.append(entry(1, 1)), 1),
      ],
    },
    {
      why: "a member applies another entry than the committed one",
      steps: (check, { a, b }) => [
        () => commits(check, a.append(entry(1, 1)), 1),
        () => applies(check, b.append(entry(1, 2)), 1),
      ],
    },
    {
      why: "the states of two members differ after the same entry, in one half of the hash",
      steps: (check, { a, b }) => [
        () => commits(check, a.append(entry(1, 1)), 1),
        () => applies(check, a, 1),
        () => {
          b.machine.restore({ ...a.machine.state, digest: a.machine.state.digest + 1 });
          check.onApplied(b);
        },
      ],
    },
    {
      why: "the states of two members differ after the same entry, in the other half of the hash",
      steps: (check, { a, b }) => [
        () => commits(check, a.append(entry(1, 1)), 1),
        () => applies(check, a, 1),
        () => {
          b.machine.restore({ ...a.machine.state, digestHigh: a.machine.state.digestHigh + 1 });
          check.onApplied(b);
        },
      ],
    },
    {
      why: "a snapshot is restored of an entry that nobody has committed",
      steps: (check, { a }) => [
        () => check.onRestored(a, snapshotOf(1, 1)),
      ],
    },
    {
      why: "a snapshot is restored of another term than that of the committed entry",
      steps: (check, { a, b }) => [
        () => commits(check, a.append(entry(1, 1)), 1),
        () => check.onRestored(b, snapshotOf(1, 2)),
      ],
    },
    {
      why: "a snapshot brought another state than that of the others",
      steps: (check, { a, b }) => [
        () => commits(check, a.append(entry(1, 1)), 1),
        () => applies(check, a, 1),
        () => {
          b.machine.restore({ ...a.machine.state, digest: 0 });
          check.onRestored(b, snapshotOf(1, 1));
        },
      ],
    },
    {
      why: "a full look finds a committed entry that has changed",
      steps: (check, { a, b }) => [
        () => commits(check, a.append(entry(1, 1)), 1),
        () => check.compareAll([a, b]),
        () => check.compareAll([a, b.append(entry(1, 2)).commit(1)]),
      ],
    },
    {
      why: "a full look finds a member that committed what it does not hold",
      steps: (check, { a }) => [
        () => commits(check, a.append(entry(1, 1)), 1),
        () => check.compareAll([a.commit(2)]),
      ],
    },
  ],
});

for (
  const { why, other, same } of [
    { why: "all of it is the same", other: entry(3, 2, 7), same: true },
    { why: "the index differs", other: entry(4, 2, 7), same: false },
    { why: "the term differs", other: entry(3, 1, 7), same: false },
    { why: "the kind differs", other: { ...entry(3, 2, 7), kind: "noop" as const }, same: false },
    { why: "the last byte differs", other: entry(3, 2, 8), same: false },
    { why: "the data are shorter", other: noop(3, 2), same: false },
    {
      why: "the data go on",
      other: { ...entry(3, 2, 7), data: Uint8Array.of(0, 0, 0, 7, 0) },
      same: false,
    },
  ]
) {
  test(`isSameEntry says ${same} where ${why}`, (t) => {
    t.is(isSameEntry(entry(3, 2, 7), other), same);
    t.is(isSameEntry(other, entry(3, 2, 7)), same);
  });
}

/** `ExactlyOnce`, and the log that the group commits. */
class Commands {
  readonly #committed = new CommittedLog();
  readonly check: ExactlyOnce = new ExactlyOnce(this.#committed, commandOf);

  /** A member is the first to take commands for committed, each as one entry. */
  commit(member: FakeMember, ...commands: readonly number[]): void {
    for (const command of commands) {
      this.#committed.add(entry(this.#committed.lastIndex + 1, 1, command), 1);
    }
    this.check.onCommitted(member);
  }

  commitNoop(member: FakeMember): void {
    this.#committed.add(noop(this.#committed.lastIndex + 1, 1), 1);
    this.check.onCommitted(member);
  }
}

testHistories("ExactlyOnce", {
  create: () => new Commands(),
  check: "exactly once",
  fine: [
    {
      why: "each command is where its client was told",
      steps: (commands, { a, b }) => [
        () => commands.commit(a, 70, 80),
        () => commands.check.onAcknowledged(80, 2),
        () => commands.commitNoop(b),
        () => commands.commit(b, 90),
        () => commands.check.onAcknowledged(90, 4),
      ],
    },
    {
      why: "a command whose client knows nothing is committed, and another one is not",
      steps: (commands, { a }) => [
        () => commands.commit(a, 70),
        () => commands.check.onDropped(80),
      ],
    },
    {
      why: "two entries without a command are committed",
      steps: (commands, { a }) => [
        () => commands.commitNoop(a),
        () => commands.commitNoop(a),
      ],
    },
  ],
  broken: [
    {
      why: "a command is committed twice",
      steps: (commands, { a }) => [
        () => commands.commit(a, 70, 80),
        () => commands.commit(a, 70),
      ],
    },
    {
      why: "a command is acknowledged that nobody has committed",
      steps: (commands) => [() => commands.check.onAcknowledged(70, 1)],
    },
    {
      why: "a command is acknowledged in another place",
      steps: (commands, { a }) => [
        () => commands.commit(a, 70, 80),
        () => commands.check.onAcknowledged(80, 1),
      ],
    },
    {
      why: "a command is committed after its client was told that it is dropped",
      steps: (commands, { a }) => [
        () => commands.check.onDropped(70),
        () => commands.commit(a, 80),
        () => commands.commit(a, 70),
      ],
    },
    {
      why: "a client is told that its committed command is dropped",
      steps: (commands, { a }) => [
        () => commands.commit(a, 70),
        () => commands.check.onDropped(70),
      ],
    },
  ],
});

test("ExactlyOnce counts the commands that are committed", (t) => {
  const commands = new Commands();
  const { a } = new FakeGroup();
  t.is(commands.check.count, 0);
  commands.commit(a, 70, 80);
  commands.commitNoop(a);
  t.is(commands.check.count, 2);
});

testHistories("LinearizableReads", {
  create: () => new LinearizableReads(),
  check: "linearizable reads",
  fine: [
    {
      why: "a read is confirmed at what was acknowledged before it",
      steps: (check) => [
        () => check.onAcknowledged(70, 5),
        () => check.onReadBegun(1),
        () => check.onReadConfirmed(1, 5),
        () => check.onReadServed(1, 5),
      ],
    },
    {
      why: "a read does not see what was acknowledged after it began",
      steps: (check) => [
        () => check.onReadBegun(1),
        () => check.onAcknowledged(70, 5),
        () => check.onReadConfirmed(1, 4),
        () => check.onReadServed(1, 4),
      ],
    },
    {
      why: "an earlier entry is acknowledged later",
      steps: (check) => [
        () => check.onAcknowledged(80, 5),
        () => check.onAcknowledged(70, 4),
        () => check.onReadBegun(1),
        () => check.onReadConfirmed(1, 5),
      ],
    },
    {
      why: "a read is served from a state beyond what it was confirmed at",
      steps: (check) => [
        () => check.onReadBegun(1),
        () => check.onReadConfirmed(1, 4),
        () => check.onReadServed(1, 9),
      ],
    },
    {
      why: "what a dropped read was confirmed at binds nobody",
      steps: (check) => [
        () => check.onReadBegun(1),
        () => check.onReadConfirmed(1, 9),
        () => check.onReadDropped(1),
        () => check.onReadBegun(2),
        () => check.onReadConfirmed(2, 4),
      ],
    },
  ],
  broken: [
    {
      why: "a read is confirmed below what was acknowledged before it",
      steps: (check) => [
        () => check.onAcknowledged(70, 5),
        () => check.onReadBegun(1),
        () => check.onReadConfirmed(1, 4),
      ],
    },
    {
      why: "a later acknowledgement of an earlier entry hides the newest one",
      steps: (check) => [
        () => check.onAcknowledged(80, 5),
        () => check.onAcknowledged(70, 3),
        () => check.onReadBegun(1),
        () => check.onReadConfirmed(1, 4),
      ],
    },
    {
      why: "a read is confirmed below what another one saw before it",
      steps: (check) => [
        () => check.onReadBegun(1),
        () => check.onReadConfirmed(1, 4),
        () => check.onReadServed(1, 6),
        () => check.onReadBegun(2),
        () => check.onReadConfirmed(2, 5),
      ],
    },
    {
      why: "a read is served before the state has applied what it is confirmed at",
      steps: (check) => [
        () => check.onReadBegun(1),
        () => check.onReadConfirmed(1, 5),
        () => check.onReadServed(1, 4),
      ],
    },
    {
      why: "a read is served that nobody has confirmed",
      steps: (check) => [
        () => check.onReadBegun(1),
        () => check.onReadServed(1, 4),
      ],
    },
    {
      why: "a read is served by the confirmation of another one",
      steps: (check) => [
        () => check.onReadBegun(1),
        () => check.onReadBegun(2),
        () => check.onReadConfirmed(1, 4),
        () => check.onReadServed(2, 4),
      ],
    },
    {
      why: "a read is served that was dropped",
      steps: (check) => [
        () => check.onReadBegun(1),
        () => check.onReadConfirmed(1, 4),
        () => check.onReadDropped(1),
        () => check.onReadServed(1, 4),
      ],
    },
  ],
});
