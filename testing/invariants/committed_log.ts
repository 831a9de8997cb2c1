import type { Entry } from "../../raft/mod.ts";

/** One entry of the one log that the group has committed. */
export interface CommittedEntry {
  readonly entry: Entry;
  /** The lowest term in which a member took it for committed. */
  term: number;
}

/**
 * What the group has committed, as the first member knew it that took each entry
 * for committed. Others are held against it.
 */
export class CommittedLog {
  readonly #entries: CommittedEntry[] = [];

  get lastIndex(): number {
    return this.#entries.length;
  }

  at(index: number): CommittedEntry | undefined {
    return this.#entries[index - 1];
  }

  /** Adds the entry after the last. */
  add(entry: Entry, term: number): void {
    this.#entries.push({ entry, term });
  }
}

/** Whether two entries are the same, byte by byte. */
export function isSameEntry(one: Entry, other: Entry): boolean {
  return one === other ||
    (one.index === other.index && one.term === other.term && one.kind === other.kind &&
      isSameData(one.data, other.data));
}

function isSameData(one: Uint8Array, other: Uint8Array): boolean {
  return one === other ||
    (one.length === other.length && one.every((byte, at) => byte === other[at]));
}
