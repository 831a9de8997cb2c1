import type { DropReason } from "./raft_effect.ts";

/** Entries were asked for that the log no longer holds. */
export class CompactedError extends Error {
  readonly code = "LOG_COMPACTED";

  constructor(
    /** Index that was asked for. */
    index: number,
    /** Last index that the log no longer holds. */
    compactedIndex: number,
  ) {
    super(`Log entry ${index} is compacted: the log begins after ${compactedIndex}`);
    this.name = "CompactedError";
    this.index = index;
    this.compactedIndex = compactedIndex;
  }

  readonly index: number;
  readonly compactedIndex: number;
}

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

/** A proposal was not taken. It is certain that it never will be applied. */
export class ProposalDroppedError extends Error {
  readonly code = "PROPOSAL_DROPPED";
  /** `superseded`: another leader's entry took its place. `aborted`: by its caller, in time. */
  readonly reason: DropReason | "superseded" | "aborted";

  constructor(reason: DropReason | "superseded" | "aborted", cause?: unknown) {
    super(`Proposal dropped: ${DROP_REASONS[reason]}`, cause === undefined ? {} : { cause });
    this.name = "ProposalDroppedError";
    this.reason = reason;
  }
}

/**
 * It will not be known here what became of a proposal: it may be applied, or
 * may have been, or not. Whoever tries again may do twice what it does.
 */
export class ProposalUnknownError extends Error {
  readonly code = "PROPOSAL_UNKNOWN";

  constructor(reason: string, cause?: unknown) {
    super(`Outcome of the proposal unknown: ${reason}`, cause === undefined ? {} : { cause });
    this.name = "ProposalUnknownError";
  }
}

/** A linearizable read could not be confirmed. */
export class ReadDroppedError extends Error {
  readonly code = "READ_DROPPED";
  readonly reason: DropReason;

  constructor(reason: DropReason) {
    super(`Read dropped: ${DROP_REASONS[reason]}`);
    this.name = "ReadDroppedError";
    this.reason = reason;
  }
}

/**
 * The member no longer takes part. A proposal that was under way may still be
 * applied, after a restart or by others.
 */
export class MemberStoppedError extends Error {
  readonly code = "MEMBER_STOPPED";

  /** `cause` is what stopped it; absent when it was asked to stop. */
  constructor(cause: unknown = null) {
    super(
      cause === null
        ? "Member stopped"
        : `Member stopped: ${cause instanceof Error ? cause.message : String(cause)}`,
      cause === null ? {} : { cause },
    );
    this.name = "MemberStoppedError";
  }
}

/** Leadership was not transferred. */
export class TransferError extends Error {
  readonly code = "TRANSFER_FAILED";
  /** Who was to lead. */
  readonly to: string;

  constructor(to: string) {
    super(`Leadership was not transferred to ${to}`);
    this.name = "TransferError";
    this.to = to;
  }
}

const DROP_REASONS: Readonly<Record<DropReason | "superseded" | "aborted", string>> = {
  noLeader: "no leader is known",
  uncommittedLimit: "too many bytes wait to be committed",
  transferring: "leadership is being transferred",
  removed: "this member was removed from the group",
  superseded: "another leader's entry took its place",
  aborted: "its caller gave up before it was sent",
};
