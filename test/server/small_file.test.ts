import test from "ava";
import { readSmallFile, writeSmallFile } from "../../server/data/small_file.ts";
import { SnapshotDisk } from "../storage/snapshots/snapshot_disk.ts";

const PATH = "/data/file";

/** A disk that holds the old content, durably. */
async function diskWithOld(): Promise<SnapshotDisk> {
  const disk = new SnapshotDisk();
  await disk.files.createDirectory("/data");
  await writeSmallFile(disk.files, PATH, "old");
  return disk;
}

async function afterPowerCut(disk: SnapshotDisk): Promise<string | null> {
  return await readSmallFile(new SnapshotDisk({ tree: disk.cutPower() }).files, PATH);
}

test("writeSmallFile leaves the old content or the new after a power cut at any time, and the new once it resolved", async (t) => {
  const left: (string | null)[] = [];
  for (let turns = 0, isDone = false; !isDone; turns += 1) {
    const disk = await diskWithOld();
    void writeSmallFile(disk.files, PATH, "new").then(() => isDone = true);
    for (let turn = 0; turn < turns; turn += 1) {
      await disk.pass();
    }
    left.push(await afterPowerCut(disk));
  }
  t.is(left.at(-1), "new");
  t.true(left.length > 5, `${left.length} moments`);
  t.deepEqual(new Set(left), new Set(["old", "new"]));
});

test("readSmallFile tells a file that is not there from an empty one", async (t) => {
  const disk = await diskWithOld();
  t.is(await readSmallFile(disk.files, "/data/other"), null);
  await writeSmallFile(disk.files, "/data/other", "");
  t.is(await readSmallFile(disk.files, "/data/other"), "");
});
