/** Something that cannot happen has happened: a bug. The member stops rather than go on wrong. */
export class InvariantError extends Error {
  readonly code = "INVARIANT";

  constructor(message: string) {
    super(message);
    this.name = "InvariantError";
  }
}

/**
 * Throws `InvariantError` unless `holds`; the values go into the message.
 * Stays on in production, so it must cost less than the work it guards.
 */
export function invariant(
  holds: boolean,
  rule: string,
  ...values: readonly unknown[]
): asserts holds {
  if (!holds) {
    throw new InvariantError(
      `Invariant broken: ${rule}${values.length > 0 ? ` (${values.map(String).join(", ")})` : ""}`,
    );
  }
}
