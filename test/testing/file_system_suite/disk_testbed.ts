import { LockedError } from "../../../storage/mod.ts";
import type { FileSystemTestbed } from "../../../testing/mod.ts";
import type { PowerLoss } from "../../../testing/simulated_file_system/power_cut.ts";
import type { SimulatedFileSystem } from "../../../testing/simulated_file_system/simulated_file_system.ts";
import type { DiskStage } from "../simulated_file_system/disk_stage.ts";
import type { Break, World } from "./broken_file_system.ts";

/** A testbed on a simulated disk. Its cases are run by `DiskStage.run`, on the disk's time. */
export async function diskTestbed(
  stage: DiskStage,
  { loss = "all", breakIt = (files) => files }: {
    readonly loss?: PowerLoss;
    readonly breakIt?: Break;
  } = {},
): Promise<FileSystemTestbed> {
  const world: World = { life: 0, damage: [] };
  await stage.files.createDirectory("disk/d");
  return {
    directory: "disk/d",
    async open() {
      world.life += 1;
      for (const damage of world.damage.splice(0)) {
        await damage(stage.files);
      }
      return breakIt(stage.files, world);
    },
    cutPower: () => void stage.cutPower({ loss }),
    startProcess: () => processOn(stage.startProcess()),
    close() {},
  };
}

function processOn(files: SimulatedFileSystem) {
  return {
    async lock(path: string) {
      try {
        await files.lock(path);
        return true;
      } catch (error) {
        if (error instanceof LockedError) {
          return false;
        }
        throw error;
      }
    },
    async save(path: string, bytes: Uint8Array) {
      const file = await files.open(path, { mode: "create" });
      await file.write(bytes, 0);
      await file.dataSync();
      await files.syncDirectory(path.slice(0, path.lastIndexOf("/")));
    },
    kill: () => void files.exit(),
  };
}
