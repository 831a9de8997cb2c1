import test from "ava";
import {
  type Entry,
  INITIAL_HARD_STATE,
  type LogState,
  membershipOf,
  RaftCore,
  type RaftCoreStatus,
  type RaftEffect,
  type RaftEvent,
  WHOLE_LOG,
} from "../../raft/mod.ts";

const EMPTY_LOG: LogState = {
  hardState: INITIAL_HARD_STATE,
  marker: WHOLE_LOG,
  lastIndex: 0,
  terms: [],
  membershipEntries: [],
};

/** An event, with what one test after the other would have to repeat left out. */
type ShortEvent =
  | Exclude<RaftEvent, { type: "persisted" | "entriesRead" }>
  | Omit<RaftEvent & { type: "persisted" }, "sequence">
  | Omit<RaftEvent & { type: "entriesRead" }, "purpose">;

/** A core whose disk completes what it was last given, and whose reads are for applying. */
class Harness {
  readonly #core: RaftCore;
  #sequence = 0;

  constructor(core: RaftCore) {
    this.#core = core;
  }

  get status(): RaftCoreStatus {
    return this.#core.status;
  }

  step(event: ShortEvent): RaftEffect[] {
    const effects = this.#core.step(
      {
        ...event,
        ...(event.type === "persisted" ? { sequence: this.#sequence } : {}),
        ...(event.type === "entriesRead" ? { purpose: { type: "apply" } } : {}),
      } as RaftEvent,
    );
    for (const effect of effects) {
      this.#sequence = effect.type === "persist" ? effect.sequence : this.#sequence;
    }
    return effects;
  }
}

function newCore(
  options: { logState?: LogState; appliedIndex?: number; uncommittedBytesMax?: number } = {},
): Harness {
  const { logState = EMPTY_LOG, appliedIndex = 0, uncommittedBytesMax } = options;
  return new Harness(
    new RaftCore({
      id: "a",
      membership: membershipOf(["a"]),
      logState,
      appliedIndex,
      random: { random: () => 0 },
      tuning: uncommittedBytesMax === undefined ? {} : { uncommittedBytesMax },
    }),
  );
}

/** Steps the core until its own vote is durable: it is leader and its no-op is on the way to disk. */
function elect(core: Harness): RaftEffect[] {
  const { hardState } = only(core.step({ type: "tick" }), "persist");
  return core.step({ type: "persisted", upTo: null, hardState });
}

/** Elects the core and makes its no-op durable and applied. */
function lead(core: Harness): void {
  const noop = only(elect(core), "persist").entries[0] as Entry;
  core.step({ type: "persisted", upTo: noop, hardState: null });
  core.step({ type: "applied", index: noop.index });
}

function only<Type extends RaftEffect["type"]>(
  effects: readonly RaftEffect[],
  type: Type,
): RaftEffect & { type: Type } {
  const found = effects.filter((effect) => effect.type === type);
  if (found.length !== 1) {
    throw new Error(`${found.length} effects of type ${type}: ${JSON.stringify(effects)}`);
  }
  return found[0] as RaftEffect & { type: Type };
}

function types(effects: readonly RaftEffect[]): string[] {
  return effects.map(({ type }) => type);
}

test("RaftCore does not lead before its own vote is durable", (t) => {
  const core = newCore();
  const effects = core.step({ type: "tick" });
  t.deepEqual(only(effects, "persist").hardState, { term: 1, vote: "a", commit: 0 });
  t.is(core.status.role, "candidate");
  t.is(core.status.leader, null);

  const elected = core.step({
    type: "persisted",
    upTo: null,
    hardState: { term: 1, vote: "a", commit: 0 },
  });
  t.is(core.status.role, "leader");
  t.is(core.status.leader, "a");
  t.deepEqual(
    only(elected, "persist").entries.map(({ kind, index, term }) => [kind, index, term]),
    [
      ["noop", 1, 1],
    ],
  );
});

test("RaftCore does not count a vote that became durable for another term", (t) => {
  const core = newCore();
  core.step({ type: "tick" });
  core.step({ type: "persisted", upTo: null, hardState: { term: 0, vote: "a", commit: 0 } });
  t.is(core.status.role, "candidate");
});

test("RaftCore starts the next term after the one that it remembers", (t) => {
  const core = newCore({
    logState: { ...EMPTY_LOG, hardState: { term: 7, vote: "a", commit: 0 } },
  });
  t.is(only(core.step({ type: "tick" }), "persist").hardState?.term, 8);
});

test("RaftCore commits and applies an entry once it is durable, not before", (t) => {
  const core = newCore();
  lead(core);
  const data = Uint8Array.of(1, 2, 3);
  const effects = core.step({ type: "proposed", proposals: [{ id: 5, data }] });
  t.deepEqual(types(effects), ["persist", "accepted"]);
  t.deepEqual(only(effects, "accepted"), {
    type: "accepted",
    ids: [5],
    first: { term: 1, index: 2 },
  });
  t.is(core.status.committedIndex, 1);

  const durable = core.step({ type: "persisted", upTo: { term: 1, index: 2 }, hardState: null });
  t.deepEqual(only(durable, "apply").entries, [{ term: 1, index: 2, kind: "command", data }]);
  t.is(core.status.committedIndex, 2);
  t.is(core.status.appliedIndex, 1);
  core.step({ type: "applied", index: 2 });
  t.is(core.status.appliedIndex, 2);
});

test("RaftCore ignores a completion of storage whose term is not that of the entry", (t) => {
  const core = newCore();
  lead(core);
  core.step({ type: "proposed", proposals: [{ id: 1, data: new Uint8Array(1) }] });
  t.deepEqual(core.step({ type: "persisted", upTo: { term: 9, index: 2 }, hardState: null }), []);
  t.deepEqual(core.step({ type: "persisted", upTo: { term: 1, index: 3 }, hardState: null }), []);
  t.is(core.status.committedIndex, 1);
});

test("RaftCore never goes back when completions of storage come out of order", (t) => {
  const core = newCore();
  lead(core);
  core.step({
    type: "proposed",
    proposals: [1, 2, 3].map((id) => ({ id, data: new Uint8Array(1) })),
  });
  core.step({ type: "persisted", upTo: { term: 1, index: 4 }, hardState: null });
  t.is(core.status.committedIndex, 4);
  core.step({ type: "persisted", upTo: { term: 1, index: 3 }, hardState: null });
  t.is(core.status.committedIndex, 4);
});

test("RaftCore has one apply under way, and hands out the rest after it", (t) => {
  const core = newCore();
  lead(core);
  const propose = (id: number) => {
    core.step({ type: "proposed", proposals: [{ id, data: new Uint8Array(1) }] });
    return core.step({ type: "persisted", upTo: { term: 1, index: id }, hardState: null });
  };
  t.deepEqual(types(propose(2)), ["apply"]);
  t.deepEqual(types(propose(3)), []);
  t.deepEqual(types(propose(4)), []);
  const next = core.step({ type: "applied", index: 2 });
  t.deepEqual(only(next, "apply").entries.map(({ index }) => index), [3, 4]);
});

test("RaftCore reads entries of an earlier life from the log store before it applies them", (t) => {
  const core = newCore({
    appliedIndex: 2,
    logState: {
      ...EMPTY_LOG,
      hardState: { term: 3, vote: "a", commit: 4 },
      lastIndex: 5,
      terms: [{ firstIndex: 1, term: 1 }, { firstIndex: 4, term: 3 }],
    },
  });
  const started = core.step({ type: "tick" });
  // What is known to be committed is applied at once.
  t.like(only(started, "readEntries").range, { low: 3, high: 5 });
  const read: Entry[] = [3, 4].map((index) => ({
    term: index === 3 ? 1 : 3,
    index,
    kind: "command",
    data: new Uint8Array(1),
  }));
  t.deepEqual(only(core.step({ type: "entriesRead", entries: read }), "apply").entries, read);
  core.step({ type: "applied", index: 4 });

  const { hardState } = only(started, "persist");
  const elected = core.step({ type: "persisted", upTo: null, hardState });
  const noop = only(elected, "persist").entries[0] as Entry;
  t.is(noop.index, 6);
  t.is(noop.term, 4);
  t.is(core.status.committedIndex, 4, "entry 5 is durable, but of an earlier term");
  const committed = core.step({ type: "persisted", upTo: noop, hardState: null });
  t.like(only(committed, "readEntries").range, { low: 5, high: 6 });
  const fifth: Entry = { term: 3, index: 5, kind: "command", data: new Uint8Array(1) };
  core.step({ type: "entriesRead", entries: [fifth] });
  t.deepEqual(only(core.step({ type: "applied", index: 5 }), "apply").entries, [noop]);
});

test("RaftCore confirms a read only after an entry of its own term is committed", (t) => {
  const core = newCore();
  t.deepEqual(core.step({ type: "readRequested", ids: [1] }), [
    { type: "readsDropped", ids: [1], reason: "noLeader" },
  ]);
  const noop = only(elect(core), "persist").entries[0] as Entry;
  t.deepEqual(core.step({ type: "readRequested", ids: [2, 3] }), []);
  const effects = core.step({ type: "persisted", upTo: noop, hardState: null });
  t.deepEqual(only(effects, "readsConfirmed"), { type: "readsConfirmed", ids: [2, 3], index: 1 });
  t.deepEqual(core.step({ type: "readRequested", ids: [4] }), [
    { type: "readsConfirmed", ids: [4], index: 1 },
  ]);
});

test("RaftCore drops proposals without a leader, and beyond the limit of uncommitted bytes", (t) => {
  const core = newCore({ uncommittedBytesMax: 74 });
  const propose = (...sizes: number[]) =>
    core.step({
      type: "proposed",
      proposals: sizes.map((size, id) => ({ id, data: new Uint8Array(size) })),
    });
  t.deepEqual(propose(1), [{ type: "proposalsDropped", ids: [0], reason: "noLeader" }]);
  lead(core);
  const effects = propose(4, 6, 1);
  t.deepEqual(only(effects, "accepted").ids, [0, 1]);
  t.deepEqual(only(effects, "proposalsDropped"), {
    type: "proposalsDropped",
    ids: [2],
    reason: "uncommittedLimit",
  });
  core.step({ type: "persisted", upTo: { term: 1, index: 3 }, hardState: null });
  t.deepEqual(
    only(propose(43), "accepted").ids,
    [0],
    "one that could never fit is let through alone",
  );
});

test("W14: RaftCore takes a commit beyond its last entry for what it can be: the last entry", (t) => {
  const core = newCore({
    logState: {
      ...EMPTY_LOG,
      hardState: { term: 1, vote: "a", commit: 9 },
      lastIndex: 3,
      terms: [{ firstIndex: 1, term: 1 }],
    },
  });
  t.is(core.status.committedIndex, 3);
});
