import { LockedError } from "../../../storage/mod.ts";
import { demand, type FileSystemRequirement } from "./file_system_requirement.ts";
import type { FileSystemStage } from "./file_system_stage.ts";

/** What is owed of locks within a process. */
export const LOCK_CASES: readonly FileSystemRequirement[] = [
  ["lock creates its file", lockCreates],
  ["lock fails with ENOENT in a directory that does not exist", lockNeedsDirectory],
  ["a lock that is held is refused", heldIsRefused],
  ["a lock is refused with LockedError", refusedWithError],
  ["a lock that was refused stays held", refusedStaysHeld],
  ["locks of different files are independent", locksAreIndependent],
  ["a lock that was released can be taken again", releasedIsFree],
  ["release may be called twice", releasesTwice],
  ["a late release does not free the lock of the next holder", lateReleaseIsHarmless],
];

async function lockCreates(stage: FileSystemStage): Promise<void> {
  await stage.lock("fresh lock");
  await stage.demandName("fresh lock", true);
}

async function lockNeedsDirectory(stage: FileSystemStage): Promise<void> {
  const ask = () => stage.lock("missing/lock");
  await stage.refused(ask, "ENOENT", "a lock is given in what is missing");
}

async function heldIsRefused(stage: FileSystemStage): Promise<void> {
  await stage.lock("held lock");
  await stage.lockRefusal("held lock");
}

async function refusedWithError(stage: FileSystemStage): Promise<void> {
  await stage.lock("told lock");
  const error = await stage.lockRefusal("told lock");
  demand(error instanceof LockedError, `the error is no LockedError: ${String(error)}`);
}

async function refusedStaysHeld(stage: FileSystemStage): Promise<void> {
  await stage.lock("wanted lock");
  await stage.lockRefusal("wanted lock");
  await stage.lockRefusal("wanted lock");
}

async function locksAreIndependent(stage: FileSystemStage): Promise<void> {
  const one = await stage.lock("one lock");
  await stage.lock("other lock");
  await one.release();
  await stage.lockRefusal("other lock");
}

async function releasedIsFree(stage: FileSystemStage): Promise<void> {
  for (let round = 1; round <= 3; round += 1) {
    const lock = await stage.lock("free lock");
    await lock.release();
  }
}

async function releasesTwice(stage: FileSystemStage): Promise<void> {
  const lock = await stage.lock("freed lock");
  await lock.release();
  await lock.release();
}

async function lateReleaseIsHarmless(stage: FileSystemStage): Promise<void> {
  const lock = await stage.lock("passed lock");
  await lock.release();
  await stage.lock("passed lock");
  // Whether it may be called again at all is a requirement of its own.
  await lock.release().catch(() => {});
  await stage.lockRefusal("passed lock");
}
