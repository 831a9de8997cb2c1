/** Whether two values of plain data are the same: numbers, strings, byte arrays, lists, objects. */
export function isSameData(one: unknown, other: unknown): boolean {
  if (one instanceof Uint8Array || other instanceof Uint8Array) {
    return one instanceof Uint8Array && other instanceof Uint8Array && isSameBytes(one, other);
  }
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null) {
    return Object.is(one, other);
  }
  const entries = Object.entries(one);
  const others = other as Record<string, unknown>;
  return Array.isArray(one) === Array.isArray(other) &&
    entries.length === Object.keys(other).length &&
    entries.every(([name, value]) =>
      Object.hasOwn(others, name) && isSameData(value, others[name])
    );
}

/** Whether two byte arrays hold the same. */
export function isSameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, position) => byte === other[position]);
}
