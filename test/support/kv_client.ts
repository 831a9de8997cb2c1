/** A key as a client sees it; keys and values of the tests are text. */
export interface StoredKey {
  readonly key: string;
  readonly value: string;
  readonly createRevision: number;
  readonly modRevision: number;
  readonly version: number;
}

export interface KeyRange {
  readonly key: string;
  readonly rangeEnd?: string;
  /** Default: the newest. */
  readonly revision?: number;
}

export interface AnswerHeader {
  readonly clusterId: string;
  readonly memberId: string;
  readonly revision: number;
  readonly raftTerm: number;
}

export interface RangeAnswer {
  readonly header: AnswerHeader;
  readonly kvs: readonly StoredKey[];
  readonly count: number;
}

/**
 * What a test needs of a server, over any of its wires. What was not answered
 * rejects with `NoAnswerError`, what was answered with an error with `RefusedError`.
 */
export interface KvClient {
  /** Returns the revision of the put. */
  put(key: string, value: string): Promise<number>;
  delete(key: string): Promise<{ readonly deleted: number; readonly revision: number }>;
  range(range: KeyRange): Promise<RangeAnswer>;
}

/** A request that ended without an answer. */
export class NoAnswerError extends Error {
  readonly code = "NO_ANSWER";
  /** Whether it is certain that the server did not look at the request. */
  readonly refused: boolean;

  constructor(what: string, options: { readonly refused: boolean; readonly cause?: unknown }) {
    super(what, { cause: options.cause });
    this.refused = options.refused;
  }
}

/** A request that was answered with an error. */
export class RefusedError extends Error {
  readonly code = "REFUSED";
  /** gRPC's number of the error. */
  readonly grpcCode: number;

  constructor(grpcCode: number, text: string) {
    super(text);
    this.grpcCode = grpcCode;
  }
}

/** The keys that begin with `prefix`, which must not end in the last character of all. */
export function prefixRange(prefix: string): KeyRange {
  const last = prefix.charCodeAt(prefix.length - 1);
  return { key: prefix, rangeEnd: prefix.slice(0, -1) + String.fromCharCode(last + 1) };
}
