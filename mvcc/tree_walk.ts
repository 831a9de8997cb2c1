import type { IndexKey } from "./index_key.ts";
import type { KeyIndex } from "./key_index.ts";
import { childFor, countBelow, type TreeNode } from "./tree_node.ts";

/** What part of a node a walk takes: from `low` on, up to but without `high`; `null` is no bound. */
export interface Bounds {
  readonly low: IndexKey | null;
  readonly high: IndexKey | null;
}

/** Sees one key; returns whether the walk goes on. */
export type Visit = (key: IndexKey, entry: KeyIndex) => boolean;

/** How a walk goes. */
export interface WalkOptions {
  /** From the last key to the first. */
  readonly reverse: boolean;
  /** Nodes without a key that existed at this revision or later may be left out. `null`: none are. */
  readonly liveAt: number | null;
}

/** Visits the keys of a node in order. Returns whether no visit ended it. */
export function walkNode(
  node: TreeNode,
  bounds: Bounds,
  options: WalkOptions,
  visit: Visit,
): boolean {
  if (options.liveAt !== null && node.live === 0 && node.modified <= options.liveAt) {
    return true;
  }
  const { first, last } = slotsOf(node, bounds);
  const { reverse } = options;
  for (let count = last - first; count >= 0; count--) {
    const slot = reverse ? first + count : last - count;
    const goesOn = node.kind === "leaf"
      ? visit(node.keys[slot]!, node.entries[slot]!)
      : walkNode(node.children[slot]!, boundsOfSlot(bounds, slot, { first, last }), options, visit);
    if (!goesOn) {
      return false;
    }
  }
  return true;
}

/** How many keys of a node existed at `atRevision`. Nodes unchanged since then are not entered. */
export function countLive(node: TreeNode, bounds: Bounds, atRevision: number): number {
  if (
    node.modified <= atRevision &&
    ((bounds.low === null && bounds.high === null) || node.live === 0)
  ) {
    return node.live;
  }
  const { first, last } = slotsOf(node, bounds);
  let count = 0;
  for (let slot = first; slot <= last; slot++) {
    if (node.kind === "branch") {
      count += countLive(
        node.children[slot]!,
        boundsOfSlot(bounds, slot, { first, last }),
        atRevision,
      );
    } else if (node.entries[slot]!.isLiveAt(atRevision)) {
      count++;
    }
  }
  return count;
}

interface Slots {
  readonly first: number;
  readonly last: number;
}

/** The slots of a node that hold something within the bounds. */
function slotsOf(node: TreeNode, { low, high }: Bounds): Slots {
  if (node.kind === "leaf") {
    return {
      first: low === null ? 0 : countBelow(node.keys, low),
      last: (high === null ? node.keys.length : countBelow(node.keys, high)) - 1,
    };
  }
  return {
    first: low === null ? 0 : childFor(node, low),
    last: high === null ? node.children.length - 1 : childFor(node, high),
  };
}

/** A bound matters only for the child that it cuts. */
function boundsOfSlot(bounds: Bounds, slot: number, { first, last }: Slots): Bounds {
  if (slot > first && slot < last) {
    return UNBOUNDED;
  }
  return { low: slot === first ? bounds.low : null, high: slot === last ? bounds.high : null };
}

const UNBOUNDED: Bounds = { low: null, high: null };
