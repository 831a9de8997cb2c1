import { BackendDamagedError } from "./errors.ts";
import {
  MAGIC,
  META_BYTES,
  MetaOffset,
  type MetaPage,
  PageFlag,
  pagesOf,
  readMetaPage,
  readTreeRecord,
  readU64,
  TREE_BYTES,
  TreeFlag,
  type TreeRecord,
  VERSION,
  viewOf,
} from "./file_format.ts";
import { PageFile, type ReadableFile, withReadErrorsAsDamage } from "./page_file.ts";
import { assertTreePage, walkTree } from "./tree_walk.ts";

/** LMDB's bounds of the size of a page. */
const PAGE_BYTES_MIN = 512;
const PAGE_BYTES_MAX = 64 * 1024;

/** What processors can address. LMDB would find out that it cannot map more, and not survive it. */
const MAP_BYTES_MAX = 2 ** 47;

/**
 * Checks a database before LMDB gets to see it, which believes what it reads:
 * a bad page number ends the process.
 *
 * Read are the meta pages and everything that they tell of: the free list as a
 * whole, since LMDB gives out the pages in it, and the main tree with the root
 * of each bucket. What is below those roots is not read, so this takes no
 * longer for more data.
 *
 * What cannot be told: whether the older meta page is what it is because the
 * write of a newer one failed, or because a bit of its transaction flipped. The
 * state before the last transaction is whole in both cases, and is opened.
 *
 * A file may end before its last page: pages that a transaction took and gave
 * back were never written. So what is missing is cut off only where a page in
 * use, which is one that the free list does not have, is among it.
 *
 * @throws {BackendDamagedError} naming what does not check or cannot be read, and where.
 */
export async function checkFile(file: ReadableFile, path: string): Promise<void> {
  await checkPages(withReadErrorsAsDamage(file, path), path);
}

async function checkPages(file: ReadableFile, path: string): Promise<void> {
  const sizeBytes = await file.size();
  const meta = await readNewestMeta(file, { path, sizeBytes });
  const pages = new PageFile(file, {
    path,
    sizeBytes,
    pageBytes: meta.freeTree.pageBytes,
    lastPage: meta.lastPage,
    transaction: meta.transaction,
  });
  const mainOffset = meta.offset + MetaOffset.mainTree;
  await assertNewestRoot(pages, meta, mainOffset);
  const bucketPages = await checkMainTree(pages, meta.mainTree, mainOffset);
  const free = await readFreeList(pages, meta);
  const used = 2 + pagesOf(meta.freeTree) + pagesOf(meta.mainTree) + bucketPages;
  // Fewer is possible: LMDB may lose sight of a free page, which costs its space alone.
  if (used + free.count > meta.lastPage + 1) {
    throw pages.damage(
      meta.offset + MetaOffset.lastPage,
      `the last page is ${meta.lastPage}, and there are ${used} pages in use and ${free.count} free`,
    );
  }
  const missing = meta.lastPage + 1 - pages.wholePages;
  if (free.missing < missing) {
    throw pages.damage(
      sizeBytes,
      `the file ends here, at ${sizeBytes} bytes, and should have ${
        meta.lastPage + 1
      } pages of ${meta.freeTree.pageBytes}: it was cut short`,
    );
  }
}

/** A meta page that counts, and where it is. */
interface CurrentMeta extends MetaPage {
  readonly offset: number;
}

interface FileFacts {
  readonly path: string;
  readonly sizeBytes: number;
}

async function readNewestMeta(file: ReadableFile, facts: FileFacts): Promise<CurrentMeta> {
  const first = await readMeta(file, facts, { number: 0, pageBytes: 0 });
  const { pageBytes } = first.freeTree;
  const second = await readMeta(file, facts, { number: 1, pageBytes });
  const newest = first.transaction >= second.transaction ? first : second;
  const older = newest === first ? second : first;
  // A compacted copy begins anew: its first page is of transaction 0, and empty.
  const isCopy = first.transaction === 0;
  if (!isCopy && newest.transaction - older.transaction !== 1) {
    throw new BackendDamagedError(
      facts.path,
      older.offset + MetaOffset.transaction,
      `the meta pages are of the transactions ${first.transaction} and ${second.transaction}, ` +
        "which do not follow each other",
    );
  }
  return newest;
}

async function readMeta(
  file: ReadableFile,
  { path, sizeBytes }: FileFacts,
  { number, pageBytes }: { readonly number: 0 | 1; readonly pageBytes: number },
): Promise<CurrentMeta> {
  const offset = number * pageBytes;
  const bytes = new Uint8Array(META_BYTES);
  if (await file.read(bytes, offset) < META_BYTES) {
    throw new BackendDamagedError(
      path,
      sizeBytes,
      sizeBytes === 0
        ? "the file is empty"
        : `the file ends here, at ${sizeBytes} bytes, within or before its meta pages`,
    );
  }
  const meta = readMetaPage(bytes);
  const assert = (holds: boolean, place: number, what: string): void => {
    if (!holds) {
      throw new BackendDamagedError(path, offset + place, `meta page ${number}: ${what}`);
    }
  };
  const { freeTree, mainTree, lastPage, transaction } = meta;
  assert(meta.magic === MAGIC, MetaOffset.magic, "this is not a database of LMDB");
  assert(
    meta.version === VERSION,
    MetaOffset.version,
    `data format ${meta.version}, and this release reads format ${VERSION}`,
  );
  assert(meta.flags === PageFlag.meta, MetaOffset.flags, `flags ${meta.flags}`);
  assert(meta.pageNumber === number, MetaOffset.pageNumber, `number ${meta.pageNumber}`);
  const size = freeTree.pageBytes;
  assert(isPageSize(size, pageBytes), MetaOffset.freeTree, `pages of ${size} bytes`);
  assert(
    freeTree.flags === TreeFlag.integerKey + TreeFlag.noSubdirectory,
    MetaOffset.freeTree + 4,
    `flags ${freeTree.flags} of the free list`,
  );
  assert(
    mainTree.flags === 0 && mainTree.pageBytes === 0,
    MetaOffset.mainTree,
    `flags ${mainTree.flags} of the main tree`,
  );
  assert(
    transaction === 0 || transaction % 2 === number,
    MetaOffset.transaction,
    `transaction ${transaction}, which belongs in the other meta page`,
  );
  assert(lastPage >= 1, MetaOffset.lastPage, `last page ${lastPage}`);
  assert(
    meta.mapBytes % size === 0 && meta.mapBytes <= MAP_BYTES_MAX &&
      (lastPage + 1) * size <= meta.mapBytes,
    MetaOffset.mapBytes,
    `a map of ${meta.mapBytes} bytes for ${lastPage + 1} pages of ${size}`,
  );
  return { ...meta, offset };
}

function isPageSize(size: number, expected: number): boolean {
  return size >= PAGE_BYTES_MIN && size <= PAGE_BYTES_MAX && (size & (size - 1)) === 0 &&
    (expected === 0 || size === expected);
}

/**
 * Every transaction writes the root of the main tree anew, so its page tells
 * whether the meta page is the one that was written with it. (In a compacted
 * copy all pages are of transaction 1.)
 */
async function assertNewestRoot(
  pages: PageFile,
  { mainTree: { root }, transaction }: MetaPage,
  mainOffset: number,
): Promise<void> {
  if (root === null) {
    return;
  }
  const page = await pages.read(root, { from: mainOffset + 40 });
  if (page.transaction !== transaction && page.transaction !== 1) {
    throw pages.damage(
      page.offset + 8,
      `the main tree is of transaction ${page.transaction}, and its meta page of ${transaction}`,
    );
  }
}

/** Checks the main tree and the root of each bucket. Resolves with the pages of the buckets. */
async function checkMainTree(
  pages: PageFile,
  tree: TreeRecord,
  mainOffset: number,
): Promise<number> {
  let count = 0;
  const origin = { name: "main tree", offset: mainOffset };
  for await (const { key, data, isTree, offset } of walkTree(pages, tree, origin)) {
    if (!isTree) {
      continue;
    }
    if (data.length !== TREE_BYTES) {
      const name = JSON.stringify(new TextDecoder().decode(key));
      throw pages.damage(offset, `the record of bucket ${name} has ${data.length} bytes`);
    }
    const bucket = readTreeRecord(data);
    count += pagesOf(bucket);
    if (bucket.root !== null) {
      const page = await pages.read(bucket.root, { from: offset });
      assertTreePage(pages, page, { isLeaf: bucket.depth === 1 });
    }
  }
  return count;
}

/** Pages that are free. */
interface FreePages {
  readonly count: number;
  /** Of them, those that the file does not reach to. */
  readonly missing: number;
}

/**
 * Reads the free list: by the transaction that freed them, lists of pages.
 * A list has its length in front; a negative number is the length of a block
 * that begins at the next one; a zero is a gap.
 */
async function readFreeList(pages: PageFile, meta: CurrentMeta): Promise<FreePages> {
  let count = 0;
  let missing = 0;
  const origin = { name: "free list", offset: meta.offset + MetaOffset.freeTree };
  for await (const { key, data, offset } of walkTree(pages, meta.freeTree, origin)) {
    const view = viewOf(data);
    const length = data.length < 8 ? Infinity : readU64(view, 0);
    if (key.length !== 8 || (length + 1) * 8 > data.length) {
      throw pages.damage(offset, `a list of ${length} free pages in ${data.length} bytes`);
    }
    for (let place = 1; place <= length; place += 1) {
      const first = Number(view.getBigInt64(place * 8, true));
      if (first === 0 || (first < 0 && place === length)) {
        continue;
      }
      const block = first < 0 ? -first : 1;
      place += first < 0 ? 1 : 0;
      const page = first < 0 ? readU64(view, place * 8) : first;
      if (!pages.has(page) || !pages.has(page + block - 1)) {
        throw pages.damage(offset, `${block} free pages from ${page} on, beyond the last page`);
      }
      count += block;
      missing += Math.min(block, Math.max(0, page + block - pages.wholePages));
    }
  }
  return { count, missing };
}
