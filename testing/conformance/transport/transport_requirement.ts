import type { TransportStage } from "./transport_stage.ts";

/** A requirement's sentence, and how it is tried. */
export type TransportRequirement = readonly [
  name: string,
  play: (stage: TransportStage) => Promise<void>,
];

/** A transport does not do what the interface demands. */
export class TransportRequirementError extends Error {
  readonly code = "TRANSPORT_REQUIREMENT";

  constructor(observation: string, options?: ErrorOptions) {
    super(observation, options);
    this.name = "TransportRequirementError";
  }
}

/** Throws unless it holds; otherwise says what was observed instead. */
export function demand(holds: boolean, observation: string): asserts holds {
  if (!holds) {
    throw new TransportRequirementError(observation);
  }
}
