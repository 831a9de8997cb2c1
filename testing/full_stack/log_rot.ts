import type { SeededRandom } from "../seeded_random.ts";
import type { DirectoryTree } from "../simulated_file_system/directory_tree.ts";
import type { FileContent } from "../simulated_file_system/file_content.ts";

/**
 * One bit of the last byte changes that was written to the newest segment of a
 * log. Returns whether there is such a byte.
 */
export function rotLastFrame(
  tree: DirectoryTree,
  directory: string,
  random: SeededRandom,
): boolean {
  const name = tree.list(directory).findLast((each) => each.endsWith(".wal"));
  const file = name === undefined ? undefined : tree.find(`${directory}/${name}`);
  const offset = file === undefined ? null : lastFrameByte(file);
  if (file === undefined || offset === null) {
    return false;
  }
  file.rot(offset, 1 << random.below(8));
  return true;
}

/** Where the last frame of a segment has its last byte, `null` if it has no frame. */
function lastFrameByte(file: FileContent): number | null {
  const bytes = new Uint8Array(file.size);
  file.read(bytes, 0);
  const headerBytes = new DataView(bytes.buffer).getUint32(12, true);
  const last = bytes.findLastIndex((byte) => byte !== 0);
  return last < headerBytes ? null : last;
}
