import { type IndexKey, successorOf, toIndexKey } from "./index_key.ts";

/** The keys in `[low, high)`. Nothing where `high` is not above `low`. */
export interface KeyRange {
  readonly low: IndexKey;
  /** `null`: no end. */
  readonly high: IndexKey | null;
}

/** Key and range end as a request has them. */
export interface KeyInterval {
  readonly key: Uint8Array;
  readonly rangeEnd?: Uint8Array | undefined;
}

/**
 * Translates etcd's rule, the same for ranges, deletes, watches and compares:
 *
 * | range end       | selects                         |
 * | --------------- | ------------------------------- |
 * | absent or empty | the key alone                   |
 * | one zero byte   | all keys from `key` on          |
 * | above `key`     | `[key, rangeEnd)`               |
 * | any other       | nothing                         |
 */
export function toKeyRange({ key, rangeEnd }: KeyInterval): KeyRange {
  const low = toIndexKey(key);
  if (rangeEnd === undefined || rangeEnd.length === 0) {
    return { low, high: successorOf(low) };
  }
  if (rangeEnd.length === 1 && rangeEnd[0] === 0) {
    return { low, high: null };
  }
  return { low, high: toIndexKey(rangeEnd) };
}
