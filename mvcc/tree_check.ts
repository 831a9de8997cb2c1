import type { IndexKey } from "./index_key.ts";
import { invariant } from "./invariant.ts";
import { NODE_MAX, sizeOf, type TreeNode } from "./tree_node.ts";
import type { Bounds } from "./tree_walk.ts";

/**
 * Asserts all that a node promises, down to its leaves, where its keys must lie
 * within the bounds. Returns how many keys there are. Costs a walk over all of
 * them, so it is for tests and the simulator.
 */
export function assertNode(node: TreeNode, bounds: Bounds): number {
  invariant(sizeOf(node) <= NODE_MAX, "a node is not too large", sizeOf(node));
  if (node.kind === "leaf") {
    const { keys, entries } = node;
    invariant(
      keys.length === entries.length,
      "each key has its history",
      keys.length,
      entries.length,
    );
    assertAscending(keys, bounds);
    let live = 0;
    for (const entry of entries) {
      invariant(
        entry.newest.main <= node.modified,
        "a node knows its newest change",
        node.modified,
      );
      invariant(!entry.isEmpty, "no key is empty");
      live += entry.version > 0 ? 1 : 0;
    }
    invariant(live === node.live, "a leaf knows its live keys", live, node.live);
    return keys.length;
  }
  const { separators, children } = node;
  invariant(
    separators.length === children.length - 1,
    "a separator stands between two children",
    separators.length,
  );
  assertAscending(separators, bounds);
  let live = 0;
  let size = 0;
  for (const [slot, child] of children.entries()) {
    invariant(sizeOf(child) > 0, "no child is empty");
    invariant(child.modified <= node.modified, "a branch knows its newest change", node.modified);
    size += assertNode(child, {
      low: separators[slot - 1] ?? bounds.low,
      high: separators[slot] ?? bounds.high,
    });
    live += child.live;
  }
  invariant(live === node.live, "a branch knows its live keys", live, node.live);
  return size;
}

function assertAscending(keys: readonly IndexKey[], { low, high }: Bounds): void {
  for (const [at, key] of keys.entries()) {
    const before = keys[at - 1];
    invariant(before === undefined || before < key, "keys ascend", before, key);
    invariant(
      (low === null || key >= low) && (high === null || key < high),
      "keys lie within their bounds",
      key,
    );
  }
}
