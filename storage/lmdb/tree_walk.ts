import {
  NodeFlag,
  PAGE_HEADER_BYTES,
  PageFlag,
  readU64,
  type TreeRecord,
  viewOf,
} from "./file_format.ts";
import type { Page, PageFile } from "./page_file.ts";

/** LMDB's own bound: a path from the root to a leaf has no more pages. */
const DEPTH_MAX = 32;

const NODE_HEADER_BYTES = 8;

/** One record of a tree. */
export interface TreeEntry {
  readonly key: Uint8Array;
  readonly data: Uint8Array;
  /** Whether the data are a tree record. */
  readonly isTree: boolean;
  /** Of the leaf's node in the file. */
  readonly offset: number;
}

/** Where a tree is told of. */
export interface TreeOrigin {
  /** What it is, for messages. */
  readonly name: string;
  /** Of its record in the file. */
  readonly offset: number;
}

/**
 * Walks over all entries of a tree, and compares what it meets with the tree's
 * record: depth, numbers of pages, number of entries.
 */
export async function* walkTree(
  file: PageFile,
  tree: TreeRecord,
  origin: TreeOrigin,
): AsyncGenerator<TreeEntry> {
  const met = { branchPages: 0, leafPages: 0, overflowPages: 0, entries: 0 };
  if (tree.depth > DEPTH_MAX || (tree.root === null) !== (tree.depth === 0)) {
    throw file.damage(origin.offset, `the ${origin.name} has a depth of ${tree.depth}`);
  }
  const open = tree.root === null
    ? []
    : [{ page: tree.root, level: 1, from: origin.offset + ROOT_OFFSET }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const page = await file.read(next.page, { from: next.from });
    const isLeaf = assertTreePage(file, page, { isLeaf: next.level === tree.depth });
    met[isLeaf ? "leafPages" : "branchPages"] += 1;
    for (const node of nodesOf(file, page)) {
      if (!isLeaf) {
        open.push({ page: childOf(page, node), level: next.level + 1, from: page.offset + node });
        continue;
      }
      const { entry, overflowPages } = await readEntry(file, page, node);
      met.entries += 1;
      met.overflowPages += overflowPages;
      yield entry;
    }
    // A damaged page may lead around in a circle.
    assertCounts(file, met, tree, { origin, isEnd: false });
  }
  assertCounts(file, met, tree, { origin, isEnd: true });
}

/** Where the root stands in a tree record. */
const ROOT_OFFSET = 40;

/** Checks that a page is the branch or the leaf that it must be, and tells which. */
export function assertTreePage(
  file: PageFile,
  { offset, flags, pageNumber }: Page,
  { isLeaf }: { readonly isLeaf: boolean },
): boolean {
  const wanted = isLeaf ? PageFlag.leaf : PageFlag.branch;
  if (flags !== wanted) {
    throw file.damage(
      offset + 18,
      `page ${pageNumber} has the flags ${flags}, and should be a ${isLeaf ? "leaf" : "branch"}`,
    );
  }
  return isLeaf;
}

/** Offsets of the nodes in a page. */
function nodesOf(file: PageFile, { bytes, offset, pageNumber }: Page): number[] {
  const view = viewOf(bytes);
  const [lower, upper] = [view.getUint16(20, true), view.getUint16(22, true)];
  if (lower % 2 !== 0 || lower > upper || upper > bytes.length - PAGE_HEADER_BYTES) {
    throw file.damage(offset + 20, `page ${pageNumber} has free room from ${lower} to ${upper}`);
  }
  const nodes: number[] = [];
  for (let place = PAGE_HEADER_BYTES; place < PAGE_HEADER_BYTES + lower; place += 2) {
    const node = PAGE_HEADER_BYTES + view.getUint16(place, true);
    if (node + NODE_HEADER_BYTES > bytes.length) {
      throw file.damage(offset + place, `page ${pageNumber} names a node at ${node}`);
    }
    nodes.push(node);
  }
  return nodes;
}

/** The page that a node of a branch leads to. */
function childOf({ bytes }: Page, node: number): number {
  const view = viewOf(bytes);
  return view.getUint16(node, true) + view.getUint16(node + 2, true) * 2 ** 16 +
    view.getUint16(node + 4, true) * 2 ** 32;
}

async function readEntry(
  file: PageFile,
  page: Page,
  node: number,
): Promise<{ readonly entry: TreeEntry; readonly overflowPages: number }> {
  const view = viewOf(page.bytes);
  const length = view.getUint16(node, true) + view.getUint16(node + 2, true) * 2 ** 16;
  const flags = view.getUint16(node + 4, true);
  const keyEnd = node + NODE_HEADER_BYTES + view.getUint16(node + 6, true);
  const offset = page.offset + node;
  const isApart = (flags & NodeFlag.overflow) !== 0;
  if (keyEnd + (isApart ? OVERFLOW_REFERENCE_BYTES : length) > page.bytes.length) {
    throw file.damage(offset, `a node reaches beyond page ${page.pageNumber}`);
  }
  const key = page.bytes.subarray(node + NODE_HEADER_BYTES, keyEnd);
  const isTree = (flags & NodeFlag.tree) !== 0;
  if (!isApart) {
    const data = page.bytes.subarray(keyEnd, keyEnd + length);
    return { entry: { key, data, isTree, offset }, overflowPages: 0 };
  }
  const count = readU64(view, keyEnd + 16);
  const pages = await file.read(readU64(view, keyEnd), { count, from: offset });
  if (pages.flags !== PageFlag.overflow || PAGE_HEADER_BYTES + length > pages.bytes.length) {
    throw file.damage(pages.offset + 18, `page ${pages.pageNumber} should be an overflow page`);
  }
  const data = pages.bytes.subarray(PAGE_HEADER_BYTES, PAGE_HEADER_BYTES + length);
  return { entry: { key, data, isTree, offset }, overflowPages: count };
}

/** Number of the first page, its transaction, number of pages. */
const OVERFLOW_REFERENCE_BYTES = 24;

type Counts = Pick<TreeRecord, "branchPages" | "leafPages" | "overflowPages" | "entries">;

function assertCounts(
  file: PageFile,
  met: Counts,
  tree: TreeRecord,
  { origin, isEnd }: { readonly origin: TreeOrigin; readonly isEnd: boolean },
): void {
  for (const what of ["branchPages", "leafPages", "overflowPages", "entries"] as const) {
    if (met[what] > tree[what] || (isEnd && met[what] < tree[what])) {
      throw file.damage(
        origin.offset,
        `the ${origin.name} should have ${tree[what]} ${WORDS[what]}, and has ${
          isEnd ? "" : "at least "
        }${met[what]}`,
      );
    }
  }
}

const WORDS: Readonly<Record<keyof Counts, string>> = {
  branchPages: "branch pages",
  leafPages: "leaf pages",
  overflowPages: "overflow pages",
  entries: "entries",
};
