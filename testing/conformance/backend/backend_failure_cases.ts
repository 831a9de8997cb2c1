import { type BackendRequirement, demandRejects, demandThrows } from "./backend_requirement.ts";
import { bytes, demandValue, put } from "./backend_samples.ts";
import type { BackendStage } from "./backend_stage.ts";

/** What is owed when writes fail. Ability `failures`. */
export const BACKEND_FAILURE_CASES: readonly BackendRequirement[] = [
  ["a flush of what can not be written rejects", flushRejects],
  ["a flush after a failed one rejects, though it could be written", laterFlush],
  ["a read after a failed flush throws", laterRead],
  ["a write after a failed flush throws", laterWrite],
  ["a view after a failed flush throws", laterView],
  ["what was flushed before a failure is there when it is opened again", earlierFlush],
];

async function flushRejects(stage: BackendStage): Promise<void> {
  await fail(stage);
  await stage.giveUp();
}

async function laterFlush(stage: BackendStage): Promise<void> {
  await fail(stage).catch(() => {}); // Whether it rejects is asked above.
  await demandRejects(stage.backend.flush(), "a flush after a failed one");
  await stage.giveUp();
}

async function laterRead(stage: BackendStage): Promise<void> {
  await fail(stage).catch(() => {});
  demandThrows(() => stage.backend.get("a", bytes("61")), "get after a failed flush");
  demandThrows(() => [...stage.backend.scan("a")], "scan after a failed flush");
  await stage.giveUp();
}

async function laterWrite(stage: BackendStage): Promise<void> {
  await fail(stage).catch(() => {});
  demandThrows(() => stage.write(put("63", "later")), "write after a failed flush");
  await stage.giveUp();
}

async function laterView(stage: BackendStage): Promise<void> {
  await fail(stage).catch(() => {});
  demandThrows(() => stage.backend.view(), "view after a failed flush");
  await stage.giveUp();
}

async function earlierFlush(stage: BackendStage): Promise<void> {
  await fail(stage).catch(() => {});
  await stage.giveUp();
  demandValue(await stage.open(), "61", "flushed", "in the next life");
}

/** Flushes, and then fails to flush. What follows could be written. */
async function fail(stage: BackendStage): Promise<void> {
  const backend = await stage.open();
  stage.write(put("61", "flushed"));
  await backend.flush();
  await stage.failWrites(true);
  stage.write(put("62", "never flushed"));
  try {
    await demandRejects(backend.flush(), "a flush of what can not be written");
  } finally {
    await stage.failWrites(false);
  }
}
