import type { Operation, SequentialModel } from "./operation.ts";
import { OperationSet } from "./operation_set.ts";
import { type TimelineEvent, timelineOf } from "./timeline.ts";

/** What a check came to. */
export type LinearizabilityVerdict =
  | { readonly verdict: "linearizable" }
  /** There is no order, of this partition's operations, that explains all answers. */
  | { readonly verdict: "illegal"; readonly partition: string }
  /** Too many orders to try. */
  | { readonly verdict: "unknown"; readonly partition: string };

export interface LinearizabilityOptions {
  /** Orders to try in a partition before giving up. Default: 10 million, some seconds. */
  readonly stepsMax?: number;
}

/**
 * Whether a history is linearizable: whether each operation can be given a
 * moment between its call and its return so that, one after the other, they did
 * what the model does (Herlihy and Wing 1990).
 *
 * The search is that of Wing and Gong, with Lowe's memory of the states that
 * were already tried; histories are checked by partition.
 */
export function checkLinearizable<State, Input, Output>(
  model: SequentialModel<State, Input, Output>,
  history: readonly Operation<Input, Output>[],
  options: LinearizabilityOptions = {},
): LinearizabilityVerdict {
  const { stepsMax = 10_000_000 } = options;
  const partitions = Map.groupBy(history, ({ input }) => model.partitionOf?.(input) ?? "");
  for (const [partition, operations] of partitions) {
    const isExplained = explain(model, operations, stepsMax);
    if (isExplained !== true) {
      return { verdict: isExplained === null ? "unknown" : "illegal", partition };
    }
  }
  return { verdict: "linearizable" };
}

/** An operation that was put next in the order, and the state before it. */
interface Choice<State, Input, Output> {
  readonly call: TimelineEvent<Input, Output>;
  readonly before: State;
}

/** Whether some order explains the operations; `null` if that takes too long to find out. */
function explain<State, Input, Output>(
  model: SequentialModel<State, Input, Output>,
  operations: readonly Operation<Input, Output>[],
  stepsMax: number,
): boolean | null {
  const head = timelineOf(operations);
  const ordered = new OperationSet(operations.length);
  const tried = new Set<string>();
  const choices: Choice<State, Input, Output>[] = [];
  let state = model.initial;
  let event = head.next;
  for (let steps = 0; event !== null; steps += 1) {
    if (steps === stepsMax) {
      return null;
    }
    if (event.return !== null) {
      const next = tryNext(model, state, event, ordered, tried);
      if (next === null) {
        event = event.next;
        continue;
      }
      choices.push({ call: event, before: state });
      state = next.state;
      event.lift();
      event = head.next;
    } else if (event.operation.return === Infinity) {
      // All that was answered is explained. The others may never take effect.
      return true;
    } else {
      // Everything that could come before this return was tried: go back.
      const choice = choices.pop();
      if (choice === undefined) {
        return false;
      }
      state = choice.before;
      ordered.delete(choice.call.number);
      choice.call.unlift();
      event = choice.call.next;
    }
  }
  return true;
}

/** The state after an operation, if it can come next and this was not tried before. */
function tryNext<State, Input, Output>(
  model: SequentialModel<State, Input, Output>,
  state: State,
  { number, operation: { input, output } }: TimelineEvent<Input, Output>,
  ordered: OperationSet,
  tried: Set<string>,
): { readonly state: State } | null {
  const next = model.step(state, input, output);
  if (next === null) {
    return null;
  }
  ordered.add(number);
  const key = `${ordered.key} ${model.keyOf(next)}`;
  if (tried.has(key)) {
    ordered.delete(number);
    return null;
  }
  tried.add(key);
  return { state: next };
}
