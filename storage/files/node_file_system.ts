import * as fs from "node:fs";
import { dirname, resolve } from "node:path";
import type { FileLock, FileSystem, OpenFile, OpenOptions } from "../file_system.ts";
import { NodeOpenFile } from "./node_open_file.ts";
import { lockWithSqlite } from "./sqlite_lock.ts";

/** Owner alone: the files hold everything that clients stored. */
const FILE_MODE = 0o600;
const DIRECTORY_MODE = 0o700;

/** The file system of the machine, through `node:fs`, on Node and on Deno. */
export class NodeFileSystem implements FileSystem {
  open(path: string, { mode, dataSync = false }: OpenOptions): Promise<OpenFile> {
    // Absent on Windows, whatever the type says.
    const dataSyncFlag = fs.constants.O_DSYNC as number | undefined;
    const flags = openFlags(mode) | (dataSync ? dataSyncFlag ?? 0 : 0);
    const syncAfterWrite = dataSync && dataSyncFlag === undefined;
    return new Promise((opened, failed) => {
      fs.open(path, flags, FILE_MODE, (error, descriptor) => {
        if (error === null) {
          opened(new NodeOpenFile(descriptor, { syncAfterWrite }));
        } else {
          failed(error);
        }
      });
    });
  }

  async list(directory: string): Promise<string[]> {
    const names = await fs.promises.readdir(directory);
    return names.sort();
  }

  async createDirectory(path: string): Promise<void> {
    const wanted = resolve(path);
    const first = await fs.promises.mkdir(wanted, { recursive: true, mode: DIRECTORY_MODE });
    if (first === undefined) {
      return;
    }
    // Each new directory is an entry in the one above it, up to the first that was there.
    const top = dirname(first);
    for (let created = wanted; created !== top; created = dirname(created)) {
      await this.syncDirectory(dirname(created));
    }
  }

  rename(from: string, to: string): Promise<void> {
    return fs.promises.rename(from, to);
  }

  remove(path: string): Promise<void> {
    return fs.promises.rm(path, { force: true });
  }

  async syncDirectory(path: string): Promise<void> {
    const directory = await fs.promises.open(path, "r");
    try {
      await directory.sync();
    } finally {
      await directory.close();
    }
  }

  lock(path: string): Promise<FileLock> {
    return lockWithSqlite(path);
  }
}

function openFlags(mode: OpenOptions["mode"]): number {
  const { O_RDONLY, O_RDWR, O_CREAT, O_EXCL } = fs.constants;
  switch (mode) {
    case "read":
      return O_RDONLY;
    case "write":
      return O_RDWR;
    case "create":
      return O_RDWR | O_CREAT | O_EXCL;
  }
}
