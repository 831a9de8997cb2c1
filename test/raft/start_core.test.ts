import test from "ava";
import {
  encodeMembership,
  type LogStore,
  membershipOf,
  StartError,
  type StateMachineState,
} from "../../raft/mod.ts";
import { startCore } from "../../raft/start_core.ts";
import { MemoryLogStore } from "../../storage/mod.ts";

/** A log of ten entries of term 2, which has seen term 3. */
async function logOfTen(): Promise<MemoryLogStore> {
  const logStore = new MemoryLogStore();
  await logStore.append({
    hardState: { term: 3, vote: null, commit: 5 },
    entries: Array.from({ length: 10 }, (_, at) => ({
      term: 2,
      index: at + 1,
      kind: "command",
      data: Uint8Array.of(at),
    })),
  });
  return logStore;
}

/** A log that begins after entry 2 with m, and then has m n, m n o and x as of 4, 6 and 9. */
async function logOfChanges(): Promise<MemoryLogStore> {
  const logStore = new MemoryLogStore();
  const changes = new Map([[4, ["m", "n"]], [6, ["m", "n", "o"]], [9, ["x"]]]);
  await logStore.append({
    hardState: { term: 2, vote: null, commit: 7 },
    entries: Array.from({ length: 10 }, (_, at) => {
      const ids = changes.get(at + 1);
      return {
        term: 2,
        index: at + 1,
        kind: ids === undefined ? "command" : "membership",
        data: ids === undefined ? Uint8Array.of(at) : encodeMembership(membershipOf(ids)),
      };
    }),
  });
  await logStore.compact({ index: 2, term: 2, membership: membershipOf(["m"]) });
  return logStore;
}

function start(logStore: LogStore, machine: Partial<StateMachineState>) {
  return startCore({
    id: "a",
    initialVoters: ["a", "b"],
    logStore,
    stateMachine: {
      open: () => Promise.resolve({ appliedIndex: 0, term: 0, membership: null, ...machine }),
    },
  });
}

test("startCore goes on where log and state machine stand", async (t) => {
  const { core: { status } } = await start(await logOfTen(), { appliedIndex: 4, term: 2 });
  t.like(status, { term: 3, lastIndex: 10, committedIndex: 5, appliedIndex: 4 });
  t.deepEqual(status.membership, membershipOf(["a", "b"]));
});

test("startCore prefers the state machine's membership to that of the founding", async (t) => {
  const membership = membershipOf(["a", "c"]);
  const { core } = await start(await logOfTen(), { appliedIndex: 4, term: 2, membership });
  const { status } = core;
  t.deepEqual(status.membership, membership);
});

for (
  const { appliedIndex, voters, why } of [
    { appliedIndex: 2, voters: "m", why: "that of the marker, if no other is applied" },
    { appliedIndex: 5, voters: "m,n", why: "that of the last one applied" },
    { appliedIndex: 7, voters: "m,n,o", why: "not that of an earlier one" },
  ]
) {
  test(`startCore takes the log's membership as of what is applied: ${why}`, async (t) => {
    const logStore = await logOfChanges();
    const { core: { status } } = await start(logStore, { appliedIndex, term: 2 });
    t.is(status.membership.voters.join(), voters);
  });
}

test("startCore knows the memberships of all that the log still holds and is applied", async (t) => {
  const { memberships } = await start(await logOfChanges(), { appliedIndex: 7, term: 2 });
  t.deepEqual(
    [1, 2, 3, 4, 5, 6, 7, 9].map((index) => memberships.at(index)?.voters.join("")),
    [undefined, "m", "m", "mn", "mn", "mno", "mno", "mno"],
  );
});

test("startCore takes the founders for the members of before what the state machine holds", async (t) => {
  const membership = membershipOf(["a", "c"]);
  const { memberships } = await start(await logOfTen(), { appliedIndex: 4, term: 2, membership });
  t.deepEqual([0, 3, 4].map((index) => memberships.at(index)?.voters.join("")), ["ab", "ab", "ac"]);
});

for (
  const { machine, why } of [
    { machine: { appliedIndex: 12, term: 2 }, why: "the snapshot goes beyond the log" },
    {
      machine: { appliedIndex: 7, term: 3 },
      why: "the log has another leader's entry there (R36)",
    },
  ]
) {
  test(`W14: startCore lets the log begin after a snapshot that a crash left half installed: ${why}`, async (t) => {
    const logStore = await logOfTen();
    const { core: { status } } = await start(logStore, machine);
    const { appliedIndex: index } = machine;
    t.like(status, { term: 3, lastIndex: index, appliedIndex: index, compactedIndex: index });
    t.like(await logStore.open(), { lastIndex: index, marker: { index } });
  });
}

for (
  const { machine, compactTo, reason, why } of [
    {
      machine: { appliedIndex: 4, term: 0 },
      compactTo: 0,
      reason: /does not tell its term/,
      why: "no term is told",
    },
    {
      machine: { appliedIndex: 20, term: 9 },
      compactTo: 0,
      reason: /it was lost, or is another/,
      why: "the log was lost",
    },
    {
      machine: { appliedIndex: 4, term: 2 },
      compactTo: 6,
      reason: /the log begins after 6/,
      why: "entries are in neither",
    },
  ]
) {
  test(`W14: startCore refuses to start where ${why}`, async (t) => {
    const logStore = await logOfTen();
    await logStore.compact({ index: compactTo, term: 2, membership: membershipOf(["a"]) });
    const error = await t.throwsAsync(start(logStore, machine), { instanceOf: StartError });
    t.regex(error.message, reason);
  });
}
