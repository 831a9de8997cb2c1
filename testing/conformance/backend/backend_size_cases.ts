import type { Backend } from "../../../storage/mod.ts";
import { type BackendRequirement, demand } from "./backend_requirement.ts";
import { putBytes, remove } from "./backend_samples.ts";
import type { BackendStage } from "./backend_stage.ts";

/** What `size` tells. */
export const SIZE_CASES: readonly BackendRequirement[] = [
  ["bytes in use grow as soon as records are written", growsAtOnce],
  ["bytes in use count flushed records once", countsOnce],
  ["bytes in use shrink when records are deleted", shrinks],
  ["the total is never below what is in use", totalIsAbove],
];

const RECORDS = 1_000;
const VALUE_BYTES = 1_000;

async function growsAtOnce(stage: BackendStage): Promise<void> {
  const backend = await stage.open();
  const empty = backend.size().inUseBytes;
  fill(stage, VALUE_BYTES);
  const grown = backend.size().inUseBytes - empty;
  demand(grown >= RECORDS * VALUE_BYTES, `grown by ${grown} bytes before a flush`);
}

async function countsOnce(stage: BackendStage): Promise<void> {
  const backend = await stage.open();
  const empty = backend.size().inUseBytes;
  fill(stage, VALUE_BYTES);
  await backend.flush();
  const grown = backend.size().inUseBytes - empty;
  demand(grown >= RECORDS * VALUE_BYTES, `grown by ${grown} bytes after a flush`);
  demand(grown < 2 * RECORDS * VALUE_BYTES, `grown by ${grown} bytes after a flush`);
}

async function shrinks(stage: BackendStage): Promise<void> {
  const backend = await stage.open();
  const empty = backend.size().inUseBytes;
  fill(stage, VALUE_BYTES);
  await backend.flush();
  stage.write(...Array.from({ length: RECORDS }, (_, number) => remove(keyOf(number))));
  await backend.flush();
  const left = backend.size().inUseBytes - empty;
  demand(left < RECORDS * VALUE_BYTES / 10, `${left} bytes are left after all was deleted`);
}

async function totalIsAbove(stage: BackendStage): Promise<void> {
  const backend = await stage.open();
  const steps: readonly (() => unknown)[] = [
    () => {},
    () => fill(stage, VALUE_BYTES),
    () => backend.flush(),
    () => stage.write(...Array.from({ length: 500 }, (_, number) => remove(keyOf(number)))),
    () => backend.flush(),
    () => fill(stage, VALUE_BYTES * 2),
    () => backend.flush(),
  ];
  for (const [number, step] of steps.entries()) {
    await step();
    demandTotal(backend, `after step ${number}`);
  }
}

function demandTotal(backend: Backend, when: string): void {
  const { totalBytes, inUseBytes } = backend.size();
  demand(totalBytes >= inUseBytes, `${when}: ${inUseBytes} bytes in use of ${totalBytes}`);
}

function fill(stage: BackendStage, lengthBytes: number): void {
  for (let number = 0; number < RECORDS; number += 1) {
    stage.write(putBytes(keyOf(number), lengthBytes));
  }
}

function keyOf(number: number): string {
  return number.toString(16).padStart(4, "0");
}
