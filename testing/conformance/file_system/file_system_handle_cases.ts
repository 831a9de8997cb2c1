import { demandSame, type FileSystemRequirement } from "./file_system_requirement.ts";
import { type FileSystemStage, readAll, sampleBytes } from "./file_system_stage.ts";

/** What is owed of several handles, and of handles whose file's name changes. */
export const HANDLE_CASES: readonly FileSystemRequirement[] = [
  ["handles of one file see each other's changes", handlesShare],
  ["a handle goes on working after its file was renamed", renamedWorks],
  ["a handle goes on working after its file was removed", removedWorks],
  ["a handle goes on reading its file after another one took the name", replacedWorks],
];

async function handlesShare(stage: FileSystemStage): Promise<void> {
  const bytes = sampleBytes(100, 1);
  const first = await stage.open("shared", { mode: "create" });
  const second = await stage.open("shared", { mode: "write" });
  const third = await stage.open("shared", { mode: "read" });
  await first.write(bytes, 0);
  demandSame(await readAll(second), bytes, "what the first handle wrote, in the second");
  await second.write(Uint8Array.of(1, 2), 40);
  bytes.set([1, 2], 40);
  demandSame(await readAll(first), bytes, "what the second handle wrote, in the first");
  await second.truncate(52);
  demandSame(await readAll(third), bytes.subarray(0, 52), "what the second cut, in the third");
}

async function renamedWorks(stage: FileSystemStage): Promise<void> {
  const file = await stage.open("renamed", { mode: "create" });
  await file.write(Uint8Array.of(1, 2), 0);
  await stage.files.rename(stage.path("renamed"), stage.path("new name"));
  await file.write(Uint8Array.of(3), 2);
  await file.dataSync();
  demandSame(await readAll(file), [1, 2, 3], "through the handle");
  await stage.demandContent("new name", Uint8Array.of(1, 2, 3));
}

async function removedWorks(stage: FileSystemStage): Promise<void> {
  const file = await stage.open("removed", { mode: "create" });
  await file.write(Uint8Array.of(1, 2), 0);
  await stage.files.remove(stage.path("removed"));
  await file.write(Uint8Array.of(3), 2);
  await file.dataSync();
  demandSame(await readAll(file), [1, 2, 3], "through the handle");
  await stage.create("removed", Uint8Array.of(9));
  demandSame(await readAll(file), [1, 2, 3], "once another file has the name");
}

async function replacedWorks(stage: FileSystemStage): Promise<void> {
  await stage.create("replaced", Uint8Array.of(1, 2));
  await stage.create("replacement", Uint8Array.of(3, 4, 5));
  const file = await stage.open("replaced", { mode: "read" });
  await stage.files.rename(stage.path("replacement"), stage.path("replaced"));
  demandSame(await readAll(file), [1, 2], "through the handle");
}
