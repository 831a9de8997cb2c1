import { dirname } from "node:path";
import type { FileSystem } from "../../storage/mod.ts";

/** Reads a whole file of a few kilobytes, `null` if there is none. */
export async function readSmallFile(fileSystem: FileSystem, path: string): Promise<string | null> {
  let file;
  try {
    file = await fileSystem.open(path, { mode: "read" });
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") {
      return null;
    }
    throw error;
  }
  try {
    const bytes = new Uint8Array(await file.size());
    const length = await file.read(bytes, 0);
    return new TextDecoder().decode(bytes.subarray(0, length));
  } finally {
    await file.close();
  }
}

/** Writes a file so that a crash leaves the old content or the new, and the new once it resolved. */
export async function writeSmallFile(
  fileSystem: FileSystem,
  path: string,
  content: string,
): Promise<void> {
  const temporary = `${path}.tmp`;
  await fileSystem.remove(temporary);
  const file = await fileSystem.open(temporary, { mode: "create" });
  try {
    await file.write(new TextEncoder().encode(content), 0);
    await file.dataSync();
  } finally {
    await file.close();
  }
  await fileSystem.rename(temporary, path);
  await fileSystem.syncDirectory(dirname(path));
}
