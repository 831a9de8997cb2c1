import type { IndexKey } from "./index_key.ts";
import type { KeyIndex } from "./key_index.ts";

/** The lowest level of the tree: keys in order, each with its history. */
export interface Leaf {
  readonly kind: "leaf";
  readonly keys: IndexKey[];
  readonly entries: KeyIndex[];
  /** How many of the keys exist at the newest revision. */
  live: number;
  /** No key of the node changed after this main revision: at it and later, `live` is exact. */
  modified: number;
}

/** A level above: children in order, with keys that separate them. */
export interface Branch {
  readonly kind: "branch";
  /** Invariant: keys of child n < separator n ≤ keys of child n + 1. */
  readonly separators: IndexKey[];
  readonly children: TreeNode[];
  /** As in a leaf, of all keys below. */
  live: number;
  modified: number;
}

export type TreeNode = Leaf | Branch;

/** Most keys of a leaf and children of a branch. From 32 to 128 the measured difference is small. */
export const NODE_MAX = 64;

export function createLeaf(keys: IndexKey[], entries: KeyIndex[], modified: number): Leaf {
  let live = 0;
  for (const entry of entries) {
    if (entry.version > 0) {
      live++;
    }
  }
  return { kind: "leaf", keys, entries, live, modified };
}

export function createBranch(
  separators: IndexKey[],
  children: TreeNode[],
  modified: number,
): Branch {
  let live = 0;
  for (const child of children) {
    live += child.live;
  }
  return { kind: "branch", separators, children, live, modified };
}

export function sizeOf(node: TreeNode): number {
  return node.kind === "leaf" ? node.keys.length : node.children.length;
}

/** How many of the sorted `keys` are below `key`: the place of the first that is not. */
export function countBelow(keys: readonly IndexKey[], key: IndexKey): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (keys[middle]! < key) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

/** Place of the child below which `key` lies, or would lie. */
export function childFor({ separators }: Branch, key: IndexKey): number {
  let low = 0;
  let high = separators.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (separators[middle]! <= key) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}
