import type { BackendRecord } from "../backend.ts";
import { compareBytes } from "../compare_bytes.ts";
import type { SortedRecord } from "../sorted_table.ts";
import type { LayerValue } from "./layer.ts";

/** One source with the record that it stands at. */
interface Head {
  readonly iterator: Iterator<SortedRecord<LayerValue>>;
  record: SortedRecord<LayerValue>;
}

/**
 * Merges sources that are sorted the same way. Where several have a key, the
 * first source counts; a `null` there hides it.
 */
export function* mergeScan(
  sources: readonly Iterable<SortedRecord<LayerValue>>[],
  { reverse }: { readonly reverse: boolean },
): Generator<BackendRecord> {
  const heads: Head[] = [];
  try {
    for (const source of sources) {
      const iterator = source[Symbol.iterator]();
      const first = iterator.next();
      if (first.done !== true) {
        heads.push({ iterator, record: first.value });
      }
    }
    for (let next = nearest(heads, reverse); next !== undefined; next = nearest(heads, reverse)) {
      const [key, value] = next.record;
      passBy(heads, key);
      if (value !== null) {
        yield [key, value];
      }
    }
  } finally {
    for (const { iterator } of heads) {
      iterator.return?.();
    }
  }
}

/** The head that comes first; of several with one key, that of the first source. */
function nearest(heads: readonly Head[], reverse: boolean): Head | undefined {
  let best: Head | undefined;
  for (const head of heads) {
    const order = best === undefined ? -1 : compareBytes(head.record[0], best.record[0]);
    if (best === undefined || (reverse ? order > 0 : order < 0)) {
      best = head;
    }
  }
  return best;
}

/** Moves all heads beyond a key, and drops those that end. */
function passBy(heads: Head[], key: Uint8Array): void {
  for (let position = heads.length - 1; position >= 0; position -= 1) {
    const head = heads[position] as Head;
    if (compareBytes(head.record[0], key) === 0) {
      const next = head.iterator.next();
      if (next.done === true) {
        heads.splice(position, 1);
      } else {
        head.record = next.value;
      }
    }
  }
}
