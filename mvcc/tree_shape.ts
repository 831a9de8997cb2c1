import type { IndexKey } from "./index_key.ts";
import { invariant } from "./invariant.ts";
import {
  type Branch,
  createBranch,
  createLeaf,
  NODE_MAX,
  sizeOf,
  type TreeNode,
} from "./tree_node.ts";

/** What a split puts to the right of the node. */
export interface SplitOff {
  /** Lowest key of the new node. */
  readonly separator: IndexKey;
  readonly right: TreeNode;
}

/**
 * Cuts a node that has become too large, and returns its upper part.
 *
 * `grownAt` is where it has grown. In the middle the node is halved. At its
 * end the keys are likely to come in order: then the lower part stays full,
 * which saves half of the memory of a load in ascending order.
 */
export function splitNode(node: TreeNode, grownAt: number): SplitOff {
  const size = sizeOf(node);
  const at = grownAt === size - 1 ? size - 1 : size >>> 1;
  if (node.kind === "leaf") {
    const right = createLeaf(node.keys.splice(at), node.entries.splice(at), node.modified);
    node.live -= right.live;
    const [separator] = right.keys;
    invariant(separator !== undefined, "a split leaves no empty leaf");
    return { separator, right };
  }
  const separators = node.separators.splice(at);
  const separator = node.separators.pop();
  invariant(separator !== undefined, "a split leaves no empty branch");
  const right = createBranch(separators, node.children.splice(at), node.modified);
  node.live -= right.live;
  return { separator, right };
}

/**
 * Repairs `parent` after its child at `slot` has shrunk: an empty child goes, a
 * small one is merged into a neighbour that has room. (No borrowing from fuller
 * neighbours: it would bound the height more tightly, which nobody needs.)
 */
export function repairChild(parent: Branch, slot: number): void {
  const { separators, children } = parent;
  const child = children[slot];
  invariant(child !== undefined, "the slot has a child", slot);
  const size = sizeOf(child);
  if (size === 0) {
    children.splice(slot, 1);
    separators.splice(Math.max(0, slot - 1), 1);
  } else if (size < MERGE_BELOW) {
    if (slot > 0 && sizesOf(children[slot - 1], child) <= MERGED_MAX) {
      mergeWithNext(parent, slot - 1);
    } else if (slot + 1 < children.length && sizesOf(child, children[slot + 1]) <= MERGED_MAX) {
      mergeWithNext(parent, slot);
    }
  }
}

/** Nodes smaller than this look for a neighbour. */
const MERGE_BELOW = NODE_MAX / 4;
/** A merged node has room, so that the next insert does not split it again. */
const MERGED_MAX = (NODE_MAX * 3) / 4;

function sizesOf(left: TreeNode | undefined, right: TreeNode | undefined): number {
  return left === undefined || right === undefined ? Infinity : sizeOf(left) + sizeOf(right);
}

function mergeWithNext({ separators, children }: Branch, slot: number): void {
  const [separator] = separators.splice(slot, 1);
  const left = children[slot];
  const [right] = children.splice(slot + 1, 1);
  if (left?.kind === "leaf" && right?.kind === "leaf") {
    left.keys.push(...right.keys);
    left.entries.push(...right.entries);
  } else {
    invariant(
      left?.kind === "branch" && right?.kind === "branch" && separator !== undefined,
      "neighbours are on one level, with a separator between them",
    );
    left.separators.push(separator, ...right.separators);
    left.children.push(...right.children);
  }
  left.live += right.live;
  left.modified = Math.max(left.modified, right.modified);
}
