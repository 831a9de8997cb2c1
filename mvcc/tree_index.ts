import { IndexCompaction } from "./index_compaction.ts";
import type { IndexKey } from "./index_key.ts";
import { invariant } from "./invariant.ts";
import { type DropRevisions, KeyIndex, type KeyVersion } from "./key_index.ts";
import type { KeyRange } from "./key_range.ts";
import type { Revision } from "./revision.ts";
import type { Step } from "./step.ts";
import { assertNode } from "./tree_check.ts";
import {
  type Branch,
  childFor,
  countBelow,
  createBranch,
  createLeaf,
  type Leaf,
  NODE_MAX,
  sizeOf,
  type TreeNode,
} from "./tree_node.ts";
import { repairChild, splitNode } from "./tree_shape.ts";
import { countLive, type Visit, walkNode } from "./tree_walk.ts";

/** A key, and what it was at the revision that was asked for. */
export interface IndexEntry {
  readonly key: IndexKey;
  readonly at: KeyVersion;
}

/** How `TreeIndex.range` reads. */
export interface IndexRangeOptions {
  readonly atRevision: number;
  /** Most entries to return. Default: all. */
  readonly limit?: number;
  /** From the last key to the first. Default: false. */
  readonly reverse?: boolean;
}

/**
 * The histories of all keys, ordered by key: a B-tree with counted nodes.
 *
 * Each node knows how many of the keys below it exist at the newest revision,
 * and the revision since which nothing below has changed. So a count, a rank
 * and the n-th key cost O(log n), whatever they skip; what has been deleted and
 * not yet compacted is skipped in whole nodes. A count at an older revision
 * enters only the nodes that have changed since.
 *
 * Keys are those of `toIndexKey`. Revisions must come in ascending order.
 *
 * A key of 32 bytes takes 145 bytes of memory with one revision, and 210 with
 * two (measured on Node 24 with 1,000,000 keys).
 *
 * ```ts
 * import { TreeIndex } from "kvorum/mvcc";
 *
 * const index = new TreeIndex();
 * index.put("chen", { main: 2, sub: 0 });
 * index.put("chen", { main: 4, sub: 0 });
 * index.tombstone("chen", { main: 5, sub: 0 });
 * console.log(index.get("chen", 3)?.version, index.get("chen", 5)); // 1 null
 *
 * const compaction = index.compact(4, (revisions) => console.log(revisions)); // [ 2, 0 ]
 * while (compaction.step(1000) === "more");
 * console.log(index.get("chen", 4)?.version, index.live, index.size); // 2 0 1
 * ```
 */
export class TreeIndex {
  #root: TreeNode = createLeaf([], [], 0);
  #size = 0;

  // The way of the last `#descend`, down to its leaf. Kept to save allocations.
  readonly #path: Branch[] = [];
  readonly #slots: number[] = [];
  #depth = 0;
  // Where in that leaf the last key was inserted.
  #insertedAt = 0;

  /** How many keys there are, with those that are deleted but not yet compacted. */
  get size(): number {
    return this.#size;
  }

  /** How many keys exist at the newest revision. */
  get live(): number {
    return this.#root.live;
  }

  /** Adds a put. Returns the key's history, of which the put is the newest change. */
  put(key: IndexKey, revision: Revision): KeyIndex {
    const leaf = this.#descend(key);
    const entry = this.#findOrInsert(leaf, key);
    const wasLive = entry.version > 0;
    entry.put(revision);
    this.#changed(leaf, revision.main, wasLive ? 0 : 1);
    return entry;
  }

  /** Adds a tombstone. Returns whether the key existed; if not, nothing changes. */
  tombstone(key: IndexKey, revision: Revision): boolean {
    const leaf = this.#descend(key);
    const entry = findInLeaf(leaf, key);
    if (entry === undefined || !entry.tombstone(revision)) {
      return false;
    }
    this.#changed(leaf, revision.main, -1);
    return true;
  }

  /** Adds a put that was read from the backend: see `KeyIndex.restorePut`. */
  restorePut(
    key: IndexKey,
    revision: Revision,
    record: { readonly createRevision: number; readonly version: number },
  ): void {
    const leaf = this.#descend(key);
    const entry = this.#findOrInsert(leaf, key);
    const wasLive = entry.version > 0;
    entry.restorePut(revision, record);
    this.#changed(leaf, revision.main, wasLive ? 0 : 1);
  }

  /** Adds a tombstone that was read from the backend: see `KeyIndex.restoreTombstone`. */
  restoreTombstone(key: IndexKey, revision: Revision): void {
    const leaf = this.#descend(key);
    const entry = this.#findOrInsert(leaf, key);
    const wasLive = entry.version > 0;
    entry.restoreTombstone(revision);
    this.#changed(leaf, revision.main, wasLive ? -1 : 0);
  }

  /** The history of a key, if there is any. */
  find(key: IndexKey): KeyIndex | undefined {
    let node = this.#root;
    while (node.kind === "branch") {
      node = node.children[childFor(node, key)]!;
    }
    return findInLeaf(node, key);
  }

  /** The key as it was at `atRevision`, or `null` if it did not exist then. */
  get(key: IndexKey, atRevision: number): KeyVersion | null {
    return this.find(key)?.get(atRevision) ?? null;
  }

  /** The keys of a range that existed at `atRevision`, in order. */
  range(
    range: KeyRange,
    { atRevision, limit = Infinity, reverse = false }: IndexRangeOptions,
  ): IndexEntry[] {
    const entries: IndexEntry[] = [];
    if (isEmptyRange(range) || limit <= 0) {
      return entries;
    }
    walkNode(this.#root, range, { reverse, liveAt: atRevision }, (key, entry) => {
      const at = entry.get(atRevision);
      if (at !== null) {
        entries.push({ key, at });
      }
      return entries.length < limit;
    });
    return entries;
  }

  /** How many keys of a range existed at `atRevision`. */
  count(range: KeyRange, atRevision: number): number {
    return isEmptyRange(range) ? 0 : countLive(this.#root, range, atRevision);
  }

  /** How many keys that exist at the newest revision are below `key`. */
  rank(key: IndexKey): number {
    return countLive(this.#root, { low: null, high: key }, Infinity);
  }

  /** The n-th of the keys that exist at the newest revision, from 0 on; `null` if there are not so many. */
  nth(n: number): IndexKey | null {
    let node = this.#root;
    let rest = n;
    if (!(n >= 0 && n < node.live)) {
      return null;
    }
    while (node.kind === "branch") {
      let slot = 0;
      while (rest >= node.children[slot]!.live) {
        rest -= node.children[slot]!.live;
        slot++;
      }
      node = node.children[slot]!;
    }
    const { keys, entries } = node;
    const slot = entries.findIndex((entry) => entry.version > 0 && rest-- === 0);
    return keys[slot] ?? null;
  }

  /** Visits all keys of a range, deleted ones too. The visitor must not change the tree. */
  walk(range: KeyRange, visit: Visit): void {
    if (!isEmptyRange(range)) {
      walkNode(this.#root, range, { reverse: false, liveAt: null }, visit);
    }
  }

  /** Drops from all histories what `KeyIndex.compact` does, and the keys that become empty. */
  compact(atRevision: number, drop: DropRevisions): Step {
    return new IndexCompaction(this, { atRevision, drop });
  }

  /** Removes a key whose history is empty. */
  remove(key: IndexKey): void {
    const leaf = this.#descend(key);
    const at = countBelow(leaf.keys, key);
    invariant(
      leaf.keys[at] === key && leaf.entries[at]?.isEmpty === true,
      "only an empty key is removed",
      key,
    );
    leaf.keys.splice(at, 1);
    leaf.entries.splice(at, 1);
    this.#size--;
    for (let depth = this.#depth - 1; depth >= 0; depth--) {
      repairChild(this.#path[depth]!, this.#slots[depth]!);
    }
    while (this.#root.kind === "branch" && this.#root.children.length <= 1) {
      this.#root = this.#root.children[0] ?? createLeaf([], [], this.#root.modified);
    }
  }

  /** Checks the whole tree, for tests: it costs as much as walking it. */
  assertConsistent(): void {
    const size = assertNode(this.#root, { low: null, high: null });
    invariant(size === this.#size, "the size is that of all leaves", size, this.#size);
  }

  #descend(key: IndexKey): Leaf {
    let node = this.#root;
    let depth = 0;
    while (node.kind === "branch") {
      const slot = childFor(node, key);
      this.#path[depth] = node;
      this.#slots[depth] = slot;
      depth++;
      node = node.children[slot]!;
    }
    this.#depth = depth;
    return node;
  }

  #findOrInsert(leaf: Leaf, key: IndexKey): KeyIndex {
    const at = countBelow(leaf.keys, key);
    const found = leaf.entries[at];
    if (found !== undefined && leaf.keys[at] === key) {
      return found;
    }
    const entry = new KeyIndex();
    leaf.keys.splice(at, 0, key);
    leaf.entries.splice(at, 0, entry);
    this.#size++;
    this.#insertedAt = at;
    return entry;
  }

  /** Notes a change in the leaf to which the last `#descend` led, and splits what has become too large. */
  #changed(leaf: Leaf, main: number, live: -1 | 0 | 1): void {
    leaf.modified = main;
    leaf.live += live;
    for (let depth = 0; depth < this.#depth; depth++) {
      const branch = this.#path[depth]!;
      branch.modified = main;
      branch.live += live;
    }
    if (leaf.keys.length > NODE_MAX) {
      this.#split(leaf);
    }
  }

  #split(leaf: Leaf): void {
    let node: TreeNode = leaf;
    let grownAt = this.#insertedAt;
    for (let depth = this.#depth - 1; sizeOf(node) > NODE_MAX; depth--) {
      const { separator, right } = splitNode(node, grownAt);
      if (depth < 0) {
        this.#root = createBranch([separator], [node, right], node.modified);
        return;
      }
      const slot: number = this.#slots[depth]!;
      const parent: Branch = this.#path[depth]!;
      parent.separators.splice(slot, 0, separator);
      parent.children.splice(slot + 1, 0, right);
      node = parent;
      grownAt = slot + 1;
    }
  }
}

function isEmptyRange({ low, high }: KeyRange): boolean {
  return high !== null && high <= low;
}

function findInLeaf({ keys, entries }: Leaf, key: IndexKey): KeyIndex | undefined {
  const at = countBelow(keys, key);
  return keys[at] === key ? entries[at] : undefined;
}
