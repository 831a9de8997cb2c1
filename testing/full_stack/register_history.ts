import { checkLinearizable } from "../linearizability/check_linearizable.ts";
import type { Operation, SequentialModel } from "../linearizability/operation.ts";
import type { RecordedRequest } from "./client_history.ts";

/** What a client asked for: any one of its attempts takes effect, or none. */
type RegisterRequest = Pick<RecordedRequest, "operation" | "register" | "attempts">;

/** What it was answered; a part that is `null` it was not told. */
type RegisterAnswer = Pick<RecordedRequest, "previous" | "value">;

/** All values that a register may hold, by what is known: which attempt counted, clients may not know. */
type Possible = readonly number[];

/** Orders to try for each register: some tenths of a second. */
const STEPS_MAX = 50_000;

/** A register by its definition, for clients with several attempts. */
export const REGISTER_HISTORY_MODEL: SequentialModel<Possible, RegisterRequest, RegisterAnswer> = {
  initial: [0],
  step: (state, request, answer) => {
    const next = new Set<number>();
    for (const previous of state) {
      for (const value of valuesAfter(previous, request)) {
        if (isPossible(answer?.previous, previous) && isPossible(answer?.value, value)) {
          next.add(value);
        }
      }
    }
    return next.size === 0 ? null : [...next].sort((one, other) => one - other);
  },
  keyOf: (state) => state.join(),
  partitionOf: ({ register }) => String(register),
};

/**
 * Whether what clients were told can be explained without looking at the log:
 * by their answers and the order of their requests alone. `null` where that
 * takes too long to find out.
 */
export function isLinearizable(requests: readonly RecordedRequest[]): boolean | null {
  const { verdict } = checkLinearizable(REGISTER_HISTORY_MODEL, operationsOf(requests), {
    stepsMax: STEPS_MAX,
  });
  return verdict === "unknown" ? null : verdict === "linearizable";
}

function operationsOf(
  requests: readonly RecordedRequest[],
): Operation<RegisterRequest, RegisterAnswer>[] {
  const seen = new Set(requests.flatMap(({ previous, value }) => [previous, value]));
  // Whether a claim that was not answered took effect may depend on what nobody saw.
  const dark = new Set(
    requests.filter(({ operation, value }) => operation === "claim" && value === null)
      .map(({ register }) => register),
  );
  return requests.filter((request) => {
    const { outcome, operation, register, attempts } = request;
    if (outcome === "done") {
      return true;
    }
    // What had no effect, or may have had one that nobody ever saw, explains nothing.
    return outcome !== "dropped" && operation !== "read" &&
      (dark.has(register) || attempts.some((id) => seen.has(id)));
  }).map((request) => ({
    input: request,
    output: request.outcome === "done" ? request : undefined,
    call: request.begin,
    return: request.outcome === "done" ? request.end ?? Infinity : Infinity,
  }));
}

/** What a register may hold after a request took effect. */
function valuesAfter(
  previous: number,
  { operation, attempts }: RegisterRequest,
): readonly number[] {
  switch (operation) {
    case "read":
      return [previous];
    case "write":
    case "swap":
      return attempts;
    case "claim":
      return attempts.map((id) => previous !== 0 && previous % 2 === id % 2 ? previous : id);
  }
}

function isPossible(told: number | null | undefined, is: number): boolean {
  return told === null || told === undefined || told === is;
}
