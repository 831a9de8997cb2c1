import type { Backend } from "../../../storage/mod.ts";
import { type BackendRequirement, demand } from "./backend_requirement.ts";
import { bytes, demandScan, demandValue, put, remove } from "./backend_samples.ts";
import type { BackendStage } from "./backend_stage.ts";

/** What outlives a backend. Ability `durable`. */
export const DURABILITY_CASES: readonly BackendRequirement[] = [
  ["what was written is there when a closed backend is opened again", closeKeeps],
  ["what was flushed survives a power cut", flushedSurvives],
  ["what was deleted and flushed does not come back by a power cut", deletedStaysAway],
  ["a flush holds for what was written before it, whatever is written after", flushHolds],
  ["a backend goes on after a power cut", goesOn],
  ["a power cut leaves all of a batch or nothing of it", wholeBatches],
  ["a power cut leaves no batch without those before it", noGaps],
  ["a power cut leaves what was flushed earlier", keepsFlushed],
];

async function closeKeeps(stage: BackendStage): Promise<void> {
  const backend = await stage.open();
  stage.write(put("61", "flushed"));
  await backend.flush();
  stage.write(put("62", "not flushed"), put("63", "in b", "b"));
  const next = await stage.reopen("closed");
  demandScan(next, {}, [["61", "flushed"], ["62", "not flushed"]], "in the next life");
  demandScan(next, { bucket: "b" }, [["63", "in b"]], "in the next life");
}

async function flushedSurvives(stage: BackendStage): Promise<void> {
  await stage.open();
  const wanted: [string, string][] = [];
  for (const key of ["61", "62", "63", "64"]) {
    stage.write(put(key, "one"));
    stage.write(put(key, `value of ${key}`));
    wanted.push([key, `value of ${key}`]);
    await stage.backend.flush();
    demandScan(await stage.reopen("lost"), {}, wanted, "after a power cut");
  }
}

async function deletedStaysAway(stage: BackendStage): Promise<void> {
  await stage.open();
  stage.write(put("61", "one"), put("62", "one"), put("63", "one"));
  await stage.backend.flush();
  stage.write(remove("62"));
  await stage.backend.flush();
  const wanted = [["61", "one"], ["63", "one"]] as const;
  demandScan(await stage.reopen("lost"), {}, wanted, "after a power cut");
}

async function flushHolds(stage: BackendStage): Promise<void> {
  const backend = await stage.open();
  stage.write(put("61", "before"));
  const flush = backend.flush();
  stage.write(put("61", "after"), put("62", "after"));
  await flush;
  const next = await stage.reopen("lost");
  const value = next.get("a", bytes("61"));
  demand(value !== undefined, "what was written before the flush is gone");
}

async function goesOn(stage: BackendStage): Promise<void> {
  await stage.open();
  stage.write(put("61", "first"));
  await stage.backend.flush();
  await stage.reopen("lost");
  stage.write(put("62", "second"));
  await stage.backend.flush();
  const wanted = [["61", "first"], ["62", "second"]] as const;
  demandScan(await stage.reopen("lost"), {}, wanted, "after two power cuts");
}

async function wholeBatches(stage: BackendStage): Promise<void> {
  await cutDuringFlushes(stage, (backend) => {
    const told = [numberAt(backend, "00"), numberAt(backend, "01"), numberAt(backend, "00", "b")];
    demand(new Set(told).size === 1, `batches ${told.join(", ")} left their parts`);
  });
}

async function noGaps(stage: BackendStage): Promise<void> {
  await cutDuringFlushes(stage, (backend, { first }) => {
    const last = numberAt(backend, "00");
    for (let batch = first; batch <= last; batch += 1) {
      demandValue(backend, keyOf(batch), "there", `the last batch is ${last}`);
    }
    for (let batch = Math.max(first, last + 1); batch < first + BATCHES; batch += 1) {
      demandValue(backend, keyOf(batch), undefined, `the last batch is ${last}`);
    }
  });
}

async function keepsFlushed(stage: BackendStage): Promise<void> {
  await cutDuringFlushes(stage, (backend, { first, isFlushed }) => {
    const last = numberAt(backend, "00");
    const least = isFlushed ? first + BATCHES - 1 : first - 1;
    demand(last >= least, `batch ${least} was flushed, and ${last} is the last that is there`);
  });
}

/** Batches between two power cuts. */
const BATCHES = 20;

/**
 * Cuts the power during flushes, at a later moment each time. Each batch puts
 * its number in three places, and a key of its own.
 */
async function cutDuringFlushes(
  stage: BackendStage,
  check: (
    backend: Backend,
    cut: { readonly first: number; readonly isFlushed: boolean },
  ) => void,
): Promise<void> {
  let backend = await stage.open();
  let first = 1;
  for (let moments = 0; moments < 10; moments += 1) {
    for (let batch = first; batch < first + BATCHES; batch += 1) {
      const number = String(batch);
      stage.write(
        put("00", number),
        put(keyOf(batch), "there"),
        put("00", number, "b"),
        put("01", number),
      );
      if (batch === first + BATCHES / 2) {
        stage.beginFlush();
      }
    }
    const flush = stage.beginFlush();
    await stage.pass(moments);
    const isFlushed = flush.state === "resolved";
    backend = await stage.reopen("lost");
    check(backend, { first, isFlushed });
    // All that the next round counts on is flushed.
    first += BATCHES;
    const number = String(first - 1);
    stage.write(put("00", number), put("00", number, "b"), put("01", number));
    await backend.flush();
  }
}

function numberAt(backend: Backend, key: string, bucket = "a"): number {
  const value = backend.get(bucket, bytes(key));
  return value === undefined ? 0 : Number(new TextDecoder().decode(value));
}

function keyOf(batch: number): string {
  return `10${batch.toString(16).padStart(4, "0")}`;
}
