/*
 * LMDB's file, as far as a check needs to read it: data format 2, which the npm
 * package `lmdb` writes, on a machine that stores the low byte first.
 *
 * The file is a row of pages of one size. Pages 0 and 1 are meta pages;
 * transaction number n writes page n % 2, so the newer one of them counts and
 * the other is the state before. Each tells the roots of two trees: the free
 * list, and the main tree, which holds a tree record for each bucket.
 *
 *     page    number u64, transaction u64, - u16, flags u16, then by kind:
 *             tree: lower u16, upper u16, offsets of nodes u16 ...
 *             overflow: pages u32, bytes ...
 *     meta    header, magic u32, version u32, address u64, map size u64,
 *             tree record of the free list, of the main tree,
 *             last page u64, transaction u64
 *     record  - u32 (page size in the free list's), flags u16, depth u16,
 *             branch pages u64, leaf pages u64, overflow pages u64, entries u64, root u64
 *     node    branch: page number in 16 + 16 + 16 bits, key length u16, key
 *             leaf: data length in 16 + 16 bits, flags u16, key length u16, key, data
 */

export const PAGE_HEADER_BYTES = 24;

/** Header and content of a meta page; the rest of the page is unused. */
export const META_BYTES = 160;

/** Flags of a page. */
export const PageFlag = { branch: 0x01, leaf: 0x02, overflow: 0x04, meta: 0x08 } as const;

/** Flags of a node of a leaf. */
export const NodeFlag = { overflow: 0x01, tree: 0x02 } as const;

/** Flags of a tree record that tell how the free list's keys and the file are kept. */
export const TreeFlag = { integerKey: 0x0008, noSubdirectory: 0x4000 } as const;

export const MAGIC = 0xbeefc0de;
export const VERSION = 2;

/** Where things are in a meta page. */
export const MetaOffset = {
  pageNumber: 0,
  flags: 18,
  magic: 24,
  version: 28,
  mapBytes: 40,
  freeTree: 48,
  mainTree: 96,
  lastPage: 144,
  transaction: 152,
} as const;

/** Length of a tree record. */
export const TREE_BYTES = 48;

/** A root that is none. */
const NO_PAGE = 2n ** 64n - 1n;

/** What is recorded of a tree. Numbers beyond all that can be are kept, as `Infinity`. */
export interface TreeRecord {
  readonly pageBytes: number;
  readonly flags: number;
  readonly depth: number;
  readonly branchPages: number;
  readonly leafPages: number;
  readonly overflowPages: number;
  readonly entries: number;
  /** `null` for an empty tree. */
  readonly root: number | null;
}

/** Number and kind of a page. */
export interface PageHeader {
  readonly pageNumber: number;
  /** The transaction that wrote it. */
  readonly transaction: number;
  readonly flags: number;
}

/** What a meta page holds. */
export interface MetaPage extends PageHeader {
  readonly magic: number;
  readonly version: number;
  readonly mapBytes: number;
  readonly freeTree: TreeRecord;
  readonly mainTree: TreeRecord;
  readonly lastPage: number;
}

export function readPageHeader(bytes: Uint8Array): PageHeader {
  const view = viewOf(bytes);
  return {
    pageNumber: readU64(view, 0),
    transaction: readU64(view, 8),
    flags: view.getUint16(18, true),
  };
}

/** The transaction is that of the state which the page tells of. */
export function readMetaPage(bytes: Uint8Array): MetaPage {
  const view = viewOf(bytes);
  return {
    ...readPageHeader(bytes),
    magic: view.getUint32(MetaOffset.magic, true),
    version: view.getUint32(MetaOffset.version, true),
    mapBytes: readU64(view, MetaOffset.mapBytes),
    freeTree: readTreeRecord(bytes.subarray(MetaOffset.freeTree)),
    mainTree: readTreeRecord(bytes.subarray(MetaOffset.mainTree)),
    lastPage: readU64(view, MetaOffset.lastPage),
    transaction: readU64(view, MetaOffset.transaction),
  };
}

export function readTreeRecord(bytes: Uint8Array): TreeRecord {
  const view = viewOf(bytes);
  return {
    pageBytes: view.getUint32(0, true),
    flags: view.getUint16(4, true),
    depth: view.getUint16(6, true),
    branchPages: readU64(view, 8),
    leafPages: readU64(view, 16),
    overflowPages: readU64(view, 24),
    entries: readU64(view, 32),
    root: view.getBigUint64(40, true) === NO_PAGE ? null : readU64(view, 40),
  };
}

/** Pages that a tree occupies. */
export function pagesOf({ branchPages, leafPages, overflowPages }: TreeRecord): number {
  return branchPages + leafPages + overflowPages;
}

/** A number beyond what counts exactly is damage wherever it stands; it must not be rounded. */
export function readU64(view: DataView, offset: number): number {
  const value = view.getBigUint64(offset, true);
  return value > BigInt(Number.MAX_SAFE_INTEGER) ? Infinity : Number(value);
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
