import type { LogStoreStage } from "./log_store_stage.ts";

/** A requirement's sentence, and how it is tried. */
export type LogStoreRequirement = readonly [
  name: string,
  play: (stage: LogStoreStage) => Promise<void>,
];

/** A log store does not do what the interface demands. `cause` is what it threw, if it did. */
export class LogStoreRequirementError extends Error {
  readonly code = "LOG_STORE_REQUIREMENT";

  constructor(observation: string, options?: ErrorOptions) {
    super(observation, options);
    this.name = "LogStoreRequirementError";
  }
}

/** Throws unless it holds; otherwise says what was observed instead. */
export function demand(holds: boolean, observation: string): asserts holds {
  if (!holds) {
    throw new LogStoreRequirementError(observation);
  }
}

/** Waits for a call that must succeed. */
export async function demandResolves<Value>(call: Promise<Value>, what: string): Promise<Value> {
  try {
    return await call;
  } catch (error) {
    throw new LogStoreRequirementError(`${what} rejects: ${String(error)}`, { cause: error });
  }
}

/** Waits for a call that must fail, and gives its reason. */
export async function demandRejects(call: Promise<unknown>, what: string): Promise<unknown> {
  try {
    await call;
  } catch (error) {
    return error;
  }
  throw new LogStoreRequirementError(`${what} resolves`);
}
