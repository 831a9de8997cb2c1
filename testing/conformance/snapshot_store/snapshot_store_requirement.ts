import type { SnapshotStoreStage } from "./snapshot_store_stage.ts";

/** A requirement's sentence, and how it is tried. */
export type SnapshotStoreRequirement = readonly [
  name: string,
  play: (stage: SnapshotStoreStage) => Promise<void>,
];

/** A snapshot store does not do what the interface demands. */
export class SnapshotStoreRequirementError extends Error {
  readonly code = "SNAPSHOT_STORE_REQUIREMENT";

  constructor(observation: string, options?: ErrorOptions) {
    super(observation, options);
    this.name = "SnapshotStoreRequirementError";
  }
}

/** Throws unless it holds; otherwise says what was observed instead. */
export function demand(holds: boolean, observation: string): asserts holds {
  if (!holds) {
    throw new SnapshotStoreRequirementError(observation);
  }
}
