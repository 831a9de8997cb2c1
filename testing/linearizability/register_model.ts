import type { SequentialModel } from "./operation.ts";

/** What may be done with a register of a map. */
export type RegisterInput =
  | { readonly type: "read"; readonly key: string }
  | { readonly type: "write"; readonly key: string; readonly value: number }
  | {
    readonly type: "compareAndSet";
    readonly key: string;
    /** What must be there, 0 for an empty register. */
    readonly expected: number;
    readonly value: number;
  };

/**
 * For `read` what was there, 0 in an empty register; for `compareAndSet` 1 if it
 * took effect, else 0; for `write` nothing that matters.
 */
export type RegisterOutput = number;

/** A map of registers that hold numbers, 0 at first. Each is checked apart. */
export const REGISTER_MODEL: SequentialModel<number, RegisterInput, RegisterOutput> = {
  initial: 0,
  step: (state, input, output) => {
    switch (input.type) {
      case "read":
        return output === undefined || output === state ? state : null;
      case "write":
        return input.value;
      case "compareAndSet": {
        const succeeds = state === input.expected;
        return output === undefined || output === (succeeds ? 1 : 0)
          ? succeeds ? input.value : state
          : null;
      }
    }
  },
  keyOf: String,
  partitionOf: ({ key }) => key,
};
