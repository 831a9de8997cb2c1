import { toHex } from "./bytes.ts";
import type { KeyInterval, KeyValue, PutRequest, RangeQuery } from "../../mvcc/mod.ts";

/** A record that compares with `deepEqual` and as text. */
export interface PlainRecord {
  key: string;
  value: string;
  createRevision: number;
  modRevision: number;
  version: number;
  lease: string;
}

export interface PlainResult {
  kvs: PlainRecord[];
  more: boolean;
  count: number;
  revision: number;
}

/** Keys and values are hex in plain records: their order is that of the bytes. */
export function toPlain(record: KeyValue): PlainRecord {
  return { ...record, key: toHex(record.key), value: toHex(record.value) };
}

type Content = ReadonlyMap<string, PlainRecord>;

/**
 * What `MvccStore` should be, as obviously as can be: a full copy of the
 * content for every revision.
 */
export class NaiveStore {
  currentRevision = 1;
  compactRevision = -1;
  #contents: Content[] = [new Map(), new Map()];

  contentAt(revision: number): Content {
    const content = this.#contents[revision];
    if (content === undefined) {
      throw new Error(`no content at ${revision}`);
    }
    return content;
  }

  beginWrite(): NaiveTransaction {
    return new NaiveTransaction(this);
  }

  commit(content: Content): void {
    this.currentRevision++;
    this.#contents[this.currentRevision] = content;
  }

  /** The code of the error that a compaction must give, or null. */
  compact(revision: number): string | null {
    if (revision <= this.compactRevision) {
      return "REVISION_COMPACTED";
    }
    if (revision > this.currentRevision) {
      return "REVISION_FUTURE";
    }
    this.compactRevision = revision;
    return null;
  }

  range(query: RangeQuery): PlainResult | string {
    return rangeOf(
      query,
      this.currentRevision,
      this.compactRevision,
      (revision) => this.contentAt(revision),
    );
  }
}

export class NaiveTransaction {
  readonly #store: NaiveStore;
  readonly #content: Map<string, PlainRecord>;
  #isChanged = false;

  constructor(store: NaiveStore) {
    this.#store = store;
    this.#content = new Map(store.contentAt(store.currentRevision));
  }

  get revision(): number {
    return this.#store.currentRevision + (this.#isChanged ? 1 : 0);
  }

  put({ key, value, lease = "" }: PutRequest): PlainRecord | null {
    this.#isChanged = true;
    const previous = this.#content.get(toHex(key)) ?? null;
    this.#content.set(toHex(key), {
      key: toHex(key),
      value: toHex(value),
      createRevision: previous?.createRevision ?? this.revision,
      modRevision: this.revision,
      version: (previous?.version ?? 0) + 1,
      lease,
    });
    return previous;
  }

  deleteRange(interval: KeyInterval): PlainRecord[] {
    const found = select(this.#content, interval);
    for (const { key } of found) {
      this.#isChanged = true;
      this.#content.delete(key);
    }
    return found;
  }

  range(query: RangeQuery): PlainResult | string {
    return rangeOf(
      query,
      this.revision,
      this.#store.compactRevision,
      (revision) =>
        revision > this.#store.currentRevision || !this.#isChanged && revision === this.revision
          ? this.#content
          : this.#store.contentAt(revision),
    );
  }

  end(): number {
    if (this.#isChanged) {
      this.#store.commit(this.#content);
    }
    return this.#store.currentRevision;
  }
}

/** Whether etcd's rule puts a key into an interval, on bytes. */
export function isInInterval(key: Uint8Array, { key: low, rangeEnd }: KeyInterval): boolean {
  if (rangeEnd === undefined || rangeEnd.length === 0) {
    return Buffer.compare(key, low) === 0;
  }
  const isOpen = rangeEnd.length === 1 && rangeEnd[0] === 0;
  return Buffer.compare(key, low) >= 0 && (isOpen || Buffer.compare(key, rangeEnd) < 0);
}

function select(content: Content, interval: KeyInterval): PlainRecord[] {
  return [...content.values()]
    .filter(({ key }) => isInInterval(Buffer.from(key, "hex"), interval))
    .sort((a, b) => (a.key < b.key ? -1 : 1));
}

function rangeOf(
  query: RangeQuery,
  currentRevision: number,
  compactRevision: number,
  contentAt: (revision: number) => Content,
): PlainResult | string {
  const { revision = 0, limit = 0, sortOrder = "none", sortTarget = "key" } = query;
  if (revision > currentRevision) {
    return "REVISION_FUTURE";
  }
  if (revision > 0 && revision < compactRevision) {
    return "REVISION_COMPACTED";
  }
  let kvs = select(contentAt(revision > 0 ? revision : currentRevision), query);
  const count = kvs.length;
  if (query.countOnly === true) {
    return { kvs: [], more: false, count, revision: currentRevision };
  }
  const bounds = [
    [query.minModRevision ?? 0, (kv: PlainRecord, bound: number) => kv.modRevision >= bound],
    [query.maxModRevision ?? 0, (kv: PlainRecord, bound: number) => kv.modRevision <= bound],
    [query.minCreateRevision ?? 0, (kv: PlainRecord, bound: number) => kv.createRevision >= bound],
    [query.maxCreateRevision ?? 0, (kv: PlainRecord, bound: number) => kv.createRevision <= bound],
  ] as const;
  // etcd fetches one more than the limit where it thinks that nothing is to be sorted or filtered.
  if (limit > 0 && sortOrder === "none" && bounds.every(([bound]) => bound === 0)) {
    kvs = kvs.slice(0, limit + 1);
  }
  for (const [bound, passes] of bounds) {
    if (bound !== 0) {
      kvs = kvs.filter((kv) => passes(kv, bound));
    }
  }
  const field = {
    key: "key",
    value: "value",
    version: "version",
    create: "createRevision",
    mod: "modRevision",
  }[sortTarget] as keyof PlainRecord;
  const sign = sortOrder === "descend" ? -1 : 1;
  kvs.sort((a, b) => sign * (a[field] < b[field] ? -1 : a[field] > b[field] ? 1 : 0));
  const more = limit > 0 && kvs.length > limit;
  kvs = more ? kvs.slice(0, limit) : kvs;
  if (query.keysOnly === true) {
    kvs = kvs.map((kv) => ({ ...kv, value: "" }));
  }
  return { kvs, more, count, revision: currentRevision };
}
