import test from "ava";
import { INITIAL_HARD_STATE, type LogState, membershipOf } from "../../raft/mod.ts";
import { misfitOf } from "../../server/data/backend_fit.ts";

/** A log of the entries 11 to 20, of term 3 from 15 on and of 2 before, that has seen term 4. */
const LOG: LogState = {
  hardState: { term: 4, vote: null, commit: 18 },
  marker: { index: 10, term: 2, membership: membershipOf(["a"]) },
  lastIndex: 20,
  terms: [{ firstIndex: 11, term: 2 }, { firstIndex: 15, term: 3 }],
  membershipEntries: [],
};

const EMPTY: LogState = {
  hardState: INITIAL_HARD_STATE,
  marker: { index: 0, term: 0, membership: null },
  lastIndex: 0,
  terms: [],
  membershipEntries: [],
};

for (
  const { backend, log = LOG, want, why } of [
    { backend: { index: 20, term: 3 }, want: null, why: "it has everything" },
    { backend: { index: 12, term: 2 }, want: null, why: "it lags, and the log has the rest" },
    { backend: { index: 10, term: 2 }, want: null, why: "it is where the log begins" },
    { backend: { index: 0, term: 0 }, log: EMPTY, want: null, why: "both are new" },
    { backend: { index: 9, term: 2 }, want: /10 to 10 are in neither/, why: "behind the marker" },
    { backend: { index: 0, term: 0 }, want: /1 to 10 are in neither/, why: "wiped" },
    {
      backend: { index: 21, term: 3 },
      want: /up to 21, and the log ends at 20/,
      why: "ahead of the log",
    },
    {
      backend: { index: 21, term: 3, restoredIndex: 21 },
      want: null,
      why: "a snapshot was restored, and the log not yet begun after it",
    },
    {
      backend: { index: 17, term: 4, restoredIndex: 17 },
      want: null,
      why: "likewise, and the log has another leader's entry there (R36)",
    },
    {
      backend: { index: 22, term: 3, restoredIndex: 21 },
      want: /the log ends at 20/,
      why: "more was applied after the snapshot, which only a log can have brought",
    },
    {
      backend: { index: 17, term: 4 },
      want: /entry 17 of term 4.*of term 3/,
      why: "another's log",
    },
    {
      backend: { index: 20, term: 5, restoredIndex: 20 },
      want: /term 5.*no later term than 4/,
      why: "the log is older",
    },
    {
      backend: { index: 12, term: 2 },
      log: { ...LOG, hardState: { term: 2, vote: "a", commit: 18 } },
      want: /entry 20 of term 3.*hard state is of term 2: it has gone back/,
      why: "the term has gone back below an entry's",
    },
    { backend: { index: 3, term: 1 }, log: EMPTY, want: /term 1.*than 0/, why: "the log is gone" },
  ]
) {
  const { index, term } = backend;
  test(`W14: misfitOf a backend at ${index} of term ${term} is ${want}: ${why}`, (t) => {
    const misfit = misfitOf({ restoredIndex: 0, ...backend }, log);
    if (want === null) {
      t.is(misfit, null);
    } else {
      t.regex(misfit ?? "", want);
    }
  });
}
