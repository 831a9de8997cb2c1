import { setTimeout as delay } from "node:timers/promises";
import type { EntryId } from "../../../raft/mod.ts";
import { NodeFileSystem } from "../../../storage/files/mod.ts";
import { joinPath } from "../../../storage/join_path.ts";
import { type FileSystem, MemorySnapshotStore } from "../../../storage/mod.ts";
import { FileSnapshotStore } from "../../../storage/snapshots/mod.ts";
import { snapshotName } from "../../../storage/snapshots/snapshot_name.ts";
import {
  type SnapshotStoreCase,
  snapshotStoreCases,
  type SnapshotStoreTestbed,
} from "../../../testing/mod.ts";
import { temporaryDirectory } from "../../support/temporary_directory.ts";
import { MortalFileSystem } from "./mortal_file_system.ts";
import { DIRECTORY, SnapshotDisk } from "./snapshot_disk.ts";

const SNAPSHOTS_MAX = 3;

/** The requirements on each of the project's own stores, by the name of the store. */
export function ownSnapshotStoreCases(): Readonly<Record<string, SnapshotStoreCase[]>> {
  return {
    "MemorySnapshotStore": snapshotStoreCases({
      openTestbed: memoryTestbed,
      snapshotsMax: SNAPSHOTS_MAX,
    }),
    "FileSnapshotStore on a simulated disk": snapshotStoreCases({
      openTestbed: simulatedTestbed,
      supports: ["crash", "damage"],
      snapshotsMax: SNAPSHOTS_MAX,
    }),
    "FileSnapshotStore on the machine's disk": snapshotStoreCases({
      openTestbed: realTestbed,
      supports: ["crash", "damage"],
      snapshotsMax: SNAPSHOTS_MAX,
      passesMax: 30_000,
    }),
  };
}

function memoryTestbed(): SnapshotStoreTestbed {
  const store = new MemorySnapshotStore({ snapshotsMax: SNAPSHOTS_MAX });
  return { create: () => store, pass: () => delay(0), close() {} };
}

function simulatedTestbed(): SnapshotStoreTestbed {
  let disk = new SnapshotDisk();
  return {
    create: () =>
      new FileSnapshotStore({
        fileSystem: disk.files,
        directory: DIRECTORY,
        snapshotsMax: SNAPSHOTS_MAX,
      }),
    crash() {
      disk = new SnapshotDisk({ tree: disk.cutPower() });
    },
    pass: () => disk.pass(),
    damage: (last) => damage(disk.files, DIRECTORY, last),
    close() {},
  };
}

async function realTestbed(): Promise<SnapshotStoreTestbed> {
  const { path, [Symbol.asyncDispose]: remove } = await temporaryDirectory();
  let files = new MortalFileSystem(new NodeFileSystem());
  return {
    create: () =>
      new FileSnapshotStore({
        fileSystem: files,
        directory: path,
        snapshotsMax: SNAPSHOTS_MAX,
      }),
    async crash() {
      await files.kill();
      files = new MortalFileSystem(new NodeFileSystem());
    },
    pass: () => delay(1),
    damage: (last) => damage(files, path, last),
    close: async () => await remove(),
  };
}

/** Changes a byte in the middle of a snapshot's file. */
async function damage(files: FileSystem, directory: string, last: EntryId): Promise<void> {
  const file = await files.open(joinPath(directory, snapshotName(last)), { mode: "write" });
  const middle = await file.size() >> 1;
  const byte = new Uint8Array(1);
  await file.read(byte, middle);
  await file.write(byte.map((bits) => bits ^ 0x10), middle);
  await file.dataSync();
  await file.close();
}
