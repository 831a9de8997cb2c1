import type { Membership } from "./membership.ts";

/** Version of the form below, so that a later one can be told apart. */
const MEMBERSHIP_VERSION = 1;

/** Encodes a membership as the data of a `membership` entry: JSON, since they are few and small. */
export function encodeMembership(membership: Membership): Uint8Array {
  const { voters, learners, votersOutgoing, learnersNext } = membership;
  return new TextEncoder().encode(
    JSON.stringify({
      version: MEMBERSHIP_VERSION,
      voters,
      learners,
      votersOutgoing,
      learnersNext,
    }),
  );
}

/**
 * Decodes what `encodeMembership` made.
 *
 * @throws {MembershipFormatError} when the bytes are not a membership of a known version.
 */
export function decodeMembership(data: Uint8Array): Membership {
  const value = parseJson(data);
  if (typeof value !== "object" || value === null) {
    throw new MembershipFormatError("not an object");
  }
  const record = value as Record<string, unknown>;
  if (record["version"] !== MEMBERSHIP_VERSION) {
    throw new MembershipFormatError(`unknown version ${String(record["version"])}`);
  }
  return {
    voters: nodeIds(record, "voters"),
    learners: nodeIds(record, "learners"),
    votersOutgoing: nodeIds(record, "votersOutgoing"),
    learnersNext: nodeIds(record, "learnersNext"),
  };
}

/** Bytes that should hold a membership do not. */
export class MembershipFormatError extends Error {
  readonly code = "MEMBERSHIP_FORMAT";

  constructor(reason: string) {
    super(`Not an encoded membership: ${reason}`);
    this.name = "MembershipFormatError";
  }
}

function parseJson(data: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(data));
  } catch (error) {
    throw new MembershipFormatError(error instanceof Error ? error.message : String(error));
  }
}

function nodeIds(record: Record<string, unknown>, field: string): string[] {
  const value = record[field];
  if (!Array.isArray(value) || !value.every((id) => typeof id === "string" && id !== "")) {
    throw new MembershipFormatError(`${field} is not a list of node ids`);
  }
  return value as string[];
}
