/*
 * 64-bit integers exist in messages alone. Inside, what is counted is a
 * `number`, and what only names something is a string of 16 hex digits.
 */

/**
 * A revision or an index as a `number`. What is too large for one is clamped to
 * the ends of the safe range: no such revision can exist, so whoever compares
 * finds it in the future, or not set.
 */
export function safeNumber(value: bigint): number {
  if (value > MAX_SAFE) {
    return Number.MAX_SAFE_INTEGER;
  }
  return value < -MAX_SAFE ? Number.MIN_SAFE_INTEGER : Number(value);
}

const MAX_SAFE = BigInt(Number.MAX_SAFE_INTEGER);

/** A 64-bit id, signed or unsigned, as 16 lower-case hex digits. */
export function hexId(id: bigint): string {
  return BigInt.asUintN(64, id).toString(16).padStart(16, "0");
}

/** The unsigned 64-bit id that 16 hex digits name. */
export function unsignedId(hex: string): bigint {
  return BigInt(`0x${hex}`);
}
