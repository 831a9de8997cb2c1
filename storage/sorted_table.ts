import type { BackendScan } from "./backend.ts";
import { compareBytes } from "./compare_bytes.ts";

/**
 * Records per chunk at most. An insertion moves half of it on average, which
 * costs less than finding the place does; a first write after a snapshot
 * copies one.
 */
const CHUNK_RECORDS_MAX = 512;

/** Consecutive records. Invariant: never empty, and both arrays have one length. */
interface Chunk<V> {
  readonly keys: Uint8Array[];
  readonly values: V[];
  /** Generation of the table that may change this chunk. */
  readonly generation: number;
}

/** A record of a table. */
export type SortedRecord<V> = readonly [key: Uint8Array, value: V];

/** Reads a sorted table, or a snapshot of one. */
export interface SortedReader<V> {
  get(key: Uint8Array): V | undefined;
  scan(scan: BackendScan): Iterable<SortedRecord<V>>;
}

/**
 * Byte keys in order, with values, in chunks that are copied when they are
 * written to after a snapshot. So a snapshot costs nothing when it is taken,
 * and one array of chunks and each chunk that is then written to.
 *
 * ```text
 * chunks [a b c] [f g] [k m]   snapshot, then put(h):
 * table  [a b c] [f g h] [k m]      the middle chunk is new,
 * snapshot          [f g]           the other two are shared
 * ```
 */
export class SortedTable<V> implements SortedReader<V> {
  #chunks: Chunk<V>[] = [];
  #generation = 0;
  /** Whether a snapshot has the array of chunks. */
  #isShared = false;
  #size = 0;

  /** Number of records. */
  get size(): number {
    return this.#size;
  }

  get(key: Uint8Array): V | undefined {
    return getFrom(this.#chunks, key);
  }

  scan(scan: BackendScan): Iterable<SortedRecord<V>> {
    return scanOf(this.#chunks, scan);
  }

  /** The table as it is now, whatever is written later. */
  snapshot(): SortedReader<V> {
    this.#isShared = true;
    this.#generation += 1;
    const chunks = this.#chunks;
    return { get: (key) => getFrom(chunks, key), scan: (scan) => scanOf(chunks, scan) };
  }

  /** Sets the value of a key and returns the one before. */
  set(key: Uint8Array, value: V): V | undefined {
    if (this.#chunks.length === 0) {
      this.#ownedChunks().push({ keys: [key], values: [value], generation: this.#generation });
      this.#size = 1;
      return undefined;
    }
    const position = chunkFor(this.#chunks, key);
    const chunk = this.#ownedChunk(position);
    const place = lowerBound(chunk.keys, key);
    const found = chunk.keys[place];
    if (found !== undefined && compareBytes(found, key) === 0) {
      const previous = chunk.values[place];
      chunk.values[place] = value;
      return previous;
    }
    this.#size += 1;
    if (place === chunk.keys.length) {
      chunk.keys.push(key);
      chunk.values.push(value);
    } else {
      chunk.keys.splice(place, 0, key);
      chunk.values.splice(place, 0, value);
    }
    if (chunk.keys.length > CHUNK_RECORDS_MAX) {
      this.#split(position, chunk, place);
    }
    return undefined;
  }

  /** Deletes a key and returns the value that it had. */
  delete(key: Uint8Array): V | undefined {
    if (this.#chunks.length === 0) {
      return undefined;
    }
    const position = chunkFor(this.#chunks, key);
    const place = lowerBound(this.#at(position).keys, key);
    const found = this.#at(position).keys[place];
    if (found === undefined || compareBytes(found, key) !== 0) {
      return undefined;
    }
    const chunk = this.#ownedChunk(position);
    const [previous] = chunk.values.splice(place, 1);
    chunk.keys.splice(place, 1);
    this.#size -= 1;
    if (chunk.keys.length === 0) {
      this.#ownedChunks().splice(position, 1);
    } else if (chunk.keys.length < CHUNK_RECORDS_MAX / 4) {
      this.#maybeMerge(position, chunk);
    }
    return previous;
  }

  #at(position: number): Chunk<V> {
    return this.#chunks[position] as Chunk<V>;
  }

  #ownedChunks(): Chunk<V>[] {
    if (this.#isShared) {
      this.#chunks = this.#chunks.slice();
      this.#isShared = false;
    }
    return this.#chunks;
  }

  #ownedChunk(position: number): Chunk<V> {
    const chunk = this.#at(position);
    if (chunk.generation === this.#generation) {
      return chunk;
    }
    const { keys, values } = chunk;
    const owned = { keys: keys.slice(), values: values.slice(), generation: this.#generation };
    this.#ownedChunks()[position] = owned;
    return owned;
  }

  /** Splits in the middle; at the very end only there, so that keys in rising order fill the chunks. */
  #split(position: number, { keys, values, generation }: Chunk<V>, place: number): void {
    const isEnd = position === this.#chunks.length - 1 && place === keys.length - 1;
    const at = isEnd ? keys.length - 1 : keys.length >>> 1;
    const right = { keys: keys.splice(at), values: values.splice(at), generation };
    this.#ownedChunks().splice(position + 1, 0, right);
  }

  /** Joins a small chunk with the next one where the two make half a chunk at most. */
  #maybeMerge(position: number, chunk: Chunk<V>): void {
    const next = this.#chunks[position + 1];
    if (next !== undefined && chunk.keys.length + next.keys.length <= CHUNK_RECORDS_MAX / 2) {
      chunk.keys.push(...next.keys);
      chunk.values.push(...next.values);
      this.#ownedChunks().splice(position + 1, 1);
    }
  }
}

function getFrom<V>(chunks: readonly Chunk<V>[], key: Uint8Array): V | undefined {
  const chunk = chunks[chunkFor(chunks, key)];
  if (chunk === undefined) {
    return undefined;
  }
  const place = lowerBound(chunk.keys, key);
  const found = chunk.keys[place];
  return found !== undefined && compareBytes(found, key) === 0 ? chunk.values[place] : undefined;
}

function scanOf<V>(chunks: readonly Chunk<V>[], scan: BackendScan): Iterable<SortedRecord<V>> {
  return scan.reverse === true ? descending(chunks, scan) : ascending(chunks, scan);
}

function* ascending<V>(
  chunks: readonly Chunk<V>[],
  { low, high }: BackendScan,
): Generator<SortedRecord<V>> {
  let position = low === undefined ? 0 : chunkFor(chunks, low);
  let place = low === undefined ? 0 : lowerBound(chunks[position]?.keys ?? [], low);
  for (; position < chunks.length; position += 1, place = 0) {
    const { keys, values } = chunks[position] as Chunk<V>;
    for (; place < keys.length; place += 1) {
      const key = keys[place] as Uint8Array;
      if (high !== undefined && compareBytes(key, high) >= 0) {
        return;
      }
      yield [key, values[place] as V];
    }
  }
}

function* descending<V>(
  chunks: readonly Chunk<V>[],
  { low, high }: BackendScan,
): Generator<SortedRecord<V>> {
  const end = chunks.length - 1;
  let position = high === undefined ? end : Math.min(end, chunkFor(chunks, high));
  let place = high === undefined ? undefined : lowerBound(chunks[position]?.keys ?? [], high);
  for (; position >= 0; position -= 1, place = undefined) {
    const { keys, values } = chunks[position] as Chunk<V>;
    for (let next = (place ?? keys.length) - 1; next >= 0; next -= 1) {
      const key = keys[next] as Uint8Array;
      if (low !== undefined && compareBytes(key, low) < 0) {
        return;
      }
      yield [key, values[next] as V];
    }
  }
}

/** Position of the last chunk that begins at or before `key`, else 0. */
function chunkFor<V>(chunks: readonly Chunk<V>[], key: Uint8Array): number {
  let low = 0;
  let high = chunks.length;
  // Keys mostly rise, so the last chunk is the first guess.
  const last = chunks[high - 1];
  if (last !== undefined && compareBytes(last.keys[0] as Uint8Array, key) <= 0) {
    return high - 1;
  }
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareBytes((chunks[middle] as Chunk<V>).keys[0] as Uint8Array, key) <= 0) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return Math.max(0, low - 1);
}

/** Position of the first key at or above `key`. */
function lowerBound(keys: readonly Uint8Array[], key: Uint8Array): number {
  const last = keys.at(-1);
  if (last !== undefined && compareBytes(last, key) < 0) {
    return keys.length;
  }
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareBytes(keys[middle] as Uint8Array, key) < 0) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}
