import test from "ava";
import type { Message } from "../../raft/mod.ts";
import { TraceHash } from "../../testing/simulation/trace_hash.ts";
import { traceMessage } from "../../testing/simulation/trace_message.ts";

const APPEND: Message & { type: "appendRequest" } = {
  type: "appendRequest",
  from: "a",
  to: "b",
  term: 3,
  attempt: 1,
  previous: { term: 2, index: 7 },
  entries: [{ term: 3, index: 8, kind: "command", data: new Uint8Array(4) }],
  commit: 7,
};

function traceOf(message: Message, between = { from: 0, to: 1 }): string {
  const trace = new TraceHash();
  traceMessage(trace, message, between);
  return trace.toString();
}

for (
  const { what, message, between } of [
    { what: "the sender", message: APPEND, between: { from: 2, to: 1 } },
    { what: "the receiver", message: APPEND, between: { from: 0, to: 2 } },
    { what: "the term", message: { ...APPEND, term: 4 } },
    { what: "the index before", message: { ...APPEND, previous: { term: 2, index: 6 } } },
    { what: "the commit index", message: { ...APPEND, commit: 6 } },
    {
      what: "an entry's term",
      message: { ...APPEND, entries: [{ ...APPEND.entries[0], term: 2 }] },
    },
    { what: "how many entries there are", message: { ...APPEND, entries: [] } },
  ] as { what: string; message: Message; between?: { from: number; to: number } }[]
) {
  test(`traceMessage tells messages apart by ${what}`, (t) => {
    t.not(traceOf(message, between), traceOf(APPEND));
    t.is(traceOf(message, between), traceOf(message, between));
  });
}

test("traceMessage tells types of one length apart", (t) => {
  const envelope = { from: "a", to: "b", term: 3 } as const;
  t.not(
    traceOf({ ...envelope, type: "appendAccepted", attempt: 1, match: 5 }),
    traceOf({ ...envelope, type: "readsConfirmed", session: 1, ids: [1], index: 5 }),
  );
});
