import { CompactedRevisionError, FutureRevisionError } from "./errors.ts";
import type { KeyVersion } from "./key_index.ts";
import { toKeyRange } from "./key_range.ts";
import type { KeyValue } from "./key_value.ts";
import type { Revision } from "./revision.ts";
import type { TreeIndex } from "./tree_index.ts";

/** By what the result of a range is sorted. */
export type SortTarget = "key" | "version" | "create" | "mod" | "value";

/** What to read. */
export interface RangeQuery {
  readonly key: Uint8Array;
  /** See `toKeyRange`. Default: `key` alone. */
  readonly rangeEnd?: Uint8Array | undefined;
  /** Main revision to read at; 0 or less means the newest. Default: the newest. */
  readonly revision?: number | undefined;
  /** Most records to return; 0 or less means all. Default: all. */
  readonly limit?: number | undefined;
  /** Default: `none`, which is ascending. */
  readonly sortOrder?: "none" | "ascend" | "descend" | undefined;
  /** Default: `key`. Records that compare equal stay in the order of their keys. */
  readonly sortTarget?: SortTarget | undefined;
  /** Leave the values out. */
  readonly keysOnly?: boolean | undefined;
  /** Return the count alone. */
  readonly countOnly?: boolean | undefined;
  /** Leave out keys that were changed last before it. Default: 0, no such bound. */
  readonly minModRevision?: number | undefined;
  /** Leave out keys that were changed after it. Default: 0, no such bound. */
  readonly maxModRevision?: number | undefined;
  /** Leave out keys that were created before it. Default: 0, no such bound. */
  readonly minCreateRevision?: number | undefined;
  /** Leave out keys that were created after it. Default: 0, no such bound. */
  readonly maxCreateRevision?: number | undefined;
}

/** What was read. Keys and values are shared with the store: not to be changed. */
export interface RangeResult {
  readonly kvs: KeyValue[];
  /** Whether the limit left records out. */
  readonly more: boolean;
  /** Keys in the range at that revision, whatever the limit and the bounds on revisions leave out. */
  readonly count: number;
  /** The current revision, not the one that was read at. */
  readonly revision: number;
}

/** What a range reads from. */
export interface RangeSource {
  readonly index: TreeIndex;
  readonly currentRevision: number;
  readonly compactRevision: number;
  readRecord(revision: Revision): KeyValue;
}

/**
 * Answers a range as etcd does. Filters and all sorts but that by value are
 * decided from the index alone, so that only records to be returned are read.
 *
 * @throws {FutureRevisionError} if the revision is above the current one.
 * @throws {CompactedRevisionError} if the revision is below the compact revision.
 */
export function runRangeQuery(source: RangeSource, query: RangeQuery): RangeResult {
  const { index, currentRevision } = source;
  const atRevision = readableRevision(source, query.revision ?? 0);
  const range = toKeyRange(query);
  const count = index.count(range, atRevision);
  if (query.countOnly === true) {
    return { kvs: [], more: false, count, revision: currentRevision };
  }

  const { sortOrder = "none", sortTarget = "key", limit: wanted = 0 } = query;
  const limit = wanted > 0 ? wanted : Infinity;
  const isFiltered = hasFilter(query);
  const isByKey = sortTarget === "key";
  const descend = sortOrder === "descend";
  let entries = index.range(range, {
    atRevision,
    limit: isFiltered ? Infinity : candidatesMax(limit, { sortOrder, sortTarget }),
    reverse: isByKey && descend,
  });
  if (isFiltered) {
    entries = entries.filter(({ at }) => passes(query, at));
  }
  const more = (isFiltered ? entries.length : count) > limit;

  let kvs: KeyValue[];
  if (sortTarget === "value") {
    kvs = entries.map(({ at }) => source.readRecord(at.modRevision));
    kvs.sort(
      descend ? (a, b) => compareBytes(b.value, a.value) : (a, b) => compareBytes(a.value, b.value),
    );
    kvs.length = Math.min(kvs.length, limit);
  } else {
    if (!isByKey) {
      const compare = COMPARISONS[sortTarget];
      entries.sort(descend ? (a, b) => compare(b.at, a.at) : (a, b) => compare(a.at, b.at));
    }
    entries.length = Math.min(entries.length, limit);
    kvs = entries.map(({ at }) => source.readRecord(at.modRevision));
  }
  return {
    kvs: query.keysOnly === true ? kvs.map((kv) => ({ ...kv, value: NO_VALUE })) : kvs,
    more,
    count,
    revision: currentRevision,
  };
}

const NO_VALUE = new Uint8Array(0);

/**
 * How many entries to fetch where nothing is filtered. For other sorts than by
 * key that is all, with etcd's exception: a sort target without a sort order
 * sorts only what comes first by key, which is the limit and one more.
 */
function candidatesMax(
  limit: number,
  { sortOrder, sortTarget }: { readonly sortOrder: string; readonly sortTarget: SortTarget },
): number {
  if (sortTarget === "key") {
    return limit;
  }
  return sortOrder === "none" ? limit + 1 : Infinity;
}

function readableRevision(
  { currentRevision, compactRevision }: RangeSource,
  asked: number,
): number {
  if (asked > currentRevision) {
    throw new FutureRevisionError(asked, currentRevision);
  }
  const revision = asked > 0 ? asked : currentRevision;
  if (revision < compactRevision) {
    throw new CompactedRevisionError(revision, compactRevision);
  }
  return revision;
}

function hasFilter(query: RangeQuery): boolean {
  const { minModRevision = 0, maxModRevision = 0, minCreateRevision = 0, maxCreateRevision = 0 } =
    query;
  return minModRevision !== 0 || maxModRevision !== 0 || minCreateRevision !== 0 ||
    maxCreateRevision !== 0;
}

function passes(query: RangeQuery, { modRevision: { main }, createRevision }: KeyVersion): boolean {
  const { minModRevision = 0, maxModRevision = 0, minCreateRevision = 0, maxCreateRevision = 0 } =
    query;
  return (
    (minModRevision === 0 || main >= minModRevision) &&
    (maxModRevision === 0 || main <= maxModRevision) &&
    (minCreateRevision === 0 || createRevision >= minCreateRevision) &&
    (maxCreateRevision === 0 || createRevision <= maxCreateRevision)
  );
}

type CompareVersions = (a: KeyVersion, b: KeyVersion) => number;

const COMPARISONS: Readonly<Record<"version" | "create" | "mod", CompareVersions>> = {
  version: (a, b) => a.version - b.version,
  create: (a, b) => a.createRevision - b.createRevision,
  mod: (a, b) => a.modRevision.main - b.modRevision.main,
};

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) {
    if (a[at] !== b[at]) {
      return (a[at] ?? 0) - (b[at] ?? 0);
    }
  }
  return a.length - b.length;
}
