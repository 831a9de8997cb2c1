import test from "ava";
import type { FileSystem, OpenFile, OpenOptions } from "../../../storage/mod.ts";
import { NodeFileSystem } from "../../../storage/files/mod.ts";
import { WalLogStore } from "../../../storage/wal/mod.ts";
import { temporaryDirectory } from "../../support/temporary_directory.ts";

/** The machine's file system, with a record of what was made durable. */
class RecordingFileSystem extends NodeFileSystem implements FileSystem {
  readonly synced: string[] = [];

  override async open(path: string, options: OpenOptions): Promise<OpenFile> {
    const file = await super.open(path, options);
    const { synced } = this;
    return {
      read: (target, offset) => file.read(target, offset),
      write: (bytes, offset) => file.write(bytes, offset),
      truncate: (size) => file.truncate(size),
      size: () => file.size(),
      close: () => file.close(),
      async dataSync() {
        await file.dataSync();
        synced.push(path);
      },
    };
  }

  override async syncDirectory(path: string): Promise<void> {
    await super.syncDirectory(path);
    this.synced.push(path);
  }
}

test("WalLogStore makes durable what it finds, before it says that it is", async (t) => {
  await using directory = await temporaryDirectory();
  const first = new WalLogStore({ fileSystem: new NodeFileSystem(), directory: directory.path });
  await first.open();
  await first.append({ hardState: { term: 1, vote: null, commit: 0 }, entries: [] });
  await first.close();

  const fileSystem = new RecordingFileSystem();
  const second = new WalLogStore({ fileSystem, directory: directory.path });
  await second.open();
  t.deepEqual(fileSystem.synced, [
    `${directory.path}/0000000000000001.wal`,
    directory.path,
  ]);
  await second.close();
});
