import { MalformedRecordError } from "./errors.ts";
import { type ClosedGeneration, compactedPuts, compactedUpTo, endedUpTo } from "./generation.ts";
import { invariant } from "./invariant.ts";
import type { Revision } from "./revision.ts";
import {
  countOf,
  countUpTo,
  mainAt,
  revisionAt,
  type RevisionList,
  takeFirst,
} from "./revision_list.ts";

/** A key as the index knows it at some revision: all of its record but value and lease. */
export interface KeyVersion {
  /** Revision of the last put, under which the backend has the record. */
  readonly modRevision: Revision;
  /** Main revision of the put that began the generation. */
  readonly createRevision: number;
  /** How many puts the generation had seen. */
  readonly version: number;
}

/** Takes what a compaction drops: revisions of puts, or of tombstones. The list is the taker's. */
export type DropRevisions = (revisions: RevisionList, kind: "put" | "tombstone") => void;

/**
 * The history of one key: every revision at which it changed, in generations.
 * A generation begins with the put that creates the key and ends with the
 * tombstone that deletes it. The life of a key that changes at main revisions
 * 2, 4, 5, 7 and 9:
 *
 * ```text
 * put(2)        [2                created 2, version 1
 * put(4)        [2 4              created 2, version 2
 * tombstone(5)  [2 4 5t]          deleted
 * put(7)        [2 4 5t] [7       created 7, version 1
 * put(9)        [2 4 5t] [7 9     created 7, version 2
 *
 * get(4) is 4, version 2;  get(6) is null, in the gap;  get(8) is 7, version 1
 * ```
 *
 * Compaction at a revision drops what nobody can read any more, which is all
 * that is older than what the key was at that revision. Each line starts from
 * the history above:
 *
 * ```text
 * compact(4)      [4 5t] [7 9     2 is gone; 4 still counts as version 2
 * compact(5)        [5t] [7 9     a tombstone at this very revision stays, so
 *                                 that a watch from 5 on still sees the delete
 * compact(6)             [7 9     at 6 there was no key
 * compact(8)             [7 9     at 8 the key was 7
 * compact(9)               [9     created 7, version 2, as before
 * ```
 *
 * A key of which nothing is left is empty, and leaves the index.
 *
 * There is one such object for each key, so it is small: a key that was put
 * once needs no array, a revision no object. Of a generation only the version
 * of its last put is kept, the others' follow from the distance to it. (Nor
 * are there private methods, for which V8 adds a field to each object.)
 */
export class KeyIndex {
  // The newest change, a put or a tombstone; 0 before the first one.
  #main = 0;
  #sub = 0;
  // Of the open generation. Invariant: both 0 when none is open, else neither.
  #createRevision = 0;
  #version = 0;
  // Puts of the open generation before the newest one. Invariant: not empty.
  #older: RevisionList | null = null;
  // Invariant: not empty, ascending.
  #closed: ClosedGeneration[] | null = null;

  /** Main revision of the put that began the open generation; 0 while the key is deleted. */
  get createRevision(): number {
    return this.#createRevision;
  }

  /** How many puts the open generation has seen; 0 while the key is deleted. */
  get version(): number {
    return this.#version;
  }

  /** The newest change, a put or a tombstone. */
  get newest(): Revision {
    return { main: this.#main, sub: this.#sub };
  }

  /** Whether no revision is left. */
  get isEmpty(): boolean {
    return this.#version === 0 && this.#closed === null;
  }

  /** Adds a put, and begins a generation where none is open. */
  put({ main, sub }: Revision): void {
    if (main <= this.#main) {
      assertSameMain(this.newest, { main, sub });
    }
    if (this.#version === 0) {
      this.#createRevision = main;
    } else if (this.#older === null) {
      this.#older = [this.#main, this.#sub];
    } else {
      this.#older.push(this.#main, this.#sub);
    }
    this.#version++;
    this.#main = main;
    this.#sub = sub;
  }

  /** Adds a tombstone, which closes the generation. Returns whether one was open. */
  tombstone(revision: Revision): boolean {
    if (this.#version === 0) {
      return false;
    }
    this.restoreTombstone(revision);
    return true;
  }

  /** The key as it was at `atRevision`, or `null` if it did not exist then. */
  get(atRevision: number): KeyVersion | null {
    if (this.#version > 0 && this.#main <= atRevision) {
      return {
        modRevision: this.newest,
        createRevision: this.#createRevision,
        version: this.#version,
      };
    }
    if (this.#closed !== null) {
      const generation = this.#closed[endedUpTo(this.#closed, atRevision)];
      if (generation !== undefined) {
        return lastPut(generation.puts, atRevision, generation);
      }
    }
    return this.#older === null ? null : lastPut(this.#older, atRevision, {
      createRevision: this.#createRevision,
      version: this.#version - 1,
    });
  }

  /** Whether the key existed at `atRevision`. */
  isLiveAt(atRevision: number): boolean {
    return (this.#version > 0 && this.#main <= atRevision) || this.get(atRevision) !== null;
  }

  /**
   * The changes from main revision `revision` on, tombstones among them. Of
   * those that share a main revision only the last one: the others were never
   * to be seen outside of their transaction.
   */
  since(revision: number): Revision[] {
    const found: Revision[] = [];
    const closed = this.#closed ?? [];
    for (let at = endedUpTo(closed, revision - 1); at < closed.length; at++) {
      const generation = closed[at];
      invariant(generation !== undefined, "the generation is in the list", at);
      collectSince(found, generation.puts, revision);
      collect(found, generation.tombstone);
    }
    if (this.#older !== null) {
      collectSince(found, this.#older, revision);
    }
    if (this.#version > 0 && this.#main >= revision) {
      collect(found, this.newest);
    }
    return found;
  }

  /**
   * Drops what no read at `atRevision` or later needs: all before the newest
   * change at or before it, and that one too if it is an earlier tombstone.
   * (A tombstone at `atRevision` itself stays, as in etcd since 3.4.34, 3.5.16
   * and 3.6.) What is dropped goes to `drop`, the oldest first.
   */
  compact(atRevision: number, drop: DropRevisions): void {
    const older = this.#older;
    const closed = this.#closed;
    const beganBy = this.#version > 0 &&
      (older === null ? this.#main : mainAt(older, 0)) <= atRevision;
    if (closed !== null) {
      for (
        const { puts, tombstone } of closed.splice(
          0,
          beganBy ? closed.length : compactedUpTo(closed, atRevision),
        )
      ) {
        dropPuts(puts, drop);
        drop([tombstone.main, tombstone.sub], "tombstone");
      }
      const first = closed[0];
      if (first === undefined) {
        this.#closed = null;
      } else {
        dropPuts(takeFirst(first.puts, compactedPuts(first, atRevision)), drop);
      }
    }
    if (older !== null && beganBy) {
      if (this.#main <= atRevision) {
        dropPuts(older, drop);
        this.#older = null;
      } else {
        dropPuts(takeFirst(older, countUpTo(older, atRevision) - 1), drop);
      }
    }
  }

  /**
   * Adds a put that was read from the backend. Where earlier ones of its
   * generation were compacted, the record tells what they would have told.
   *
   * @throws {MalformedRecordError} if the record does not continue the generation.
   */
  restorePut(
    revision: Revision,
    record: { readonly createRevision: number; readonly version: number },
  ): void {
    const isFirst = this.#version === 0;
    this.put(revision);
    if (isFirst) {
      this.#createRevision = record.createRevision;
      this.#version = record.version;
    }
    if (
      record.version < 1 || record.version !== this.#version ||
      record.createRevision !== this.#createRevision
    ) {
      throw new MalformedRecordError(
        `revision ${revision.main}.${revision.sub} has version ${record.version} and create revision ` +
          `${record.createRevision}, expected ${this.#version} and ${this.#createRevision}`,
      );
    }
  }

  /** Adds a tombstone that was read from the backend, where the puts before it may be missing. */
  restoreTombstone(revision: Revision): void {
    if (revision.main <= this.#main) {
      assertSameMain(this.newest, revision);
    }
    const puts = this.#older ?? [];
    if (this.#version > 0) {
      puts.push(this.#main, this.#sub);
    }
    this.#closed ??= [];
    this.#closed.push({
      createRevision: this.#createRevision,
      version: this.#version,
      puts,
      tombstone: { main: revision.main, sub: revision.sub },
    });
    this.#main = revision.main;
    this.#sub = revision.sub;
    this.#createRevision = 0;
    this.#version = 0;
    this.#older = null;
  }
}

/** Asserts what must hold when main does not grow: that it stays, and sub grows. */
function assertSameMain(before: Revision, after: Revision): void {
  invariant(
    after.main === before.main && after.sub > before.sub,
    "revisions of a key ascend",
    before.main,
    before.sub,
    after.main,
    after.sub,
  );
}

/** The last put at or before `atRevision`, in a list that ends with the put that has `last.version`. */
function lastPut(
  puts: RevisionList,
  atRevision: number,
  last: { readonly createRevision: number; readonly version: number },
): KeyVersion | null {
  const upTo = countUpTo(puts, atRevision);
  return upTo === 0 ? null : {
    modRevision: revisionAt(puts, upTo - 1),
    createRevision: last.createRevision,
    version: last.version - (countOf(puts) - upTo),
  };
}

function collectSince(found: Revision[], list: RevisionList, revision: number): void {
  for (let at = countUpTo(list, revision - 1); at < countOf(list); at++) {
    collect(found, revisionAt(list, at));
  }
}

function collect(found: Revision[], change: Revision): void {
  if (found.at(-1)?.main === change.main) {
    found.pop();
  }
  found.push(change);
}

function dropPuts(puts: RevisionList, drop: DropRevisions): void {
  if (puts.length > 0) {
    drop(puts, "put");
  }
}
