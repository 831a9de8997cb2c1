import type { OpenFile } from "../file_system.ts";
import { META_BYTES, readMetaPage } from "./file_format.ts";

/**
 * Makes durable what a database is found to hold, before anything relies on it.
 *
 * A process that was killed in a commit may have left it where every process
 * sees it, but not yet on the disk. One whose sync has failed may have left it
 * where no later sync brings it to the disk: Linux keeps such pages as if they
 * were there. Only what is written again is synced again.
 *
 * That is needed of the meta pages alone. LMDB writes one after the sync of
 * the pages that it refers to has succeeded; where that sync has failed, no
 * meta page refers to them, and they are written anew when they are used. And
 * each is durable before the next commit begins; which of the two is the last
 * need not be known, as both are written.
 *
 * The file has been checked, and nobody else has it open.
 */
export async function makeFoundDurable(
  file: Pick<OpenFile, "read" | "write" | "dataSync">,
): Promise<void> {
  const first = new Uint8Array(META_BYTES);
  await file.read(first, 0);
  const pages = new Uint8Array(2 * readMetaPage(first).freeTree.pageBytes);
  const length = await file.read(pages, 0);
  await file.write(pages.subarray(0, length), 0);
  await file.dataSync();
}
