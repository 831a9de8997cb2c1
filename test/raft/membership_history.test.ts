import test from "ava";
import { MembershipHistory } from "../../raft/membership_history.ts";
import { encodeMembership, type Entry, membershipOf } from "../../raft/mod.ts";

/** a from entry 10 on, a and b from entry 20 on. */
function historyOf(): MembershipHistory {
  return new MembershipHistory([
    { index: 10, membership: membershipOf(["a"]) },
    { index: 20, membership: membershipOf(["a", "b"]) },
  ]);
}

for (
  const { index, want, why } of [
    { index: 9, want: undefined, why: "that is too long ago" },
    { index: 10, want: "a", why: "the first one is in force as of its own entry" },
    { index: 19, want: "a", why: "it is, up to the next one" },
    { index: 20, want: "a,b", why: "which is in force as of its own entry too" },
    { index: 99, want: "a,b", why: "and for ever" },
  ]
) {
  test(`MembershipHistory.at(${index}) is ${want}: ${why}`, (t) => {
    t.is(historyOf().at(index)?.voters.join(), want);
  });
}

test("MembershipHistory notes what is a membership among entries", (t) => {
  const history = historyOf();
  const entries = [25, 26].map((index): Entry => ({
    index,
    term: 1,
    kind: index === 25 ? "membership" : "command",
    data: encodeMembership(membershipOf(["c"])),
  }));
  history.addOf(entries);
  t.deepEqual(history.at(24), membershipOf(["a", "b"]));
  t.deepEqual(history.at(26), membershipOf(["c"]));
});

test("MembershipHistory forgets what was in force before an index, and keeps what was then", (t) => {
  const history = historyOf();
  history.forgetBefore(5);
  t.deepEqual(history.at(10), membershipOf(["a"]), "nothing is older");
  history.forgetBefore(19);
  t.deepEqual(history.at(19), membershipOf(["a"]));
  history.forgetBefore(20);
  t.is(history.at(19), null);
  t.deepEqual(history.at(20), membershipOf(["a", "b"]));
});
