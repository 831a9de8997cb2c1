import test from "ava";
import { LogCompaction } from "../../raft/log_compaction.ts";
import { MembershipHistory } from "../../raft/membership_history.ts";
import { membershipOf } from "../../raft/mod.ts";

/** Compaction with a tail of 10 and a threshold of 20, of a log that begins after entry 100. */
function compactionOf(
  durableIndex: number,
  { knownFrom = 0, memberships = historyOf() } = {},
): LogCompaction {
  return new LogCompaction({
    tail: 10,
    threshold: 20,
    compactedIndex: 100,
    memberships,
    stateMachine: { durableIndex: () => durableIndex },
    termAt: (index) => index < knownFrom ? null : 3,
  });
}

function historyOf(): MembershipHistory {
  return new MembershipHistory([{ index: 100, membership: membershipOf(["a"]) }]);
}

for (
  const { appliedIndex, durableIndex, knownFrom, want, why } of [
    { appliedIndex: 129, durableIndex: 129, want: null, why: "tail and threshold are not reached" },
    { appliedIndex: 130, durableIndex: 130, want: 120, why: "the tail stays" },
    { appliedIndex: 130, durableIndex: 110, want: 110, why: "what is not durable stays" },
    { appliedIndex: 130, durableIndex: 109, want: null, why: "too little would go to be worth it" },
    {
      appliedIndex: 130,
      durableIndex: 130,
      knownFrom: 121,
      want: null,
      why: "a snapshot took the place of that entry",
    },
  ]
) {
  test(`LogCompaction at ${appliedIndex}, durable ${durableIndex}, is due up to ${want}: ${why}`, (t) => {
    const marker = compactionOf(durableIndex, { knownFrom }).takeDue(appliedIndex);
    t.deepEqual(
      marker,
      want === null ? null : { index: want, term: 3, membership: membershipOf(["a"]) },
    );
  });
}

test("LogCompaction marks a log with the membership that was in force where it begins", (t) => {
  const memberships = historyOf();
  const compaction = compactionOf(Infinity, { memberships });
  memberships.add({ index: 120, membership: membershipOf(["a", "b"]) });
  memberships.add({ index: 121, membership: membershipOf(["a", "c"]) });
  t.is(compaction.takeDue(129), null);
  t.like(compaction.takeDue(130), { index: 120, membership: membershipOf(["a", "b"]) });
  t.is(compaction.takeDue(149), null, "as much must come again as before");
  t.like(compaction.takeDue(160), { index: 150, membership: membershipOf(["a", "c"]) });
});

test("LogCompaction counts from the end of a snapshot that was restored", (t) => {
  const compaction = compactionOf(Infinity);
  compaction.onRestored(200);
  t.is(compaction.takeDue(229), null);
  t.like(compaction.takeDue(230), { index: 220 });
});
