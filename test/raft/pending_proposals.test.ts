import test from "ava";
import type { Entry } from "../../raft/mod.ts";
import { PendingProposals } from "../../raft/pending_proposals.ts";

function entry(index: number, term: number): Entry {
  return { index, term, kind: "command", data: new Uint8Array(0) };
}

test("PendingProposals answers a proposal with the result of its entry", async (t) => {
  const pending = new PendingProposals<string>();
  const outcome = pending.open(1, "applied");
  pending.onAccepted([1], { term: 2, index: 5 }, 4);
  pending.onApplied(entry(5, 2), "done");
  t.deepEqual(await outcome, { index: 5, term: 2, result: "done" });
});

test("PendingProposals keeps to what it was told first, if it is told twice", async (t) => {
  const pending = new PendingProposals<string>();
  const outcome = pending.open(1, "applied");
  pending.onAccepted([1], { term: 2, index: 5 }, 4);
  pending.onAccepted([1], { term: 2, index: 5 }, 4);
  pending.onApplied(entry(5, 2), "done");
  t.like(await outcome, { result: "done" });
});

for (
  const { name, drive, code } of [
    {
      name: "drops a proposal whose place another leader's entry took",
      drive: (pending: PendingProposals<string>) => pending.onApplied(entry(5, 3), "other"),
      code: "PROPOSAL_DROPPED",
    },
    {
      name: "drops a proposal that a commit of a later term has outvoted",
      drive: (pending: PendingProposals<string>) => pending.onCommitted(4, () => 3),
      code: "PROPOSAL_DROPPED",
    },
    {
      name: "says that a snapshot has overtaken a proposal",
      drive: (pending: PendingProposals<string>) => pending.onRestored(5),
      code: "PROPOSAL_UNKNOWN",
    },
  ]
) {
  test(`PendingProposals ${name}`, async (t) => {
    const pending = new PendingProposals<string>();
    const outcome = pending.open(1, "applied");
    pending.onAccepted([1], { term: 2, index: 5 }, 3);
    drive(pending);
    await t.throwsAsync(outcome, { code });
  });
}

for (
  const { appliedIndex, committedTerm, why } of [
    { appliedIndex: 5, committedTerm: 0, why: "its entry is applied already" },
    { appliedIndex: 2, committedTerm: 3, why: "a later term has committed since" },
  ]
) {
  test(`PendingProposals does not know what became of a proposal if word of it comes when ${why}`, async (t) => {
    const pending = new PendingProposals<string>();
    const outcome = pending.open(1, "applied");
    pending.onCommitted(2, () => committedTerm);
    pending.onAccepted([1], { term: 2, index: 5 }, appliedIndex);
    await t.throwsAsync(outcome, { code: "PROPOSAL_UNKNOWN" });
  });
}

test("PendingProposals drops a proposal when a later leader has another one in its place", async (t) => {
  const pending = new PendingProposals<string>();
  const first = pending.open(1, "applied");
  pending.onAccepted([1], { term: 2, index: 5 }, 4);
  const second = pending.open(2, "applied");
  pending.onAccepted([2], { term: 3, index: 5 }, 4);
  await t.throwsAsync(first, { code: "PROPOSAL_DROPPED" });
  pending.onApplied(entry(5, 3), "second");
  t.like(await second, { term: 3, result: "second" });
});

test("PendingProposals acknowledges a commit to whose entry it is, and to nobody else", async (t) => {
  const pending = new PendingProposals<string>();
  const outcomes = [1, 2].map((id) => pending.open(id, "committed"));
  pending.onAccepted([1, 2], { term: 2, index: 5 }, 4);
  const lost = t.throwsAsync(outcomes[1] ?? Promise.resolve(), { code: "PROPOSAL_DROPPED" });
  pending.onCommitted(6, (index) => index === 5 ? 2 : 3);
  t.deepEqual(await outcomes[0], { index: 5, term: 2 });
  await lost;
});

test("PendingProposals keeps what is behind a commit of its own term", async (t) => {
  const pending = new PendingProposals<string>();
  const outcome = pending.open(1, "applied");
  pending.onAccepted([1], { term: 2, index: 5 }, 3);
  pending.onCommitted(4, () => 2);
  pending.onApplied(entry(5, 2), "done");
  t.like(await outcome, { result: "done" });
});

test("PendingProposals answers commits in whatever steps they come", async (t) => {
  for (const commits of [[7], [4, 5, 6, 7], [4, 7], [5, 6, 7]]) {
    const pending = new PendingProposals<string>();
    const outcomes = [1, 2, 3].map((id) => pending.open(id, "committed"));
    const superseded = t.throwsAsync(pending.open(4, "committed"), { code: "PROPOSAL_DROPPED" });
    pending.onAccepted([1, 2, 3, 4], { term: 2, index: 4 }, 3);
    commits.forEach((index) => pending.onCommitted(index, (at) => at < 7 ? 2 : 3));
    t.deepEqual((await Promise.all(outcomes)).map(({ index }) => index), [4, 5, 6]);
    await superseded;
  }
});

test("PendingProposals answers a proposal that was committed before word of it came", async (t) => {
  const pending = new PendingProposals<string>();
  const outcome = pending.open(1, "committed");
  pending.onCommitted(9, () => 2);
  pending.onAccepted([1], { term: 2, index: 5 }, 3);
  pending.onCommitted(9, () => 2);
  t.like(await outcome, { index: 5, term: 2 });
});

test("PendingProposals looks at nothing that waits when nothing new is committed", (t) => {
  const pending = new PendingProposals<string>();
  const ids = Array.from({ length: 10_000 }, (_, id) => id);
  ids.forEach((id) => pending.open(id, "committed").catch(() => {}));
  pending.onAccepted(ids, { term: 2, index: 11 }, 0);
  let asked = 0;
  for (let step = 0; step < 1_000; step += 1) {
    pending.onCommitted(step < 500 ? 10 : 12, () => {
      asked += 1;
      return 2;
    });
  }
  t.true(asked < 10, `${asked} terms were asked for`);
});
