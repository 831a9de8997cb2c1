import type { Entry, Message } from "../../../raft/mod.ts";
import { membershipOf } from "../../../raft/mod.ts";
import { must, type Scenario, ScriptedGroup } from "../../../testing/mod.ts";

const THREE = ["a", "b", "c"];
const NO_COMMIT = { term: 0, index: 0 };

/** Messages that cannot be true: as if they had never come (R19). */
export const NONSENSE_SCENARIOS: readonly Scenario[] = [
  ...messages().map(({ what, message }): Scenario => ({
    id: "R19",
    name: `a message that cannot be true is not answered, and changes nothing: ${what}`,
    run: () => {
      const group = new ScriptedGroup({ voters: THREE });
      group.elect("a");
      group.write("a");
      group.run(1);
      group.hold({ from: "b", type: "proposalForward" });
      const held = group.hold({ from: "b", type: "readForward" });
      const command = group.propose("b");
      const read = group.read("b");
      const session = sessionIn(held);
      const before = stateOf(group);
      const sent = group.sent.length;
      group.deliver(message({ command, read, session }));
      must(stateOf(group) === before, `${stateOf(group)} was ${before}`);
      must(group.sent.length === sent, "nobody answers");
      must(group.underWay("b", "receiveSnapshot") === 0, "nothing is restored");
      must(group.outcomeOf(command) === "pending", "the proposal waits");
      must(group.marks.of("read confirmed") === 0, "and so does the read");
      must(group.outcomeOf(group.write("a")) === "acknowledged", "the group goes on");
      group.assertHeals();
    },
  })),
];

/** What b waits for: its requests, and the session that an answer must name. */
interface Waiting {
  readonly command: number;
  readonly read: number;
  readonly session: number;
}

interface Case {
  readonly what: string;
  readonly message: (waiting: Waiting) => Message;
}

function messages(): Case[] {
  const fromA = { from: "a", to: "b", term: 1 } as const;
  const previous = { term: 1, index: 2 };
  const append = { ...fromA, type: "appendRequest", previous, commit: 0, attempt: 0 } as const;
  const ask = { type: "voteRequest", from: "c", to: "b", term: 9, isPreVote: false } as const;
  const answer = { type: "voteResponse", from: "c", to: "b", term: 9, isPreVote: false } as const;
  const membership = membershipOf(THREE);
  return [
    {
      what: "the last entry of a candidate",
      message: () => ({
        ...ask,
        last: { term: 1, index: Number.NaN },
        commit: NO_COMMIT,
        isTransfer: true,
      }),
    },
    {
      what: "the commit index of a candidate",
      message: () => ({
        ...ask,
        last: { term: 1, index: 9 },
        commit: { term: 10, index: 1 },
        isTransfer: true,
      }),
    },
    {
      what: "the commit index of a voter",
      message: () => ({ ...answer, granted: false, commit: { term: 0.5, index: 1 } }),
    },
    {
      what: "an entry of an earlier term than the one before",
      message: () => ({ ...append, entries: [entry(3, 0)] }),
    },
    {
      what: "an attempt that is no number",
      message: () => ({ ...append, entries: [], attempt: Number.NaN }),
    },
    {
      what: "an entry of term 0 that is not the log's beginning",
      message: () => ({ ...append, previous: { term: 0, index: 2 }, entries: [] }),
    },
    ...[{ term: 0, index: 0 }, { term: 0, index: 50 }].map((last): Case => ({
      what: `a snapshot up to ${JSON.stringify(last)}`,
      message: () => ({ ...fromA, type: "snapshotOffer", snapshot: { last, membership } }),
    })),
    ...[{ session: 1, sequence: Number.NaN }, { session: -1, sequence: 1 }].map((names): Case => ({
      what: `proposals forwarded as ${JSON.stringify(names)}`,
      message: () => ({
        type: "proposalForward",
        from: "b",
        to: "a",
        term: 1,
        ...names,
        proposals: [{ id: 1, data: new Uint8Array(4) }],
      }),
    })),
    {
      what: "a read confirmed at no index",
      message: ({ read, session }) => ({
        ...fromA,
        type: "readsConfirmed",
        session,
        ids: [read],
        index: Number.NaN,
      }),
    },
    {
      what: "a proposal accepted before the log's beginning",
      message: ({ command, session }) => ({
        ...fromA,
        type: "proposalsAccepted",
        session,
        ids: [command],
        first: NO_COMMIT,
      }),
    },
  ];
}

function sessionIn(messages: readonly Message[]): number {
  const [message] = messages;
  if (message?.type !== "readForward") {
    throw new Error("b has not passed its read on");
  }
  return message.session;
}

function stateOf(group: ScriptedGroup): string {
  return JSON.stringify(
    group.members.map(({ term, role, leader, committedIndex, log }) => [
      term,
      role,
      leader,
      committedIndex,
      log.lastIndex,
    ]),
  );
}

function entry(index: number, term: number): Entry {
  return { index, term, kind: "command", data: new Uint8Array(4) };
}
