import { demand, demandSame, type FileSystemRequirement } from "./file_system_requirement.ts";
import { type FileSystemStage, readAll, sampleBytes } from "./file_system_stage.ts";

/** What is owed when files are opened and closed. */
export const OPEN_CASES: readonly FileSystemRequirement[] = [
  ["a file to read must exist: ENOENT, and none is created", readMustExist],
  ["a file to write must exist: ENOENT, and none is created", writeMustExist],
  ["a file to create must not exist: EEXIST, and what it holds stays", createMustNotExist],
  ["a file is created in no directory that does not exist: ENOENT", createNeedsDirectory],
  ["a file is not created where a directory has its name: EEXIST", createBesideDirectory],
  ["a file that is created is empty, and can be written and read", createdIsUsable],
  ["a file that is opened to write holds what it held, and can be read", writtenIsUsable],
  ["a file that is opened to read refuses to be changed", readRefusesChanges],
  ["a file that is closed refuses all use", closedRefuses],
];

async function readMustExist(stage: FileSystemStage): Promise<void> {
  const ask = () => stage.open("missing", { mode: "read" });
  await stage.refused(ask, "ENOENT", "what is missing is opened");
  await stage.demandName("missing", false);
}

async function writeMustExist(stage: FileSystemStage): Promise<void> {
  const ask = () => stage.open("missing", { mode: "write" });
  await stage.refused(ask, "ENOENT", "what is missing is opened");
  await stage.demandName("missing", false);
}

async function createMustNotExist(stage: FileSystemStage): Promise<void> {
  const bytes = sampleBytes(10, 1);
  await stage.create("twice", bytes);
  const ask = () => stage.open("twice", { mode: "create" });
  await stage.refused(ask, "EEXIST", "what is there is created");
  await stage.demandContent("twice", bytes);
}

async function createNeedsDirectory(stage: FileSystemStage): Promise<void> {
  const ask = () => stage.open("missing/file", { mode: "create" });
  await stage.refused(ask, "ENOENT", "a file is created in what is missing");
  await stage.demandName("missing", false);
}

async function createBesideDirectory(stage: FileSystemStage): Promise<void> {
  await stage.files.createDirectory(stage.path("taken"));
  const ask = () => stage.open("taken", { mode: "create" });
  await stage.refused(ask, "EEXIST", "a file is created over a directory");
}

async function createdIsUsable(stage: FileSystemStage): Promise<void> {
  const file = await stage.open("created", { mode: "create" });
  demand(await file.size() === 0, "a new file is not empty");
  const bytes = sampleBytes(10, 2);
  await file.write(bytes, 0);
  demandSame(await readAll(file), bytes, "what was written");
}

async function writtenIsUsable(stage: FileSystemStage): Promise<void> {
  const bytes = sampleBytes(10, 3);
  await stage.create("written", bytes);
  const file = await stage.open("written", { mode: "write" });
  demandSame(await readAll(file), bytes, "what the file held");
  await file.write(bytes.toReversed(), 0);
  demandSame(await readAll(file), bytes.toReversed(), "what was written");
}

async function readRefusesChanges(stage: FileSystemStage): Promise<void> {
  const bytes = sampleBytes(10, 4);
  await stage.create("read only", bytes);
  const file = await stage.open("read only", { mode: "read" });
  await stage.refusal(() => file.write(Uint8Array.of(0), 0), "a write succeeds");
  await stage.refusal(() => file.truncate(5), "a truncation succeeds");
  await stage.demandContent("read only", bytes);
}

async function closedRefuses(stage: FileSystemStage): Promise<void> {
  const bytes = sampleBytes(10, 5);
  await stage.create("next", bytes);
  const file = await stage.open("closed", { mode: "create" });
  await file.write(bytes, 0);
  await stage.close(file);
  // Where handles are numbers, this one gets that of the file that was closed.
  const next = await stage.open("next", { mode: "write" });
  await stage.refusal(() => file.read(new Uint8Array(1), 0), "a closed file is read");
  await stage.refusal(() => file.write(Uint8Array.of(0), 0), "a closed file is written");
  await stage.refusal(() => file.truncate(1), "a closed file is truncated");
  await stage.refusal(() => file.dataSync(), "a closed file is synced");
  await stage.refusal(() => file.size(), "a closed file tells its size");
  await stage.refusal(() => file.close(), "a closed file is closed");
  demandSame(await readAll(next), bytes, "what the next file holds");
}
