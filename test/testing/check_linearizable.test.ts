import test from "ava";
import fc from "fast-check";
import {
  checkLinearizable,
  type Operation,
  REGISTER_MODEL,
  type RegisterInput,
  type RegisterOutput,
  type SequentialModel,
} from "../../testing/mod.ts";

type RegisterOperation = Operation<RegisterInput, RegisterOutput>;

function write(value: number, call: number, returned: number, key = "x"): RegisterOperation {
  return { input: { type: "write", key, value }, output: 0, call, return: returned };
}

function read(output: number, call: number, returned: number, key = "x"): RegisterOperation {
  return { input: { type: "read", key }, output, call, return: returned };
}

function compareAndSet(
  [expected, value]: readonly [number, number],
  output: number,
  call: number,
  returned: number,
): RegisterOperation {
  return {
    input: { type: "compareAndSet", key: "x", expected, value },
    output,
    call,
    return: returned,
  };
}

for (
  const { why, history, verdict } of [
    { why: "nothing happened", history: [], verdict: "linearizable" },
    {
      why: "a read sees the write before it",
      history: [write(1, 0, 1), read(1, 2, 3)],
      verdict: "linearizable",
    },
    {
      why: "a read after a write does not see it",
      history: [write(1, 0, 1), read(0, 2, 3)],
      verdict: "illegal",
    },
    {
      why: "a read sees a value that nobody wrote",
      history: [write(1, 0, 1), read(2, 2, 3)],
      verdict: "illegal",
    },
    {
      why: "a read may see a write that is under way",
      history: [write(1, 0, 10), read(1, 2, 3)],
      verdict: "linearizable",
    },
    {
      why: "or may not see it yet",
      history: [write(1, 0, 10), read(0, 2, 3)],
      verdict: "linearizable",
    },
    {
      why: "but once one has seen it, all later ones do",
      history: [write(1, 0, 10), read(1, 2, 3), read(0, 4, 5)],
      verdict: "illegal",
    },
    {
      why: "reads that overlap each other may disagree",
      history: [write(1, 0, 10), read(1, 2, 5), read(0, 3, 6)],
      verdict: "linearizable",
    },
    {
      why: "two writes that overlap may come in either order",
      history: [write(1, 0, 5), write(2, 0, 5), read(1, 6, 7), read(1, 8, 9)],
      verdict: "linearizable",
    },
    {
      why: "but in one order for all",
      history: [write(1, 0, 5), write(2, 0, 5), read(1, 6, 7), read(2, 8, 9)],
      verdict: "illegal",
    },
    {
      why: "what touches overlaps",
      history: [write(1, 0, 5), read(0, 5, 6)],
      verdict: "linearizable",
    },
    {
      why: "a write without an answer may take effect late",
      history: [write(1, 0, Infinity), read(0, 1, 2), read(1, 3, 4)],
      verdict: "linearizable",
    },
    {
      why: "or never",
      history: [write(1, 0, Infinity), read(0, 1, 2), read(0, 3, 4)],
      verdict: "linearizable",
    },
    {
      why: "but not take effect and then be undone",
      history: [write(1, 0, Infinity), read(1, 1, 2), read(0, 3, 4)],
      verdict: "illegal",
    },
    {
      why: "of two that compare and set the same, one fails",
      history: [compareAndSet([0, 1], 1, 0, 5), compareAndSet([0, 2], 0, 0, 5), read(1, 6, 7)],
      verdict: "linearizable",
    },
    {
      why: "both cannot succeed",
      history: [compareAndSet([0, 1], 1, 0, 5), compareAndSet([0, 2], 1, 0, 5)],
      verdict: "illegal",
    },
    {
      why: "a lost update",
      history: [write(1, 0, 1), compareAndSet([1, 2], 1, 2, 3), read(1, 4, 5)],
      verdict: "illegal",
    },
    {
      why: "registers are apart from each other",
      history: [write(1, 0, 1, "x"), read(0, 2, 3, "y"), write(2, 4, 5, "y"), read(1, 6, 7, "x")],
      verdict: "linearizable",
    },
    {
      why: "one bad register is enough",
      history: [write(1, 0, 1, "x"), read(1, 2, 3, "x"), write(2, 4, 5, "y"), read(0, 6, 7, "y")],
      verdict: "illegal",
    },
    {
      // Herlihy and Wing's queue example, told with a register: the writes nest.
      why: "a write that spans everything explains an early read",
      history: [write(1, 0, 100), write(2, 10, 20), read(1, 30, 40), read(2, 50, 60)],
      verdict: "illegal",
    },
    {
      why: "with the other order of reads it is fine",
      history: [write(1, 0, 100), write(2, 10, 20), read(2, 30, 40), read(1, 50, 60)],
      verdict: "linearizable",
    },
  ] as const
) {
  test(`checkLinearizable says ${verdict}: ${why}`, (t) => {
    t.is(checkLinearizable(REGISTER_MODEL, history).verdict, verdict);
  });
}

test("checkLinearizable names the partition that nothing explains", (t) => {
  const history = [write(1, 0, 1, "good"), read(1, 2, 3, "good"), read(7, 0, 1, "bad")];
  t.deepEqual(checkLinearizable(REGISTER_MODEL, history), { verdict: "illegal", partition: "bad" });
});

test("checkLinearizable gives up after stepsMax", (t) => {
  const history = Array.from({ length: 12 }, (_, value) => write(value + 1, 0, 10));
  const verdict = checkLinearizable(REGISTER_MODEL, [...history, read(99, 11, 12)], {
    stepsMax: 100,
  });
  t.deepEqual(verdict, { verdict: "unknown", partition: "x" });
});

test("checkLinearizable takes a long history with few operations at a time", (t) => {
  const history = Array.from(
    { length: 20_000 },
    (_, at) => at % 2 === 0 ? write(at, 3 * at, 3 * at + 4) : read(at - 1, 3 * at + 2, 3 * at + 5),
  );
  t.is(checkLinearizable(REGISTER_MODEL, history).verdict, "linearizable");
});

/** Small histories, from times that are a permutation and answers that are often wrong. */
const SMALL_HISTORY: fc.Arbitrary<RegisterOperation[]> = fc.array(
  fc.record({
    type: fc.constantFrom("read", "write", "compareAndSet"),
    value: fc.integer({ min: 0, max: 2 }),
    expected: fc.integer({ min: 0, max: 2 }),
    output: fc.integer({ min: 0, max: 2 }),
    call: fc.integer({ min: 0, max: 8 }),
    duration: fc.integer({ min: 0, max: 8 }),
    isAnswered: fc.boolean(),
  }),
  { maxLength: 6 },
).map((records) =>
  records.map(({ type, value, expected, output, call, duration, isAnswered }) => ({
    input: type === "read"
      ? { type, key: "x" }
      : type === "write"
      ? { type, key: "x", value }
      : { type, key: "x", expected, value },
    output: isAnswered || duration < 7 ? type === "compareAndSet" ? output % 2 : output : undefined,
    call,
    return: isAnswered || duration < 7 ? call + duration : Infinity,
  } as RegisterOperation))
);

test("checkLinearizable agrees with trying all orders", (t) => {
  fc.assert(
    fc.property(SMALL_HISTORY, (history) => {
      const isExplained = checkLinearizable(REGISTER_MODEL, history).verdict === "linearizable";
      return isExplained === isExplainedByForce(REGISTER_MODEL, history, REGISTER_MODEL.initial);
    }),
    { numRuns: 5_000, seed: 1 },
  );
  t.pass();
});

/** A queue, from which nothing can be taken while it is empty: such a request has to wait. */
type QueueInput = { readonly type: "put"; readonly value: number } | { readonly type: "take" };

const QUEUE_MODEL: SequentialModel<readonly number[], QueueInput, number> = {
  initial: [],
  step: (state, input, output) => {
    if (input.type === "put") {
      return [...state, input.value];
    }
    const [first, ...rest] = state;
    return first === undefined || (output !== undefined && output !== first) ? null : rest;
  },
  keyOf: (state) => state.join(),
};

for (
  const { why, history } of [
    {
      why: "nothing was there to be taken, and nobody says that it was",
      history: [{ input: { type: "take" }, output: undefined, call: 0, return: Infinity }],
    },
    {
      why: "the only value went to another",
      history: [
        { input: { type: "put", value: 1 }, output: 0, call: 0, return: 1 },
        { input: { type: "take" }, output: 1, call: 2, return: 3 },
        { input: { type: "take" }, output: undefined, call: 4, return: Infinity },
      ],
    },
  ] satisfies { why: string; history: Operation<QueueInput, number>[] }[]
) {
  test(`checkLinearizable lets a request without an answer wait for ever: ${why}`, (t) => {
    t.is(checkLinearizable(QUEUE_MODEL, history).verdict, "linearizable");
  });
}

const SMALL_QUEUE_HISTORY: fc.Arbitrary<Operation<QueueInput, number>[]> = fc.array(
  fc.record({
    isPut: fc.boolean(),
    value: fc.integer({ min: 0, max: 2 }),
    call: fc.integer({ min: 0, max: 8 }),
    duration: fc.integer({ min: 0, max: 8 }),
    isAnswered: fc.boolean(),
  }),
  { maxLength: 6 },
).map((records) =>
  records.map(({ isPut, value, call, duration, isAnswered }) => ({
    input: isPut ? { type: "put", value } : { type: "take" },
    output: isAnswered ? value : undefined,
    call,
    return: isAnswered ? call + duration : Infinity,
  }))
);

test("checkLinearizable agrees with trying all orders of what may have to wait", (t) => {
  let explained = 0;
  fc.assert(
    fc.property(SMALL_QUEUE_HISTORY, (history) => {
      const isExplained = checkLinearizable(QUEUE_MODEL, history).verdict === "linearizable";
      explained += isExplained ? 1 : 0;
      return isExplained === isExplainedByForce(QUEUE_MODEL, history, QUEUE_MODEL.initial);
    }),
    { numRuns: 5_000, seed: 2 },
  );
  t.true(explained > 500 && explained < 4_500, `${explained} of 5,000 are linearizable`);
});

/** The definition, as slow as it is. */
function isExplainedByForce<State, Input, Output>(
  model: SequentialModel<State, Input, Output>,
  rest: readonly Operation<Input, Output>[],
  state: State,
): boolean {
  if (rest.every((operation) => operation.return === Infinity)) {
    return true;
  }
  return rest.some((operation) => {
    const others = rest.filter((other) => other !== operation);
    if (others.some((other) => other.return < operation.call)) {
      return false;
    }
    const next = model.step(state, operation.input, operation.output);
    return next !== null && isExplainedByForce(model, others, next);
  });
}
