/** A check of the simulator found something that must never be. */
export class ViolationError extends Error {
  readonly code = "VIOLATION";
  /** Name of the check: of an invariant, or of what a healed group owes. */
  readonly check: string;

  constructor(check: string, description: string, options: { readonly cause?: unknown } = {}) {
    super(`${check}: ${description}`, options);
    this.name = "ViolationError";
    this.check = check;
  }
}

/** Throws `ViolationError` unless `holds`. The description is made only then. */
export function expect(
  holds: boolean,
  check: string,
  describe: () => string,
): asserts holds {
  if (!holds) {
    throw new ViolationError(check, describe());
  }
}
