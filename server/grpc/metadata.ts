/**
 * A status message as a header value: percent-encoded UTF-8, so that any text
 * survives (gRPC over HTTP/2, "Status-Message").
 */
export function encodeStatusMessage(message: string): string {
  return encodeURIComponent(message).replace(
    PRINTABLE_ESCAPES,
    (escape) => decodeURIComponent(escape),
  );
}

/** Escapes of `encodeURIComponent` for printable ASCII other than `%`, which needs none. */
const PRINTABLE_ESCAPES = /%(?:2[0-46-9A-F]|[3-6][0-9A-F]|7[0-9A-E])/g;

/** The milliseconds that a `grpc-timeout` header leaves, `null` without a valid one. */
export function parseTimeoutMs(header: string | undefined): number | null {
  const match = /^(\d{1,8})([HMSmun])$/.exec(header ?? "");
  if (match === null) {
    return null;
  }
  const [, amount, unit] = match;
  return Number(amount) * UNIT_MS[unit as keyof typeof UNIT_MS];
}

const UNIT_MS = { H: 3_600_000, M: 60_000, S: 1_000, m: 1, u: 0.001, n: 0.000_001 } as const;
