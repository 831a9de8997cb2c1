import test from "ava";
import { ViolationError } from "../../../testing/mod.ts";
import { FakeGroup } from "./fake_group.ts";

/** One thing that happens, as it is told to a check. */
export type Step = () => unknown;

/** What a group does, for a check to accept or reject. */
export interface History<Checker> {
  readonly why: string;
  /** In a broken history the last one is rejected, and no other. */
  readonly steps: (checker: Checker, group: FakeGroup) => readonly Step[];
}

/** Histories that a check must tell apart. */
export interface HistoryTable<Checker> {
  readonly create: (group: FakeGroup) => Checker;
  /** What a violation names, unless a row says otherwise. */
  readonly check?: string;
  readonly fine: readonly History<Checker>[];
  readonly broken: readonly (History<Checker> & { readonly check?: string })[];
}

/** Where a history was found to be broken, and by which check. */
interface Finding {
  readonly step: number;
  readonly check: string | undefined;
}

/** One test for each history of the table. */
export function testHistories<Checker>(
  symbol: string,
  { create, check: usual, fine, broken }: HistoryTable<Checker>,
): void {
  const stepsOf = ({ steps }: History<Checker>) => {
    const group = new FakeGroup();
    return steps(create(group), group);
  };
  for (const history of fine) {
    test(`${symbol} accepts that ${history.why}`, (t) => {
      const steps = stepsOf(history);
      t.true(steps.length > 0);
      t.is(firstViolation(steps), null);
    });
  }
  for (const { check = usual, ...history } of broken) {
    test(`${symbol} rejects that ${history.why} (${check})`, (t) => {
      const steps = stepsOf(history);
      t.deepEqual(firstViolation(steps), { step: steps.length - 1, check });
    });
  }
}

function firstViolation(steps: readonly Step[]): Finding | null {
  for (const [at, step] of steps.entries()) {
    try {
      step();
    } catch (error) {
      if (error instanceof ViolationError) {
        return { step: at, check: error.check };
      }
      throw error;
    }
  }
  return null;
}
