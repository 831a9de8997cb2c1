import type { Backend } from "../../../storage/mod.ts";
import { type BackendRequirement, demandRejects, demandThrows } from "./backend_requirement.ts";
import { bytes, put } from "./backend_samples.ts";
import type { BackendStage } from "./backend_stage.ts";

/** What is owed when a backend is closed. */
export const BACKEND_LIFE_CASES: readonly BackendRequirement[] = [
  ["a closed backend refuses reads", refusesReads],
  ["a closed backend refuses writes", refusesWrites],
  ["a closed backend refuses views", refusesViews],
  ["a closed backend rejects flushes", rejectsFlushes],
  ["a backend may be closed twice", closesTwice],
];

async function refusesReads(stage: BackendStage): Promise<void> {
  const backend = await closed(stage);
  demandThrows(() => backend.get("a", bytes("61")), "get after close");
  demandThrows(() => [...backend.scan("a")], "scan after close");
}

async function refusesWrites(stage: BackendStage): Promise<void> {
  const backend = await closed(stage);
  demandThrows(() => backend.write([put("61", "two")]), "write after close");
}

async function refusesViews(stage: BackendStage): Promise<void> {
  const backend = await closed(stage);
  demandThrows(() => backend.view(), "view after close");
}

async function rejectsFlushes(stage: BackendStage): Promise<void> {
  const backend = await closed(stage);
  await demandRejects(backend.flush(), "flush after close");
}

async function closesTwice(stage: BackendStage): Promise<void> {
  const backend = await closed(stage);
  await backend.close();
}

async function closed(stage: BackendStage): Promise<Backend> {
  const backend = await stage.open();
  stage.write(put("61", "one"));
  await stage.finish("closed");
  return backend;
}
