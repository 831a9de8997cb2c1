import {
  MemberStoppedError,
  ProposalDroppedError,
  ProposalUnknownError,
  ReadDroppedError,
} from "../raft/mod.ts";
import type { RefusalCode } from "./state/errors.ts";

/** gRPC's status codes, by their names in the specification. */
export const GrpcCode = {
  ok: 0,
  canceled: 1,
  unknown: 2,
  invalidArgument: 3,
  deadlineExceeded: 4,
  notFound: 5,
  alreadyExists: 6,
  permissionDenied: 7,
  resourceExhausted: 8,
  failedPrecondition: 9,
  aborted: 10,
  outOfRange: 11,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
  dataLoss: 15,
  unauthenticated: 16,
} as const;

/** A number of `GrpcCode`. */
export type GrpcCode = typeof GrpcCode[keyof typeof GrpcCode];

/** What a client is told when its request fails: a gRPC status. */
export class RpcError extends Error {
  readonly code: GrpcCode;

  constructor(code: GrpcCode, message: string, options: ErrorOptions = {}) {
    super(message, options);
    this.name = "RpcError";
    this.code = code;
  }
}

/** Failures that the server tells of with etcd's code and text. */
export type EtcdErrorName =
  | RefusalCode
  | "KEY_EMPTY"
  | "VALUE_PROVIDED"
  | "LEASE_PROVIDED"
  | "SORT_OPTION_INVALID"
  | "REQUEST_TOO_LARGE"
  | "TOO_MANY_REQUESTS"
  | "NO_LEADER"
  | "LEADER_CHANGED"
  | "CANCELED"
  | "TIMEOUT"
  | "STOPPED";

/** The one table from what went wrong to what etcd's clients know (etcd: api/v3rpc/rpctypes). */
const ETCD_ERRORS: Readonly<Record<EtcdErrorName, readonly [code: GrpcCode, text: string]>> = {
  KEY_EMPTY: [GrpcCode.invalidArgument, "key is not provided"],
  KEY_NOT_FOUND: [GrpcCode.invalidArgument, "key not found"],
  VALUE_PROVIDED: [GrpcCode.invalidArgument, "value is provided"],
  LEASE_PROVIDED: [GrpcCode.invalidArgument, "lease is provided"],
  SORT_OPTION_INVALID: [GrpcCode.invalidArgument, "invalid sort option"],
  LEASE_NOT_FOUND: [GrpcCode.notFound, "requested lease not found"],
  REVISION_COMPACTED: [GrpcCode.outOfRange, "mvcc: required revision has been compacted"],
  REVISION_FUTURE: [GrpcCode.outOfRange, "mvcc: required revision is a future revision"],
  REQUEST_TOO_LARGE: [GrpcCode.invalidArgument, "request is too large"],
  // etcd's table says ResourceExhausted, its wire says Unknown; clients see the wire.
  TOO_MANY_REQUESTS: [GrpcCode.unknown, "too many requests"],
  NO_LEADER: [GrpcCode.unavailable, "no leader"],
  LEADER_CHANGED: [GrpcCode.unavailable, "leader changed"],
  CANCELED: [GrpcCode.canceled, "request canceled"],
  TIMEOUT: [GrpcCode.unavailable, "request timed out"],
  STOPPED: [GrpcCode.unavailable, "server stopped"],
};

/** The error that etcd gives for a named failure. */
export function etcdError(name: EtcdErrorName, options: ErrorOptions = {}): RpcError {
  const [code, text] = ETCD_ERRORS[name];
  return new RpcError(code, `etcdserver: ${text}`, options);
}

/** What a client is told of any error that a request ended in. */
export function toRpcError(error: unknown): RpcError {
  if (error instanceof RpcError) {
    return error;
  }
  if (error instanceof ProposalDroppedError || error instanceof ReadDroppedError) {
    return etcdError(DROPPED_AS[error.reason], { cause: error });
  }
  if (error instanceof ProposalUnknownError) {
    return etcdError("TIMEOUT", { cause: error });
  }
  if (error instanceof MemberStoppedError) {
    return etcdError("STOPPED", { cause: error });
  }
  const code = codeOf(error);
  if (code !== undefined && code in ETCD_ERRORS) {
    return etcdError(code as EtcdErrorName, { cause: error });
  }
  return new RpcError(GrpcCode.internal, error instanceof Error ? error.message : String(error), {
    cause: error,
  });
}

/** What a client is told where nothing was done and trying again may help. */
const DROPPED_AS: Readonly<Record<ProposalDroppedError["reason"], EtcdErrorName>> = {
  noLeader: "NO_LEADER",
  uncommittedLimit: "TOO_MANY_REQUESTS",
  transferring: "LEADER_CHANGED",
  superseded: "LEADER_CHANGED",
  aborted: "CANCELED",
  removed: "STOPPED",
};

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string"
    ? error.code
    : undefined;
}
