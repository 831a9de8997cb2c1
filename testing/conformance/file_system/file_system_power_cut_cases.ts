import { demand, demandSame, type FileSystemRequirement } from "./file_system_requirement.ts";
import { type FileSystemStage, sampleBytes } from "./file_system_stage.ts";

/** What is owed to be there after a power cut. */
export const POWER_CUT_CASES: readonly FileSystemRequirement[] = [
  ["what dataSync covered survives a power cut", syncedSurvives],
  ["dataSync covers what other handles wrote", syncCoversOthers],
  ["dataSync covers truncations", syncCoversTruncation],
  ["what a file opened with dataSync wrote survives a power cut", durableWriteSurvives],
  ["what was synced survives, whatever was not after it", syncedStays],
  ["syncDirectory makes a creation durable", creationSurvives],
  ["syncDirectory makes a rename durable", renameSurvives],
  ["syncDirectory of both makes a rename from one directory to another durable", moveSurvives],
  ["syncDirectory makes a removal durable", removalSurvives],
  ["createDirectory is durable, with those above it", directorySurvives],
  ["a synced file that replaces one is found whole, or the one before", replacementIsWhole],
  ["a lock is free after a power cut", lockIsFree],
];

async function syncedSurvives(stage: FileSystemStage): Promise<void> {
  const bytes = sampleBytes(10_000, 1);
  const file = await stage.open("synced", { mode: "create" });
  await file.write(bytes.subarray(0, 5_000), 0);
  await file.write(bytes.subarray(5_000), 5_000);
  await file.dataSync();
  await stage.files.syncDirectory(stage.directory);
  await stage.cutPower();
  await stage.demandContent("synced", bytes);
}

async function syncCoversOthers(stage: FileSystemStage): Promise<void> {
  const bytes = sampleBytes(10_000, 2);
  await stage.create("synced later", bytes);
  const file = await stage.open("synced later", { mode: "write" });
  await file.dataSync();
  await stage.files.syncDirectory(stage.directory);
  await stage.cutPower();
  await stage.demandContent("synced later", bytes);
}

async function syncCoversTruncation(stage: FileSystemStage): Promise<void> {
  const bytes = sampleBytes(10_000, 3);
  await stage.createSynced("cut", bytes);
  await stage.files.syncDirectory(stage.directory);
  const file = await stage.open("cut", { mode: "write" });
  await file.truncate(3_000);
  await file.dataSync();
  await stage.cutPower();
  await stage.demandContent("cut", bytes.subarray(0, 3_000));
}

async function durableWriteSurvives(stage: FileSystemStage): Promise<void> {
  const bytes = sampleBytes(10_000, 4);
  const file = await stage.open("durable", { mode: "create", dataSync: true });
  await stage.files.syncDirectory(stage.directory);
  await file.write(bytes.subarray(0, 5_000), 0);
  await file.write(bytes.subarray(5_000), 5_000);
  await stage.cutPower();
  await stage.demandContent("durable", bytes);
}

async function syncedStays(stage: FileSystemStage): Promise<void> {
  const bytes = sampleBytes(10_000, 5);
  await stage.createSynced("kept", bytes);
  await stage.files.syncDirectory(stage.directory);
  const file = await stage.open("kept", { mode: "write" });
  await file.write(sampleBytes(10_000, 6), 10_000);
  await stage.create("not kept", bytes);
  await stage.cutPower();
  const found = await stage.contentOf("kept");
  demandSame(found.subarray(0, 10_000), bytes, "what was synced");
}

async function creationSurvives(stage: FileSystemStage): Promise<void> {
  await stage.create("created");
  await stage.files.syncDirectory(stage.directory);
  await stage.cutPower();
  await stage.demandName("created", true);
}

async function renameSurvives(stage: FileSystemStage): Promise<void> {
  await stage.create("before");
  await stage.files.syncDirectory(stage.directory);
  await stage.files.rename(stage.path("before"), stage.path("after"));
  await stage.files.syncDirectory(stage.directory);
  await stage.cutPower();
  await stage.demandName("before", false);
  await stage.demandName("after", true);
}

async function moveSurvives(stage: FileSystemStage): Promise<void> {
  await stage.files.createDirectory(stage.path("other"));
  await stage.create("moved");
  await stage.files.syncDirectory(stage.directory);
  await stage.files.rename(stage.path("moved"), stage.path("other/moved"));
  await stage.files.syncDirectory(stage.path("other"));
  await stage.files.syncDirectory(stage.directory);
  await stage.cutPower();
  await stage.demandName("moved", false);
  demandSame(await stage.files.list(stage.path("other")), ["moved"], "the other directory");
}

async function removalSurvives(stage: FileSystemStage): Promise<void> {
  await stage.create("removed");
  await stage.files.syncDirectory(stage.directory);
  await stage.files.remove(stage.path("removed"));
  await stage.files.syncDirectory(stage.directory);
  await stage.cutPower();
  await stage.demandName("removed", false);
}

async function directorySurvives(stage: FileSystemStage): Promise<void> {
  await stage.files.createDirectory(stage.path("one/two"));
  await stage.cutPower();
  demandSame(await stage.files.list(stage.path("one")), ["two"], "the directory above");
  demandSame(await stage.files.list(stage.path("one/two")), [], "the directory");
}

async function replacementIsWhole(stage: FileSystemStage): Promise<void> {
  const [before, after] = [sampleBytes(5_000, 7), sampleBytes(10_000, 8)];
  await stage.createSynced("replaced", before);
  await stage.files.syncDirectory(stage.directory);
  await stage.createSynced("replacement", after);
  await stage.files.rename(stage.path("replacement"), stage.path("replaced"));
  await stage.cutPower();
  await stage.demandName("replaced", true);
  const found = await stage.contentOf("replaced");
  demand(found.length === 5_000 || found.length === 10_000, `${found.length} bytes are left`);
  demandSame(found, found.length === 5_000 ? before : after, "what is left");
}

async function lockIsFree(stage: FileSystemStage): Promise<void> {
  await stage.lock("lock");
  await stage.cutPower();
  await stage.lock("lock");
}
