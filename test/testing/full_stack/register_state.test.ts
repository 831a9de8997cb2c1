import test from "ava";
import { encodeMembership, membershipOf } from "../../../raft/mod.ts";
import {
  decodeRegisterCommand,
  encodeRegisterCommand,
  type RegisterCommand,
  type RegisterOperation,
} from "../../../testing/full_stack/register_command.ts";
import { RegisterState } from "../../../testing/full_stack/register_state.ts";
import { noop } from "../invariants/fake_group.ts";
import { commandEntry } from "./register_entry.ts";

for (
  const { command, length, why } of [
    {
      command: { id: 1, operation: "write", register: 0, client: 0, sequence: 1 },
      length: 0,
      why: "the smallest one",
    },
    {
      command: {
        id: 0xfedcba98,
        operation: "swap",
        register: 255,
        client: 0xfffe,
        sequence: 0xfedcba98,
      },
      length: 12,
      why: "the largest numbers",
    },
    {
      command: { id: 7, operation: "claim", register: 3, client: 300, sequence: 70_000 },
      length: 500,
      why: "a padded one",
    },
  ] as const satisfies readonly { command: RegisterCommand; length: number; why: string }[]
) {
  test(`decodeRegisterCommand gives back ${why}`, (t) => {
    const data = encodeRegisterCommand(command, length);
    t.is(data.length, Math.max(12, length));
    t.deepEqual(decodeRegisterCommand(data), command);
  });
}

for (
  const { operation, held, id, value, why } of [
    { operation: "write", held: 0, id: 7, value: 7, why: "writes what holds nothing" },
    { operation: "write", held: 5, id: 7, value: 7, why: "writes over what is held" },
    { operation: "swap", held: 5, id: 7, value: 7, why: "writes over what is held" },
    { operation: "claim", held: 0, id: 7, value: 7, why: "writes what holds nothing" },
    { operation: "claim", held: 0, id: 8, value: 8, why: "writes what holds nothing" },
    { operation: "claim", held: 5, id: 8, value: 8, why: "takes an odd one with an even one" },
    { operation: "claim", held: 5, id: 7, value: 5, why: "leaves an odd one to an odd one" },
    { operation: "claim", held: 6, id: 8, value: 6, why: "leaves an even one to an even one" },
  ] as const satisfies readonly { operation: RegisterOperation; [key: string]: unknown }[]
) {
  test(`RegisterState: ${operation} ${id} on ${held || "nothing"} ${why}`, (t) => {
    const state = new RegisterState();
    if (held > 0) {
      state.apply(commandEntry(1, { id: held }));
    }
    const result = state.apply(commandEntry(2, { id, operation }));
    t.deepEqual(result, { index: 2, previous: held, value });
    t.is(state.read(1), value);
    t.is(state.read(2), 0, "others are left alone");
  });
}

test("RegisterState lets a repeated request take effect once, and answers it the same each time", (t) => {
  const state = new RegisterState();
  const request = { operation: "swap", client: 9, sequence: 3 } as const;
  state.apply(commandEntry(1, { id: 10 }));
  const first = state.apply(commandEntry(2, { id: 20, ...request }));
  state.apply(commandEntry(3, { id: 30 }));
  const again = state.apply(commandEntry(4, { id: 21, ...request }));
  t.deepEqual(first, { index: 2, previous: 10, value: 20 });
  t.deepEqual(again, first);
  t.is(state.read(1), 30);
  t.is(state.appliedIndex, 4);
});

test("RegisterState ignores a request that comes after the next one of its client", (t) => {
  const state = new RegisterState();
  state.apply(commandEntry(1, { id: 10, client: 9, sequence: 2 }));
  state.apply(commandEntry(2, { id: 20, client: 9, sequence: 1 }));
  t.is(state.read(1), 10);
});

test("RegisterState keeps the sessions of clients apart, and serves each one's next request", (t) => {
  const state = new RegisterState();
  state.apply(commandEntry(1, { id: 10, client: 8, sequence: 1 }));
  state.apply(commandEntry(2, { id: 20, client: 9, sequence: 1 }));
  t.is(state.read(1), 20);
  state.apply(commandEntry(3, { id: 30, client: 8, sequence: 2 }));
  t.is(state.read(1), 30);
});

test("RegisterState has no result for what is no command, and takes over memberships", (t) => {
  const state = new RegisterState();
  const membership = membershipOf(["a", "b"]);
  t.is(state.membership, null);
  t.is(state.apply(noop(1, 4)), null);
  t.deepEqual([state.appliedIndex, state.term], [1, 4]);
  const data = encodeMembership(membership);
  t.is(state.apply({ index: 2, term: 5, kind: "membership", data }), null);
  t.deepEqual(state.membership, membership);
  t.deepEqual([state.appliedIndex, state.term], [2, 5]);
  state.setMembership(membershipOf(["c"]));
  t.deepEqual(state.membership, membershipOf(["c"]));
});

/** A state with something of everything. */
function fullState(): RegisterState {
  const state = new RegisterState();
  const data = encodeMembership(membershipOf(["a", "b"]));
  state.apply({ index: 1, term: 1, kind: "membership", data });
  state.apply(commandEntry(2, { id: 20, register: 2, client: 9, sequence: 4 }, 3));
  state.apply(commandEntry(3, { id: 30, register: 1, client: 8, sequence: 1 }, 3));
  return state;
}

test("RegisterState.decode gives back all of a state, its sessions included", (t) => {
  for (const fillerBytes of [0, 1_000]) {
    const state = RegisterState.decode(fullState().encode(fillerBytes));
    t.deepEqual([state.appliedIndex, state.term], [3, 3]);
    t.deepEqual(state.membership, membershipOf(["a", "b"]));
    t.deepEqual([1, 2, 3].map((register) => state.read(register)), [30, 20, 0]);
    t.deepEqual(state.digest(), fullState().digest());
    const again = state.apply(commandEntry(4, { id: 21, register: 2, client: 9, sequence: 4 }));
    t.deepEqual(again, { index: 2, previous: 0, value: 20 });
  }
});

test("RegisterState.encode is longer by what it is to be filled with", (t) => {
  const state = fullState();
  t.is(state.encode(1_000).length, state.encode(0).length + 1_000);
});

test("RegisterState.decode refuses what is not whole", (t) => {
  const bytes = fullState().encode(10);
  for (const length of [0, 1, bytes.length - 1]) {
    t.throws(() => RegisterState.decode(bytes.subarray(0, length)), { instanceOf: SyntaxError });
  }
});

for (
  const { what, other, same } of [
    { what: "nothing", other: () => fullState(), same: true },
    {
      what: "the membership alone",
      other: () => {
        const state = fullState();
        state.setMembership(membershipOf(["z"]));
        return state;
      },
      same: true,
    },
    { what: "the applied index", other: () => alteredState({ appliedIndex: 4 }), same: false },
    { what: "the term", other: () => alteredState({ term: 4 }), same: false },
    {
      what: "the value of a register",
      other: () => alteredState({ registers: [[1, 31], [2, 20]] }),
      same: false,
    },
    {
      what: "where a value is",
      other: () => alteredState({ registers: [[1, 30], [3, 20]] }),
      same: false,
    },
    { what: "a session", other: () => alteredState({ sessions: [] }), same: false },
  ]
) {
  test(`RegisterState.digest is ${same ? "the same" : "another"} where ${what} differs`, (t) => {
    const [one, two] = [fullState().digest(), other().digest()];
    t.is(one.low === two.low && one.high === two.high, same);
  });
}

test("RegisterState.digest does not depend on the order in which registers came into use", (t) => {
  const sorted = { registers: [[1, 30], [2, 20]] };
  const reversed = { registers: [[2, 20], [1, 30]] };
  t.deepEqual(alteredState(sorted).digest(), alteredState(reversed).digest());
});

/** The full state with something of its image replaced. */
function alteredState(part: Record<string, unknown>): RegisterState {
  const image = JSON.parse(new TextDecoder().decode(fullState().encode(0)));
  return RegisterState.decode(new TextEncoder().encode(JSON.stringify({ ...image, ...part })));
}
