import { demand, type FileSystemRequirement } from "./file_system_requirement.ts";
import { type FileSystemStage, sampleBytes } from "./file_system_stage.ts";

/** What is owed where several processes use a directory. */
export const PROCESS_CASES: readonly FileSystemRequirement[] = [
  ["a lock keeps other processes out, until it is released", keepsOut],
  ["a lock of another process is refused", isKeptOut],
  ["a lock is free once its process was killed", freeOnceKilled],
  ["what a process made durable is there after it was killed", durableOnceKilled],
];

async function keepsOut(stage: FileSystemStage): Promise<void> {
  const lock = await stage.lock("our lock");
  const other = await stage.startProcess();
  demand(!await other.lock(stage.path("our lock")), "another process gets a lock that is held");
  await lock.release();
  const isFree = await other.lock(stage.path("our lock"));
  demand(isFree, "another process does not get a lock that was released");
}

async function isKeptOut(stage: FileSystemStage): Promise<void> {
  const other = await stage.startProcess();
  demand(await other.lock(stage.path("their lock")), "another process does not get a free lock");
  await stage.lockRefusal("their lock");
}

async function freeOnceKilled(stage: FileSystemStage): Promise<void> {
  const other = await stage.startProcess();
  demand(await other.lock(stage.path("left lock")), "another process does not get a free lock");
  await other.kill();
  await stage.lock("left lock");
}

async function durableOnceKilled(stage: FileSystemStage): Promise<void> {
  const bytes = sampleBytes(10_000, 1);
  const other = await stage.startProcess();
  await other.save(stage.path("saved"), bytes);
  await other.kill();
  await stage.demandContent("saved", bytes);
}
