import type { FileSystem } from "../../storage/mod.ts";

/** Whether a directory holds a log, whose segments need not be whole. */
export async function hasLog(fileSystem: FileSystem, walPath: string): Promise<boolean> {
  return (await fileSystem.list(walPath)).some((name) => name.endsWith(".wal"));
}
