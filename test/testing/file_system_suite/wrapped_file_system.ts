import type { FileSystem, OpenFile, OpenOptions } from "../../../storage/mod.ts";

/** A file system that does what another one does, to be changed in parts. */
export function delegate(files: FileSystem): FileSystem {
  return {
    open: (path, options) => files.open(path, options),
    list: (directory) => files.list(directory),
    createDirectory: (path) => files.createDirectory(path),
    rename: (from, to) => files.rename(from, to),
    remove: (path) => files.remove(path),
    syncDirectory: (path) => files.syncDirectory(path),
    lock: (path) => files.lock(path),
  };
}

/** An open file that does what another one does, to be changed in parts. */
export function delegateFile(file: OpenFile): OpenFile {
  return {
    read: (target, offset) => file.read(target, offset),
    write: (bytes, offset) => file.write(bytes, offset),
    dataSync: () => file.dataSync(),
    truncate: (sizeBytes) => file.truncate(sizeBytes),
    size: () => file.size(),
    close: () => file.close(),
  };
}

/** A file that was opened, and how. */
export interface Opened {
  readonly file: OpenFile;
  readonly path: string;
  readonly options: OpenOptions;
}

/** Changes files that are opened, in some of what they do. */
export function withFiles(
  files: FileSystem,
  change: (opened: Opened) => Partial<OpenFile> | Promise<Partial<OpenFile>>,
): FileSystem {
  return {
    ...delegate(files),
    async open(path, options) {
      const file = await files.open(path, options);
      return { ...delegateFile(file), ...await change({ file, path, options }) };
    },
  };
}

/** Changes the files of one name, where any file would break more than one requirement. */
export function withFile(
  files: FileSystem,
  name: string,
  change: (opened: Opened) => Partial<OpenFile> | Promise<Partial<OpenFile>>,
): FileSystem {
  return withFiles(files, (opened) => isNamed(opened.path, name) ? change(opened) : {});
}

export function isNamed(path: string, name: string): boolean {
  return path.endsWith(`/${name}`);
}

export function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/"));
}

/** Whether a file or a directory is there. */
export async function isThere(files: FileSystem, path: string): Promise<boolean> {
  const names = await files.list(parentOf(path)).catch(() => []);
  return names.some((name) => isNamed(path, name));
}

/** All that a file holds. */
export async function contentOf(files: FileSystem, path: string): Promise<Uint8Array> {
  const file = await files.open(path, { mode: "read" });
  const bytes = new Uint8Array(await file.size());
  await file.read(bytes, 0);
  await file.close();
  return bytes;
}

/** An error of the operating system. */
export function failure(code: string): Error {
  return Object.assign(new Error(`${code}: it is broken`), { code });
}
