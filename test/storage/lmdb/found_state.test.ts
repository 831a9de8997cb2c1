import test from "ava";
import { systemClock } from "../../../raft/mod.ts";
import { prepareDatabase } from "../../../storage/lmdb/database_file.ts";
import { SeededRandom } from "../../../testing/mod.ts";
import type { DirectoryTree } from "../../../testing/simulated_file_system/directory_tree.ts";
import { SimulatedFileSystem } from "../../../testing/simulated_file_system/simulated_file_system.ts";
import { sampleDatabase } from "./sample_database.ts";

const PAGE_BYTES = 4096;
const PATH = "backend/data.mdb";
const OPTIONS = { path: PATH, buckets: ["a", "meta"], mustExist: true };

const { bytes } = await sampleDatabase();

for (
  const { end, why } of [
    { end: "killed", why: "and the process was killed before it synced it" },
    // No later sync takes such a page for changed (fsyncgate).
    { end: "failed", why: "and the sync of it failed" },
  ] as const
) {
  for (const page of [0, 1]) {
    test(`W19: meta page ${page} that was written, ${why}, is durable once LMDB gets to see it`, async (t) => {
      const files = newFiles(await treeWithNewMeta(page, end));
      t.deepEqual(await readWhole(files), bytes, "a process that starts again sees it");
      await prepareDatabase(OPTIONS, files);
      const later = newFiles(files.crash({ loss: "all" }).tree);
      t.deepEqual(await readWhole(later), bytes);
    });
  }
}

/** A disk that holds the sample, but for one meta page, which is in memory alone. */
async function treeWithNewMeta(page: number, end: "killed" | "failed"): Promise<DirectoryTree> {
  let fails = false;
  const files = newFiles(undefined, () => fails);
  await files.createDirectory("backend");
  const file = await files.open(PATH, { mode: "create" });
  const offset = page * PAGE_BYTES;
  const before = bytes.slice();
  before.fill(0, offset, offset + PAGE_BYTES);
  await file.write(before, 0);
  await file.dataSync();
  await files.syncDirectory("backend");
  await file.write(bytes.slice(offset, offset + PAGE_BYTES), offset);
  if (end === "failed") {
    fails = true;
    await file.dataSync().catch(() => {}); // It is the fault.
  }
  return files.exit();
}

function newFiles(tree?: DirectoryTree, syncFails = () => false): SimulatedFileSystem {
  return new SimulatedFileSystem({
    clock: systemClock(),
    random: new SeededRandom(1),
    latency: { callUs: 1, syncUs: 1 },
    faultOf: ({ call }) =>
      call === "dataSync" && syncFails() ? { type: "error", code: "EIO" } : null,
  }, tree);
}

async function readWhole(files: SimulatedFileSystem): Promise<Uint8Array> {
  const file = await files.open(PATH, { mode: "read" });
  const whole = new Uint8Array(await file.size());
  await file.read(whole, 0);
  await file.close();
  return whole;
}
