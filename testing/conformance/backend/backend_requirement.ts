import type { BackendStage } from "./backend_stage.ts";

/** A requirement's sentence, and how it is tried. */
export type BackendRequirement = readonly [
  name: string,
  play: (stage: BackendStage) => Promise<void>,
];

/** A backend does not do what the interface demands. `cause` is what it threw, if it did. */
export class BackendRequirementError extends Error {
  readonly code = "BACKEND_REQUIREMENT";

  constructor(observation: string, options?: ErrorOptions) {
    super(observation, options);
    this.name = "BackendRequirementError";
  }
}

/** Throws unless it holds; otherwise says what was observed instead. */
export function demand(holds: boolean, observation: string): asserts holds {
  if (!holds) {
    throw new BackendRequirementError(observation);
  }
}

/** Demands that a call throws. */
export function demandThrows(call: () => unknown, what: string): void {
  try {
    call();
  } catch {
    return;
  }
  throw new BackendRequirementError(`${what} does not throw`);
}

/** Demands that a call rejects. */
export async function demandRejects(call: Promise<unknown>, what: string): Promise<void> {
  const [outcome] = await Promise.allSettled([call]);
  demand(outcome.status === "rejected", `${what} resolves`);
}
