import test from "ava";
import {
  decodeMembership,
  encodeMembership,
  type MembershipChange,
  MembershipChangeError,
  membershipOf,
  planMembership,
} from "../../raft/mod.ts";

const current = membershipOf(["a", "b", "c"]);

for (
  const { change, why } of [
    { change: { type: "addLearner", id: "" }, why: "no member could read it from its log" },
    { change: { type: "addVoter", id: "\ud800" }, why: "it is no text that UTF-8 can hold" },
    { change: { type: "addVoter", id: "x".repeat(201) }, why: "no peer frame has room for it" },
    {
      change: { type: "addVoter", id: "語".repeat(67) },
      why: "its 201 bytes count, not its units",
    },
    { change: { type: "addVoter", id: 7 }, why: "it is no text" },
    { change: { type: "addVoter", id: undefined }, why: "it is missing" },
    { change: { type: "promote", id: "d" }, why: "there is no such change" },
  ]
) {
  test(`planMembership refuses ${JSON.stringify(change).slice(0, 40)}: ${why}`, (t) => {
    t.throws(() => planMembership(current, [change as MembershipChange]), {
      instanceOf: MembershipChangeError,
    });
  });
}

test("planMembership takes what a log and a frame can hold", (t) => {
  for (const id of ["d", "x".repeat(200), "語".repeat(66)]) {
    const planned = planMembership(current, [{ type: "addLearner", id }]);
    t.deepEqual(decodeMembership(encodeMembership(planned)).learners, [id]);
  }
});
